"""Hot items (热门服务): what citizens look at, counted by day in Redis and fading over a month."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import date, timedelta

from miniapp_api.platform.clock import Clock, today
from miniapp_api.platform.logs import log
from miniapp_api.platform.redis import Redis, RedisError

DAYS = 30
FADING = 0.9  # what a view of yesterday is worth today
PREFIX = "guides:hot:"
SECONDS = (DAYS + 1) * 86_400
MOST_WAITING = 10_000  # items counted while Redis is away
RANKED = 200


class HotItems:
    """Counts views and ranks items; without Redis it keeps the last ranking it knew."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock
        self._waiting: Counter[str] = Counter()
        self.ranking: tuple[str, ...] = ()

    def count(self, code: str) -> None:
        """Count one view (浏览); it reaches Redis a little later."""
        if code in self._waiting or len(self._waiting) < MOST_WAITING:
            self._waiting[code] += 1

    async def refresh(self) -> None:
        """Send what was counted and read the ranking; Redis being away changes nothing."""
        try:
            await self._send()
            self.ranking = await self._rank()
        except (TimeoutError, RedisError, OSError) as error:
            log.warning("hot_items_not_refreshed", error=type(error).__name__)

    async def _send(self) -> None:
        sending, self._waiting = self._waiting, Counter()
        if not sending:
            return
        key = _key(today(self._clock))
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                for code, views in sending.items():
                    pipe.zincrby(key, views, code)
                pipe.expire(key, SECONDS)
                await pipe.execute()
        except (TimeoutError, RedisError, OSError):
            self._waiting.update(sending)
            raise

    async def _rank(self) -> tuple[str, ...]:
        first = today(self._clock)
        weights = {_key(first - timedelta(days=age)): FADING**age for age in range(DAYS)}
        ascending = await self._redis.zunion(weights)
        return tuple(str(code) for code in reversed(ascending))[:RANKED]

    async def keep(self, seconds: float) -> None:
        """Refresh for ever."""
        while True:
            await self.refresh()
            await asyncio.sleep(seconds)


def _key(day: date) -> str:
    return f"{PREFIX}{day.isoformat()}"
