"""How WeChat's messages join the chat: app.ctx.wechat_inbox, and the worker."""

from __future__ import annotations

import asyncio

from sanic import Sanic

from miniapp_api.chat.wechat.answering import Answering
from miniapp_api.chat.wechat.inbox import Inbox
from miniapp_api.chat.wechat.routes import room
from miniapp_api.chat.wechat.sending import Sending
from miniapp_api.chat.wechat.worker import Worker
from miniapp_api.platform.logs import log

DAY, STOP_SECONDS = 86_400, 8.0


def install(app: Sanic) -> None:
    """Register the routes and, when a worker process starts, begin to answer."""
    app.blueprint(room)

    @app.before_server_start
    async def start(app: Sanic) -> None:
        ctx, settings = app.ctx, app.ctx.settings
        answering = Answering(
            ctx.chat,
            ctx.screen,
            ctx.wechat_api,
            ctx.wechat_log_in,
            ctx.subscriptions,
            ctx.clock,
            settings.wechat,
            settings.city,
        )
        sending = Sending(ctx.wechat_api, ctx.clock, settings.wechat)
        ctx.wechat_worker = Worker(answering, sending, ctx.sealer, ctx.clock, settings.wechat)
        ctx.wechat_inbox = Inbox(ctx.sealer, ctx.clock, ctx.wechat_worker.arriving)
        ctx.handovers.listen(ctx.wechat_inbox.tell)

    @app.after_server_start
    async def work(app: Sanic) -> None:
        worker: Worker = app.ctx.wechat_worker
        history_days = app.ctx.settings.chat.history_days
        app.ctx.wechat_tasks = [
            asyncio.create_task(worker.run()),
            asyncio.create_task(_forget_daily(worker, history_days)),
        ]

    @app.before_server_stop
    async def stop(app: Sanic) -> None:
        # A message on its way is waited for: cut off, nobody would know whether it arrived.
        app.ctx.wechat_worker.stop()
        await asyncio.wait(app.ctx.wechat_tasks[:1], timeout=STOP_SECONDS)
        for task in app.ctx.wechat_tasks:
            task.cancel()
        await asyncio.gather(*app.ctx.wechat_tasks, return_exceptions=True)


async def _forget_daily(worker: Worker, history_days: int) -> None:
    while True:
        try:
            await worker.forget(history_days)
        except Exception as error:
            log.warning("wechat_not_forgotten", error=type(error).__name__)
        await asyncio.sleep(DAY)
