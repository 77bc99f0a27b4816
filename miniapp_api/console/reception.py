"""The reception (导办台): check in who booked, give a number to who did not, find a number."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from pydantic import Field
from sanic import HTTPResponse, Request
from sanic.response import html

from miniapp_api.appointments.visits import Arriving, IdNumber, Phone, QrToken
from miniapp_api.console.navigation import RECEPTION
from miniapp_api.console.pages import page, subject
from miniapp_api.console.rendering import by_htmx
from miniapp_api.console.shapes import Form, View
from miniapp_api.console.windows import KINDS, PRIORITIES
from miniapp_api.hall.printing import printed
from miniapp_api.hall.routes import ticket_id
from miniapp_api.hall.rules import Priority
from miniapp_api.hall.schemas import TicketView
from miniapp_api.hall.tickets import TicketService
from miniapp_api.platform.auth import StaffMember

room = subject(__name__)

PHONE = re.compile(r"1\d{10}")
ID_NUMBER = re.compile(r"\d{17}[\dXx]|\d{15}")
STATES = {
    "waiting": "等候", "called": "已叫号", "serving": "办理中", "on_hold": "挂起",
    "passed": "过号", "finished": "办结", "left": "不等了",
}  # fmt: skip
# The paper has its own styles and nothing that runs.
PAPER_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class NumberQuery(Form):
    """A number to look for."""

    number: str = Field(default="", max_length=10, title="号码")


class GivingForm(Form):
    """Who goes first (优先), and a key that tells a form sent twice from two."""

    priority: Priority | None = Field(default=None, title="优先")
    key: str = Field(pattern=r"^[0-9a-f]{32}$", title="页面")


class CheckInForm(GivingForm):
    """Who booked: the code on his phone, his phone or identity number."""

    who: str = Field(min_length=1, max_length=2000, title="签到码、手机号或身份证号")


class WalkInForm(GivingForm):
    """For which queue."""

    queue: str = Field(max_length=64, title="办什么")


def _tickets(request: Request) -> TicketService:
    service: TicketService = request.app.ctx.tickets
    return service


@page(room, "GET", "/reception", roles=RECEPTION, query=NumberQuery)
async def reception(request: Request, member: StaffMember, query: NumberQuery) -> View:
    """Show the reception, and the number that is looked for (导办台)."""
    found = None
    if query.number:
        found = await _tickets(request).numbered(member.hall, query.number)
    return View(
        "reception/reception.html",
        found=found,
        query=query,
        queues=[(q.id, q.name) for q in request.app.ctx.guides.queues(member.hall)],
        **_around(),
    )


@page(room, "POST", "/reception/check-ins", roles=RECEPTION, form=CheckInForm)
async def check_in(request: Request, member: StaffMember, form: CheckInForm) -> View:
    """Check in who booked for today (签到取号)."""
    service, by = _tickets(request), _arriving(form.who)
    given = await service.check_in(member.hall, by, form.priority, member.id, form.key)
    return _given(request, given.tickets)


@page(room, "POST", "/reception/tickets", roles=RECEPTION, form=WalkInForm)
async def walk_in(request: Request, member: StaffMember, form: WalkInForm) -> View:
    """Give a number to somebody without a booking (现场取号)."""
    wanted = (None, form.queue, form.priority)
    ticket = await _tickets(request).walk_in(member.hall, *wanted, member.id, form.key)
    return _given(request, [ticket])


@page(room, "GET", "/reception/tickets/<id:str>/print", roles=RECEPTION)
async def print_ticket(request: Request, member: StaffMember, id: str) -> HTTPResponse:
    """Show a number as it is printed (小票)."""
    ctx = request.app.ctx
    ticket = await _tickets(request).view(member.hall, ticket_id(id))
    paper = printed(ticket, ctx.guides.hall(member.hall).name, ctx.clock.now().tzinfo)
    return html(paper, headers=PAPER_HEADERS)


def _given(request: Request, tickets: list[TicketView]) -> View:
    template = "_given.html" if by_htmx(request) else "given.html"
    return View(f"reception/{template}", tickets=tickets, **_around())


def _around() -> dict[str, Any]:
    keys = {"check_in_key": uuid4().hex, "walk_in_key": uuid4().hex}
    return {"priorities": PRIORITIES, "kinds": KINDS, "states": STATES, **keys}


def _arriving(typed: str) -> Arriving:
    """Tell a phone and an identity number from the code that a scanner types."""
    if PHONE.fullmatch(typed):
        return Phone(typed)
    return IdNumber(typed) if ID_NUMBER.fullmatch(typed) else QrToken(typed)
