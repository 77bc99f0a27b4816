"""Every query of sessions: devices in PostgreSQL, access tokens in Redis."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Any, cast
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.identity import rules
from miniapp_api.platform.database import fetch
from miniapp_api.platform.redis import Redis

ENDED = "ended"
NO_HASH = "-"  # no token has it
COLUMNS = """
id, citizen, label, channel, generation, retry, created_at, used_at, expires_at, ended_at
"""
INSERT = """
INSERT INTO citizen_session (id, citizen, label, channel, generation, created_at, used_at,
                             expires_at)
SELECT $1, id, $3, $4, 1, $5, $5, $6 FROM citizen WHERE id = $2 AND erased_at IS NULL FOR SHARE
RETURNING id
"""
READ = f"SELECT {COLUMNS} FROM citizen_session WHERE id = $1"  # noqa: S608 - a constant of ours
LIVE = f"""
SELECT {COLUMNS} FROM citizen_session
WHERE citizen = $1 AND ended_at IS NULL AND expires_at > $2 ORDER BY used_at DESC, id
"""  # noqa: S608 - a constant of ours
# Of two that come with the same generation one wins.
ROTATE = """
UPDATE citizen_session SET generation = generation + 1, retry = $3, used_at = $4, expires_at = $5
WHERE id = $1 AND generation = $2 AND ended_at IS NULL AND expires_at > $4 RETURNING id
"""
END = """
UPDATE citizen_session SET ended_at = $2 WHERE id = ANY($1::uuid[]) AND ended_at IS NULL
RETURNING id
"""
FORGET = """
DELETE FROM citizen_session WHERE id IN (
  SELECT id FROM citizen_session WHERE expires_at <= $1 LIMIT 20 FOR UPDATE SKIP LOCKED
) RETURNING id
"""
# A session that was ended stays so: a renewal that is under way must not open it again.
OPEN = """
if redis.call('GET', KEYS[1]) == 'ended' then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
"""


@dataclass(frozen=True)
class Device:
    """A session, as stored."""

    id: UUID
    citizen: UUID
    label: str
    channel: str
    generation: int
    retry: str | None
    created_at: datetime
    used_at: datetime
    expires_at: datetime
    ended_at: datetime | None


async def insert(
    id: UUID, citizen: UUID, label: str, channel: str, now: datetime, expires_at: datetime
) -> bool:
    """Write a new session; False when the citizen had himself deleted meanwhile."""
    return bool(await fetch(INSERT, id, citizen, label, channel, now, expires_at))


async def read(id: UUID) -> Device | None:
    """Return a session, ended or not."""
    rows = await fetch(READ, id)
    return Device(**rows[0]) if rows else None


async def live(citizen: UUID, now: datetime) -> list[Device]:
    """Return a citizen's sessions, the last used first."""
    return [Device(**row) for row in await fetch(LIVE, citizen, now)]


async def rotate(
    id: UUID, generation: int, retry: str | None, now: datetime, expires_at: datetime
) -> bool:
    """Move a session to its next generation; False when somebody else did or it is over."""
    return bool(await fetch(ROTATE, id, generation, retry, now, expires_at))


async def end(
    ids: Iterable[UUID], now: datetime, connection: BaseDBAsyncClient | None = None
) -> None:
    """Mark sessions as ended."""
    await fetch(END, [str(id) for id in ids], now, connection=connection)


async def forget(before: datetime) -> None:
    """Delete some of the sessions that lapsed before a moment."""
    await fetch(FORGET, before)


async def open_access(redis: Redis, id: UUID, citizen: UUID, token: str, seconds: int) -> bool:
    """Let a token open a session; False when the session was ended. Redis sees only its hash."""
    value = f"{citizen} {_hash(token)}"
    return bool(await redis.eval(OPEN, 1, _name(id.hex), value, seconds))


async def end_access(redis: Redis, ids: Iterable[UUID], seconds: int) -> None:
    """Let sessions open nothing from now on."""
    async with redis.pipeline(transaction=True) as pipe:
        for id in ids:
            pipe.set(_name(id.hex), ENDED, ex=seconds)
        await pipe.execute()


async def citizens_of(redis: Redis, tokens: Sequence[str]) -> dict[str, UUID]:
    """Return the citizens of the access tokens that are good."""
    named = [(token, name) for token in tokens if (name := rules.session_of(token))]
    if not named:
        return {}
    found: list[Any] = await redis.mget([_name(name) for _, name in named])
    return {
        token: citizen
        for (token, _), value in zip(named, found, strict=True)
        if (citizen := _owner(value, token))
    }


async def bind_conversation(
    redis: Redis, conversation: str, citizen: UUID, session: str, seconds: int
) -> None:
    """Let a conversation act for a citizen as long as the session that bound it lives."""
    await redis.set(f"conversation:{conversation}", f"{citizen} {session}", ex=seconds)


async def let_speak(redis: Redis, conversation: str, citizen: UUID, seconds: int) -> None:
    """Let a conversation act for a citizen for a while, without a session: no token opens this."""
    async with redis.pipeline(transaction=True) as pipe:
        pipe.set(f"conversation:{conversation}", f"{citizen} {conversation}", ex=seconds)
        pipe.set(_name(conversation), f"{citizen} {NO_HASH}", ex=seconds)
        await pipe.execute()


async def read_conversation(redis: Redis, conversation: str) -> UUID | None:
    """Return the citizen of a conversation whose session is still open."""
    bound = cast(str | None, await redis.get(f"conversation:{conversation}"))
    if not bound:
        return None
    citizen, session = bound.split(" ", 1)
    value = cast(str | None, await redis.get(_name(session)))
    return UUID(citizen) if value and value.startswith(f"{citizen} ") else None


def _owner(value: str | None, token: str) -> UUID | None:
    if not value or value == ENDED:
        return None
    citizen, hashed = value.split(" ", 1)
    return UUID(citizen) if compare_digest(hashed, _hash(token)) else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _name(session: str) -> str:
    return f"session:{session}"
