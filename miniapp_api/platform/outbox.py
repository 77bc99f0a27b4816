"""Work to do after a commit (发件箱): written in the use case's transaction, done by any replica.

A row is handled at least once; its handler runs in the transaction that marks it done, so that what
it writes to our database happens exactly once. What it does outside may happen twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.platform.database import fetch, transaction
from miniapp_api.platform.logs import log

MOST_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=10)  # doubled after every failure

Body = dict[str, Any]
Handler = Callable[[Body, BaseDBAsyncClient], Awaitable[None]]

PUT = """
INSERT INTO outbox (topic, body, due_at, attempts, key) VALUES ($1, $2::jsonb, $3, 0, $4)
ON CONFLICT (key) DO NOTHING RETURNING id
"""
WITHDRAW = "DELETE FROM outbox WHERE key = $1 AND done_at IS NULL RETURNING id"
CLAIM = """
SELECT id, topic, body, attempts FROM outbox
WHERE done_at IS NULL AND dead_at IS NULL AND due_at <= $1 AND topic = ANY($2::text[])
ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
DONE = "UPDATE outbox SET done_at = $2 WHERE id = $1 RETURNING id"
FAILED = """
UPDATE outbox SET attempts = $2, due_at = $3, error = $4, dead_at = $5
WHERE id = $1 AND done_at IS NULL RETURNING id
"""
WAITING = """
SELECT count(*) FILTER (WHERE due_at <= $1) AS due,
       min(due_at) FILTER (WHERE due_at <= $1) AS oldest,
       count(*) FILTER (WHERE due_at > $1) AS later
FROM outbox WHERE done_at IS NULL AND dead_at IS NULL
"""
DEAD = """
SELECT topic, count(*) AS pieces FROM outbox
WHERE done_at IS NULL AND dead_at IS NOT NULL GROUP BY topic ORDER BY topic
"""
FORGET = "DELETE FROM outbox WHERE done_at < $1 RETURNING id"


async def put(
    connection: BaseDBAsyncClient,
    topic: str,
    body: Body,
    *,
    due: datetime,
    key: str | None = None,
) -> None:
    """Write a piece of work inside the caller's transaction; the same key twice counts once."""
    await fetch(PUT, topic, orjson.dumps(body).decode(), due, key, connection=connection)


async def withdraw(connection: BaseDBAsyncClient, key: str) -> None:
    """Take back work that was not done yet."""
    await fetch(WITHDRAW, key, connection=connection)


async def drain(handlers: Mapping[str, Handler], now: datetime, limit: int = 100) -> int:
    """Do the work that is due, at most `limit` pieces, and return how many were handled."""
    handled = 0
    for _ in range(limit):
        outcome = await _next(handlers, now)
        if outcome is None:
            break
        handled += outcome
    return handled


@dataclass(frozen=True)
class Backlog:
    """What is still to be done (积压): pieces that are due, the oldest of them, and those given up.

    dead: how many were given up after all attempts, by topic.
    """

    due: int
    oldest: datetime | None
    later: int
    dead: dict[str, int]


async def backlog(now: datetime) -> Backlog:
    """Return what is still to be done."""
    (row,) = await fetch(WAITING, now)
    dead = {each["topic"]: each["pieces"] for each in await fetch(DEAD)}
    return Backlog(row["due"], row["oldest"], row["later"], dead)


async def forget(before: datetime) -> None:
    """Delete work that was done before a moment."""
    await fetch(FORGET, before)


class _HandlerFailed(Exception):
    """Carries the row out of the transaction that is rolled back."""

    def __init__(self, row: dict[str, Any], cause: Exception) -> None:
        super().__init__(type(cause).__name__)
        self.row, self.cause = row, cause


async def _next(handlers: Mapping[str, Handler], now: datetime) -> int | None:
    """Handle one row: 1 when done, 0 when it failed, None when nothing is due."""
    try:
        async with transaction() as connection:
            rows = await fetch(CLAIM, now, list(handlers), connection=connection)
            if not rows:
                return None
            row = rows[0]
            try:
                await handlers[row["topic"]](_body(row), connection)
            except Exception as error:
                raise _HandlerFailed(row, error) from error
            await fetch(DONE, row["id"], now, connection=connection)
            return 1
    except _HandlerFailed as failed:
        await _put_off(failed.row, failed.cause, now)
        return 0


async def _put_off(row: dict[str, Any], error: Exception, now: datetime) -> None:
    attempts = row["attempts"] + 1
    dead = attempts >= MOST_ATTEMPTS
    again = now + FIRST_PAUSE * 2 ** (attempts - 1)
    name = type(error).__name__  # never its message: that may carry a person's data
    await fetch(FAILED, row["id"], attempts, again, name, now if dead else None)
    level = log.error if dead else log.warning
    level("outbox_failed", topic=row["topic"], attempts=attempts, dead=dead, error=name)


def _body(row: dict[str, Any]) -> Body:
    body: Body = orjson.loads(row["body"]) if isinstance(row["body"], str) else row["body"]
    return body
