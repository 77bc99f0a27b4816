"""Every query of the waiting list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.appointments.rules import Channel
from miniapp_api.platform.database import Rows, fetch

Connection = BaseDBAsyncClient


@dataclass(frozen=True)
class Waiter:
    """A place on the waiting list, as stored."""

    id: UUID
    citizen: UUID
    principal: UUID
    grant_id: UUID | None
    organisation: str | None
    attendee: str
    hall: str
    queue: str
    item: str
    channel: Channel
    first_day: date
    last_day: date
    status: str
    position_at: datetime
    offers: int
    appointment_id: UUID | None
    created_at: datetime


COLUMNS = ", ".join(field.name for field in fields(Waiter))
JOIN = f"""
INSERT INTO waiting ({COLUMNS})
VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17) RETURNING id
"""  # noqa: S608 - a constant of ours
AHEAD = """
SELECT count(*) AS ahead FROM waiting
WHERE hall = $1 AND queue = $2 AND status = 'waiting' AND (position_at, id) < ($3, $4)
  AND first_day <= $6 AND last_day >= $5
"""
MINE = f"""
SELECT {COLUMNS} FROM waiting WHERE (citizen = $1 OR principal = $1)
  AND status IN ('waiting', 'offered') ORDER BY first_day, created_at
"""  # noqa: S608 - a constant of ours
LOCK_MINE = f"""
SELECT {COLUMNS} FROM waiting WHERE id = $1 AND (citizen = $2 OR principal = $2) FOR UPDATE
"""  # noqa: S608 - a constant of ours
RETURNED = """
SELECT s.id, s.hall, s.queue, s.starts_at, s.ends_at
FROM allotment a JOIN slot s ON s.id = a.slot_id
WHERE a.channel = 'waiting' AND a.remaining > 0 AND s.closure_id IS NULL
ORDER BY s.starts_at, s.id
"""
CANDIDATES = f"""
SELECT {COLUMNS} FROM waiting WHERE hall = $1 AND queue = $2 AND status = 'waiting'
  AND $3 BETWEEN first_day AND last_day ORDER BY position_at, id LIMIT 50
"""  # noqa: S608 - a constant of ours
LOCK_LINE = "SELECT pg_advisory_xact_lock(hashtextextended('waiting:' || $1 || ':' || $2, 0))"
LOCK_WAITING = "SELECT id FROM waiting WHERE id = $1 AND status = 'waiting' FOR UPDATE SKIP LOCKED"
OFFERED = """
UPDATE waiting SET status = 'offered', appointment_id = $2 WHERE id = $1 RETURNING id
"""
LAPSED = f"""
UPDATE waiting SET offers = offers + 1, appointment_id = NULL, position_at = $2,
    status = CASE WHEN offers + 1 >= $3 THEN 'ended' ELSE 'waiting' END
WHERE id = ANY($1::uuid[]) AND status = 'offered' RETURNING {COLUMNS}
"""  # noqa: S608 - a constant of ours
SET_STATUS = "UPDATE waiting SET status = $2 WHERE id = $1 RETURNING id"
LEAVE_ALL = """
UPDATE waiting SET status = 'left' WHERE principal = $1 AND status IN ('waiting', 'offered')
RETURNING id
"""
END_PAST = f"""
UPDATE waiting SET status = 'ended' WHERE status = 'waiting' AND last_day < $1
RETURNING {COLUMNS}
"""  # noqa: S608 - a constant of ours
RELEASE = """
WITH free AS (
    UPDATE allotment SET capacity = capacity - remaining, remaining = 0
    FROM (SELECT id AS kept, remaining AS seats FROM allotment
          WHERE slot_id = $1 AND channel = 'waiting' AND remaining > 0) before
    WHERE id = before.kept RETURNING before.seats
)
INSERT INTO allotment (slot_id, channel, capacity, remaining)
SELECT $1, 'pool', seats, seats FROM free
ON CONFLICT (slot_id, channel) DO UPDATE
SET capacity = allotment.capacity + excluded.capacity,
    remaining = allotment.remaining + excluded.remaining RETURNING id
"""


async def join(connection: Connection, waiter: Waiter) -> None:
    """Write a place; raises IntegrityError for a second live one of the person."""
    values = [getattr(waiter, field.name) for field in fields(Waiter)]
    await fetch(JOIN, *values, connection=connection)


async def ahead_of(waiter: Waiter) -> int:
    """Return how many wait before this one for some of the same days."""
    span = (waiter.first_day, waiter.last_day)
    (row,) = await fetch(AHEAD, waiter.hall, waiter.queue, waiter.position_at, waiter.id, *span)
    return int(row["ahead"])


async def mine(citizen: UUID) -> list[Waiter]:
    """Return a citizen's live places."""
    return [Waiter(**row) for row in await fetch(MINE, citizen)]


async def lock_mine(connection: Connection, id: UUID, citizen: UUID) -> Waiter | None:
    """Lock and return a citizen's place."""
    rows = await fetch(LOCK_MINE, id, citizen, connection=connection)
    return Waiter(**rows[0]) if rows else None


async def leave_all(connection: Connection, citizen: UUID) -> bool:
    """Take a citizen off every list he waits on; say whether there was one."""
    return bool(await fetch(LEAVE_ALL, citizen, connection=connection))


async def returned() -> Rows:
    """Return the slots with seats that are kept for the waiting list, soonest first."""
    return await fetch(RETURNED)


async def candidates(hall: str, queue: str, day: date) -> list[Waiter]:
    """Return who waits for a day, first come first."""
    return [Waiter(**row) for row in await fetch(CANDIDATES, hall, queue, day)]


async def lock_line(connection: Connection, hall: str, queue: str) -> None:
    """Let one seat of a queue be offered at a time: of two, each would pass over the other's."""
    await fetch(LOCK_LINE, hall, queue, connection=connection)


async def lock_waiting(connection: Connection, id: UUID) -> bool:
    """Lock a place that still waits; False when it does not, or somebody else has it."""
    return bool(await fetch(LOCK_WAITING, id, connection=connection))


async def set_offered(connection: Connection, id: UUID, appointment: UUID) -> None:
    """Write that a seat was offered."""
    await fetch(OFFERED, id, appointment, connection=connection)


async def set_lapsed(
    connection: Connection, ids: Sequence[UUID], now: datetime, most: int
) -> list[Waiter]:
    """Put those whose offer lapsed behind the others; at `most` offers their waiting ends."""
    rows = await fetch(LAPSED, list(ids), now, most, connection=connection)
    return [Waiter(**row) for row in rows]


async def set_status(connection: Connection, id: UUID, status: str) -> None:
    """Write a status."""
    await fetch(SET_STATUS, id, status, connection=connection)


async def end_past(connection: Connection, today: date) -> list[Waiter]:
    """End the places whose days are over."""
    return [Waiter(**row) for row in await fetch(END_PAST, today, connection=connection)]


async def release(connection: Connection, slot: int) -> None:
    """Give a slot's seats that nobody waits for to everybody; the caller holds its lock."""
    await fetch(RELEASE, slot, connection=connection)
