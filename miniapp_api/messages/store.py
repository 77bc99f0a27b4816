"""Every query of messages."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.messages.texts import Composed
from miniapp_api.platform.database import Rows, fetch

INSERT = """
INSERT INTO notice (citizen, kind, title, text, page, created_at)
VALUES ($1, $2, $3, $4, $5, $6) RETURNING id
"""
INBOX = """
SELECT id, kind, title, text, page, created_at, read_at IS NOT NULL AS read FROM notice
WHERE citizen = $1 AND (NOT $2 OR read_at IS NULL) AND ($3::bigint IS NULL OR id < $3)
ORDER BY id DESC LIMIT $4
"""
UNREAD = "SELECT count(*) AS unread FROM notice WHERE citizen = $1 AND read_at IS NULL"
READ = """
UPDATE notice SET read_at = COALESCE(read_at, $3) WHERE id = $1 AND citizen = $2 RETURNING id
"""
ALL = """
SELECT kind, title, text, created_at, read_at FROM notice WHERE citizen = $1 ORDER BY id DESC
"""
ERASE = "DELETE FROM notice WHERE citizen = $1 RETURNING id"
FORGET = "DELETE FROM notice WHERE created_at < $1 RETURNING id"


async def insert(
    connection: BaseDBAsyncClient, citizen: UUID, kind: str, said: Composed, now: datetime
) -> int:
    """Write a message into an inbox, and return its id."""
    values = (citizen, kind, said.title, said.text, said.page, now)
    (row,) = await fetch(INSERT, *values, connection=connection)
    return int(row["id"])


async def inbox(citizen: UUID, unread: bool, before: int | None, limit: int) -> Rows:
    """Return messages, newest first, older than the message `before`."""
    return await fetch(INBOX, citizen, unread, before, limit)


async def count_unread(citizen: UUID) -> int:
    """Return how many messages are unread."""
    (row,) = await fetch(UNREAD, citizen)
    return int(row["unread"])


async def mark_read(id: int, citizen: UUID, now: datetime) -> bool:
    """Mark a message as read; False when it is not the citizen's."""
    return bool(await fetch(READ, id, citizen, now))


async def every(citizen: UUID) -> Rows:
    """Return all messages of a citizen, newest first."""
    return await fetch(ALL, citizen)


async def erase(connection: BaseDBAsyncClient, citizen: UUID) -> bool:
    """Delete a citizen's messages; False when there were none."""
    return bool(await fetch(ERASE, citizen, connection=connection))


async def forget(before: datetime) -> None:
    """Delete old messages."""
    await fetch(FORGET, before)
