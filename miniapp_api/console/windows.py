"""A clerk's window (窗口): choose one, call, serve, transfer, finish."""

from __future__ import annotations

from pydantic import Field
from sanic import Request

from miniapp_api.console.pages import page, subject
from miniapp_api.console.rendering import by_htmx
from miniapp_api.console.shapes import Form, Redirect, View
from miniapp_api.hall import rules
from miniapp_api.hall.errors import NotAtWindow, TicketNotFound
from miniapp_api.hall.routes import ticket_id
from miniapp_api.platform.auth import StaffMember

room = subject(__name__)

CLERKS = frozenset({"clerk"})
HOME = "/console/windows"
# What a clerk does with the ticket in hand, in the order of the buttons: word, key, how it looks.
ACTIONS: dict[rules.Action, tuple[str, str, str]] = {
    "start": ("开始办理", "s", "primary large"),
    "recall": ("重呼", "r", "large"),
    "pass": ("过号", "p", "large"),
    "finish": ("办结", "f", "primary large"),
    "hold": ("挂起", "h", "large"),
}
KINDS = {"appointment": "预约", "walk_in": "现场取号", "remote": "手机取号"}
PRIORITIES = {"elderly": "老人", "disabled": "残疾人", "soldier": "军人", "pregnant": "孕妇"}
STATES = {"called": "已叫号", "serving": "办理中"}


class ChooseForm(Form):
    """Which window to open."""

    number: str = Field(max_length=10, title="窗口号")


class TransferForm(Form):
    """To which queue a ticket is sent."""

    queue: str = Field(max_length=64, title="转到")


@page(room, "GET", "/windows", roles=CLERKS)
async def choose(request: Request, member: StaffMember) -> View | Redirect:
    """Choose a window (上岗); who is at one comes to it."""
    mine = await request.app.ctx.windows.where(member)
    if mine is not None:
        return Redirect(f"{HOME}/{mine}")
    overview = await request.app.ctx.hall_overview.of(member.hall)
    names = {queue.queue: queue.name for queue in overview.queues}
    return View("windows/choose.html", windows=overview.windows, names=names)


@page(room, "POST", "/windows", roles=CLERKS, form=ChooseForm)
async def open_window(request: Request, member: StaffMember, form: ChooseForm) -> Redirect:
    """Open a window (上岗)."""
    number = form.number.zfill(3) if form.number.isdigit() else form.number
    await request.app.ctx.windows.open(member, number)
    return Redirect(f"{HOME}/{number}", said=f"{number}号窗口上岗了")


@page(room, "GET", "/windows/<number:str>", roles=CLERKS)
async def panel(request: Request, member: StaffMember, number: str) -> View | Redirect:
    """Show the panel (窗口面板)."""
    try:
        return await _panel(request, member, number)
    except NotAtWindow:
        return Redirect(HOME)


@page(room, "GET", "/windows/<number:str>/now", roles=CLERKS)
async def refresh(request: Request, member: StaffMember, number: str) -> View:
    """Show the panel as it is now; asked again and again by the page."""
    return await _panel(request, member, number)


@page(room, "POST", "/windows/<number:str>/close", roles=CLERKS)
async def close(request: Request, member: StaffMember, number: str) -> Redirect:
    """Leave the window (离岗)."""
    await request.app.ctx.windows.close(member, number)
    return Redirect(HOME, said=f"{number}号窗口离岗了")


@page(room, "POST", "/windows/<number:str>/transfer", roles=CLERKS, form=TransferForm)
async def transfer(request: Request, member: StaffMember, number: str, form: TransferForm) -> View:
    """Send the ticket in hand to another queue (转号)."""
    await request.app.ctx.windows.transfer(member, number, form.queue)
    return await _panel(request, member, number)


@page(room, "POST", "/windows/<number:str>/take/<id:str>", roles=CLERKS)
async def take(request: Request, member: StaffMember, number: str, id: str) -> View:
    """Take up again what was put aside (恢复办理)."""
    await request.app.ctx.windows.take(member, number, ticket_id(id))
    return await _panel(request, member, number)


@page(room, "POST", "/windows/<number:str>/<action:str>", roles=CLERKS)
async def act(request: Request, member: StaffMember, number: str, action: str) -> View:
    """Call the next, or do something with the ticket in hand (叫号、重呼、过号、办结…)."""
    windows = request.app.ctx.windows
    steps = {
        "next": windows.next, "recall": windows.recall, "start": windows.start,
        "finish": windows.finish, "pass": windows.pass_, "hold": windows.hold,
        "pause": windows.pause, "resume": windows.resume,
    }  # fmt: skip
    if action not in steps:
        raise TicketNotFound()
    await steps[action](member, number)
    return await _panel(request, member, number)


async def _panel(request: Request, member: StaffMember, number: str) -> View:
    """Return the panel: all of the page, or for htmx only what changes."""
    ctx, template = request.app.ctx, "_panel.html" if by_htmx(request) else "panel.html"
    panel = await ctx.windows.panel(member, number)
    status = panel.ticket.status if panel.ticket else None
    legal = [(action, *how) for action, how in ACTIONS.items() if _may(status, action)]
    queues = [q for q in ctx.guides.queues(member.hall) if q.id != panel.queue]
    return View(
        f"windows/{template}",
        panel=panel,
        aside=await ctx.windows.aside(member, number),
        actions=legal,
        queues=queues if _may(status, "transfer") else [],
        kinds=KINDS,
        priorities=PRIORITIES,
        states=STATES,
    )


def _may(status: rules.Status | None, action: rules.Action) -> bool:
    return status is not None and rules.after(status, action) is not None
