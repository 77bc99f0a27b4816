"""Appeals of suspended bookers (申诉): read, and decided with a reason that the citizen is told."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from sanic import Request

from miniapp_api.appointments.standing import StandingService
from miniapp_api.appointments.standing_routes import MANAGERS, appeal_id
from miniapp_api.console.pages import page, subject
from miniapp_api.console.shapes import Form, Redirect, View
from miniapp_api.platform.auth import StaffMember

room = subject(__name__)

HOME = "/console/manager/appeals"
CAUSES = {"no_shows": "爽约太多", "cancellations": "取消太多"}


class DecideForm(Form):
    """The decision and its reason; the citizen reads both."""

    granted: Literal["yes", "no"] = Field(title="决定")
    note: str = Field(min_length=2, max_length=100, title="理由")


def _standing(request: Request) -> StandingService:
    service: StandingService = request.app.ctx.standing
    return service


@page(room, "GET", "/manager/appeals", roles=MANAGERS)
async def appeals(request: Request, member: StaffMember) -> View:
    """List the appeals that wait for a decision (待处理的申诉)."""
    found = await _standing(request).appeals(member.hall)
    return View("manager/appeals.html", appeals=found.appeals, causes=CAUSES)


@page(room, "POST", "/manager/appeals/<id:str>", roles=MANAGERS, form=DecideForm)
async def decide(request: Request, member: StaffMember, id: str, form: DecideForm) -> Redirect:
    """Decide an appeal (处理申诉)."""
    granted = form.granted == "yes"
    await _standing(request).decide(member.hall, appeal_id(id), granted, form.note, member.id)
    told = "申诉通过了，暂停取消" if granted else "申诉没有通过"
    return Redirect(HOME, said=f"{told}，已经通知本人")
