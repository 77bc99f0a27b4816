"""Every query of chat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.platform.database import Rows, fetch

# A conversation without an owner takes the first citizen who logs in in it, and nobody after him.
# Entering it and saying something is one statement: every message takes this way. While an agent
# holds the conversation the message is for him: FOR SHARE makes it wait for one who hands back.
ASK = """
WITH entered AS (
    INSERT INTO conversation (id, citizen, created_at, last_at) VALUES ($1, $2, $5, $5)
    ON CONFLICT (id) DO UPDATE
    SET last_at = $5, citizen = COALESCE(conversation.citizen, excluded.citizen)
    WHERE conversation.citizen IS NULL OR conversation.citizen = excluded.citizen RETURNING id
), held AS (
    SELECT h.id FROM handover h JOIN entered e ON e.id = h.conversation_id
    WHERE h.state = 'active' FOR SHARE OF h
), said AS (
    INSERT INTO message (conversation_id, author, text, key, created_at, via)
    SELECT id, 'citizen', $3, $4, $5, (SELECT 'agent' FROM held) FROM entered
    ON CONFLICT (conversation_id, key) DO NOTHING RETURNING id, via
)
SELECT EXISTS (SELECT FROM entered) AS entered, (SELECT id FROM said) AS message,
    (SELECT via FROM said) AS via
"""
# A conversation's messages are numbered in the order in which they can be seen: who writes one
# holds its row.
ANSWER = """
WITH entered AS (SELECT id FROM conversation WHERE id = $1 FOR NO KEY UPDATE), said AS (
    INSERT INTO message
        (conversation_id, author, text, answers, via, reply_to, created_at)
    SELECT id, 'bot', '', $2, $3, $4, $5 FROM entered RETURNING id
)
SELECT (SELECT id FROM said) AS id, (
    SELECT state FROM handover WHERE conversation_id = $1 AND state <> 'closed'
) AS handover
"""
BY_KEY = """
SELECT m.id AS question, m.via AS heard_by, r.id, r.answers, r.via FROM message m
LEFT JOIN message r ON r.reply_to = m.id WHERE m.conversation_id = $1 AND m.key = $2
"""
HISTORY = """
SELECT m.id, m.author, m.text, m.answers, m.agent, m.created_at, f.helpful FROM message m
LEFT JOIN answer_feedback f ON f.message_id = m.id
WHERE m.conversation_id = $1 ORDER BY m.id DESC LIMIT $2
"""
SINCE = """
SELECT m.id, m.author, m.text, m.answers, m.agent, m.created_at, f.helpful FROM message m
LEFT JOIN answer_feedback f ON f.message_id = m.id
WHERE m.conversation_id = $1 AND m.id > $2 ORDER BY m.id LIMIT $3
"""
JUDGE = """
INSERT INTO answer_feedback (message_id, helpful, reason, text, item, at)
SELECT id, $3, $4, $5, answers->0->'source'->>'item', $6 FROM message
WHERE conversation_id = $1 AND id = $2 AND author = 'bot'
ON CONFLICT (message_id) DO UPDATE SET helpful = excluded.helpful, reason = excluded.reason,
    text = excluded.text, at = excluded.at
RETURNING message_id
"""
HANDOVER = "SELECT state FROM handover WHERE conversation_id = $1 AND state <> 'closed'"
OWNER = "SELECT citizen FROM conversation WHERE id = $1"
OF_CITIZEN = """
SELECT m.author, m.text, m.answers, m.created_at FROM message m
JOIN conversation c ON c.id = m.conversation_id WHERE c.citizen = $1 ORDER BY m.id
"""
ERASE = "DELETE FROM conversation WHERE citizen = $1 RETURNING id"
FORGET = "DELETE FROM conversation WHERE last_at < $1 RETURNING id"


@dataclass(frozen=True)
class Thought:
    """What a citizen thinks of an answer."""

    helpful: bool
    reason: str | None
    text: str | None


@dataclass(frozen=True)
class Asked:
    """What became of a message: whether he may say it, its id, and whether an agent hears it.

    message: None when its key was used before.
    """

    entered: bool
    message: int | None
    heard_by_agent: bool


@dataclass(frozen=True)
class Kept:
    """A reply as it was kept."""

    question: int
    id: int | None
    answers: list[dict[str, Any]]
    via: str


async def ask(
    conversation: str, citizen: UUID | None, text: str, key: str | None, now: datetime
) -> Asked:
    """Open or continue a conversation and store what a citizen said."""
    (row,) = await fetch(ASK, conversation, citizen, text, key, now)
    return Asked(row["entered"], row["message"], row["via"] == "agent")


async def add_reply(
    conversation: str,
    question: int,
    answers: list[dict[str, Any]],
    via: str,
    now: datetime,
) -> tuple[int | None, str | None]:
    """Store the answers to a question; return their id and the state of an open hand-over.

    The id is None when the conversation was deleted meanwhile.
    """
    said = orjson.dumps(answers).decode()
    (row,) = await fetch(ANSWER, conversation, said, via, question, now)
    return row["id"], row["handover"]


async def by_key(conversation: str, key: str) -> Kept | None:
    """Return the reply once given to a keyed message, or None while it is being made."""
    rows = await fetch(BY_KEY, conversation, key)
    if not rows or (rows[0]["id"] is None and rows[0]["heard_by"] != "agent"):
        return None
    row = rows[0]
    return Kept(row["question"], row["id"], decoded(row["answers"]) or [], row["via"] or "agent")


async def since(conversation: str, message: int, most: int) -> Rows:
    """Return what was said after a message, oldest first."""
    rows = await fetch(SINCE, conversation, message, most)
    return [{**row, "answers": decoded(row["answers"])} for row in rows]


async def history(conversation: str, most: int) -> Rows:
    """Return the last messages, oldest first."""
    rows = await fetch(HISTORY, conversation, most)
    return [{**row, "answers": decoded(row["answers"])} for row in reversed(rows)]


async def judge(conversation: str, message: int, thought: Thought, now: datetime) -> bool:
    """Keep what a citizen thinks of an answer; False when the conversation has no such answer."""
    values = (thought.helpful, thought.reason, thought.text, now)
    return bool(await fetch(JUDGE, conversation, message, *values))


async def handover(conversation: str) -> str | None:
    """Return the state of the open hand-over of a conversation."""
    rows = await fetch(HANDOVER, conversation)
    return rows[0]["state"] if rows else None


async def owner(conversation: str) -> tuple[bool, UUID | None]:
    """Return whether the conversation exists, and whose it is."""
    rows = await fetch(OWNER, conversation)
    return bool(rows), rows[0]["citizen"] if rows else None


async def of_citizen(citizen: UUID) -> Rows:
    """Return everything that was said in a citizen's conversations, in order."""
    rows = await fetch(OF_CITIZEN, citizen)
    return [{**row, "answers": decoded(row["answers"])} for row in rows]


async def erase(connection: BaseDBAsyncClient, citizen: UUID) -> bool:
    """Delete a citizen's conversations, and say whether there were any."""
    return bool(await fetch(ERASE, citizen, connection=connection))


async def forget(before: datetime) -> int:
    """Delete conversations last used before a moment, and return how many."""
    return len(await fetch(FORGET, before))


def decoded(value: Any) -> Any:
    """Return a JSON column as Python, however the driver gave it."""
    return orjson.loads(value) if isinstance(value, str | bytes) else value
