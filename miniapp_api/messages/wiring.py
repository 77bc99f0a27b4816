"""How messages joins the app: routes, services, and the work in the background."""

from __future__ import annotations

import asyncio

from sanic import Sanic

from miniapp_api.messages.delivery import rights, routes
from miniapp_api.messages.delivery.channels import SmsSender, SubscribeSender
from miniapp_api.messages.delivery.preferences import PreferenceService
from miniapp_api.messages.delivery.service import Deliveries
from miniapp_api.messages.delivery.subscriptions import Accounts, Subscriptions
from miniapp_api.messages.routes import room
from miniapp_api.messages.service import MessageService
from miniapp_api.platform.logs import log

ROUTES = (routes,)  # importing registers them


def install(app: Sanic) -> None:
    """Register the routes and, when a worker starts, the services.

    app.ctx: messages, deliveries, subscriptions, preferences.
    """
    app.blueprint(room)

    @app.before_server_start
    async def start(app: Sanic) -> None:
        ctx = app.ctx
        ctx.messages = MessageService(ctx.clock, ctx.settings.messages.keep_days)
        ctx.profiles.exporter("messages", ctx.messages.export)
        ctx.profiles.eraser("messages", ctx.messages.erase)
        ctx.profiles.exporter("reminders", rights.export)
        ctx.profiles.eraser("reminders", rights.erase)
        _reach_out(app)

    @app.after_server_start
    async def work(app: Sanic) -> None:
        app.ctx.message_tasks = [
            asyncio.create_task(_deliver(app)),
            asyncio.create_task(_send(app)),
        ]

    @app.before_server_stop
    async def stop(app: Sanic) -> None:
        for task in app.ctx.message_tasks:
            task.cancel()
        await asyncio.gather(*app.ctx.message_tasks, return_exceptions=True)


def _reach_out(app: Sanic) -> None:
    """Make what carries messages out of the inbox."""
    ctx, ours = app.ctx, app.ctx.settings.messages
    accounts = Accounts(ctx.wechat_log_in.openid, ctx.wechat_log_in.citizen)
    ctx.deliveries = Deliveries(
        ctx.clock,
        ctx.messages,
        {
            "subscribe": SubscribeSender(ctx.wechat_api, accounts.openid, ours),
            "sms": SmsSender(ctx.sms, ctx.profiles.phone, ours),
        },
        ours,
    )
    ctx.messages.followers.append(ctx.deliveries.plan)
    ctx.subscriptions = Subscriptions(ctx.clock, accounts, ctx.deliveries, ours)
    ctx.preferences = PreferenceService(ctx.clock)


async def _deliver(app: Sanic) -> None:
    """Put what is due into the inbox, as long as the worker lives; every process does the same."""
    service: MessageService = app.ctx.messages
    forgot_on = None
    while True:
        await asyncio.sleep(app.ctx.settings.messages.drain_seconds)
        try:
            while await service.drain():
                pass
            today = app.ctx.clock.now().date()
            if forgot_on != today:
                await service.forget()
                await app.ctx.deliveries.forget()
                forgot_on = today
        except Exception as error:
            log.warning("delivery_failed", error=type(error).__name__, trace=error)


async def _send(app: Sanic) -> None:
    """Send what leaves the inbox; apart, so that a slow WeChat keeps nobody's inbox waiting."""
    deliveries: Deliveries = app.ctx.deliveries
    while True:
        await asyncio.sleep(app.ctx.settings.messages.drain_seconds)
        try:
            while await deliveries.drain():
                pass
        except Exception as error:
            log.warning("sending_failed", error=type(error).__name__, trace=error)
