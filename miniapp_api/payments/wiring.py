"""How payments joins the app: routes, service, and the asking in the background."""

from __future__ import annotations

import aiohttp
from sanic import Sanic

from miniapp_api.payments import keys, rights, staff_routes
from miniapp_api.payments.routes import room
from miniapp_api.payments.service import PaymentService
from miniapp_api.payments.settling import Merchant
from miniapp_api.payments.wechat_pay import WeChatPay
from miniapp_api.platform import chores

ROUTES = (staff_routes,)  # importing registers them


def install(app: Sanic) -> None:
    """Register the routes and, when a worker starts, the service: app.ctx.payments."""
    app.blueprint(room)

    @app.before_server_start
    async def start(app: Sanic) -> None:
        app.ctx.pay_session = aiohttp.ClientSession()
        _compose(app)
        app.ctx.profiles.exporter("payments", rights.export)
        app.ctx.profiles.retainer("payments", rights.retain)

    chores.every(app, app.ctx.settings.payments.poll_seconds, _watch, failed="pay_poll_failed")

    @app.after_server_stop
    async def stop(app: Sanic) -> None:
        await app.ctx.pay_session.close()


def _compose(app: Sanic) -> None:
    ctx, settings = app.ctx, app.ctx.settings
    pay, ours = settings.payments, keys.load(settings)
    merchant = Merchant(settings.wechat.appid, pay.mchid)
    ctx.wechat_pay = WeChatPay(
        ctx.pay_session,
        pay.url or f"http://127.0.0.1:{pay.fake_port}",
        ours,
        ctx.clock,
        appid=merchant.appid,
        mchid=merchant.mchid,
        notify_url=pay.notify_url or f"http://127.0.0.1:{settings.server.port}/payments/notify",
        timeout=pay.timeout_seconds,
    )
    ctx.payments = PaymentService(
        ctx.wechat_pay,
        ours,
        merchant,
        pay,
        ctx.clock,
        ctx.redis,
        ctx.wechat_log_in.openid,
        ctx.messages,
        settings.city.name,
    )


async def _watch(app: Sanic) -> None:
    """Ask about what brought no news, and compare bills."""
    service: PaymentService = app.ctx.payments
    while await service.poll():
        pass
    await service.reconcile_daily()
