"""How guides joins the app."""

from __future__ import annotations

import asyncio

from sanic import Sanic

from miniapp_api.guides.hot import HotItems
from miniapp_api.guides.library import Library
from miniapp_api.guides.routes import room
from miniapp_api.guides.service import GuidesService

HOT_SECONDS = 15.0


def install(app: Sanic) -> None:
    """Register the routes and, when a worker starts, the service: app.ctx.guides."""
    app.blueprint(room)
    settings = app.ctx.settings

    @app.before_server_start
    async def start(app: Sanic) -> None:
        library = await asyncio.to_thread(
            Library, settings.data.handbook, settings.catalogues, settings.published
        )
        app.ctx.library = library
        app.ctx.hot_items = HotItems(app.ctx.redis, app.ctx.clock)
        app.ctx.guides = GuidesService(
            library,
            app.ctx.hot_items,
            app.ctx.clock,
            settings.city.name,
            settings.city.hotline,
            settings.guides.hot_items,
        )
        app.ctx.guides_tasks = [
            asyncio.create_task(library.watch(settings.guides.reload_seconds)),
            asyncio.create_task(app.ctx.hot_items.keep(HOT_SECONDS)),
        ]

    @app.before_server_stop
    async def stop(app: Sanic) -> None:
        for task in app.ctx.guides_tasks:
            task.cancel()
        await asyncio.gather(*app.ctx.guides_tasks, return_exceptions=True)
        await app.ctx.hot_items.refresh()
