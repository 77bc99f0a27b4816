"""Every query of a person's standing."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.platform.database import Rows, fetch

Connection = BaseDBAsyncClient

COUNT = """
SELECT count(*) FILTER (WHERE status = 'no_show')::int AS no_shows,
       count(*) FILTER (WHERE status = 'cancelled' AND counted)::int AS cancellations
FROM appointment
WHERE principal = $1 AND hall = $2
  AND CASE WHEN status = 'no_show' THEN starts_at ELSE updated_at END >= $3
  AND CASE WHEN status = 'no_show' THEN starts_at ELSE updated_at END < $4
"""
COLUMNS = "id, principal, hall, cause, starts_at, ends_at, appeal, appeal_status, lifted_at"
IN_FORCE = f"""
SELECT {COLUMNS} FROM suspension WHERE principal = $1 AND hall = $2
  AND lifted_at IS NULL AND ends_at > $3 ORDER BY ends_at DESC LIMIT 1
"""  # noqa: S608 - a constant of ours
SUSPEND = """
INSERT INTO suspension (id, principal, hall, cause, starts_at, ends_at)
SELECT $1, $2::uuid, $3::varchar, $4::varchar, $5, $6 WHERE NOT EXISTS (
    SELECT 1 FROM suspension WHERE principal = $2::uuid AND hall = $3::varchar
    AND cause = $4::varchar AND starts_at >= $7)
RETURNING id
"""
APPEAL = f"""
UPDATE suspension SET appeal = $3, appeal_status = 'open'
WHERE id = $1 AND principal = $2 AND appeal IS NULL AND lifted_at IS NULL AND ends_at > $4
RETURNING {COLUMNS}
"""  # noqa: S608 - a constant of ours
READ = f"SELECT {COLUMNS} FROM suspension WHERE id = $1 AND principal = $2"  # noqa: S608
OPEN_APPEALS = f"""
SELECT {COLUMNS} FROM suspension WHERE hall = $1 AND appeal_status = 'open' ORDER BY starts_at
"""  # noqa: S608 - a constant of ours
DECIDE = f"""
UPDATE suspension SET appeal_status = CASE WHEN $3 THEN 'granted' ELSE 'refused' END,
    lifted_at = CASE WHEN $3 THEN $5 ELSE lifted_at END, decided_by = $4, decided_at = $5
WHERE id = $1 AND hall = $2 AND appeal_status = 'open' RETURNING {COLUMNS}
"""  # noqa: S608 - a constant of ours


async def count(
    connection: Connection | None, principal: UUID, hall: str, start: datetime, end: datetime
) -> dict[str, int]:
    """Return how often a person did not come, and cancelled, in [start, end)."""
    (row,) = await fetch(COUNT, principal, hall, start, end, connection=connection)
    return row


async def in_force(principal: UUID, hall: str, now: datetime) -> dict[str, Any] | None:
    """Return the suspension in force."""
    rows = await fetch(IN_FORCE, principal, hall, now)
    return rows[0] if rows else None


async def suspend(
    connection: Connection,
    id: UUID,
    principal: UUID,
    hall: str,
    cause: str,
    span: tuple[datetime, datetime],
    since: datetime,
) -> bool:
    """Write a suspension; False when there is one of that cause since a moment already."""
    values = (id, principal, hall, cause, *span, since)
    return bool(await fetch(SUSPEND, *values, connection=connection))


async def appeal(id: UUID, principal: UUID, text: str, now: datetime) -> bool:
    """Write an appeal; False when there is no suspension in force without one."""
    return bool(await fetch(APPEAL, id, principal, text, now))


async def read(id: UUID, principal: UUID) -> dict[str, Any] | None:
    """Return a person's suspension."""
    rows = await fetch(READ, id, principal)
    return rows[0] if rows else None


async def open_appeals(hall: str) -> Rows:
    """Return the appeals that wait for a decision."""
    return await fetch(OPEN_APPEALS, hall)


async def decide(
    connection: Connection, id: UUID, hall: str, granted: bool, by: UUID, now: datetime
) -> dict[str, Any] | None:
    """Decide an appeal; None when there is none open."""
    rows = await fetch(DECIDE, id, hall, granted, by, now, connection=connection)
    return rows[0] if rows else None
