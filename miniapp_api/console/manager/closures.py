"""Closures (临时停办): what is closed and when, a look at who loses his time, closing, lifting."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field, ValidationError
from sanic import Request

from miniapp_api.appointments.closures import ClosureService
from miniapp_api.appointments.manage_routes import closure_id
from miniapp_api.appointments.schedule_schemas import ClosureRequest
from miniapp_api.appointments.standing_routes import MANAGERS
from miniapp_api.console import numbers
from miniapp_api.console.pages import page, subject
from miniapp_api.console.rendering import by_htmx
from miniapp_api.console.shapes import Form, Redirect, View
from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.errors import ValidationFailed

room = subject(__name__)

HOME = "/console/manager/closures"
SHOWN = 100  # displaced bookings that the preview lists
WHOLE = "whole"  # is chosen like a queue, so that nobody closes the hall by not choosing
WINDOWS = "windows"
PLACES = {WHOLE: "全大厅", WINDOWS: "只停几个窗口"}
LONGEST_WINDOWS = 2_000  # characters
ONE_OR_OTHER = "要停几个窗口，停哪里选“只停几个窗口”，再写窗口号"
USUAL = ("系统维护", "设备检修", "停电", "停水", "恶劣天气", "人员培训")  # reasons to choose from


class CloseForm(Form):
    """What is closed, from when to when, and why; `do`: look at it, do it, or change it again.

    windows: their numbers as people write them, when only some are closed.
    """

    place: str = Field(max_length=64, title="停哪里")
    windows: str = Field(default="", max_length=LONGEST_WINDOWS, title="窗口号")
    starts_at: datetime = Field(title="从什么时候")
    ends_at: datetime = Field(title="到什么时候")
    reason: str = Field(min_length=2, max_length=100, title="原因")
    do: Literal["preview", "close", "edit"] = Field(default="preview", title="操作")

    def request(self) -> ClosureRequest:
        """Return what the service is asked; raise ValidationFailed."""
        if bool(self.windows) != (self.place == WINDOWS):
            raise ValidationFailed(ONE_OR_OTHER, fields=["windows"])
        asked = self.model_dump(include={"starts_at", "ends_at", "reason"})
        asked["queue"] = None if self.place in PLACES else self.place
        asked["windows"] = self.numbers or None
        try:
            return ClosureRequest.model_validate(asked)
        except ValidationError:
            raise ValidationFailed() from None

    @property
    def numbers(self) -> list[str]:
        """The windows that are meant."""
        return numbers.read(self.windows)


def _closures(request: Request) -> ClosureService:
    service: ClosureService = request.app.ctx.closures
    return service


@page(room, "GET", "/manager/closures", roles=MANAGERS)
async def closures(request: Request, member: StaffMember) -> View:
    """List closures (停办), and offer to add one."""
    return await _page(request, member, "manager/_closure_form.html", typed=None)


@page(room, "POST", "/manager/closures", roles=MANAGERS, form=CloseForm)
async def close(request: Request, member: StaffMember, form: CloseForm) -> View | Redirect:
    """Look at what closing would do, or close (临时停办)."""
    service = _closures(request)
    if form.do == "edit":
        return await _page(request, member, "manager/_closure_form.html", typed=form)
    if form.do == "preview":
        found = await service.preview(member.hall, form.request())
        return await _page(
            request,
            member,
            "manager/_closure_preview.html",
            typed=form,
            slots=found.slots,
            seats=found.seats,
            displaced=found.displaced[:SHOWN],
            count=len(found.displaced),
        )
    done = await service.close(member.hall, form.request(), member.id)
    told = f"，{len(done.displaced)}个预约要改期，已经通知本人" if done.displaced else ""
    return Redirect(HOME, said=f"停办了{told}")


@page(room, "POST", "/manager/closures/<id:str>/lift", roles=MANAGERS)
async def lift(request: Request, member: StaffMember, id: str) -> Redirect:
    """Lift a closure (恢复办理)."""
    done = await _closures(request).lift(member.hall, closure_id(id), member.id)
    told = f"，{done.restored}个预约回到原来的时间" if done.restored else ""
    return Redirect(HOME, said=f"恢复办理了{told}")


async def _page(
    request: Request, member: StaffMember, part: str, *, typed: CloseForm | None, **shown: Any
) -> View:
    """Return the list with the form or the look at it; for htmx only these."""
    ctx = request.app.ctx
    queues = {queue.id: queue.name for queue in ctx.guides.queues(member.hall)}
    found = [] if by_htmx(request) else (await _closures(request).closures(member.hall)).closures
    return View(
        part if by_htmx(request) else "manager/closures.html",
        part=part,
        typed=typed,
        closures=found,
        names=PLACES | queues,
        written=numbers.written,
        whole=WHOLE,
        usual=USUAL,
        now=ctx.clock.now(),
        **shown,
    )
