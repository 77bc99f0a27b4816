"""How identity joins the app."""

from __future__ import annotations

import aiohttp
from sanic import Sanic

from miniapp_api.identity import (
    enterprise_routes,
    profile_routes,
    rights_routes,
    session_routes,
)
from miniapp_api.identity.citizens import Citizens
from miniapp_api.identity.enterprises import EnterpriseService
from miniapp_api.identity.grant_routes import room
from miniapp_api.identity.grants import GrantService
from miniapp_api.identity.in_person import InPerson
from miniapp_api.identity.profiles import ProfileService
from miniapp_api.identity.real_name import HttpRealNameRegistry
from miniapp_api.identity.rights import RightsService
from miniapp_api.identity.service import IdentityService
from miniapp_api.identity.sessions import Sessions
from miniapp_api.identity.sms import HttpSmsGateway
from miniapp_api.identity.wechat import HttpWeChat
from miniapp_api.identity.wechat_service import WeChatLogInService
from miniapp_api.platform.auth import Authenticator
from miniapp_api.settings import Settings

# Their routes are on the room's blueprint once they are imported.
ROUTES = (session_routes, profile_routes, enterprise_routes, rights_routes)


def install(app: Sanic) -> None:
    """Register the routes and, when a worker starts, the services.

    app.ctx: identity, sessions, grants, wechat_log_in, profiles, enterprises, rights.
    """
    app.blueprint(room)

    @app.before_server_start
    async def start(app: Sanic) -> None:
        app.ctx.identity_session = aiohttp.ClientSession()
        _peers(app)
        _services(app)

    @app.after_server_stop
    async def stop(app: Sanic) -> None:
        await app.ctx.identity_session.close()


def _peers(app: Sanic) -> None:
    """Make the clients of outside systems: app.ctx.sms and real_name."""
    ctx, settings = app.ctx, app.ctx.settings
    session, real_name = ctx.identity_session, settings.real_name
    ctx.sms = HttpSmsGateway(session, _url(settings, "sms"), settings.sms.timeout_seconds)
    ctx.real_name = HttpRealNameRegistry(
        session, _url(settings, "real_name"), real_name.timeout_seconds
    )


def _services(app: Sanic) -> None:
    ctx, settings = app.ctx, app.ctx.settings.identity
    secrets, redis, clock = app.ctx.settings.secrets, app.ctx.redis, app.ctx.clock
    pepper = secrets.pepper.get_secret_value()
    citizens = Citizens(ctx.sealer)
    ctx.sessions = Sessions(redis, citizens, clock, settings, pepper)
    ctx.identity = IdentityService(redis, ctx.sms, citizens, ctx.sessions, settings, pepper)
    ctx.grants = GrantService(redis, ctx.sms, citizens, clock, settings, pepper)
    log_in = HttpWeChat(ctx.wechat)
    ctx.wechat_log_in = WeChatLogInService(log_in, citizens, ctx.sessions, ctx.sealer, clock)
    ctx.profiles = ProfileService(redis, ctx.sealer, clock, citizens, ctx.real_name)
    ctx.in_person = InPerson(clock, citizens, ctx.identity, ctx.profiles)
    ctx.enterprises = EnterpriseService(redis, clock, citizens, ctx.profiles, ctx.real_name)
    ctx.rights = RightsService(clock, ctx.sessions, ctx.profiles, ctx.grants, ctx.enterprises)
    token = secrets.service_token.get_secret_value()
    ctx.authenticator = Authenticator(ctx.identity, ctx.staff, token)


def _url(settings: Settings, peer: str) -> str:
    """Return where an outside system is: as configured, or our own fake."""
    section = getattr(settings, peer)
    return section.url or f"http://127.0.0.1:{section.fake_port}"
