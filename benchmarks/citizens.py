"""Thousands of logged-in citizens, written where the API looks for them.

Logging ten thousand phones in through the routes takes a minute and measures something else.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from redis.asyncio import Redis

from benchmarks.bench import Bench

INSERT = """
INSERT INTO citizen (id, phone_index, phone_masked, created_at)
SELECT unnest($1::uuid[]), unnest($2::text[]), '139****0000', now()
"""


async def logged_in(bench: Bench, count: int) -> list[dict[str, str]]:
    """Return each citizen's headers."""
    bench.step(f"making {count} citizens")
    ids = [uuid4() for _ in range(count)]
    async with bench.connection() as connection:
        await connection.execute(INSERT, ids, [secrets.token_hex(32) for _ in ids])
    return await sessions(bench, ids)


async def sessions(bench: Bench, citizens: Sequence[UUID]) -> list[dict[str, str]]:
    """Open a session for each of some citizens and return each one's headers."""
    tokens = [f"{uuid4().hex}.{secrets.token_urlsafe(32)}" for _ in citizens]
    redis: Any = Redis.from_url(bench.settings.redis.url)
    async with redis.pipeline(transaction=False) as pipe:
        for id, token in zip(citizens, tokens, strict=True):
            hashed = hashlib.sha256(token.encode()).hexdigest()
            pipe.set(f"session:{token.partition('.')[0]}", f"{id} {hashed}", ex=3600)
        await pipe.execute()
    await redis.aclose()
    return [{"Authorization": f"Bearer {token}"} for token in tokens]
