"""How appointments joins the app: routes, services, and the house-keeping in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from sanic import Sanic

from miniapp_api.appointments import manage_routes, standing_routes, visit_routes, waiting_routes
from miniapp_api.appointments.booker import Bookers
from miniapp_api.appointments.closures import ClosureService
from miniapp_api.appointments.displacing import Displacer
from miniapp_api.appointments.figures import BookingFigures
from miniapp_api.appointments.listing import Listing
from miniapp_api.appointments.places import Places
from miniapp_api.appointments.planned import Planned
from miniapp_api.appointments.plans import Plans
from miniapp_api.appointments.rights import BookingRights
from miniapp_api.appointments.routes import room
from miniapp_api.appointments.schedules import ScheduleService
from miniapp_api.appointments.service import AppointmentService
from miniapp_api.appointments.standing import StandingService
from miniapp_api.appointments.visits import VisitService
from miniapp_api.appointments.waiting import WaitingService
from miniapp_api.appointments.window_closures import WindowClosures
from miniapp_api.platform.logs import log

Chore = Callable[[], Awaitable[object]]

ROUTES = (manage_routes, standing_routes, visit_routes, waiting_routes)  # importing registers them


def install(app: Sanic) -> None:
    """Register the routes and, when a worker starts, the services."""
    app.blueprint(room)

    @app.before_server_start
    async def start(app: Sanic) -> None:
        _compose(app)
        rights = BookingRights(app.ctx.appointments, app.ctx.clock)
        app.ctx.profiles.exporter("appointments", rights.export)
        app.ctx.profiles.eraser("appointments", rights.erase)

    @app.after_server_start
    async def keep(app: Sanic) -> None:
        app.ctx.housekeeping = [
            asyncio.create_task(work(app)) for work in (_keep_house, _offer_returned)
        ]

    @app.before_server_stop
    async def stop(app: Sanic) -> None:
        for task in app.ctx.housekeeping:
            task.cancel()
        await asyncio.gather(*app.ctx.housekeeping, return_exceptions=True)


def _compose(app: Sanic) -> None:
    ctx = app.ctx
    settings, guides, clock, messages = ctx.settings, ctx.guides, ctx.clock, ctx.messages
    pepper = settings.secrets.pepper.get_secret_value()
    ctx.plans = plans = Plans(guides)
    ctx.bookers = Bookers(ctx.identity, ctx.grants)
    places = Places(guides, plans)
    # The list sweeps lapsed holds before it is read; the sweeper is made last.
    ctx.listing = Listing(
        places, clock, lambda: ctx.appointments.sweep(), settings.appointments.list_days
    )
    ctx.standing = StandingService(guides, clock, plans, messages)
    ctx.waiting = WaitingService(
        guides, clock, places, ctx.listing, messages, settings.appointments.offer_minutes
    )
    ctx.appointments = AppointmentService(
        guides, clock, places, ctx.waiting, ctx.standing, messages
    )
    displacer = Displacer(guides, clock, messages)
    planned = Planned(guides)
    windows = WindowClosures(plans, planned, clock, displacer)
    ctx.schedules = ScheduleService(guides, clock, plans, planned, displacer)
    ctx.closures = ClosureService(guides, clock, plans, planned, windows, displacer)
    ctx.booking_figures = BookingFigures()
    ctx.visits = VisitService(guides, clock, plans, ctx.identity, ctx.standing, messages, pepper)
    messages.guard("booking_reminder", ctx.visits.still_booked)


async def _keep_house(app: Sanic) -> None:
    """Do what time brings about, as long as the worker lives; every replica does the same."""
    ctx = app.ctx
    chores: tuple[Chore, ...] = (
        ctx.schedules.open_slots,
        ctx.schedules.pool,
        ctx.appointments.sweep,
        ctx.waiting.offer,
        ctx.waiting.end_past,
        ctx.visits.miss_no_shows,
        ctx.visits.queue_reminders,
        ctx.visits.forget_tokens,
    )
    while True:
        for chore in chores:
            await _carefully(chore)
        await asyncio.sleep(ctx.settings.appointments.sweep_seconds)


async def _offer_returned(app: Sanic) -> None:
    """Offer seats that came back to who waits, at once."""
    while True:
        await app.ctx.waiting.returned.wait()
        await _carefully(app.ctx.waiting.offer)


async def _carefully(chore: Chore) -> None:
    try:
        await chore()
    except Exception as error:
        log.warning("housekeeping_failed", error=type(error).__name__, trace=error)
