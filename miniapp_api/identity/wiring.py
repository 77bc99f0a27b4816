"""How identity joins the app."""

from __future__ import annotations

import aiohttp
from sanic import Sanic

from miniapp_api.identity.grant_routes import room
from miniapp_api.identity.grants import GrantService
from miniapp_api.identity.service import IdentityService
from miniapp_api.identity.sms import HttpSmsGateway
from miniapp_api.platform.auth import Authenticator


def install(app: Sanic) -> None:
    """Register the routes and, when a worker starts, the service: app.ctx.identity."""
    app.blueprint(room)
    settings = app.ctx.settings
    url = settings.sms.url or f"http://127.0.0.1:{settings.sms.fake_port}"

    @app.before_server_start
    async def start(app: Sanic) -> None:
        app.ctx.sms_session = aiohttp.ClientSession()
        sms = HttpSmsGateway(app.ctx.sms_session, url, settings.sms.timeout_seconds)
        pepper = settings.secrets.pepper.get_secret_value()
        app.ctx.identity = IdentityService(app.ctx.redis, sms, settings.identity, pepper)
        app.ctx.grants = GrantService(app.ctx.redis, sms, app.ctx.clock, settings.identity, pepper)
        token = settings.secrets.service_token.get_secret_value()
        app.ctx.authenticator = Authenticator(app.ctx.identity, app.ctx.staff, token)

    @app.after_server_stop
    async def stop(app: Sanic) -> None:
        await app.ctx.sms_session.close()
