"""The queries of windows: who works where, and the calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from miniapp_api.hall.store import COLUMNS, Connection, Ticket
from miniapp_api.platform.database import Rows, fetch

SESSION_COLUMNS = 'id, hall, "window", queue, staff, state, ticket_id, opened_at'
OPEN = """
INSERT INTO window_session (id, hall, "window", queue, staff, state, opened_at)
VALUES ($1, $2, $3, $4, $5, 'open', $6) RETURNING id
"""
LOCK_SESSION = f"""
SELECT {SESSION_COLUMNS} FROM window_session
WHERE hall = $1 AND "window" = $2 AND staff = $3 AND closed_at IS NULL FOR UPDATE
"""  # noqa: S608 - a constant of ours
SESSION_OF = f"""
SELECT {SESSION_COLUMNS} FROM window_session
WHERE hall = $1 AND "window" = $2 AND closed_at IS NULL
"""  # noqa: S608 - a constant of ours
OF_STAFF = f"""
SELECT {SESSION_COLUMNS} FROM window_session WHERE staff = $1 AND closed_at IS NULL
"""  # noqa: S608 - a constant of ours
SET_STATE = "UPDATE window_session SET state = $2 WHERE id = $1 RETURNING id"
CLOSE = "UPDATE window_session SET closed_at = $2, ticket_id = NULL WHERE id = $1 RETURNING id"
HOLD_TICKET = "UPDATE window_session SET ticket_id = $2 WHERE id = $1 RETURNING id"
LOCK_DAY = """
SELECT called FROM queue_day WHERE hall = $1 AND queue = $2 AND day = $3 FOR UPDATE
"""
# The call is one statement: the ticket, the window's hand, the count, and what the screen shows.
CALL = f"""
WITH called AS (
    UPDATE ticket SET status = 'called', "window" = $2, calls = 1, called_at = $3
    WHERE id = $1 AND status = 'waiting' RETURNING {COLUMNS}
), hand AS (
    UPDATE window_session SET ticket_id = called.id FROM called WHERE window_session.id = $4
), counted AS (
    UPDATE queue_day SET called = queue_day.called + 1 FROM called
    WHERE queue_day.hall = called.hall AND queue_day.queue = called.queue
      AND queue_day.day = called.day
), shown AS (
    INSERT INTO call_event (hall, at, kind, ticket_id, number, queue, "window")
    SELECT hall, $3, 'call', id, number, queue, $2 FROM called
)
SELECT {COLUMNS} FROM called
"""  # noqa: S608 - a constant of ours
ASIDE = f"""
SELECT {COLUMNS} FROM ticket
WHERE hall = $1 AND day = $2 AND queue = $3 AND status = 'on_hold' ORDER BY started_at, number
"""  # noqa: S608 - a constant of ours
TODAY = """
SELECT count(*) FILTER (WHERE status = 'finished')::int AS served,
       count(*) FILTER (WHERE status = 'passed')::int AS passed,
       avg(extract(epoch FROM finished_at - started_at)) FILTER (WHERE status = 'finished')::float
           AS mean_seconds
FROM ticket WHERE hall = $1 AND day = $2 AND "window" = $3
"""
# The day is counted once, and not again for every window.
OVERVIEW = """
SELECT s."window", s.queue, s.state, s.staff, s.opened_at, t.number, t.status,
       COALESCE(t.started_at, t.called_at) AS since, COALESCE(d.served, 0)::int AS served
FROM window_session s LEFT JOIN ticket t ON t.id = s.ticket_id
LEFT JOIN (
    SELECT "window", count(*) AS served FROM ticket
    WHERE hall = $1 AND day = $2 AND status = 'finished' GROUP BY "window"
) d ON d."window" = s."window"
WHERE s.hall = $1 AND s.closed_at IS NULL ORDER BY s."window"
"""
QUEUES = """
SELECT queue, count(*) FILTER (WHERE status = 'waiting')::int AS waiting,
       min(arrived_at) FILTER (WHERE status = 'waiting') AS longest,
       count(*) FILTER (WHERE status = 'finished')::int AS served
FROM ticket WHERE hall = $1 AND day = $2 GROUP BY queue
"""


@dataclass(frozen=True)
class Session:
    """A clerk at a window, as stored."""

    id: UUID
    hall: str
    window: str
    queue: str
    staff: UUID
    state: Literal["open", "paused"]
    ticket_id: UUID | None
    opened_at: datetime


async def open_session(
    connection: Connection, session: UUID, place: tuple[str, str, str], staff: UUID, now: datetime
) -> None:
    """Write that a clerk opened a window: hall, window and queue; IntegrityError when taken."""
    await fetch(OPEN, session, *place, staff, now, connection=connection)


async def lock_session(
    connection: Connection, hall: str, window: str, staff: UUID
) -> Session | None:
    """Lock and return a clerk's open session at a window."""
    return _one(await fetch(LOCK_SESSION, hall, window, staff, connection=connection))


async def session_of(hall: str, window: str) -> Session | None:
    """Return who works at a window."""
    return _one(await fetch(SESSION_OF, hall, window))


async def of_staff(staff: UUID) -> Session | None:
    """Return where a clerk works."""
    return _one(await fetch(OF_STAFF, staff))


async def set_state(connection: Connection, session: UUID, state: str) -> None:
    """Pause or resume a window."""
    await fetch(SET_STATE, session, state, connection=connection)


async def close_session(connection: Connection, session: UUID, now: datetime) -> None:
    """Write that a clerk left a window."""
    await fetch(CLOSE, session, now, connection=connection)


async def hold_ticket(connection: Connection, session: UUID, ticket: UUID | None) -> None:
    """Write which ticket a window has in hand."""
    await fetch(HOLD_TICKET, session, ticket, connection=connection)


async def lock_day(connection: Connection, hall: str, queue: str, day: date) -> int | None:
    """Let one window of a queue choose at a time; return how many were called, None: no ticket."""
    rows = await fetch(LOCK_DAY, hall, queue, day, connection=connection)
    return int(rows[0]["called"]) if rows else None


async def call(
    connection: Connection, ticket: UUID, session: Session, now: datetime
) -> Ticket | None:
    """Call a ticket to a window; None when it does not wait any more."""
    rows = await fetch(CALL, ticket, session.window, now, session.id, connection=connection)
    return Ticket(**rows[0]) if rows else None


async def today(hall: str, window: str, day: date) -> dict[str, float | None]:
    """Return served, passed and mean_seconds of a window's day."""
    (row,) = await fetch(TODAY, hall, day, window)
    return row


async def aside(hall: str, queue: str, day: date) -> list[Ticket]:
    """Return the tickets of a queue that were put aside today."""
    return [Ticket(**row) for row in await fetch(ASIDE, hall, day, queue)]


async def overview(hall: str, day: date) -> Rows:
    """Return every open window with what it does."""
    return await fetch(OVERVIEW, hall, day)


async def queues(hall: str, day: date) -> Rows:
    """Return every queue's waiting, longest and served."""
    return await fetch(QUEUES, hall, day)


def _one(rows: Rows) -> Session | None:
    return Session(**rows[0]) if rows else None
