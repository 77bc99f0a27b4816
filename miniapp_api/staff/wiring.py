"""How staff joins the app."""

from __future__ import annotations

from sanic import Sanic

from miniapp_api.staff.routes import room
from miniapp_api.staff.service import StaffService
from miniapp_api.staff.totp import SecondFactor


def install(app: Sanic) -> None:
    """Register the routes and, when a worker starts, the service: app.ctx.staff."""
    app.blueprint(room)

    @app.before_server_start
    async def start(app: Sanic) -> None:
        ctx = app.ctx
        ctx.second_factor = SecondFactor(ctx.clock, ctx.sealer)
        ctx.staff = StaffService(ctx.redis, ctx.clock, ctx.settings.staff, ctx.second_factor)
