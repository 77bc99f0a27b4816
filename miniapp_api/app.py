"""Composition: which rooms the API has and how they are wired together."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint, Request, Sanic

from miniapp_api import settings as settings_module
from miniapp_api.applications import wiring as applications
from miniapp_api.appointments import wiring as appointments
from miniapp_api.certificates import wiring as certificates
from miniapp_api.chat import wiring as chat
from miniapp_api.chat.wechat import wiring as wechat_messages
from miniapp_api.client import wiring as client
from miniapp_api.console import wiring as console
from miniapp_api.guides import wiring as guides
from miniapp_api.guides.editing import wiring as guides_editing
from miniapp_api.hall import wiring as hall
from miniapp_api.identity import wiring as identity
from miniapp_api.messages import wiring as messages
from miniapp_api.payments import wiring as payments
from miniapp_api.platform import (
    audit_chain,
    database,
    errors,
    logs,
    methods,
    openapi,
    redis,
    sealing,
    secrets,
)
from miniapp_api.platform.auth import Auth
from miniapp_api.platform.clock import Clock, SystemClock
from miniapp_api.platform.files import wiring as files
from miniapp_api.platform.health import look
from miniapp_api.platform.http import endpoint
from miniapp_api.platform.schemas import Health
from miniapp_api.platform.wechat import wiring as wechat
from miniapp_api.settings import Settings
from miniapp_api.staff import wiring as staff
from miniapp_api.tables import tables

# A room is wired after those it reads.
ROOMS = (
    guides,
    staff,
    guides_editing,
    identity,
    messages,
    appointments,
    hall,
    certificates,
    payments,
    applications,
    chat,
    wechat_messages,
    console,
    client,
)

health_room = Blueprint("platform")


def create_app(settings: Settings | None = None, clock: Clock | None = None) -> Sanic:
    """Build the API; every worker calls this anew."""
    settings = secrets.complete(settings or settings_module.load())
    app = Sanic("shenban", configure_logging=False)
    app.config.update(_sanic_options(settings))
    app.ctx.settings = settings
    app.ctx.clock = clock or SystemClock(settings.city.timezone)
    logs.configure()
    errors.install(app)
    logs.install(app)
    methods.install(app)
    database.install(app, tables(settings))
    redis.install(app, settings.redis)
    sealing.install(app, settings)
    files.install(app, settings)
    wechat.install(app, settings)
    audit_chain.install(app, settings.audit.checkpoint_seconds)
    for room in ROOMS:
        room.install(app)
    app.blueprint(health_room)
    openapi.install(app)
    return app


def _sanic_options(settings: Settings) -> dict[str, Any]:
    return {
        "REQUEST_TIMEOUT": settings.server.request_timeout_seconds,
        "RESPONSE_TIMEOUT": settings.server.request_timeout_seconds,
        "REQUEST_MAX_SIZE": settings.server.max_body_bytes,
        "PROXIES_COUNT": settings.server.proxies or None,
        "REQUEST_ID_HEADER": "X-Shenban-Request-ID",  # ours: a caller's own id could be personal
        "ACCESS_LOG": False,
        "MOTD": False,
        "FALLBACK_ERROR_FORMAT": "json",
    }


@endpoint(
    health_room, "GET", "/health", auth=Auth.PUBLIC, summary="Is the API alive", returns=Health
)
async def health(request: Request) -> Health:
    """Say what works and what does not."""
    return await look(request.app)
