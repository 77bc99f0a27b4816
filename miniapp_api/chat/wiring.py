"""How chat joins the app."""

from __future__ import annotations

import asyncio

import aiohttp
from sanic import Sanic

from miniapp_api.chat import handover_routes, rights
from miniapp_api.chat.assistant import RasaAssistant
from miniapp_api.chat.desk import AgentDesk
from miniapp_api.chat.fallback import Fallback
from miniapp_api.chat.handovers import Handovers
from miniapp_api.chat.routes import room
from miniapp_api.chat.screening import Screen
from miniapp_api.chat.service import ChatService
from miniapp_api.chat.sweeping import Sweeper
from miniapp_api.chat.unanswered import Unanswered
from miniapp_api.platform.logs import log

DAY = 86_400
ROUTES = (handover_routes,)  # importing registers them


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
            app.ctx.guides, settings.data.handbook, settings.catalogues, settings.models,
            settings.published,
        )  # fmt: skip
        _start_handovers(app)
        app.ctx.unanswered = Unanswered(app.ctx.clock, settings.chat)
        app.ctx.screen = Screen(
            settings.chat.blocked_words,
            app.ctx.wechat_api,
            app.ctx.wechat_log_in,
            settings.chat.check_seconds,
        )
        app.ctx.chat = ChatService(
            app.ctx.assistant,
            app.ctx.fallback,
            app.ctx.identity,
            app.ctx.redis,
            app.ctx.clock,
            settings.chat,
            app.ctx.handovers,
            app.ctx.unanswered,
            app.ctx.screen,
        )
        app.ctx.profiles.exporter("conversations", rights.export)
        app.ctx.profiles.eraser("conversations", rights.erase)
        app.ctx.chat_tasks = [
            asyncio.create_task(_forget_daily(app.ctx.chat)),
            asyncio.create_task(app.ctx.fallback.keep_current(settings.guides.reload_seconds)),
            asyncio.create_task(_sweep(app.ctx.sweeper, settings.agents.sweep_seconds)),
        ]

    @app.before_server_stop
    async def stop(app: Sanic) -> None:
        for task in app.ctx.chat_tasks:
            task.cancel()
        await asyncio.gather(*app.ctx.chat_tasks, return_exceptions=True)

    @app.after_server_stop
    async def close(app: Sanic) -> None:
        await app.ctx.rasa_session.close()


def _start_handovers(app: Sanic) -> None:
    ctx = app.ctx
    agents, hotline = ctx.settings.agents, ctx.settings.city.hotline
    ctx.handovers = Handovers(ctx.guides, ctx.redis, ctx.clock, agents, hotline)
    ctx.agent_desk = AgentDesk(ctx.guides, ctx.clock, ctx.handovers, ctx.progress, ctx.messages)
    ctx.sweeper = Sweeper(ctx.handovers, ctx.clock, agents, hotline)


async def _sweep(sweeper: Sweeper, seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await sweeper.sweep()
        except Exception as error:
            log.warning("handovers_not_swept", error=type(error).__name__, trace=error)


async def _forget_daily(chat: ChatService) -> None:
    while True:
        try:
            log.info("conversations_forgotten", count=await chat.forget())
        except Exception as error:
            log.warning("forgetting_failed", error=type(error).__name__)
        await asyncio.sleep(DAY)
