"""Every query of visits: arrivals, ends, who did not come, who is to be reminded."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.platform.database import Rows, fetch

Connection = BaseDBAsyncClient

COLUMNS = """
id, citizen, principal, item, hall, queue, starts_at, ends_at, day, status, reference
"""
BY_ID = f"SELECT {COLUMNS} FROM appointment WHERE id = $1 FOR UPDATE"  # noqa: S608 - a constant
BY_CITIZEN = f"""
SELECT {COLUMNS} FROM appointment WHERE hall = $1 AND day = $2 AND (citizen = $3 OR principal = $3)
  AND status IN ('confirmed', 'checked_in') ORDER BY id FOR UPDATE
"""  # noqa: S608 - a constant of ours
BY_DOCUMENT = f"""
SELECT {COLUMNS} FROM appointment WHERE hall = $1 AND day = $2 AND document_index = $3
  AND status IN ('confirmed', 'checked_in') ORDER BY id FOR UPDATE
"""  # noqa: S608 - a constant of ours
CHECK_IN = """
UPDATE appointment SET status = 'checked_in', checked_in_at = $2, updated_at = $2
WHERE id = ANY($1::uuid[]) AND status = 'confirmed' RETURNING id
"""
FINISH = """
UPDATE appointment SET status = 'completed', finished_at = $2, updated_at = $2
WHERE id = $1 AND status = 'checked_in' RETURNING id
"""
CONSUME = """
INSERT INTO used_token (jti, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING jti
"""
FORGET = "DELETE FROM used_token WHERE expires_at < $1 RETURNING jti"
MISSED = f"""
SELECT {COLUMNS} FROM appointment WHERE status = 'confirmed' AND ends_at < $1
ORDER BY id LIMIT 200 FOR UPDATE SKIP LOCKED
"""  # noqa: S608 - a constant of ours
MISS = """
UPDATE appointment SET status = 'no_show', updated_at = $2 WHERE id = ANY($1::uuid[]) RETURNING id
"""
STARTING = f"""
SELECT {COLUMNS} FROM appointment WHERE status = 'confirmed' AND starts_at > $1 AND starts_at < $2
ORDER BY starts_at
"""  # noqa: S608 - a constant of ours
STILL = """
SELECT 1 AS yes FROM appointment WHERE id = $1 AND status = 'confirmed' AND starts_at = $2
"""


async def by_id(connection: Connection, id: UUID) -> Rows:
    """Lock and return an appointment."""
    return await fetch(BY_ID, id, connection=connection)


async def by_citizen(connection: Connection, hall: str, day: date, citizen: UUID) -> Rows:
    """Lock and return a citizen's bookings of a day, and those for him."""
    return await fetch(BY_CITIZEN, hall, day, citizen, connection=connection)


async def by_document(connection: Connection, hall: str, day: date, index: str) -> Rows:
    """Lock and return the bookings of a day under an identity number's keyed hash."""
    return await fetch(BY_DOCUMENT, hall, day, index, connection=connection)


async def check_in(connection: Connection, ids: list[UUID], now: datetime) -> None:
    """Write that people came."""
    await fetch(CHECK_IN, ids, now, connection=connection)


async def finish(connection: Connection, id: UUID, now: datetime) -> None:
    """Write that a visit is over."""
    await fetch(FINISH, id, now, connection=connection)


async def use_token(connection: Connection, jti: str, expires_at: datetime) -> bool:
    """Use up a check-in code; False when it was used before."""
    return bool(await fetch(CONSUME, jti, expires_at, connection=connection))


async def forget_tokens(before: datetime) -> None:
    """Delete codes that nobody could use any more."""
    await fetch(FORGET, before)


async def lock_missed(connection: Connection, ended_before: datetime) -> Rows:
    """Lock and return bookings that are over and to which nobody came."""
    return await fetch(MISSED, ended_before, connection=connection)


async def miss(connection: Connection, ids: list[UUID], now: datetime) -> None:
    """Write that nobody came."""
    await fetch(MISS, ids, now, connection=connection)


async def starting(after: datetime, before: datetime) -> Rows:
    """Return the bookings that begin in a span of time."""
    return await fetch(STARTING, after, before)


async def still_starts(id: UUID, starts_at: datetime) -> bool:
    """Return whether a booking is still confirmed for that time."""
    return bool(await fetch(STILL, id, starts_at))
