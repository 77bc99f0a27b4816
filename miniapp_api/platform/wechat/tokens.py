"""The app's access token (接口调用凭据), shared by all replicas: one of them fetches it for all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from uuid import uuid4

from miniapp_api.platform.redis import Redis, RedisError
from miniapp_api.platform.wechat.errors import WeChatDown

TOKEN, LOCK = "wechat:token", "wechat:token:lock"
MARGIN_SECONDS = 300  # a token is renewed so long before its end: the old one still works then
POLL_SECONDS = 0.05
# Deletes a key only while it has the value we saw: what came after is somebody else's.
DELETE_IF = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""

Fetch = Callable[[], Awaitable[tuple[str, int]]]


class TokenCache:
    """Keeps the token in Redis until shortly before its end."""

    def __init__(self, redis: Redis, fetch: Fetch) -> None:
        """fetch: asks WeChat for a token and the seconds it lasts."""
        self._redis = redis
        self._fetch = fetch

    async def get(self, within: float) -> str:
        """Return the token; raise WeChatDown when nobody could fetch one within twice `within`."""
        try:
            return await self._get(within)
        except RedisError:
            raise WeChatDown() from None

    async def _get(self, within: float) -> str:
        until = time.monotonic() + 2 * within
        while time.monotonic() < until:
            if token := await self._redis.get(TOKEN):
                return str(token)
            mine = uuid4().hex
            milliseconds = int(within * 1000) + 1000
            if await self._redis.set(LOCK, mine, nx=True, px=milliseconds):
                try:
                    return await self._fetched()
                finally:
                    await self._redis.eval(DELETE_IF, 1, LOCK, mine)
            await asyncio.sleep(POLL_SECONDS)
        raise WeChatDown()

    async def drop(self, token: str) -> None:
        """Forget a token that WeChat calls spent, unless a newer one is there already."""
        try:
            await self._redis.eval(DELETE_IF, 1, TOKEN, token)
        except RedisError:
            raise WeChatDown() from None

    async def _fetched(self) -> str:
        if token := await self._redis.get(TOKEN):
            return str(token)  # who held the lock before us fetched it
        token, seconds = await self._fetch()
        await self._redis.set(TOKEN, token, ex=max(1, seconds - MARGIN_SECONDS))
        return str(token)
