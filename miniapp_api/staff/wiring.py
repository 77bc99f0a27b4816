"""How staff joins the app."""

from __future__ import annotations

from sanic import Sanic

from miniapp_api.staff import account_routes, audit_routes, login_failures, routes
from miniapp_api.staff.administration import Administration
from miniapp_api.staff.audit_reading import AuditReading
from miniapp_api.staff.login_failures import LoginFailures
from miniapp_api.staff.service import StaffService
from miniapp_api.staff.totp import SecondFactor


def install(app: Sanic) -> None:
    """Register the routes and, when a worker starts, the services: app.ctx.staff and others."""
    for each in (routes, account_routes, audit_routes):
        app.blueprint(each.room)
    login_failures.install(app)

    @app.before_server_start
    async def start(app: Sanic) -> None:
        ctx = app.ctx
        settings = ctx.settings.staff
        ctx.second_factor = SecondFactor(ctx.clock, ctx.sealer)
        ctx.login_failures = LoginFailures(ctx.clock, settings.login_minutes)
        ctx.staff = StaffService(
            ctx.redis, ctx.clock, settings, ctx.second_factor, ctx.login_failures
        )
        ctx.administration = Administration(ctx.staff, ctx.guides, ctx.clock, settings)
        ctx.audit_reading = AuditReading(ctx.clock)

    @app.before_server_stop
    async def stop(app: Sanic) -> None:
        await app.ctx.audit_reading.stop()
