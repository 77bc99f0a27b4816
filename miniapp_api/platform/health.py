"""What works right now (健康状况): every part is asked, none for longer than two seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

from sanic import Sanic

from miniapp_api.platform import database
from miniapp_api.platform.schemas import Health

SECONDS = 2.0


async def look(app: Sanic) -> Health:
    """Say what works and what does not; the API itself answers, so it is up."""
    database_up, redis_up, rasa = await asyncio.gather(
        _answers(database.fetch("SELECT 1")),
        _answers(app.ctx.redis.ping()),
        app.ctx.assistant.state(),
    )
    return Health(status="ok", database=database_up, redis=redis_up, rasa=rasa)


async def _answers(question: Awaitable[Any]) -> bool:
    try:
        await asyncio.wait_for(question, SECONDS)
    except Exception:
        return False
    return True
