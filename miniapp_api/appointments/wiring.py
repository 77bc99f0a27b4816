"""How appointments join the app: routes, service, and the house-keeping in the background."""

from __future__ import annotations

import asyncio

from sanic import Sanic

from miniapp_api.appointments.routes import room
from miniapp_api.appointments.service import AppointmentService
from miniapp_api.platform.logs import log


def install(app: Sanic) -> None:
    """Register the routes and, when a worker starts, the service: app.ctx.appointments."""
    app.blueprint(room)

    @app.before_server_start
    async def start(app: Sanic) -> None:
        list_days = app.ctx.settings.appointments.list_days
        app.ctx.appointments = AppointmentService(app.ctx.guides, app.ctx.clock, list_days)
        app.ctx.housekeeping = asyncio.create_task(_keep_house(app))

    @app.before_server_stop
    async def stop(app: Sanic) -> None:
        app.ctx.housekeeping.cancel()
        await asyncio.gather(app.ctx.housekeeping, return_exceptions=True)


async def _keep_house(app: Sanic) -> None:
    """Open the slots of new days and give back lapsed holds, as long as the worker lives."""
    service: AppointmentService = app.ctx.appointments
    opened_on = None
    while True:
        try:
            today = app.ctx.clock.now().date()
            if opened_on != today:
                log.info("slots_opened", count=await service.open_slots(), day=today.isoformat())
                opened_on = today
            await service.sweep()
        except Exception as error:
            log.warning("housekeeping_failed", error=type(error).__name__, trace=error)
        await asyncio.sleep(app.ctx.settings.appointments.sweep_seconds)
