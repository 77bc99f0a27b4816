"""Every query of identity, in PostgreSQL and in Redis."""

from __future__ import annotations

import hashlib
from typing import cast
from uuid import UUID, uuid4

from miniapp_api.platform.database import fetch
from miniapp_api.platform.redis import Redis

# Two first log-ins at once meet in the unique index and get the same citizen.
ENROL = """
INSERT INTO citizen (id, phone_index, phone_masked, created_at) VALUES ($1, $2, $3, now())
ON CONFLICT (phone_index) DO UPDATE SET phone_masked = citizen.phone_masked RETURNING id
"""
FIND = "SELECT id FROM citizen WHERE phone_index = $1"
# A wrong try counts, a right one burns the code; one step, so that tries cannot race.
REDEEM = """
local code = redis.call('HGET', KEYS[1], 'code')
if not code then return 'none' end
if code == ARGV[1] then redis.call('DEL', KEYS[1]) return 'right' end
local tries = redis.call('HINCRBY', KEYS[1], 'tries', 1)
if tries >= tonumber(ARGV[2]) then redis.call('DEL', KEYS[1]) end
return 'wrong'
"""


async def enrol(phone_index: bytes, phone_masked: str) -> UUID:
    """Return the citizen of a phone, creating one at the first log-in."""
    (row,) = await fetch(ENROL, uuid4(), phone_index.hex(), phone_masked)
    citizen: UUID = UUID(str(row["id"]))
    return citizen


async def find(phone_index: bytes) -> UUID | None:
    """Return the citizen of a phone, or None."""
    rows = await fetch(FIND, phone_index.hex())
    return UUID(str(rows[0]["id"])) if rows else None


async def keep_code(redis: Redis, phone_index: bytes, code_hash: bytes, seconds: int) -> None:
    """Keep a code's hash until it expires; a newer code replaces the older."""
    name = f"code:{phone_index.hex()}"
    async with redis.pipeline(transaction=True) as pipe:
        pipe.delete(name)
        pipe.hset(name, mapping={"code": code_hash.hex(), "tries": 0})
        pipe.expire(name, seconds)
        await pipe.execute()


async def drop_code(redis: Redis, phone_index: bytes) -> None:
    """Forget a code that could not be delivered."""
    await redis.delete(f"code:{phone_index.hex()}")


async def redeem_code(redis: Redis, phone_index: bytes, code_hash: bytes, attempts: int) -> bool:
    """Return whether the code is right; it works once, and `attempts` wrong tries void it."""
    name = f"code:{phone_index.hex()}"
    verdict: str = await redis.eval(REDEEM, 1, name, code_hash.hex(), attempts)
    return verdict == "right"


async def open_session(redis: Redis, token: str, citizen: UUID, seconds: int) -> None:
    """Remember a session; Redis sees only the token's hash."""
    await redis.set(_session(token), str(citizen), ex=seconds)


async def read_sessions(redis: Redis, tokens: list[str]) -> dict[str, UUID]:
    """Return the citizens of the sessions that are open."""
    found = await redis.mget([_session(token) for token in tokens])
    return {token: UUID(str(id)) for token, id in zip(tokens, found, strict=True) if id}


async def close_session(redis: Redis, token: str) -> None:
    """Forget a session."""
    await redis.delete(_session(token))


async def bind_conversation(
    redis: Redis, conversation: str, citizen: UUID, token: str, seconds: int
) -> None:
    """Let a conversation act for a citizen as long as the session that bound it lives."""
    await redis.set(f"conversation:{conversation}", f"{citizen} {_session(token)}", ex=seconds)


async def read_conversation(redis: Redis, conversation: str) -> UUID | None:
    """Return the citizen of a conversation whose session is still open."""
    bound = cast(str | None, await redis.get(f"conversation:{conversation}"))
    if not bound:
        return None
    citizen, session = bound.split(" ", 1)
    return UUID(citizen) if await redis.exists(session) else None


def _session(token: str) -> str:
    return f"session:{hashlib.sha256(token.encode()).hexdigest()}"
