"""The queries of tickets.

Locks are taken in one order: a window's session, the queue's day (the mutex of its calls), tickets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.hall.rules import Kind, Priority, Status, Waiting
from miniapp_api.platform.database import Rows, fetch

Connection = BaseDBAsyncClient


@dataclass(frozen=True)
class Ticket:
    """A ticket, as stored."""

    id: UUID
    hall: str
    queue: str
    day: date
    first_queue: str
    sequence: int
    number: str
    kind: Kind
    priority: Priority | None
    appointment_id: UUID | None
    citizen: UUID | None
    item: str | None
    status: Status
    arrived_at: datetime
    booked_for: datetime | None
    due_at: datetime
    window: str | None
    calls: int
    requeues: int
    warned: bool
    called_at: datetime | None
    started_at: datetime | None

    def as_waiting(self) -> Waiting:
        """Return what the rules of the queue look at."""
        return Waiting(
            self.id,
            self.sequence,
            self.kind,
            self.arrived_at,
            self.due_at,
            self.booked_for,
            self.priority,
        )


@dataclass(frozen=True)
class Queued:
    """Who waits, as a call sees it."""

    waiting: Waiting
    number: str
    citizen: UUID | None
    warned: bool


NAMES = [field.name for field in fields(Ticket)]
COLUMNS = ", ".join(f'"{name}"' for name in NAMES)  # window is a word of SQL
PLACES = ", ".join(f"${n}" for n in range(1, len(NAMES) + 1))
NEXT_NUMBER = """
INSERT INTO queue_day (hall, queue, day, last_number, called) VALUES ($1, $2, $3, 1, 0)
ON CONFLICT (hall, queue, day) DO UPDATE SET last_number = queue_day.last_number + 1
RETURNING last_number
"""
TOUCH_DAY = """
INSERT INTO queue_day (hall, queue, day, last_number, called) VALUES ($1, $2, $3, 0, 0)
ON CONFLICT (hall, queue, day) DO NOTHING RETURNING id
"""
INSERT = f"INSERT INTO ticket ({COLUMNS}) VALUES ({PLACES}) RETURNING id"  # noqa: S608
READ = f"SELECT {COLUMNS} FROM ticket WHERE id = $1"  # noqa: S608 - a constant of ours
LOCK = READ + " FOR UPDATE"
OF_APPOINTMENT = f"SELECT {COLUMNS} FROM ticket WHERE appointment_id = $1"  # noqa: S608
NUMBERED = f"""
SELECT {COLUMNS} FROM ticket
WHERE hall = $1 AND day = $2 AND first_queue = $3 AND sequence = $4
"""  # noqa: S608 - a constant of ours
LIVE_OF = f"""
SELECT {COLUMNS} FROM ticket
WHERE hall = $1 AND queue = $2 AND day = $3 AND citizen = $4
  AND status IN ('waiting', 'called', 'serving', 'on_hold', 'passed')
"""  # noqa: S608 - a constant of ours
MINE = f"""
SELECT {COLUMNS} FROM ticket WHERE citizen = $1 AND day = $2
  AND status IN ('waiting', 'called', 'serving', 'on_hold', 'passed') ORDER BY arrived_at
"""  # noqa: S608 - a constant of ours
WAITING = f"""
SELECT {COLUMNS} FROM ticket
WHERE hall = $1 AND queue = $2 AND day = $3 AND status = 'waiting'
"""  # noqa: S608 - a constant of ours
QUEUED = """
SELECT id, sequence, kind, arrived_at, due_at, booked_for, priority, number, citizen, warned
FROM ticket WHERE hall = $1 AND queue = $2 AND day = $3 AND status = 'waiting'
"""
SET = f"""
UPDATE ticket SET status = $2, queue = $3, "window" = $4, calls = $5, requeues = $6, due_at = $7,
    called_at = $8, started_at = $9, finished_at = $10
WHERE id = $1 AND status = $11 RETURNING {COLUMNS}
"""  # noqa: S608 - a constant of ours
EVENT = """
INSERT INTO call_event (hall, at, kind, ticket_id, number, queue, "window")
VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id
"""
WARN = "UPDATE ticket SET warned = true WHERE id = ANY($1::uuid[]) RETURNING id"
SERVICES = """
SELECT extract(epoch FROM finished_at - started_at)::float AS seconds FROM ticket
WHERE hall = $1 AND day = $2 AND queue = $3 AND status = 'finished'
  AND started_at IS NOT NULL AND finished_at > started_at ORDER BY finished_at DESC LIMIT 50
"""
OPEN_WINDOWS = """
SELECT count(*) AS windows FROM window_session
WHERE hall = $1 AND queue = $2 AND closed_at IS NULL AND state = 'open'
  AND NOT "window" = ANY($3::text[])
"""
CLOSE_DAYS = """
UPDATE ticket SET status = 'left' WHERE day < $1
  AND status IN ('waiting', 'called', 'serving', 'on_hold', 'passed') RETURNING id
"""
LOCK_CITIZEN = "SELECT pg_advisory_xact_lock(hashtextextended('ticket:' || $1, 0))"


async def next_number(connection: Connection, hall: str, queue: str, day: date) -> int:
    """Return the queue's next number of the day; the row's lock orders the takers."""
    (row,) = await fetch(NEXT_NUMBER, hall, queue, day, connection=connection)
    return int(row["last_number"])


async def insert(connection: Connection, ticket: Ticket) -> None:
    """Write a new ticket."""
    values = [getattr(ticket, name) for name in NAMES]
    await fetch(INSERT, *values, connection=connection)


async def read(id: UUID) -> Ticket | None:
    """Return a ticket."""
    return _one(await fetch(READ, id))


async def lock(connection: Connection, id: UUID) -> Ticket | None:
    """Lock and return a ticket."""
    return _one(await fetch(LOCK, id, connection=connection))


async def of_appointment(connection: Connection, appointment: UUID) -> Ticket | None:
    """Return the ticket of a booking."""
    return _one(await fetch(OF_APPOINTMENT, appointment, connection=connection))


async def lock_citizen(connection: Connection, citizen: UUID) -> None:
    """Let a citizen take one ticket at a time."""
    await fetch(LOCK_CITIZEN, str(citizen), connection=connection)


async def numbered(hall: str, day: date, queue: str, sequence: int) -> Ticket | None:
    """Return the ticket that a queue gave as its nth of a day (sequence)."""
    return _one(await fetch(NUMBERED, hall, day, queue, sequence))


async def live_of(
    connection: Connection, hall: str, queue: str, day: date, citizen: UUID
) -> Ticket | None:
    """Return a citizen's live ticket in a queue."""
    return _one(await fetch(LIVE_OF, hall, queue, day, citizen, connection=connection))


async def mine(citizen: UUID, day: date) -> list[Ticket]:
    """Return a citizen's live tickets of a day."""
    return [Ticket(**row) for row in await fetch(MINE, citizen, day)]


async def waiting(
    hall: str, queue: str, day: date, connection: Connection | None = None
) -> list[Ticket]:
    """Return the tickets that wait in a queue."""
    rows = await fetch(WAITING, hall, queue, day, connection=connection)
    return [Ticket(**row) for row in rows]


async def queue(connection: Connection, hall: str, queue: str, day: date) -> list[Queued]:
    """Return who waits in a queue, as little of each as a call needs to know."""
    rows = await fetch(QUEUED, hall, queue, day, connection=connection)
    return [
        Queued(
            Waiting(
                row["id"],
                row["sequence"],
                row["kind"],
                row["arrived_at"],
                row["due_at"],
                row["booked_for"],
                row["priority"],
            ),
            row["number"],
            row["citizen"],
            row["warned"],
        )
        for row in rows
    ]


async def change(
    connection: Connection, before: Ticket, after: Ticket, finished_at: datetime | None = None
) -> Ticket | None:
    """Write a ticket's new state; None when its status is not what it was."""
    values = (
        after.id, after.status, after.queue, after.window, after.calls, after.requeues,
        after.due_at, after.called_at, after.started_at, finished_at, before.status,
    )  # fmt: skip
    return _one(await fetch(SET, *values, connection=connection))


async def add_event(
    connection: Connection, ticket: Ticket, kind: str, window: str | None, now: datetime
) -> None:
    """Write what happened to a ticket: the screens read it, and it is the ticket's history."""
    values = (ticket.hall, now, kind, ticket.id, ticket.number, ticket.queue, window)
    await fetch(EVENT, *values, connection=connection)


async def set_warned(connection: Connection, ids: Sequence[UUID]) -> None:
    """Write that citizens were told that their turn is near."""
    await fetch(WARN, list(ids), connection=connection)


async def services(hall: str, queue: str, day: date) -> list[float]:
    """Return how many seconds the queue's last services of the day took."""
    return [row["seconds"] for row in await fetch(SERVICES, hall, day, queue)]


async def open_windows(hall: str, queue: str, closed: Sequence[str]) -> int:
    """Return how many windows of a queue are open; closed: windows that call nobody now."""
    (row,) = await fetch(OPEN_WINDOWS, hall, queue, list(closed))
    return int(row["windows"])


async def touch_day(connection: Connection, hall: str, queue: str, day: date) -> None:
    """Make sure that a queue's day has its row, the mutex of its calls."""
    await fetch(TOUCH_DAY, hall, queue, day, connection=connection)


async def close_days(before: date) -> Rows:
    """Close the tickets of days that are over."""
    return await fetch(CLOSE_DAYS, before)


def _one(rows: Rows) -> Ticket | None:
    return Ticket(**rows[0]) if rows else None
