"""Every query of chat."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.platform.database import Rows, fetch

# A conversation without an owner takes the first citizen who logs in in it, and nobody after him.
# Entering it and saying something is one statement: every message takes this way.
ASK = """
WITH entered AS (
    INSERT INTO conversation (id, citizen, created_at, last_at) VALUES ($1, $2, $5, $5)
    ON CONFLICT (id) DO UPDATE
    SET last_at = $5, citizen = COALESCE(conversation.citizen, excluded.citizen)
    WHERE conversation.citizen IS NULL OR conversation.citizen = excluded.citizen RETURNING id
), said AS (
    INSERT INTO message (conversation_id, author, text, key, created_at)
    SELECT id, 'citizen', $3, $4, $5 FROM entered
    ON CONFLICT (conversation_id, key) DO NOTHING RETURNING id
)
SELECT EXISTS (SELECT FROM entered) AS entered, (SELECT id FROM said) AS message
"""
ANSWER = """
INSERT INTO message (conversation_id, author, text, answers, via, reply_to, created_at)
VALUES ($1, 'bot', '', $2, $3, $4, $5) RETURNING id
"""
REPLY_TO_KEY = """
SELECT r.answers, r.via FROM message m JOIN message r ON r.reply_to = m.id
WHERE m.conversation_id = $1 AND m.key = $2
"""
HISTORY = """
SELECT id, author, text, answers, created_at FROM message
WHERE conversation_id = $1 ORDER BY id DESC LIMIT $2
"""
OWNER = "SELECT citizen FROM conversation WHERE id = $1"
OF_CITIZEN = """
SELECT m.author, m.text, m.answers, m.created_at FROM message m
JOIN conversation c ON c.id = m.conversation_id WHERE c.citizen = $1 ORDER BY m.id
"""
ERASE = "DELETE FROM conversation WHERE citizen = $1 RETURNING id"
FORGET = "DELETE FROM conversation WHERE last_at < $1 RETURNING id"


async def ask(
    conversation: str, citizen: UUID | None, text: str, key: str | None, now: datetime
) -> tuple[bool, int | None]:
    """Open or continue a conversation and store what a citizen said.

    Returns whether he may (it may be somebody else's), and the message's id, or None when its key
    was used before.
    """
    (row,) = await fetch(ASK, conversation, citizen, text, key, now)
    return row["entered"], row["message"]


async def add_reply(
    conversation: str, question: int, answers: list[dict[str, Any]], via: str, now: datetime
) -> None:
    """Store the answers to a question."""
    await fetch(ANSWER, conversation, orjson.dumps(answers).decode(), via, question, now)


async def reply_to_key(conversation: str, key: str) -> tuple[list[dict[str, Any]], str] | None:
    """Return the answers once given to a keyed message, or None while they are being made."""
    rows = await fetch(REPLY_TO_KEY, conversation, key)
    return (_decoded(rows[0]["answers"]), rows[0]["via"]) if rows else None


async def history(conversation: str, most: int) -> Rows:
    """Return the last messages, oldest first."""
    rows = await fetch(HISTORY, conversation, most)
    return [{**row, "answers": _decoded(row["answers"])} for row in reversed(rows)]


async def owner(conversation: str) -> tuple[bool, UUID | None]:
    """Return whether the conversation exists, and whose it is."""
    rows = await fetch(OWNER, conversation)
    return bool(rows), rows[0]["citizen"] if rows else None


async def of_citizen(citizen: UUID) -> Rows:
    """Return everything that was said in a citizen's conversations, in order."""
    rows = await fetch(OF_CITIZEN, citizen)
    return [{**row, "answers": _decoded(row["answers"])} for row in rows]


async def erase(connection: BaseDBAsyncClient, citizen: UUID) -> bool:
    """Delete a citizen's conversations, and say whether there were any."""
    return bool(await fetch(ERASE, citizen, connection=connection))


async def forget(before: datetime) -> int:
    """Delete conversations last used before a moment, and return how many."""
    return len(await fetch(FORGET, before))


def _decoded(value: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str | bytes) else value
