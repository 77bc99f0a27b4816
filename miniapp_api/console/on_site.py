"""Acceptance on the spot (现场受理): the ticket in hand opens the draft, filled in and accepted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import Field, ValidationError
from sanic import Request
from sanic.request import RequestParameters

from miniapp_api.applications.draft_views import draft_view
from miniapp_api.applications.drafts import Sheet
from miniapp_api.applications.errors import NotReady
from miniapp_api.applications.routes import id_of
from miniapp_api.applications.schemas import DraftView, SaveDraft
from miniapp_api.applications.walk_in_schemas import AcceptWalkIn, OpenWalkIn
from miniapp_api.console.pages import page, subject
from miniapp_api.console.rendering import by_htmx
from miniapp_api.console.shapes import Form, Redirect, View
from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.errors import ValidationFailed
from miniapp_api.platform.files.streaming import stream_of

room = subject(__name__)

CLERKS = frozenset({"clerk"})
HOME = "/console/desk/on-site"
DRAFT = "/desk/on-site/<id:str>"
ANSWER, OPTION = "answer_", "option_"
DELIVERIES = {"window": "窗口领取", "courier": "邮寄", "electronic": "电子证照"}
# What the browser is asked to show for a widget; whatever is typed is judged by the form's rules.
KINDS = {"date": "date", "phone": "tel", "number": "number", "textarea": "textarea"}
WENT = {"covered": "用上了", "not_found": "没有查到"}


class Card(Form):
    """Whose card lies on the counter, and for what."""

    name: str = Field(max_length=60, title="姓名")
    id_number: str = Field(min_length=15, max_length=40, title="身份证号")
    item: str | None = Field(default=None, title="事项")
    uscc: str | None = Field(default=None, max_length=40, title="统一社会信用代码")
    phone: str | None = Field(default=None, max_length=20, title="手机号")
    code: str | None = Field(default=None, max_length=10, title="短信验证码")


@page(room, "GET", "/desk/on-site", roles=CLERKS, second_factor=True)
async def start(request: Request, member: StaffMember) -> View:
    """Ask for the card (现场收件)."""
    ctx = request.app.ctx
    window = await ctx.windows.where(member)
    panel = await ctx.windows.panel(member, window) if window else None
    items = ctx.guides.items_of(member.hall, panel.queue) if panel else []
    own = [(i.code, i.name) for i in items if i.department in member.departments and i.online]
    serving = panel.ticket if panel and panel.ticket and panel.ticket.status == "serving" else None
    return View("desk/on_site.html", window=window, ticket=serving, items=own)


@page(room, "POST", "/desk/on-site", roles=CLERKS, second_factor=True, form=Card)
async def open_draft(request: Request, member: StaffMember, form: Card) -> Redirect:
    """Open the draft of the person at the window (现场收件)."""
    try:
        asked = OpenWalkIn.model_validate(form.model_dump(exclude_none=True))
    except ValidationError:
        raise ValidationFailed() from None
    sheet = await request.app.ctx.on_site.open(member, asked)
    return Redirect(f"{HOME}/{sheet.draft.id}")


@page(room, "GET", DRAFT, roles=CLERKS, second_factor=True)
async def fill(request: Request, member: StaffMember, id: str) -> View:
    """Show the draft to be filled in (录入)."""
    sheet = await request.app.ctx.on_site.sheet(member, id_of(id))
    return _draft(_view(request, sheet))


@page(room, "POST", DRAFT, roles=CLERKS, second_factor=True)
async def act(request: Request, member: StaffMember, id: str) -> View | Redirect:
    """Save what was typed, and cover or accept if that button was pressed (保存、免提交、受理)."""
    draft, on_site = id_of(id), request.app.ctx.on_site
    sent = request.form or RequestParameters()
    saved = await on_site.save(member, draft, _typed(sent))
    match sent.get("do"):
        case "cover":
            signed = bool(sent.get("authorised"))
            _, outcomes = await on_site.cover(member, draft, authorised=signed)
            told = "、".join(WENT.get(each, "要上传") for each in outcomes.values())
            return Redirect(f"{HOME}/{draft}", said=f"电子证照：{told or '没有可以用的'}")
        case "accept":
            return await _accept(request, member, draft, saved.draft.revision)
    return Redirect(f"{HOME}/{draft}", said="保存了")


@page(
    room, "POST", f"{DRAFT}/materials/<material:str>/files", roles=CLERKS, second_factor=True,
    stream=True,
)  # fmt: skip
async def scan(request: Request, member: StaffMember, id: str, material: str) -> View:
    """Take a scan in (扫描件): the body is the file; what is typed beside it stays."""
    name = (request.args.get("name") or "")[:200]
    chunks = stream_of(request)
    sheet = await request.app.ctx.on_site.attach(member, id_of(id), material, name, chunks)
    return View("desk/_papers.html", draft=_view(request, sheet))


async def _accept(
    request: Request, member: StaffMember, draft: UUID, revision: int
) -> View | Redirect:
    """Accept; what is still missing is said all at once, and all that was typed is kept."""
    on_site, sent = request.app.ctx.on_site, request.form or RequestParameters()
    try:
        asked = AcceptWalkIn(revision=revision, papers=sent.getlist("papers", []))
    except ValidationError:
        raise ValidationFailed() from None
    try:
        case = await on_site.accept(member, draft, asked)
    except NotReady as refusal:
        view = _view(request, await on_site.sheet(member, draft))
        if by_htmx(request):
            return View("desk/_not_ready.html", 422, problem=refusal, draft=view)
        return _draft(view, refusal)
    return Redirect(f"/console/desk/cases/{case.id}", said=f"受理了，受理号{case.number}")


def _typed(sent: RequestParameters) -> SaveDraft:
    """Read what was typed: an empty field takes its answer out."""
    given = {name: str(sent.get(name)) for name in sent}
    numbers = set(sent.getlist("numbers", []))
    answers = {
        name.removeprefix(ANSWER): _answer(text, name in numbers)
        for name, text in given.items()
        if name.startswith(ANSWER)
    }
    options = {
        name.removeprefix(OPTION): option
        for name, option in given.items()
        if name.startswith(OPTION)
    }
    try:
        return SaveDraft.model_validate({
            "revision": int(given["revision"]), "answers": answers,
            "options": options or None, "delivery": given.get("delivery") or None,
        })  # fmt: skip
    except (KeyError, ValueError):
        raise ValidationFailed() from None


def _answer(text: str, is_number: bool) -> Any:
    if text == "":
        return None
    if not is_number:
        return text
    try:
        return int(text) if text.lstrip("-").isdecimal() else float(text)
    except ValueError:
        return text  # the form's rules say what is wrong with it


def _view(request: Request, sheet: Sheet) -> DraftView:
    return draft_view(sheet, request.app.ctx.guides.handbook.forms)


def _draft(view: DraftView, problem: NotReady | None = None) -> View:
    return View(
        "desk/draft.html",
        422 if problem else 200,
        draft=view,
        problem=problem,
        kinds=KINDS,
        deliveries=DELIVERIES,
    )
