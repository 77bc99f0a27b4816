"""Every query of hand-overs (转人工): who writes one holds its conversation's row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.chat import rules
from miniapp_api.chat.store import decoded
from miniapp_api.platform.database import Rows, fetch

COLUMNS = """h.id, h.conversation_id AS conversation, h.state, h.question, h.item,
    h.case_id AS case, h.candidates, h.asked_at, h.promised_for, h.staff, h.taken_at"""
ENTER = """
INSERT INTO conversation (id, citizen, created_at, last_at) VALUES ($1, $2, $3, $3)
ON CONFLICT (id) DO UPDATE SET citizen = COALESCE(conversation.citizen, excluded.citizen)
WHERE $4::bool OR conversation.citizen IS NULL OR conversation.citizen = excluded.citizen
RETURNING citizen
"""
LOCK = "SELECT citizen FROM conversation WHERE id = $1 FOR NO KEY UPDATE"
OPEN = f"""
SELECT {COLUMNS} FROM handover h WHERE h.conversation_id = $1 AND h.state <> 'closed'
"""  # noqa: S608 - a constant of ours
READ = f"SELECT {COLUMNS} FROM handover h WHERE h.id = $1"  # noqa: S608 - a constant of ours
INSERT = """
INSERT INTO handover (id, conversation_id, state, question, item, case_id, candidates, asked_at,
    promised_for) VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9) RETURNING id
"""
# One conditional statement takes every step: its row count decides who was first.
MOVE = """
UPDATE handover SET state = $2::text,
    staff = CASE WHEN $2::text IN ('waiting', 'message') THEN NULL
        ELSE COALESCE($4::uuid, staff) END,
    taken_at = CASE $2::text WHEN 'active' THEN $5::timestamptz WHEN 'waiting' THEN NULL
        ELSE taken_at END,
    closed_at = CASE $2::text WHEN 'closed' THEN $5::timestamptz END,
    ended = CASE $2::text WHEN 'closed' THEN $6::text END,
    promised_for = CASE $2::text WHEN 'message' THEN $8::timestamptz ELSE promised_for END,
    asked_at = CASE WHEN $6::text = 'ask_again' THEN $5::timestamptz ELSE asked_at END,
    sorry_at = CASE WHEN $2::text = 'waiting' AND $6::text <> 'ask_again' THEN $5::timestamptz END
WHERE id = $1 AND state = ANY($3::text[]) AND ($7::uuid IS NULL OR staff = $7) RETURNING id
"""
SAY = """
INSERT INTO message (conversation_id, author, text, answers, via, agent, key, created_at)
SELECT id, $2, $3, $4, 'handover', $5, $6, $7 FROM conversation WHERE id = $1
ON CONFLICT (conversation_id, key) DO NOTHING RETURNING id
"""
TOUCH = "UPDATE conversation SET last_at = $2 WHERE id = $1 RETURNING id"
KEYED = "SELECT id FROM message WHERE conversation_id = $1 AND key = $2"
AHEAD = """
SELECT count(*) AS n FROM handover WHERE state = 'waiting' AND (asked_at, id) < ($1, $2::uuid)
"""
LINE = """
SELECT (SELECT count(*) FROM chat_agent WHERE seen_at > $1) AS agents,
    (SELECT count(*) FROM handover WHERE state = 'active') AS busy,
    (SELECT avg(extract(epoch FROM closed_at - taken_at)) / 60 FROM (
        SELECT closed_at, taken_at FROM handover
        WHERE state = 'closed' AND taken_at IS NOT NULL ORDER BY closed_at DESC LIMIT $2
    ) AS latest) AS minutes, (SELECT count(*) FROM handover WHERE state = 'closed'
        AND taken_at IS NOT NULL) AS measured
"""
DESK = f"""
SELECT {COLUMNS}, (
    SELECT count(*) FROM message m WHERE m.conversation_id = h.conversation_id
    AND m.author = 'citizen' AND m.id > COALESCE((
        SELECT max(a.id) FROM message a
        WHERE a.conversation_id = h.conversation_id AND a.author = 'agent'), 0)
) AS unread FROM handover h
WHERE h.state IN ('waiting', 'message') OR (h.state = 'active' AND h.staff = $1)
ORDER BY h.asked_at, h.id LIMIT $2
"""  # noqa: S608 - a constant of ours
SORRY = """
UPDATE handover SET sorry_at = $2 WHERE id = $1 AND state = 'waiting' AND sorry_at IS NULL
RETURNING id
"""
LONG_WAITING = """
SELECT id, conversation_id AS conversation FROM handover
WHERE state = 'waiting' AND sorry_at IS NULL AND asked_at < $1 ORDER BY asked_at
"""
WAITING = (
    "SELECT id, conversation_id AS conversation FROM handover WHERE state = 'waiting' "
    "ORDER BY asked_at"
)
# Somebody said something to an agent who has not answered since, for too long.
DESERTED = """
SELECT h.id, h.conversation_id AS conversation FROM handover h
WHERE h.state = 'active' AND ($2::uuid IS NULL OR h.id = $2) AND h.taken_at < $1 AND EXISTS (
    SELECT FROM message m WHERE m.conversation_id = h.conversation_id AND m.via = 'agent'
    AND m.created_at < $1 AND m.id > COALESCE((
        SELECT max(a.id) FROM message a
        WHERE a.conversation_id = h.conversation_id AND a.author = 'agent'), 0))
"""
SEEN = "UPDATE chat_agent SET seen_at = $2 WHERE staff = $1 RETURNING id"
ENROL = """
INSERT INTO chat_agent (staff, seen_at) VALUES ($1, $2)
ON CONFLICT (staff) DO UPDATE SET seen_at = excluded.seen_at RETURNING id
"""
NUMBER = "SELECT id FROM chat_agent WHERE staff = $1"


@dataclass(frozen=True)
class Handover:
    """A hand-over as it is stored."""

    id: UUID
    conversation: str
    state: rules.State
    question: str
    item: str | None
    case: UUID | None
    candidates: list[str]
    asked_at: datetime
    promised_for: datetime | None
    staff: UUID | None
    taken_at: datetime | None
    unread: int = 0


@dataclass(frozen=True)
class Line:
    """How the line moves: agents at their desks, how many are busy, how long one takes."""

    agents: int
    busy: int
    minutes: float | None
    measured: int


def _handover(row: dict[str, Any]) -> Handover:
    return Handover(**{**row, "candidates": decoded(row["candidates"]) or []})


async def enter(
    connection: BaseDBAsyncClient,
    conversation: str,
    citizen: UUID | None,
    now: datetime,
    *,
    trusted: bool,
) -> bool:
    """Open or lock a conversation; False when it is somebody else's. The bot is trusted."""
    return bool(await fetch(ENTER, conversation, citizen, now, trusted, connection=connection))


async def lock(connection: BaseDBAsyncClient, conversation: str) -> UUID | None:
    """Lock a conversation and return its citizen."""
    rows = await fetch(LOCK, conversation, connection=connection)
    return rows[0]["citizen"] if rows else None


async def opened(conversation: str, connection: BaseDBAsyncClient | None = None) -> Handover | None:
    """Return the open hand-over of a conversation."""
    rows = await fetch(OPEN, conversation, connection=connection)
    return _handover(rows[0]) if rows else None


async def read(id: UUID, connection: BaseDBAsyncClient | None = None) -> Handover | None:
    """Return a hand-over."""
    rows = await fetch(READ, id, connection=connection)
    return _handover(rows[0]) if rows else None


async def insert(
    connection: BaseDBAsyncClient,
    conversation: str,
    state: rules.State,
    context: tuple[str, str | None, UUID | None, list[str]],
    now: datetime,
    promised_for: datetime | None,
) -> None:
    """Store a hand-over with its context: question, item, case, candidates."""
    question, item, case, candidates = context
    listed = orjson.dumps(candidates).decode()
    values = (uuid4(), conversation, state, question, item, case, listed, now, promised_for)
    await fetch(INSERT, *values, connection=connection)


async def move(
    connection: BaseDBAsyncClient,
    id: UUID,
    step: rules.Step,
    now: datetime,
    *,
    by: UUID | None = None,
    holder: UUID | None = None,
    promised_for: datetime | None = None,
) -> bool:
    """Take a step, and say whether it could be taken.

    by: the agent who has it after. holder: the agent who must have it before.
    """
    sources, target = rules.WAY[step]
    values = (id, target, list(sources), by, now, step, holder, promised_for)
    return bool(await fetch(MOVE, *values, connection=connection))


async def say(
    connection: BaseDBAsyncClient,
    conversation: str,
    now: datetime,
    *,
    text: str = "",
    answers: list[dict[str, Any]] | None = None,
    agent: int | None = None,
    key: str | None = None,
) -> int | None:
    """Write what an agent says, or without one a notice; None when its key was used before."""
    said = orjson.dumps(answers).decode() if answers is not None else None
    author = "bot" if agent is None else "agent"
    values = (conversation, author, text, said, agent, key, now)
    rows = await fetch(SAY, *values, connection=connection)
    await fetch(TOUCH, conversation, now, connection=connection)
    return rows[0]["id"] if rows else None


async def keyed(connection: BaseDBAsyncClient, conversation: str, key: str) -> int:
    """Return the message that was said under a key."""
    (row,) = await fetch(KEYED, conversation, key, connection=connection)
    return int(row["id"])


async def ahead(asked_at: datetime, id: UUID, connection: BaseDBAsyncClient | None = None) -> int:
    """Return how many wait before."""
    (row,) = await fetch(AHEAD, asked_at, id, connection=connection)
    return int(row["n"])


async def line(seen_after: datetime, latest: int) -> Line:
    """Return how the line moves, by the latest conversations."""
    (row,) = await fetch(LINE, seen_after, latest)
    minutes = None if row["minutes"] is None else float(row["minutes"])
    return Line(row["agents"], row["busy"], minutes, row["measured"])


async def desk(staff: UUID, most: int) -> list[Handover]:
    """Return who waits, messages, and whom an agent has; the oldest first."""
    return [_handover(row) for row in await fetch(DESK, staff, most)]


async def apologise(connection: BaseDBAsyncClient, id: UUID, now: datetime) -> bool:
    """Mark that the citizen is told that it takes long, and say whether he was not before."""
    return bool(await fetch(SORRY, id, now, connection=connection))


async def long_waiting(asked_before: datetime) -> Rows:
    """Return who waits for long and was told nothing."""
    return await fetch(LONG_WAITING, asked_before)


async def waiting() -> Rows:
    """Return who waits."""
    return await fetch(WAITING)


async def deserted(
    unanswered_since: datetime,
    id: UUID | None = None,
    connection: BaseDBAsyncClient | None = None,
) -> Rows:
    """Return who talks to an agent who went away: everybody, or one if he still does."""
    return await fetch(DESERTED, unanswered_since, id, connection=connection)


async def at_desk(staff: UUID, now: datetime) -> int:
    """Note that an agent is at his desk, and return his number."""
    rows = await fetch(SEEN, staff, now) or await fetch(ENROL, staff, now)
    return int(rows[0]["id"])


async def number(staff: UUID, connection: BaseDBAsyncClient | None = None) -> int | None:
    """Return an agent's number."""
    rows = await fetch(NUMBER, staff, connection=connection)
    return rows[0]["id"] if rows else None
