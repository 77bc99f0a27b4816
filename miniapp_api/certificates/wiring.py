"""How certificates join the app."""

from __future__ import annotations

from datetime import timedelta

import aiohttp
from sanic import Sanic

from miniapp_api.certificates import rules
from miniapp_api.certificates.breaker import Breaker
from miniapp_api.certificates.departments import HttpDepartment
from miniapp_api.certificates.errors import DepartmentBusy
from miniapp_api.certificates.ledger import LedgerService
from miniapp_api.certificates.people import People, Profiles
from miniapp_api.certificates.rights import CertificateRights
from miniapp_api.certificates.routes import room
from miniapp_api.certificates.rules import Department
from miniapp_api.certificates.service import VaultService
from miniapp_api.certificates.sharing import DOWN, Desk, SharingService
from miniapp_api.certificates.showing import ShowingService
from miniapp_api.certificates.sources import load_sources
from miniapp_api.certificates.types import Types
from miniapp_api.guides.handbook import Handbook
from miniapp_api.settings import Certificates


def install(app: Sanic) -> None:
    """Register the routes and, when a worker starts, the services.

    app.ctx.certificates is the vault, app.ctx.data_sharing gets certificates from departments.
    """
    app.blueprint(room)

    @app.before_server_start
    async def start(app: Sanic) -> None:
        app.ctx.department_session = aiohttp.ClientSession()
        connect(app, app.ctx.settings.certificates, Profiles(app))
        _answer_for_rights(app)

    @app.after_server_stop
    async def stop(app: Sanic) -> None:
        await app.ctx.department_session.close()


def connect(app: Sanic, settings: Certificates, people: People) -> None:
    """Make the services."""
    ctx = app.ctx
    sources = load_sources(ctx.settings.data.handbook)

    def handbook() -> Handbook:
        return ctx.guides.handbook  # type: ignore[no-any-return]

    types = Types(handbook, sources)
    cache = timedelta(hours=settings.cache_hours)
    vault = VaultService(types, ctx.sealer, ctx.clock, cache, sources.area_code)
    desks = _desks(app, settings)
    secret = ctx.settings.secrets.pepper.get_secret_value()
    ctx.certificates = vault
    ctx.certificate_types = types
    ctx.data_sharing = SharingService(vault, types, desks, people, ctx.redis, ctx.clock)
    ctx.certificate_codes = ShowingService(
        vault, handbook, ctx.clock, secret, settings.show_seconds
    )
    ctx.data_ledger = LedgerService(types, ctx.clock)


def _answer_for_rights(app: Sanic) -> None:
    ctx = app.ctx
    ctx.certificate_rights = CertificateRights(ctx.certificates, ctx.data_ledger, ctx.clock)
    ctx.profiles.exporter("certificates", ctx.certificate_rights.export)
    ctx.profiles.retainer("certificates", ctx.certificate_rights.retain)
    ctx.profiles.eraser("certificates", ctx.certificate_rights.erase)


def _desks(app: Sanic, settings: Certificates) -> dict[Department, Desk]:
    url = settings.department_url or f"http://127.0.0.1:{settings.fake_port}"
    session, clock = app.ctx.department_session, app.ctx.clock
    return {
        department: Desk(
            HttpDepartment(session, url, department, settings.timeout_seconds),
            Breaker(
                settings.breaker_failures,
                settings.breaker_seconds,
                lambda: clock.now().timestamp(),
                faults=DOWN,
                refusal=DepartmentBusy,
            ),
        )
        for department in rules.DEPARTMENTS
    }
