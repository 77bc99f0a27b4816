"""The queries of closures (停办); whoever closes or opens slots holds their locks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.platform.database import Rows, fetch

Connection = BaseDBAsyncClient

CLOSE = "UPDATE slot SET closure_id = $2 WHERE id = ANY($1::bigint[]) RETURNING id"
REOPEN = "UPDATE slot SET closure_id = NULL WHERE id = ANY($1::bigint[]) RETURNING id"
CLOSED_BY = "SELECT id FROM slot WHERE closure_id = $1 ORDER BY id"
# A closure may lie over slots that are opened later, or that another one closed until now.
COVER = """
UPDATE slot s SET closure_id = c.id FROM closure c
WHERE s.id = ANY($1::bigint[]) AND s.closure_id IS NULL AND c.hall = s.hall
  AND (c.queue IS NULL OR c.queue = s.queue) AND c.windows IS NULL
  AND s.starts_at < c.ends_at AND s.ends_at > c.starts_at
  AND c.lifted_at IS NULL AND c.created_by IS NOT NULL RETURNING s.id
"""
ADD = """
INSERT INTO closure (hall, queue, windows, starts_at, ends_at, reason, created_by, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id
"""
COLUMNS = "id, hall, queue, windows, starts_at, ends_at, reason, created_at, lifted_at"
OF_HALL = f"""
SELECT {COLUMNS} FROM closure WHERE hall = $1 AND created_by IS NOT NULL
  AND ends_at > $2 AND lifted_at IS NULL ORDER BY starts_at, id
"""  # noqa: S608 - a constant of ours
OF_WINDOWS = f"""
SELECT {COLUMNS} FROM closure WHERE hall = $1 AND windows IS NOT NULL
  AND ends_at > $2 AND lifted_at IS NULL ORDER BY starts_at, id
"""  # noqa: S608 - a constant of ours
OVERLAPPING = """
SELECT id FROM closure WHERE hall = $1 AND queue IS NOT DISTINCT FROM $2::text
  AND (windows && $3::text[] OR (windows IS NULL AND $3::text[] IS NULL))
  AND starts_at < $5 AND ends_at > $4 AND lifted_at IS NULL AND created_by IS NOT NULL
"""
READ = f"""
SELECT {COLUMNS} FROM closure
WHERE id = $1 AND hall = $2 AND lifted_at IS NULL AND created_by IS NOT NULL FOR UPDATE
"""  # noqa: S608 - a constant of ours
LIFT = "UPDATE closure SET lifted_at = $2 WHERE id = $1 RETURNING id"


async def close(connection: Connection, slots: Sequence[int], closure: int) -> None:
    """Mark slots as closed."""
    await fetch(CLOSE, list(slots), closure, connection=connection)


async def reopen(connection: Connection, slots: Sequence[int]) -> list[int]:
    """Mark slots as open, but for those that another closure covers; return which are open."""
    await fetch(REOPEN, list(slots), connection=connection)
    covered = await cover(connection, slots)
    return [slot for slot in slots if slot not in covered]


async def cover(connection: Connection, slots: Sequence[int]) -> set[int]:
    """Mark the open slots that a closure covers as closed by it, and return which."""
    rows = await fetch(COVER, list(slots), connection=connection)
    return {row["id"] for row in rows}


async def closed_by(connection: Connection, closure: int) -> list[int]:
    """Return the slots that a closure closed."""
    return [row["id"] for row in await fetch(CLOSED_BY, closure, connection=connection)]


async def add(
    connection: Connection,
    hall: str,
    queue: str | None,
    windows: Sequence[str] | None,
    span: tuple[datetime, datetime],
    reason: str,
    by: UUID | None,
    now: datetime,
) -> int:
    """Write a closure and return its id; windows: which of the queue, None for all of them."""
    values = (hall, queue, list(windows) if windows else None, *span, reason, by, now)
    (row,) = await fetch(ADD, *values, connection=connection)
    return int(row["id"])


async def of_hall(hall: str, now: datetime) -> Rows:
    """Return the closures that are not over."""
    return await fetch(OF_HALL, hall, now)


async def of_windows(connection: Connection | None, hall: str, since: datetime) -> Rows:
    """Return the closures of single windows that are not over at a moment."""
    return await fetch(OF_WINDOWS, hall, since, connection=connection)


async def overlaps(
    connection: Connection,
    hall: str,
    queue: str | None,
    windows: Sequence[str] | None,
    start: datetime,
    end: datetime,
) -> bool:
    """Return whether a closure of the same scope, or of one of the windows, has some of a time."""
    values = (hall, queue, list(windows) if windows else None, start, end)
    return bool(await fetch(OVERLAPPING, *values, connection=connection))


async def lock(connection: Connection, id: int, hall: str) -> dict[str, Any] | None:
    """Lock and return a closure that is in force or to come."""
    rows = await fetch(READ, id, hall, connection=connection)
    return rows[0] if rows else None


async def lift(connection: Connection, id: int, now: datetime) -> None:
    """Mark a closure as lifted."""
    await fetch(LIFT, id, now, connection=connection)
