"""How messages joins the app: routes, service, and the delivery in the background."""

from __future__ import annotations

import asyncio

from sanic import Sanic

from miniapp_api.messages.routes import room
from miniapp_api.messages.service import MessageService
from miniapp_api.platform.logs import log


def install(app: Sanic) -> None:
    """Register the routes and, when a worker starts, the service: app.ctx.messages."""
    app.blueprint(room)

    @app.before_server_start
    async def start(app: Sanic) -> None:
        ctx = app.ctx
        ctx.messages = MessageService(ctx.clock, ctx.settings.messages.keep_days)
        ctx.profiles.exporter("messages", ctx.messages.export)
        ctx.profiles.eraser("messages", ctx.messages.erase)

    @app.after_server_start
    async def deliver(app: Sanic) -> None:
        app.ctx.delivery = asyncio.create_task(_deliver(app))

    @app.before_server_stop
    async def stop(app: Sanic) -> None:
        app.ctx.delivery.cancel()
        await asyncio.gather(app.ctx.delivery, return_exceptions=True)


async def _deliver(app: Sanic) -> None:
    """Deliver what is due, as long as the worker lives; every other process does the same."""
    service: MessageService = app.ctx.messages
    forgot_on = None
    while True:
        await asyncio.sleep(app.ctx.settings.messages.drain_seconds)
        try:
            while await service.drain():
                pass
            today = app.ctx.clock.now().date()
            if forgot_on != today:
                await service.forget()
                forgot_on = today
        except Exception as error:
            log.warning("delivery_failed", error=type(error).__name__, trace=error)
