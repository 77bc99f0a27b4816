"""How editing joins the app; after guides and staff."""

from __future__ import annotations

import asyncio

from sanic import Sanic

from miniapp_api.guides.editing.looking import Looking
from miniapp_api.guides.editing.publishing import Publisher
from miniapp_api.guides.editing.reading import Reader
from miniapp_api.guides.editing.routes import room
from miniapp_api.guides.editing.service import EditingService
from miniapp_api.platform.logs import log


def install(app: Sanic) -> None:
    """Register the routes and, when a worker starts, app.ctx.editing and app.ctx.publisher."""
    app.blueprint(room)

    @app.before_server_start
    async def start(app: Sanic) -> None:
        ctx = app.ctx
        reader = Reader(ctx.library)
        ctx.publisher = Publisher(ctx.library, reader, ctx.clock)
        ctx.editing = EditingService(ctx.guides, ctx.publisher, ctx.clock, ctx.staff)
        ctx.editing_looks = Looking(ctx.guides, ctx.editing, reader, ctx.clock, ctx.staff)
        try:  # a replica that starts serves what is published from its first answer on
            await ctx.publisher.round()
        except Exception as error:  # without the database, it serves what it wrote last
            log.warning("publishing_failed", error=type(error).__name__, trace=error)

    @app.after_server_start
    async def keep(app: Sanic) -> None:
        seconds = app.ctx.settings.guides.reload_seconds
        app.ctx.publisher_task = asyncio.create_task(app.ctx.publisher.keep(seconds))

    @app.before_server_stop
    async def stop(app: Sanic) -> None:
        app.ctx.publisher_task.cancel()
        await asyncio.gather(app.ctx.publisher_task, return_exceptions=True)
