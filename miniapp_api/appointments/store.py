"""Every query of appointments.

Locks are taken in one order, so that no two use cases can wait for each other: first the
citizen's appointment, then slots by ascending id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.appointments.rules import Status
from miniapp_api.platform.database import Rows, fetch, read

Connection = BaseDBAsyncClient

# A seat whose hold has lapsed is free, even before the sweeper has come by.
LIST_SLOTS = """
SELECT s.id, s.starts_at, s.ends_at, s.remaining + COALESCE(l.seats, 0) AS remaining
FROM slot s LEFT JOIN (
    SELECT slot_id, count(*) AS seats FROM appointment
    WHERE status = 'held' AND hold_expires_at <= $5 GROUP BY slot_id
) l ON l.slot_id = s.id
WHERE s.hall = $1 AND s.queue = $2 AND s.starts_at >= $3 AND s.starts_at < $4
  AND s.remaining + COALESCE(l.seats, 0) > 0
ORDER BY s.starts_at
"""
READ_SLOT = "SELECT id, hall, queue, starts_at, ends_at FROM slot WHERE id = $1"
OPEN_SLOTS = """
INSERT INTO slot (hall, queue, starts_at, ends_at, capacity, remaining)
SELECT $1, q.queue, t.starts_at, t.ends_at, q.capacity, q.capacity
FROM unnest($2::text[], $3::int[]) AS q(queue, capacity),
     unnest($4::timestamptz[], $5::timestamptz[]) AS t(starts_at, ends_at)
ON CONFLICT (hall, queue, starts_at) DO NOTHING RETURNING id
"""
# The claim and the booking are one statement: no seat, no row.
CLAIM = """
WITH seat AS (
    UPDATE slot SET remaining = remaining - 1 WHERE id = $2 AND remaining > 0 RETURNING id
)
INSERT INTO appointment (id, slot_id, citizen, item, day, attendee, status, reference,
                         hold_expires_at, created_at, updated_at)
SELECT $1, seat.id, $3, $4, $5, $6, 'held', $7, $8, $9, $9 FROM seat RETURNING id
"""
TAKE_SEAT = "UPDATE slot SET remaining = remaining - 1 WHERE id = $1 AND remaining > 0 RETURNING id"
GIVE_SEAT = "UPDATE slot SET remaining = remaining + 1 WHERE id = $1 RETURNING id"
LOCK_SLOTS = "SELECT id FROM slot WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE"
LOCK_HELD = """
SELECT id, slot_id, day FROM appointment
WHERE citizen = $1 AND item = $2 AND status = 'held' ORDER BY id FOR UPDATE
"""
SET_STATUS = "UPDATE appointment SET status = $2, updated_at = $3 WHERE id = $1 RETURNING id"
MOVE = """
UPDATE appointment SET slot_id = $2, day = $3, updated_at = $4 WHERE id = $1 RETURNING id
"""
COLUMNS = """
a.id, a.status, a.item, a.attendee, a.reference, a.hold_expires_at, a.slot_id,
s.hall, s.queue, s.starts_at, s.ends_at
"""
READ_MINE = f"""
SELECT {COLUMNS} FROM appointment a JOIN slot s ON s.id = a.slot_id
WHERE a.id = $1 AND a.citizen = $2
"""  # noqa: S608 - a constant of ours
LOCK_MINE = READ_MINE + " FOR UPDATE OF a"
# What a citizen confirms is nearly always a live hold of his: one statement does it.
CONFIRM = f"""
WITH a AS (
    UPDATE appointment SET status = 'confirmed', updated_at = $3
    WHERE id = $1 AND citizen = $2 AND status = 'held' AND hold_expires_at > $3 RETURNING *
)
SELECT {COLUMNS} FROM a JOIN slot s ON s.id = a.slot_id
"""  # noqa: S608 - a constant of ours
LIST_MINE = f"""
SELECT {COLUMNS} FROM appointment a JOIN slot s ON s.id = a.slot_id
WHERE a.citizen = $1 AND (NOT $2 OR (a.status = ANY($3::text[]) AND s.ends_at > $4
      AND (a.status <> 'held' OR a.hold_expires_at > $4)))
ORDER BY s.starts_at, a.created_at LIMIT 200
"""  # noqa: S608 - a constant of ours
LOCK_LAPSED = """
SELECT id, slot_id FROM appointment
WHERE status = 'held' AND hold_expires_at <= $1 AND ($2::bigint IS NULL OR slot_id = $2)
ORDER BY id LIMIT 500 FOR UPDATE SKIP LOCKED
"""
EXPIRE = """
UPDATE appointment SET status = 'expired', updated_at = $2 WHERE id = ANY($1::uuid[]) RETURNING id
"""
GIVE_SEATS = """
UPDATE slot SET remaining = slot.remaining + back.seats
FROM (SELECT id, count(*) AS seats FROM unnest($1::bigint[]) AS id GROUP BY id) back
WHERE slot.id = back.id RETURNING slot.id
"""


@dataclass(frozen=True)
class Booked:
    """An appointment with its slot, as stored."""

    id: UUID
    status: Status
    item: str
    attendee: str
    reference: str
    hold_expires_at: datetime
    slot_id: int
    hall: str
    queue: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class SlotRow:
    """A slot, as stored."""

    id: int
    hall: str
    queue: str
    starts_at: datetime
    ends_at: datetime


async def list_slots(
    hall: str, queue: str, start: datetime, end: datetime, now: datetime
) -> Sequence[Mapping[str, Any]]:
    """Return id, starts_at, ends_at and remaining of slots with a free seat, in [start, end)."""
    return await read(LIST_SLOTS, hall, queue, start, end, now)


async def read_slot(slot: int) -> SlotRow | None:
    """Return a slot."""
    rows = await fetch(READ_SLOT, slot)
    return SlotRow(**rows[0]) if rows else None


async def open_slots(
    hall: str, capacities: dict[str, int], times: Sequence[tuple[datetime, datetime]]
) -> int:
    """Create the slots that are missing and return how many; existing ones stay as they are."""
    queues, seats = list(capacities), list(capacities.values())
    starts, ends = [s for s, _ in times], [e for _, e in times]
    return len(await fetch(OPEN_SLOTS, hall, queues, seats, starts, ends))


async def claim(
    connection: Connection, citizen: UUID, hold: Booked, day: date, now: datetime
) -> bool:
    """Take a seat and write the hold; False when the slot is full."""
    seat = (hold.id, hold.slot_id, citizen, hold.item, day, hold.attendee, hold.reference)
    rows = await fetch(CLAIM, *seat, hold.hold_expires_at, now, connection=connection)
    return bool(rows)


async def take_seat(connection: Connection, slot: int) -> bool:
    """Take a seat; False when the slot is full."""
    return bool(await fetch(TAKE_SEAT, slot, connection=connection))


async def give_seat(connection: Connection, slot: int) -> None:
    """Give a seat back."""
    await fetch(GIVE_SEAT, slot, connection=connection)


async def lock_slots(connection: Connection, slots: Sequence[int]) -> None:
    """Lock slots in the order of their ids."""
    await fetch(LOCK_SLOTS, list(slots), connection=connection)


async def lock_held(connection: Connection, citizen: UUID, item: str) -> Rows:
    """Lock and return id, slot_id and day of the citizen's unconfirmed holds for an item."""
    return await fetch(LOCK_HELD, citizen, item, connection=connection)


async def set_status(connection: Connection, id: UUID, status: Status, now: datetime) -> None:
    """Write a new status."""
    await fetch(SET_STATUS, id, status, now, connection=connection)


async def move(connection: Connection, id: UUID, slot: int, day: date, now: datetime) -> None:
    """Point a booking to another slot."""
    await fetch(MOVE, id, slot, day, now, connection=connection)


async def confirm(id: UUID, citizen: UUID, now: datetime) -> Booked | None:
    """Turn a citizen's own live hold into a booking; None when there is none."""
    rows = await fetch(CONFIRM, id, citizen, now)
    return Booked(**rows[0]) if rows else None


async def read_mine(id: UUID, citizen: UUID, connection: Connection | None = None) -> Booked | None:
    """Return a citizen's own appointment."""
    rows = await fetch(READ_MINE, id, citizen, connection=connection)
    return Booked(**rows[0]) if rows else None


async def lock_mine(connection: Connection, id: UUID, citizen: UUID) -> Booked | None:
    """Lock and return a citizen's own appointment."""
    rows = await fetch(LOCK_MINE, id, citizen, connection=connection)
    return Booked(**rows[0]) if rows else None


async def list_mine(
    citizen: UUID, active_only: bool, statuses: Sequence[str], now: datetime
) -> list[Booked]:
    """Return a citizen's appointments, soonest first."""
    rows = await fetch(LIST_MINE, citizen, active_only, list(statuses), now)
    return [Booked(**row) for row in rows]


async def expire_lapsed(connection: Connection, now: datetime, slot: int | None = None) -> int:
    """Expire lapsed holds, of one slot or of all, give their seats back, and return how many."""
    lapsed = await fetch(LOCK_LAPSED, now, slot, connection=connection)
    if not lapsed:
        return 0
    slots = [row["slot_id"] for row in lapsed]
    await lock_slots(connection, slots)
    await fetch(EXPIRE, [row["id"] for row in lapsed], now, connection=connection)
    await fetch(GIVE_SEATS, slots, connection=connection)
    return len(lapsed)
