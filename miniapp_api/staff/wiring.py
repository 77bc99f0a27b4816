"""How staff joins the app."""

from __future__ import annotations

from sanic import Sanic

from miniapp_api.staff.routes import room
from miniapp_api.staff.service import StaffService


def install(app: Sanic) -> None:
    """Register the routes and, when a worker starts, the service: app.ctx.staff."""
    app.blueprint(room)

    @app.before_server_start
    async def start(app: Sanic) -> None:
        app.ctx.staff = StaffService(app.ctx.redis, app.ctx.clock, app.ctx.settings.staff)
