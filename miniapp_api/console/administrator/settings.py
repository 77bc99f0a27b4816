"""The settings (设置), to be read only, and how the parts are (健康状况)."""

from __future__ import annotations

from sanic import Request

from miniapp_api.console.administrator import describing
from miniapp_api.console.pages import page, subject
from miniapp_api.console.shapes import View
from miniapp_api.platform import audit, database, outbox
from miniapp_api.platform.audit_chain import CHECKPOINT
from miniapp_api.platform.health import look
from miniapp_api.staff.account_routes import ADMINISTRATORS

room = subject(__name__)

RASA = {"ready": ("可以用", "good"), "training": ("正在训练", "warn"), "down": ("连不上", "bad")}
CHANNELS = {"subscribe": "微信", "sms": "短信"}


@page(room, "GET", "/settings", roles=ADMINISTRATORS, second_factor=True)
async def settings(request: Request) -> View:
    """Show the settings in force and how the parts are (设置和健康状况)."""
    ctx = request.app.ctx
    checkpoints = await audit.entries(audit.Search(action=CHECKPOINT), 1)
    return View(
        "administrator/settings.html",
        health=await look(request.app),
        rasa=RASA,
        parts=describing.parts(ctx.settings),
        outstanding=await database.outstanding(),
        backlog=await outbox.backlog(ctx.clock.now()),
        failures=await ctx.deliveries.failures(),
        channels=CHANNELS,
        checkpoint=checkpoints[0]["at"] if checkpoints else None,
        sections=describing.sections(ctx.settings),
        secrets=describing.secrets(ctx.settings),
        made=describing.MADE,
    )
