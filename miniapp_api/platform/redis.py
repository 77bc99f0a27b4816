"""Redis: sessions, limits and caches. Losing it never loses a seat or a booking."""

from __future__ import annotations

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from sanic import Sanic

from miniapp_api.settings import Redis as RedisSettings

__all__ = ["Redis", "RedisError", "connect", "install"]


def connect(settings: RedisSettings) -> Redis:
    """Return a client that gives up after the configured time."""
    return Redis.from_url(
        settings.url,
        decode_responses=True,
        socket_timeout=settings.timeout_seconds,
        socket_connect_timeout=settings.timeout_seconds,
        retry=Retry(NoBackoff(), 1),  # one fresh connection: the server may have restarted
        retry_on_error=[ConnectionError],
    )


def install(app: Sanic, settings: RedisSettings) -> None:
    """Connect when a worker starts and disconnect when it stops; app.ctx.redis."""

    @app.before_server_start
    async def open_client(app: Sanic) -> None:
        app.ctx.redis = connect(settings)

    @app.after_server_stop
    async def close_client(app: Sanic) -> None:
        await app.ctx.redis.aclose()
