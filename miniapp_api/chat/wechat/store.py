"""Every query of WeChat's talks, pushes and pieces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.chat.store import decoded
from miniapp_api.chat.wechat.fates import Kind, State
from miniapp_api.platform.database import fetch

# One statement keeps all pushes that wait: their users' talks, in an order that all replicas share;
# the pushes, unless they were kept before; and what was held until their users write again.
RECEIVE = """
WITH come AS (
    SELECT * FROM unnest($2::uuid[], $3::text[], $4::bytea[], $5::text[], $6::text[], $7::text[],
                         $8::text[])
    WITH ORDINALITY AS c (talk, openid_index, openid_sealed, conversation, key, kind, text, place)
), talk AS (
    INSERT INTO wechat_talk (id, openid_index, openid_sealed, conversation, said_at, news, due_at)
    SELECT DISTINCT ON (openid_index) talk, openid_index, openid_sealed, conversation,
        $1::timestamptz, 1, $1::timestamptz
    FROM come ORDER BY openid_index, place
    ON CONFLICT (openid_index) DO UPDATE
    SET said_at = $1, news = wechat_talk.news + 1, due_at = $1 RETURNING id, openid_index
), kept AS (
    INSERT INTO wechat_push (key, talk_id, kind, text, at, answered, attempts, due_at)
    SELECT c.key, t.id, c.kind, c.text, $1, FALSE, 0, $1
    FROM come c JOIN talk t USING (openid_index) ORDER BY c.place
    ON CONFLICT (key) DO NOTHING RETURNING talk_id, kind
), released AS (
    UPDATE wechat_piece SET state = 'waiting', due_at = $1
    WHERE state = 'held' AND talk_id IN (SELECT talk_id FROM kept WHERE kind <> 'event')
)
SELECT count(*) FROM kept
"""
# To whoever speaks with a person a number is a number: what it stood for is forgotten.
TELL = """
WITH talk AS (
    UPDATE wechat_talk SET news = news + 1, due_at = $3, choices = NULL
    WHERE conversation = $1 RETURNING id
)
INSERT INTO wechat_piece (talk_id, body, state, attempts, due_at, at)
SELECT id, $2, 'waiting', 0, $3, $3 FROM talk RETURNING id
"""
CLAIM = """
UPDATE wechat_talk SET lease = $2, lease_until = $3 WHERE id = (
    SELECT id FROM wechat_talk WHERE due_at <= $1 AND (lease_until IS NULL OR lease_until <= $1)
    ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id, openid_sealed, conversation, choices, greeted_at
"""
# What a worker that died was just sending: nobody knows whether it arrived.
ABANDON = """
UPDATE wechat_piece SET state = 'unknown' WHERE talk_id = $1 AND state = 'sending' RETURNING id
"""
DOUBT = """
INSERT INTO wechat_piece (talk_id, body, state, attempts, due_at, at)
SELECT $1::uuid, $2::jsonb, 'waiting', 0, $3, $3 WHERE NOT EXISTS (
    SELECT FROM wechat_piece WHERE talk_id = $1 AND state IN ('waiting', 'held')
    AND body->>'kind' = $2::jsonb->>'kind'
)
RETURNING id
"""
AGAIN = """
UPDATE wechat_piece SET state = 'waiting', attempts = 0, due_at = $2
WHERE talk_id = $1 AND state = 'unknown' RETURNING id
"""
KEEP = "UPDATE wechat_talk SET lease_until = $3 WHERE id = $1 AND lease = $2 RETURNING news"
# Work that came in since `news` was read makes this miss: then there is more to do. What comes
# after the first piece waits for it, pushes too.
REST = """
UPDATE wechat_talk SET lease = NULL, lease_until = NULL, due_at = COALESCE(
    (SELECT due_at FROM wechat_piece WHERE talk_id = $1 AND state = 'waiting' ORDER BY id LIMIT 1),
    (SELECT due_at FROM wechat_push WHERE talk_id = $1 AND NOT answered ORDER BY id LIMIT 1)
)
WHERE id = $1 AND lease = $2 AND news = $3 RETURNING id
"""
NEXT_PUSH = """
SELECT id, kind, text, attempts, due_at FROM wechat_push WHERE talk_id = $1 AND NOT answered
ORDER BY id LIMIT 1
"""
NEXT_PIECE = """
SELECT id, body, attempts, due_at FROM wechat_piece WHERE talk_id = $1 AND state = 'waiting'
ORDER BY id LIMIT 1
"""
ANSWERED = """
UPDATE wechat_push SET answered = TRUE, text = '' WHERE id = $1 AND NOT answered RETURNING id
"""
PUT_OFF = "UPDATE wechat_push SET attempts = attempts + 1, due_at = $2 WHERE id = $1 RETURNING id"
ADD = """
INSERT INTO wechat_piece (talk_id, body, state, attempts, due_at, at)
SELECT $1, body, 'waiting', 0, $3, $3 FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY
    AS given (body, place)
ORDER BY place RETURNING id
"""
REMEMBER = """
UPDATE wechat_talk SET conversation = $3, choices = $4, greeted_at = $5
WHERE id = $1 AND lease = $2 RETURNING id
"""
BEGIN = """
UPDATE wechat_piece SET state = 'sending', attempts = attempts + 1
WHERE id = $1 AND state = 'waiting' RETURNING attempts
"""
END = """
UPDATE wechat_piece SET state = $2::text, due_at = $3, reason = $4,
    body = CASE WHEN $2::text IN ('sent', 'unsent') THEN '{}'::jsonb ELSE body END
WHERE id = $1 AND state = 'sending' RETURNING id
"""
HOLD = """
UPDATE wechat_piece SET state = 'held', reason = $2 WHERE talk_id = $1 AND state = 'waiting'
RETURNING id
"""
ERASE = """
DELETE FROM wechat_talk WHERE conversation IN (SELECT id FROM conversation WHERE citizen = $1)
RETURNING id
"""
FORGET = (
    "DELETE FROM wechat_piece WHERE at < $1 RETURNING id",
    "DELETE FROM wechat_push WHERE at < $1 AND answered RETURNING id",
)
FORGET_TALKS = "DELETE FROM wechat_talk WHERE said_at < $1 RETURNING id"


@dataclass(frozen=True, repr=False)
class NewPush:
    """A push, and the talk that it begins if its user is new."""

    talk: UUID
    openid_index: str
    openid_sealed: bytes
    conversation: str
    key: str
    kind: Kind
    text: str
    number: int  # in the order of their arrival here


COLUMNS = ("talk", "openid_index", "openid_sealed", "conversation", "key", "kind", "text")


@dataclass(frozen=True, repr=False)
class Talk:
    """A talk that one worker has in hand."""

    id: UUID
    lease: UUID
    openid_sealed: bytes
    conversation: str
    choices: Any
    greeted_at: datetime | None


@dataclass(frozen=True, repr=False)
class Waiting:
    """A push that waits for its answer."""

    id: int
    kind: Kind
    text: str
    attempts: int
    due_at: datetime


@dataclass(frozen=True, repr=False)
class Piece:
    """A message that waits to be sent."""

    id: int
    body: dict[str, Any]
    attempts: int
    due_at: datetime


async def receive(pushes: Sequence[NewPush], now: datetime) -> None:
    """Keep pushes, in their order; one that was kept before is not kept again."""
    columns = [[getattr(push, name) for push in pushes] for name in COLUMNS]
    await fetch(RECEIVE, now, *columns)


async def tell(
    connection: BaseDBAsyncClient, conversation: str, body: dict[str, Any], now: datetime
) -> bool:
    """Have a message sent to whoever talks in a conversation, if he does so in WeChat."""
    text = orjson.dumps(body).decode()
    return bool(await fetch(TELL, conversation, text, now, connection=connection))


async def claim(now: datetime, lease: UUID, until: datetime, doubt: dict[str, Any]) -> Talk | None:
    """Take a talk that has work due, for as long as the lease lasts.

    doubt: the piece to send when a worker died over one, so that nobody knows what arrived.
    """
    rows = await fetch(CLAIM, now, lease, until)
    if not rows:
        return None
    row = rows[0]
    id = UUID(str(row["id"]))
    if await fetch(ABANDON, id):
        await add_doubt(id, doubt, now)
    return Talk(
        id=id,
        lease=lease,
        openid_sealed=bytes(row["openid_sealed"]),
        conversation=row["conversation"],
        choices=decoded(row["choices"]),
        greeted_at=row["greeted_at"],
    )


async def add_doubt(talk: UUID, body: dict[str, Any], now: datetime) -> None:
    """Have the user told that something may not have arrived, unless he is to be told already."""
    await fetch(DOUBT, talk, orjson.dumps(body).decode(), now)


async def again(talk: Talk, now: datetime) -> bool:
    """Send once more what may not have arrived; False when there is nothing of the kind."""
    return bool(await fetch(AGAIN, talk.id, now))


async def keep(talk: Talk, until: datetime) -> int | None:
    """Go on with a talk; return how much came in so far, or None when another worker has it."""
    rows = await fetch(KEEP, talk.id, talk.lease, until)
    return rows[0]["news"] if rows else None


async def rest(talk: Talk, news: int) -> bool:
    """Leave a talk until its next work is due; False when something came in meanwhile."""
    return bool(await fetch(REST, talk.id, talk.lease, news))


async def next_push(talk: Talk) -> Waiting | None:
    """Return the first push that has no answer."""
    rows = await fetch(NEXT_PUSH, talk.id)
    return Waiting(**rows[0]) if rows else None


async def next_piece(talk: Talk) -> Piece | None:
    """Return the first message that waits."""
    rows = await fetch(NEXT_PIECE, talk.id)
    if not rows:
        return None
    return Piece(**{**rows[0], "body": decoded(rows[0]["body"])})


async def answered(
    connection: BaseDBAsyncClient,
    talk: Talk,
    push: int,
    pieces: Iterable[dict[str, Any]],
    now: datetime,
) -> bool:
    """Mark a push as answered by these pieces; False when another worker did or does so."""
    choices = None if talk.choices is None else orjson.dumps(talk.choices).decode()
    values = (talk.id, talk.lease, talk.conversation, choices, talk.greeted_at)
    if not await fetch(REMEMBER, *values, connection=connection):
        return False
    if not await fetch(ANSWERED, push, connection=connection):
        return False
    listed = orjson.dumps(list(pieces)).decode()
    await fetch(ADD, talk.id, listed, now, connection=connection)
    return True


async def put_off(push: int, until: datetime) -> None:
    """Try to answer a push again later."""
    await fetch(PUT_OFF, push, until)


async def begin(piece: int) -> int | None:
    """Begin to send a piece; return the how many-th time it is, or None when it is not waiting."""
    rows = await fetch(BEGIN, piece)
    return rows[0]["attempts"] if rows else None


async def end(piece: int, state: State, due: datetime, reason: str | None) -> None:
    """Say what became of a piece that was being sent."""
    await fetch(END, piece, state, due, reason)


async def hold(talk: Talk, reason: str) -> None:
    """Keep everything that waits until the user writes again."""
    await fetch(HOLD, talk.id, reason)


async def erase(connection: BaseDBAsyncClient, citizen: UUID) -> None:
    """Delete a citizen's talks."""
    await fetch(ERASE, citizen, connection=connection)


async def forget(before: datetime, talks_before: datetime) -> None:
    """Delete what was sent and answered before a moment, and talks that were left long ago."""
    for sql in FORGET:
        await fetch(sql, before)
    await fetch(FORGET_TALKS, talks_before)
