"""The queries of a citizen's bookings: list, claim, give back, confirm, move.

Locks are taken in one order, so that no two use cases can wait for each other: the person
(`lock_person`), the citizen's appointments, then slots by ascending id. A slot's row is the mutex
of its seats: whoever takes or gives one back holds it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.appointments.rules import LIVE, Channel, Status
from miniapp_api.platform.database import Rows, fetch, read

Connection = BaseDBAsyncClient


@dataclass(frozen=True)
class Booked:
    """An appointment, as stored."""

    id: UUID
    status: Status
    item: str
    hall: str
    queue: str
    starts_at: datetime
    ends_at: datetime
    attendee: str
    reference: str
    hold_expires_at: datetime
    slot_id: int
    citizen: UUID
    principal: UUID
    grant_id: UUID | None
    organisation: str | None
    channel: Channel
    day: date
    nth: int
    document_index: str | None
    waiting_id: UUID | None
    materials_ready: bool

    def numbered(self, nth: int) -> Booked:
        """Return it with its number of the day."""
        return replace(self, nth=nth)


@dataclass(frozen=True)
class SlotRow:
    """A slot, as stored."""

    id: int
    hall: str
    queue: str
    starts_at: datetime
    ends_at: datetime
    released_at: datetime
    closure_id: int | None


def _columns(row: type) -> str:
    return ", ".join(field.name for field in fields(row))


LIVE_SQL = ", ".join(f"'{status}'" for status in LIVE)

# The first row, without an id, says that lapsed holds await the sweeper: their seats are free.
LIST_SLOTS = """
SELECT NULL::bigint AS id, NULL::timestamptz AS starts_at, NULL::timestamptz AS ends_at,
       0 AS remaining
WHERE EXISTS (SELECT 1 FROM appointment WHERE status = 'held' AND hold_expires_at <= $5)
UNION ALL
(SELECT s.id, s.starts_at, s.ends_at, COALESCE(own.remaining, 0) + COALESCE(pool.remaining, 0)
 FROM slot s
 LEFT JOIN allotment own ON own.slot_id = s.id AND own.channel = $6
 LEFT JOIN allotment pool ON pool.slot_id = s.id AND pool.channel = 'pool'
 WHERE s.hall = $1 AND s.queue = $2 AND s.starts_at >= $3 AND s.starts_at < $4
   AND s.released_at <= $5 AND s.closure_id IS NULL
   AND COALESCE(own.remaining, 0) + COALESCE(pool.remaining, 0) > 0
 ORDER BY s.starts_at)
"""
COUNT_DAYS = """
SELECT (s.starts_at AT TIME ZONE $4)::date AS day, sum(a.capacity)::int AS capacity,
       sum(a.capacity - a.remaining)::int AS taken
FROM slot s JOIN allotment a ON a.slot_id = s.id
WHERE s.hall = $1 AND s.queue = $2 AND s.starts_at > $3 AND s.released_at <= $3
  AND s.closure_id IS NULL GROUP BY day
"""
SLOT_COLUMNS = _columns(SlotRow)
READ_SLOT = f"SELECT {SLOT_COLUMNS} FROM slot WHERE id = $1"  # noqa: S608 - a constant of ours
# The slots of the same queue and day from one on, to find a run (连续时段).
READ_FOLLOWING = f"""
SELECT {SLOT_COLUMNS} FROM slot
WHERE hall = $1 AND queue = $2 AND starts_at >= $3 AND starts_at < $4 ORDER BY starts_at
"""  # noqa: S608 - a constant of ours
# The row without a slot says that lapsed holds await the sweeper.
FREE_SEATS = """
SELECT slot_id, channel FROM allotment WHERE slot_id = ANY($1::bigint[]) AND remaining > 0
UNION ALL SELECT NULL, NULL
WHERE EXISTS (SELECT 1 FROM appointment WHERE status = 'held' AND hold_expires_at <= $2)
"""
LOCK_PERSON = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
LOCK_SLOTS = f"""
SELECT {SLOT_COLUMNS} FROM slot WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE
"""  # noqa: S608 - a constant of ours
ON_DAY = f"""
SELECT count(*) FILTER (WHERE a.status <> 'held' OR a.hold_expires_at > $5) AS booked,
       array_agg(a.nth) FILTER (WHERE a.item = $3 AND a.status IN ({LIVE_SQL}))
           AS taken,
       (SELECT max(ends_at) FROM suspension WHERE principal = $1 AND hall = $4
        AND lifted_at IS NULL AND starts_at <= $5 AND ends_at > $5) AS suspended_until
FROM appointment a
WHERE a.principal = $1 AND a.hall = $4 AND a.day = $2
  AND (a.status IN ({LIVE_SQL}) OR a.status IN ('completed', 'no_show'))
"""  # noqa: S608 - a constant of ours
# A newer hold replaces the citizen's older one, but never a seat offered from the waiting list.
LOCK_OLDER = """
SELECT id FROM appointment
WHERE principal = $1 AND item = $2 AND citizen = $3 AND status = 'held' AND waiting_id IS NULL
ORDER BY id FOR UPDATE
"""
# The claim and the booking are one statement. The caller holds the slots' locks and rolls back when
# fewer seats than slots were taken: then no booking was written either.
CLAIM = """
WITH wanted AS (
    SELECT DISTINCT ON (slot_id) id FROM allotment
    WHERE slot_id = ANY($2::bigint[]) AND channel = ANY($3::text[]) AND remaining > 0
    ORDER BY slot_id, channel = 'pool'
), taken AS (
    UPDATE allotment SET remaining = remaining - 1
    WHERE id IN (SELECT id FROM wanted) AND remaining > 0 RETURNING id
), booked AS (
    INSERT INTO appointment (id, slot_id, citizen, principal, grant_id, organisation, item, hall,
        queue, starts_at, ends_at, day, nth, attendee, status, channel, reference, document_index,
        materials_ready, waiting_id, hold_expires_at, counted, created_at, updated_at)
    SELECT $1, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 'held', $17, $18, $19,
           false, $20, $21, false, $22, $22
    WHERE (SELECT count(*) FROM taken) = cardinality($2::bigint[]) RETURNING id
)
INSERT INTO seat (appointment_id, allotment_id) SELECT booked.id, taken.id FROM booked, taken
RETURNING id
"""
# Where a returned seat goes: to somebody who waits, to the pool once the day is pooled, or back.
GIVE_BACK = """
WITH freed AS (
    DELETE FROM seat WHERE appointment_id = ANY($1::uuid[]) AND ($4::bigint[] IS NULL
        OR allotment_id IN (SELECT id FROM allotment WHERE slot_id = ANY($4::bigint[])))
    RETURNING allotment_id
), back AS (
    SELECT allotment_id AS id, count(*)::int AS seats FROM freed GROUP BY allotment_id
)
UPDATE allotment a SET remaining = a.remaining + back.seats FROM back, slot s
WHERE a.id = back.id AND s.id = a.slot_id
RETURNING a.id, a.slot_id, a.channel, back.seats, CASE
    WHEN s.closure_id IS NOT NULL OR s.starts_at <= $2 THEN a.channel
    WHEN EXISTS (
        SELECT 1 FROM waiting w WHERE w.status = 'waiting' AND w.hall = s.hall
        AND w.queue = s.queue
        AND (s.starts_at AT TIME ZONE $3)::date BETWEEN w.first_day AND w.last_day
        AND (w.channel = a.channel OR a.channel IN ('pool', 'waiting') OR s.pooled_at IS NOT NULL)
    ) THEN 'waiting'
    WHEN a.channel = 'waiting' OR s.pooled_at IS NOT NULL THEN 'pool'
    ELSE a.channel END AS goes_to
"""
MOVE_FREE = """
WITH source AS (
    UPDATE allotment SET capacity = capacity - $2, remaining = remaining - $2
    WHERE id = $1 RETURNING slot_id
)
INSERT INTO allotment (slot_id, channel, capacity, remaining)
SELECT slot_id, $3, $2, $2 FROM source
ON CONFLICT (slot_id, channel) DO UPDATE
SET capacity = allotment.capacity + excluded.capacity,
    remaining = allotment.remaining + excluded.remaining
RETURNING id
"""
SLOTS_OF = """
SELECT DISTINCT l.slot_id FROM seat t JOIN allotment l ON l.id = t.allotment_id
WHERE t.appointment_id = ANY($1::uuid[])
"""
SET_STATUS = """
UPDATE appointment SET status = $2, counted = $4, updated_at = $3
WHERE id = ANY($1::uuid[]) RETURNING id
"""
# The new seats are taken before the old ones are given back: $2 are the slots not yet held.
MOVE = """
WITH wanted AS (
    SELECT DISTINCT ON (slot_id) id FROM allotment
    WHERE slot_id = ANY($2::bigint[]) AND channel = ANY($3::text[]) AND remaining > 0
    ORDER BY slot_id, channel = 'pool'
), taken AS (
    UPDATE allotment SET remaining = remaining - 1
    WHERE id IN (SELECT id FROM wanted) AND remaining > 0 RETURNING id
), moved AS (
    UPDATE appointment SET slot_id = $4, starts_at = $5, ends_at = $6, day = $7, nth = $8,
        status = 'confirmed', updated_at = $9
    WHERE id = $1 AND (SELECT count(*) FROM taken) = cardinality($2::bigint[]) RETURNING id
)
INSERT INTO seat (appointment_id, allotment_id) SELECT moved.id, taken.id FROM moved, taken
RETURNING id
"""
COLUMNS = _columns(Booked)
READ_MINE = f"""
SELECT {COLUMNS} FROM appointment WHERE id = $1 AND (citizen = $2 OR principal = $2)
"""  # noqa: S608 - a constant of ours
LOCK_MINE = READ_MINE + " FOR UPDATE"
CONFIRM = f"""
UPDATE appointment SET status = 'confirmed', materials_ready = $4, updated_at = $3
WHERE id = $1 AND (citizen = $2 OR principal = $2) AND status = 'held' AND hold_expires_at > $3
RETURNING {COLUMNS}
"""  # noqa: S608 - a constant of ours
LIST_MINE = f"""
SELECT {COLUMNS} FROM appointment
WHERE (citizen = $1 OR principal = $1) AND (NOT $2 OR (status IN ({LIVE_SQL})
      AND (ends_at > $3 OR status = 'checked_in') AND (status <> 'held' OR hold_expires_at > $3)))
ORDER BY starts_at, created_at LIMIT 200
"""  # noqa: S608 - a constant of ours
LOCK_COMING = """
SELECT id FROM appointment WHERE principal = $1 AND status IN ('held', 'confirmed')
  AND starts_at > $2 ORDER BY id FOR UPDATE
"""
FORGET_DOCUMENTS = """
UPDATE appointment SET document_index = NULL
WHERE principal = $1 AND document_index IS NOT NULL RETURNING id
"""
LOCK_LAPSED = """
SELECT id, waiting_id FROM appointment WHERE status = 'held' AND hold_expires_at <= $1
ORDER BY id LIMIT 500 FOR UPDATE SKIP LOCKED
"""


@dataclass(frozen=True)
class OnDay:
    """What a person has on a day in a hall already."""

    booked: int
    taken: tuple[int, ...]  # the numbers of his live bookings of the item
    suspended_until: datetime | None


@dataclass(frozen=True)
class Returned:
    """Seats that came back, and the channel that has them now."""

    slot: int
    channel: Channel | str


async def list_slots(
    hall: str, queue: str, start: datetime, end: datetime, now: datetime, channel: Channel
) -> Sequence[Mapping[str, Any]]:
    """Return id, starts_at, ends_at and remaining of released slots with a seat, in [start, end).

    A first row without an id means that lapsed holds are to be swept before the list is true.
    """
    return await read(LIST_SLOTS, hall, queue, start, end, now, channel)


async def count_days(hall: str, queue: str, now: datetime) -> dict[date, tuple[int, int]]:
    """Return seats taken and capacity of the released days to come."""
    rows = await fetch(COUNT_DAYS, hall, queue, now, str(now.tzinfo))
    return {row["day"]: (row["taken"], row["capacity"]) for row in rows}


async def read_slot(slot: int) -> SlotRow | None:
    """Return a slot."""
    rows = await fetch(READ_SLOT, slot)
    return SlotRow(**rows[0]) if rows else None


async def read_following(slot: SlotRow, until: datetime) -> list[SlotRow]:
    """Return the slots of the same queue from this one to `until`, in order."""
    rows = await fetch(READ_FOLLOWING, slot.hall, slot.queue, slot.starts_at, until)
    return [SlotRow(**row) for row in rows]


async def free_seats(slots: Sequence[int], now: datetime) -> tuple[set[tuple[int, str]], bool]:
    """Return which slot and channel have a free seat now, and whether there are lapsed holds."""
    rows = await read(FREE_SEATS, list(slots), now)
    found = {(row["slot_id"], row["channel"]) for row in rows if row["slot_id"] is not None}
    return found, any(row["slot_id"] is None for row in rows)


async def lock_person(connection: Connection, principal: UUID) -> None:
    """Let one booking of a person be decided at a time, whatever process it runs in."""
    await fetch(LOCK_PERSON, str(principal), connection=connection)


async def lock_slots(connection: Connection, slots: Sequence[int]) -> list[SlotRow]:
    """Lock slots in the order of their ids and return them as they are now."""
    rows = await fetch(LOCK_SLOTS, list(slots), connection=connection)
    return [SlotRow(**row) for row in rows]


async def lock_slots_of(
    connection: Connection, appointments: Sequence[UUID], besides: Sequence[int] = ()
) -> list[SlotRow]:
    """Lock the slots in which appointments have seats, and some `besides`; return them all."""
    held = await slots_of(connection, appointments) if appointments else []
    return await lock_slots(connection, [*held, *besides])


async def slots_of(connection: Connection, appointments: Sequence[UUID]) -> list[int]:
    """Return the ids of the slots in which appointments have seats."""
    rows = await fetch(SLOTS_OF, list(appointments), connection=connection)
    return [row["slot_id"] for row in rows]


async def on_day(
    connection: Connection, principal: UUID, day: date, item: str, hall: str, now: datetime
) -> OnDay:
    """Return what a person has booked on a day, and until when he may not book."""
    (row,) = await fetch(ON_DAY, principal, day, item, hall, now, connection=connection)
    return OnDay(row["booked"], tuple(row["taken"] or ()), row["suspended_until"])


async def lock_older(
    connection: Connection, principal: UUID, item: str, citizen: UUID
) -> list[UUID]:
    """Lock and return the holds of a person that a new one of the citizen replaces."""
    rows = await fetch(LOCK_OLDER, principal, item, citizen, connection=connection)
    return [row["id"] for row in rows]


async def claim(
    connection: Connection,
    booked: Booked,
    slots: Sequence[int],
    channels: Sequence[Channel | str],
    now: datetime,
) -> bool:
    """Take a seat in each slot and write the hold; False when one of the slots is full.

    The caller holds the slots' locks and rolls back on False.
    """
    values = (
        booked.id, list(slots), list(channels), booked.slot_id, booked.citizen, booked.principal,
        booked.grant_id, booked.organisation, booked.item, booked.hall, booked.queue,
        booked.starts_at, booked.ends_at, booked.day, booked.nth, booked.attendee, booked.channel,
        booked.reference, booked.document_index, booked.waiting_id, booked.hold_expires_at, now,
    )  # fmt: skip
    return len(await fetch(CLAIM, *values, connection=connection)) == len(slots)


async def give_back(
    connection: Connection,
    appointments: Sequence[UUID],
    now: datetime,
    only: Sequence[int] | None = None,
) -> list[Returned]:
    """Free the seats of appointments, in all slots or `only` in some; the caller holds their locks.

    A seat for which somebody waits (候补) goes to the channel `waiting`, which only the waiting
    list hands out; one of a pooled day goes to `pool`.
    """
    zone = str(now.tzinfo)
    slots = None if only is None else list(only)
    rows = await fetch(GIVE_BACK, list(appointments), now, zone, slots, connection=connection)
    for row in rows:
        if row["goes_to"] != row["channel"]:
            await move_free(connection, row["id"], row["seats"], row["goes_to"])
    return [Returned(row["slot_id"], row["goes_to"]) for row in rows]


async def move_free(
    connection: Connection, allotment: int, seats: int, channel: Channel | str
) -> None:
    """Move free seats to another channel of the same slot; the caller holds the slot's lock."""
    await fetch(MOVE_FREE, allotment, seats, channel, connection=connection)


async def set_status(
    connection: Connection,
    ids: Sequence[UUID],
    status: Status,
    now: datetime,
    *,
    counted: bool = False,
) -> None:
    """Write a new status; `counted`: a cancellation that counts toward the person's limit."""
    await fetch(SET_STATUS, list(ids), status, now, counted, connection=connection)


async def lock_coming(connection: Connection, citizen: UUID, now: datetime) -> list[UUID]:
    """Lock and return what is still to come of the bookings made for a citizen."""
    rows = await fetch(LOCK_COMING, citizen, now, connection=connection)
    return [UUID(str(row["id"])) for row in rows]


async def forget_documents(connection: Connection, citizen: UUID) -> bool:
    """Forget the hash of a citizen's number in his bookings; say whether there was one."""
    return bool(await fetch(FORGET_DOCUMENTS, citizen, connection=connection))


async def move(
    connection: Connection,
    booked: Booked,
    slots: Sequence[int],
    channels: Sequence[Channel | str],
    now: datetime,
) -> bool:
    """Take seats in other slots for a booking; False when one is full (then roll back)."""
    when = (booked.starts_at, booked.ends_at, booked.day, booked.nth)
    values = (booked.id, list(slots), list(channels), booked.slot_id, *when, now)
    return len(await fetch(MOVE, *values, connection=connection)) == len(slots)


async def confirm(
    connection: Connection, id: UUID, citizen: UUID, ready: bool, now: datetime
) -> Booked | None:
    """Turn a citizen's own live hold into a booking; None when there is none."""
    return _booked(await fetch(CONFIRM, id, citizen, now, ready, connection=connection))


async def read_mine(id: UUID, citizen: UUID) -> Booked | None:
    """Return an appointment of the citizen: booked by him, or his own matter."""
    return _booked(await fetch(READ_MINE, id, citizen))


async def lock_mine(connection: Connection, id: UUID, citizen: UUID) -> Booked | None:
    """Lock and return an appointment of the citizen."""
    return _booked(await fetch(LOCK_MINE, id, citizen, connection=connection))


async def list_mine(citizen: UUID, active_only: bool, now: datetime) -> list[Booked]:
    """Return a citizen's appointments, soonest first."""
    return [Booked(**row) for row in await fetch(LIST_MINE, citizen, active_only, now)]


async def lock_lapsed(connection: Connection, now: datetime) -> Rows:
    """Lock and return id and waiting_id of holds whose time is over and nobody else sweeps."""
    return await fetch(LOCK_LAPSED, now, connection=connection)


def _booked(rows: Rows) -> Booked | None:
    return Booked(**rows[0]) if rows else None
