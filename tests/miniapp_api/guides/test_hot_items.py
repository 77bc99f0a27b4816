"""Hot items fade over a month and survive Redis being away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from miniapp_api.guides.hot import DAYS, HotItems
from miniapp_api.platform.clock import ManualClock
from miniapp_api.platform.redis import Redis
from tests.miniapp_api.guides.conftest import TUESDAY_MORNING


@pytest.fixture
async def redis(stores: tuple[str, str]) -> AsyncIterator[Redis]:
    client = Redis.from_url(stores[1], decode_responses=True, db=1)
    await client.flushdb()
    yield client
    await client.aclose()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(TUESDAY_MORNING)


async def view(hot: HotItems, code: str, times: int) -> None:
    for _ in range(times):
        hot.count(code)
    await hot.refresh()


async def test_more_views_rank_higher(redis: Redis, clock: ManualClock) -> None:
    hot = HotItems(redis, clock)
    await view(hot, "a", 1)
    await view(hot, "b", 2)
    assert list(hot.ranking) == ["b", "a"]


async def test_old_views_weigh_less_and_are_gone_after_a_month(
    redis: Redis, clock: ManualClock
) -> None:
    hot = HotItems(redis, clock)
    await view(hot, "old", 4)
    clock.advance(timedelta(days=10))
    await view(hot, "new", 3)
    assert list(hot.ranking) == ["new", "old"]
    clock.advance(timedelta(days=DAYS - 10))
    await hot.refresh()
    assert list(hot.ranking) == ["new"]


async def test_counters_expire(redis: Redis, clock: ManualClock) -> None:
    hot = HotItems(redis, clock)
    await view(hot, "a", 1)
    keys: list[Any] = await redis.keys("guides:hot:*")
    assert len(keys) == 1
    assert DAYS * 86_400 < await redis.ttl(keys[0]) <= (DAYS + 1) * 86_400


async def test_without_redis_the_last_ranking_stays_and_nothing_counted_is_lost(
    redis: Redis, clock: ManualClock
) -> None:
    hot = HotItems(redis, clock)
    await view(hot, "a", 1)
    away = Redis.from_url("redis://127.0.0.1:1", decode_responses=True)
    there, hot._redis = hot._redis, away
    await view(hot, "b", 5)
    assert list(hot.ranking) == ["a"]
    hot._redis = there
    await hot.refresh()
    assert list(hot.ranking) == ["b", "a"]
    await away.aclose()
