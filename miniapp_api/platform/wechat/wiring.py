"""How WeChat joins the app: app.ctx.wechat, wechat_api and wechat_pushes."""

from __future__ import annotations

import aiohttp
from sanic import Sanic

from miniapp_api.platform.wechat import crypto
from miniapp_api.platform.wechat.api import WeChatApi
from miniapp_api.platform.wechat.client import WeChatClient
from miniapp_api.platform.wechat.pushes import PushReader
from miniapp_api.settings import Settings


def install(app: Sanic, settings: Settings) -> None:
    """Make the client when a worker starts, and close it when it stops."""
    app.ctx.wechat_pushes = push_reader(settings)

    @app.before_server_start
    async def start(app: Sanic) -> None:
        ours = settings.wechat
        app.ctx.wechat_session = aiohttp.ClientSession()
        app.ctx.wechat = WeChatClient(
            app.ctx.wechat_session,
            app.ctx.redis,
            ours.url or f"http://127.0.0.1:{ours.fake_port}",
            ours.appid,
            settings.secrets.wechat_secret.get_secret_value(),
            ours.timeout_seconds,
        )
        app.ctx.wechat_api = WeChatApi(app.ctx.wechat, app.ctx.redis)

    @app.after_server_stop
    async def stop(app: Sanic) -> None:
        await app.ctx.wechat_session.close()


def push_reader(settings: Settings) -> PushReader:
    """Return the reader of pushes for the app of the configuration."""
    token = settings.secrets.wechat_push_token.get_secret_value()
    key = crypto.aes_key(settings.secrets.wechat_aes_key.get_secret_value())
    return PushReader(token, key, settings.wechat.appid)
