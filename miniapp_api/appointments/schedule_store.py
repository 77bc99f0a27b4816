"""The queries of schedules: slots are opened, pooled and changed in number, their booked moved.

Whoever changes seats holds the slots' locks (`store.lock_slots`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.appointments.plan import PlannedSlot
from miniapp_api.appointments.rules import LIVE
from miniapp_api.platform.database import Rows, fetch

Connection = BaseDBAsyncClient
LIVE_SQL = ", ".join(f"'{status}'" for status in LIVE)

OPEN = """
INSERT INTO slot (hall, queue, starts_at, ends_at, released_at)
SELECT $1, t.queue, t.starts_at, t.ends_at, t.released_at
FROM unnest($2::text[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[])
     AS t(queue, starts_at, ends_at, released_at)
ON CONFLICT (hall, queue, starts_at) DO NOTHING RETURNING id, queue, starts_at
"""
ALLOT = """
INSERT INTO allotment (slot_id, channel, capacity, remaining)
SELECT t.slot, t.channel, t.seats, t.seats
FROM unnest($1::bigint[], $2::text[], $3::int[]) AS t(slot, channel, seats)
ON CONFLICT (slot_id, channel) DO UPDATE
SET capacity = allotment.capacity + excluded.capacity,
    remaining = allotment.remaining + excluded.remaining RETURNING id
"""
KNOWN_DAYS = """
SELECT DISTINCT (starts_at AT TIME ZONE $3)::date AS day FROM slot
WHERE hall = $1 AND starts_at >= $2
"""
TO_POOL = """
SELECT id FROM slot WHERE hall = $1 AND starts_at >= $2 AND starts_at < $3 AND pooled_at IS NULL
ORDER BY id
"""
POOL = """
WITH free AS (
    SELECT id, slot_id, remaining FROM allotment
    WHERE slot_id = ANY($1::bigint[]) AND channel NOT IN ('pool', 'waiting') AND remaining > 0
), emptied AS (
    UPDATE allotment a SET capacity = a.capacity - free.remaining, remaining = 0
    FROM free WHERE a.id = free.id RETURNING free.slot_id, free.remaining
)
INSERT INTO allotment (slot_id, channel, capacity, remaining)
SELECT slot_id, 'pool', sum(remaining)::int, sum(remaining)::int FROM emptied GROUP BY slot_id
ON CONFLICT (slot_id, channel) DO UPDATE
SET capacity = allotment.capacity + excluded.capacity,
    remaining = allotment.remaining + excluded.remaining RETURNING id
"""
MARK_POOLED = "UPDATE slot SET pooled_at = $2 WHERE id = ANY($1::bigint[]) RETURNING id"
WITH_SEATS = """
SELECT s.id, s.queue, s.starts_at, s.ends_at, s.released_at, s.pooled_at, s.closure_id,
       COALESCE(sum(a.capacity), 0)::int AS capacity,
       COALESCE(sum(a.remaining), 0)::int AS remaining
FROM slot s LEFT JOIN allotment a ON a.slot_id = s.id
WHERE s.hall = $1 AND {which} GROUP BY s.id ORDER BY s.id
"""
FUTURE = WITH_SEATS.format(which="s.starts_at > $2")
OF_QUEUE = WITH_SEATS.format(which="s.queue = $2 AND s.starts_at < $4 AND s.ends_at > $3")
IN_SPAN = """
SELECT id FROM slot WHERE hall = $1 AND ($2::text IS NULL OR queue = $2)
  AND starts_at < $4 AND ends_at > $3 AND closure_id IS NULL ORDER BY id
"""
IN_SLOTS = f"""
SELECT a.id, a.status, a.citizen, a.waiting_id, a.starts_at, a.ends_at, a.hall, a.queue, a.item,
       a.reference, a.channel, a.created_at, array_agg(l.slot_id) AS slots
FROM appointment a JOIN seat t ON t.appointment_id = a.id
JOIN allotment l ON l.id = t.allotment_id
WHERE l.slot_id = ANY($1::bigint[]) AND a.status IN ({LIVE_SQL}) GROUP BY a.id ORDER BY a.id
"""  # noqa: S608 - a constant of ours
DELETE_SLOTS = """
DELETE FROM slot WHERE id = ANY($1::bigint[])
AND NOT EXISTS (SELECT 1 FROM appointment a WHERE a.slot_id = slot.id)
AND NOT EXISTS (SELECT 1 FROM seat t JOIN allotment l ON l.id = t.allotment_id
                WHERE l.slot_id = slot.id) RETURNING id
"""
SET_RELEASE = """
UPDATE slot SET released_at = t.released_at, ends_at = t.ends_at
FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[]) AS t(id, released_at, ends_at)
WHERE slot.id = t.id RETURNING slot.id
"""
FREE_BY_CHANNEL = """
SELECT id, channel, capacity, remaining FROM allotment WHERE slot_id = $1 AND remaining > 0
ORDER BY channel = 'waiting', channel
"""
SHRINK = """
UPDATE allotment SET capacity = capacity - $2, remaining = remaining - $2
WHERE id = $1 AND remaining >= $2 RETURNING id
"""
# A displaced booking is where it was: its slots are those of its time in its queue.
DISPLACED_IN = """
SELECT a.id, a.citizen, a.starts_at, a.ends_at, a.hall, a.queue, a.item, a.reference, a.channel,
       (SELECT array_agg(s.id ORDER BY s.id) FROM slot s WHERE s.hall = a.hall
        AND s.queue = a.queue AND s.starts_at >= a.starts_at AND s.ends_at <= a.ends_at) AS slots
FROM appointment a WHERE a.status = 'displaced' AND a.slot_id = ANY($1::bigint[])
  AND a.starts_at > $2 ORDER BY a.created_at, a.id FOR UPDATE SKIP LOCKED
"""
LOCK_BOOKINGS = "SELECT id FROM appointment WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE"
TAKE_ANY = """
WITH wanted AS (
    SELECT DISTINCT ON (slot_id) id FROM allotment
    WHERE slot_id = ANY($2::bigint[]) AND remaining > 0
    ORDER BY slot_id, channel <> $3, channel
), taken AS (
    UPDATE allotment SET remaining = remaining - 1
    WHERE id IN (SELECT id FROM wanted) AND remaining > 0 RETURNING id
)
INSERT INTO seat (appointment_id, allotment_id) SELECT $1, id FROM taken RETURNING id
"""


@dataclass(frozen=True)
class FutureSlot:
    """A slot to come, with its seats over all channels."""

    id: int
    queue: str
    starts_at: datetime
    ends_at: datetime
    released_at: datetime
    pooled_at: datetime | None
    closure_id: int | None
    capacity: int
    remaining: int

    @property
    def taken(self) -> int:
        """How many seats are taken."""
        return self.capacity - self.remaining


async def open_slots(
    connection: Connection, hall: str, slots: Sequence[PlannedSlot]
) -> dict[tuple[str, datetime], int]:
    """Create the slots that are missing and return the new ones' ids by queue and start."""
    columns = (
        [slot.queue for slot in slots],
        [slot.starts_at for slot in slots],
        [slot.ends_at for slot in slots],
        [slot.released_at for slot in slots],
    )
    rows = await fetch(OPEN, hall, *columns, connection=connection)
    return {(row["queue"], row["starts_at"]): row["id"] for row in rows}


async def allot(connection: Connection, seats: Iterable[tuple[int, str, int]]) -> None:
    """Add seats: slot, channel and number; none of them exists twice in one call."""
    rows = [each for each in seats if each[2] > 0]
    if rows:
        slots, channels, numbers = (list(column) for column in zip(*rows, strict=True))
        await fetch(ALLOT, slots, channels, numbers, connection=connection)


async def known_days(hall: str, since: datetime) -> set[Any]:
    """Return the days from `since` on for which slots were opened."""
    return {row["day"] for row in await fetch(KNOWN_DAYS, hall, since, str(since.tzinfo))}


async def to_pool(hall: str, start: datetime, end: datetime) -> list[int]:
    """Return the slots of [start, end) that are not pooled yet."""
    return [row["id"] for row in await fetch(TO_POOL, hall, start, end)]


async def pool_slots(connection: Connection, slots: Sequence[int], now: datetime) -> None:
    """Make what is left of each channel common to all; the caller holds the locks."""
    await fetch(POOL, list(slots), connection=connection)
    await fetch(MARK_POOLED, list(slots), now, connection=connection)


async def future(connection: Connection | None, hall: str, now: datetime) -> list[FutureSlot]:
    """Return a hall's slots to come."""
    return [FutureSlot(**row) for row in await fetch(FUTURE, hall, now, connection=connection)]


async def of_queue(
    connection: Connection | None, hall: str, queue: str, start: datetime, end: datetime
) -> list[FutureSlot]:
    """Return a queue's slots that have some of [start, end), closed ones among them."""
    rows = await fetch(OF_QUEUE, hall, queue, start, end, connection=connection)
    return [FutureSlot(**row) for row in rows]


async def in_span(
    connection: Connection | None, hall: str, queue: str | None, start: datetime, end: datetime
) -> list[int]:
    """Return the open slots that a closure would touch."""
    rows = await fetch(IN_SPAN, hall, queue, start, end, connection=connection)
    return [row["id"] for row in rows]


async def bookings_in(connection: Connection | None, slots: Sequence[int]) -> Rows:
    """Return the live bookings that have a seat in one of the slots; `slots`: in which of them."""
    return await fetch(IN_SLOTS, list(slots), connection=connection)


async def lock_bookings(connection: Connection, ids: Sequence[UUID]) -> None:
    """Lock appointments, before their slots: as everybody does who changes one."""
    await fetch(LOCK_BOOKINGS, list(ids), connection=connection)


async def delete_slots(connection: Connection, slots: Sequence[int]) -> set[int]:
    """Delete slots that nobody ever booked, and return which."""
    rows = await fetch(DELETE_SLOTS, list(slots), connection=connection)
    return {row["id"] for row in rows}


async def set_release(
    connection: Connection, changes: Sequence[tuple[int, datetime, datetime]]
) -> None:
    """Write new times of release and end: slot, released_at, ends_at."""
    if changes:
        ids, released, ends = (list(column) for column in zip(*changes, strict=True))
        await fetch(SET_RELEASE, ids, released, ends, connection=connection)


async def remove_free(
    connection: Connection, slot: int, seats: int, shares: Mapping[str, int]
) -> None:
    """Remove up to so many free seats of a slot, never a taken one.

    shares: what each channel is to have; those go first that a channel has beyond its share.
    """
    rows = await fetch(FREE_BY_CHANNEL, slot, connection=connection)
    free = {row["id"]: row["remaining"] for row in rows}
    beyond = {row["id"]: row["capacity"] - shares.get(row["channel"], 0) for row in rows}
    gone = dict.fromkeys(free, 0)
    for most in (beyond, free):
        for id in free:
            gone[id] += max(0, min(most[id], free[id] - gone[id], seats - sum(gone.values())))
    for id, some in gone.items():
        if some:
            await fetch(SHRINK, id, some, connection=connection)


async def displaced_in(connection: Connection, slots: Sequence[int], now: datetime) -> Rows:
    """Lock and return the displaced bookings of slots, earliest made first, with their slots."""
    return await fetch(DISPLACED_IN, list(slots), now, connection=connection)


async def take_any(
    connection: Connection, appointment: UUID, slots: Sequence[int], channel: str
) -> bool:
    """Give a booking its seats back, of its channel if there is one; False when one is gone."""
    rows = await fetch(TAKE_ANY, appointment, list(slots), channel, connection=connection)
    return len(rows) == len(slots)
