"""What a worker does again and again as long as it lives (定时任务)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from sanic import Sanic

from miniapp_api.platform.logs import log


def every(
    app: Sanic, seconds: float, chore: Callable[[Sanic], Awaitable[object]], *, failed: str
) -> None:
    """Do a chore every so many seconds; one that fails is logged as `failed`, and done again.

    Every replica does the same: a chore takes what it does in the database.
    """
    tasks: list[asyncio.Task[None]] = []

    @app.after_server_start
    async def start(app: Sanic) -> None:
        tasks.append(asyncio.create_task(_again(app, seconds, chore, failed)))

    @app.before_server_stop
    async def stop(app: Sanic) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _again(
    app: Sanic, seconds: float, chore: Callable[[Sanic], Awaitable[object]], failed: str
) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await chore(app)
        except Exception as error:
            log.warning(failed, error=type(error).__name__, trace=error)
