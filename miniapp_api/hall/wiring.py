"""How the hall joins the app: routes, services, the screens' reader, the end of the day."""

from __future__ import annotations

import asyncio

from sanic import Sanic

from miniapp_api.hall import rules, screen, window_routes
from miniapp_api.hall.display import Display
from miniapp_api.hall.figures import HallFigures
from miniapp_api.hall.hours import HallHours
from miniapp_api.hall.overview import HallOverview
from miniapp_api.hall.poster import Posters
from miniapp_api.hall.routes import room
from miniapp_api.hall.tickets import TicketService
from miniapp_api.hall.windows import WindowService
from miniapp_api.platform.logs import log
from miniapp_api.settings import Server

ROUTES = (window_routes,)  # importing registers them


def install(app: Sanic) -> None:
    """Register the routes and, when a worker starts, the services."""
    app.blueprint(room)
    app.blueprint(screen.room)

    @app.before_server_start
    async def start(app: Sanic) -> None:
        ctx = app.ctx
        policy = rules.POLICIES[ctx.settings.hall.policy]
        hours = HallHours(ctx.guides, ctx.plans)
        ctx.tickets = TicketService(ctx.guides, ctx.clock, ctx.visits, ctx.closures, hours, policy)
        ctx.windows = WindowService(
            ctx.guides,
            ctx.clock,
            ctx.visits,
            ctx.closures,
            ctx.messages,
            policy,
            ctx.settings.hall.near_ahead,
        )
        ctx.posters = Posters(ctx.guides, ctx.wechat_api, _public_address(ctx.settings.server))
        ctx.hall_overview = HallOverview(ctx.guides, ctx.clock, ctx.closures)
        ctx.hall_figures = HallFigures(ctx.guides, ctx.clock)
        ctx.display = Display(ctx.guides, ctx.clock, ctx.settings.hall.display_seconds)

    @app.after_server_start
    async def keep(app: Sanic) -> None:
        app.ctx.hall_tasks = [
            asyncio.create_task(app.ctx.display.keep_reading()),
            asyncio.create_task(_close_days(app)),
        ]

    @app.before_server_stop
    async def stop(app: Sanic) -> None:
        for task in app.ctx.hall_tasks:
            task.cancel()
        await asyncio.gather(*app.ctx.hall_tasks, return_exceptions=True)


def _public_address(server: Server) -> str:
    """Return where citizens' browsers find our pages."""
    return server.public_url or f"http://{server.host}:{server.port}"


async def _close_days(app: Sanic) -> None:
    """Close the tickets of days that are over: at the start, and after every midnight."""
    closed_on = None
    while True:
        try:
            today = app.ctx.clock.now().date()
            if closed_on != today:
                await app.ctx.tickets.close_days()
                closed_on = today
        except Exception as error:
            log.warning("days_not_closed", error=type(error).__name__, trace=error)
        await asyncio.sleep(app.ctx.settings.appointments.sweep_seconds)
