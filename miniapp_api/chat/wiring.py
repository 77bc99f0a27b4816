"""How chat joins the app."""

from __future__ import annotations

import asyncio

import aiohttp
from sanic import Sanic

from miniapp_api.chat import rights
from miniapp_api.chat.assistant import RasaAssistant
from miniapp_api.chat.fallback import Fallback
from miniapp_api.chat.routes import room
from miniapp_api.chat.service import ChatService
from miniapp_api.platform.logs import log

DAY = 86_400


def install(app: Sanic) -> None:
    """Register the routes and, when a worker starts, the service: app.ctx.chat."""
    app.blueprint(room)

    @app.before_server_start
    async def start(app: Sanic) -> None:
        settings = app.ctx.settings
        url = settings.bot.rasa_url or f"http://127.0.0.1:{settings.bot.rasa_port}"
        app.ctx.rasa_session = aiohttp.ClientSession()
        app.ctx.assistant = RasaAssistant(
            app.ctx.rasa_session,
            url,
            settings.chat.rasa_timeout_seconds,
            settings.models / "status.json",
        )
        app.ctx.fallback = Fallback(
            app.ctx.guides, settings.data.handbook, settings.catalogues, settings.models
        )
        app.ctx.chat = ChatService(
            app.ctx.assistant,
            app.ctx.fallback,
            app.ctx.identity,
            app.ctx.redis,
            app.ctx.clock,
            settings.chat,
        )
        app.ctx.profiles.exporter("conversations", rights.export)
        app.ctx.profiles.eraser("conversations", rights.erase)
        app.ctx.chat_tasks = [
            asyncio.create_task(_forget_daily(app.ctx.chat)),
            asyncio.create_task(app.ctx.fallback.keep_current(settings.guides.reload_seconds)),
        ]

    @app.before_server_stop
    async def stop(app: Sanic) -> None:
        for task in app.ctx.chat_tasks:
            task.cancel()
        await asyncio.gather(*app.ctx.chat_tasks, return_exceptions=True)

    @app.after_server_stop
    async def close(app: Sanic) -> None:
        await app.ctx.rasa_session.close()


async def _forget_daily(chat: ChatService) -> None:
    while True:
        try:
            log.info("conversations_forgotten", count=await chat.forget())
        except Exception as error:
            log.warning("forgetting_failed", error=type(error).__name__)
        await asyncio.sleep(DAY)
