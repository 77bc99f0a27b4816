"""The clerk's desk (办件): the inbox, a case beside its papers, and every step of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import Field, ValidationError
from sanic import HTTPResponse, Request
from sanic.request import RequestParameters

from miniapp_api.applications.desk_schemas import (
    DeskAction,
    DeskCase,
    InboxQuery,
    MissingItem,
    Purpose,
)
from miniapp_api.applications.desk_texts import PROBLEMS, REASONS
from miniapp_api.applications.errors import ApplicationNotFound, MaterialUnknown
from miniapp_api.applications.routes import id_of
from miniapp_api.applications.rules import SPECIAL_NAMES, STATE_NAMES, TABLE, SpecialKind, State
from miniapp_api.console.pages import page, subject
from miniapp_api.console.shapes import Form, Redirect, View
from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.errors import ValidationFailed
from miniapp_api.platform.files.streaming import file_response

room = subject(__name__)

CLERKS = frozenset({"clerk"})
HOME = "/console/desk"
CASE = "/desk/cases/<id:str>"
PDF = "application/pdf"
# A viewer of the browser's own shows a PDF, and it does not open in a sandbox.
PDF_POLICY = "frame-ancestors 'self'"
PURPOSES: dict[Purpose, str] = {
    "handling": "办理", "consultation": "会商", "quality": "质量抽查", "complaint": "投诉核查",
}  # fmt: skip
COLOURS = {"green": ("正常", "good"), "yellow": ("快到期", "warn"), "red": ("要超期", "bad")}
STEPS = {
    "accept": "受理", "refuse": "不予受理", "request_correction": "一次性告知补正",
    "start_review": "开始审查", "begin_special": "转特别程序", "end_special": "特别程序结束",
    "propose": "提出意见", "grant": "准予", "deny": "不予许可", "issue": "制证",
    "deliver": "送达", "archive": "归档",
}  # fmt: skip
KEYS = {"accept": "a", "start_review": "s", "propose": "p", "grant": "g", "issue": "i"}


class Inbox(Form):
    """Which cases the inbox shows."""

    state: State | None = Field(default=None, title="状态")
    mine: bool = Field(default=False, title="只看我的")
    window: str | None = Field(default=None, pattern=r"^[0-9A-Za-z]{1,8}$", title="窗口")
    after: str | None = None

    def page(self, **changed: Any) -> str:
        """Return the address of the inbox with something else asked."""
        asked = {**self.model_dump(exclude_none=True), **changed}
        asked["mine"] = "true" if asked["mine"] else None
        pairs = [f"{name}={value}" for name, value in asked.items() if value]
        return f"{HOME}?{'&'.join(pairs)}" if pairs else HOME


class Reading(Form):
    """Why a citizen's papers are read."""

    purpose: Purpose = Field(default="handling", title="查阅目的")


class Step(Form):
    """A step in a case."""

    action: str = Field(title="办理动作")
    version: int = Field(title="页面")
    note: str = Field(default="", max_length=1000, title="意见或理由")
    special: SpecialKind | None = Field(default=None, title="特别程序")
    tracking: str | None = Field(default=None, title="快递单号")


class Note(Form):
    """A word to colleagues."""

    text: str = Field(max_length=1000, title="内容")


@page(room, "GET", "/desk", roles=CLERKS, second_factor=True, query=Inbox)
async def inbox(request: Request, member: StaffMember, query: Inbox) -> View:
    """List the inbox (待办件), the most urgent first."""
    try:
        asked = InboxQuery.model_validate(query.model_dump(exclude_none=True))
    except ValidationError:
        raise ValidationFailed() from None
    found = await request.app.ctx.desk.inbox(member, asked)
    return View(
        "desk/inbox.html",
        cases=found.cases,
        query=query,
        next=query.page(after=found.next) if found.next else "",
        states=list(STATE_NAMES.items()),
        colours=COLOURS,
    )


@page(room, "GET", CASE, roles=CLERKS, second_factor=True, query=Reading)
async def read(request: Request, member: StaffMember, id: str, query: Reading) -> View:
    """Open a case (办件详情); why it is read stands in the audit trail."""
    case = await request.app.ctx.desk.read(member, _id(id), query.purpose)
    view: DeskCase = await request.app.ctx.case_views.view(case)
    return View(
        "desk/case.html",
        case=view,
        purpose=query.purpose,
        purposes=PURPOSES,
        colours=COLOURS,
        mine=view.assigned_to == member.id,
        steps=_steps(view) if view.assigned_to == member.id else [],
        problems=PROBLEMS,
        specials=SPECIAL_NAMES,
        reasons=REASONS,
    )


@page(room, "GET", f"{CASE}/papers/<file:str>", roles=CLERKS, second_factor=True, query=Reading)
async def paper(request: Request, id: str, file: str, query: Reading) -> View:
    """Show a paper beside the case (查看材料)."""
    kind = "pdf" if request.args.get("kind") == "pdf" else "picture"
    address = f"{HOME}/cases/{_id(id)}/files/{id_of(file, MaterialUnknown)}"
    return View("desk/_paper.html", address=f"{address}?purpose={query.purpose}", kind=kind)


@page(room, "GET", f"{CASE}/files/<file:str>", roles=CLERKS, second_factor=True, query=Reading)
async def send_file(
    request: Request, member: StaffMember, id: str, file: str, query: Reading
) -> None:
    """Send a paper (查看材料): it is shown and never run."""
    chosen = id_of(file, MaterialUnknown)
    found = await request.app.ctx.desk.file(member, _id(id), chosen, query.purpose)
    kind = found.media_type or ""
    policy = PDF_POLICY if kind == PDF else "sandbox"
    await file_response(request, found.blob or "", kind, policy)


@page(room, "POST", f"{CASE}/claim", roles=CLERKS, second_factor=True)
async def claim(request: Request, member: StaffMember, id: str) -> Redirect:
    """Claim (认领)."""
    await request.app.ctx.desk.claim(member, _id(id))
    return _to(id, "认领了")


@page(room, "POST", f"{CASE}/release", roles=CLERKS, second_factor=True)
async def release(request: Request, member: StaffMember, id: str) -> Redirect:
    """Release (放回)."""
    await request.app.ctx.desk.release(member, _id(id))
    return Redirect(HOME, said="放回收件箱了")


@page(room, "POST", f"{CASE}/steps", roles=CLERKS, second_factor=True, form=Step)
async def act(request: Request, member: StaffMember, id: str, form: Step) -> Redirect:
    """Take a step (办理)."""
    moved = await request.app.ctx.desk.act(member, _id(id), _action(**form.model_dump()))
    return _to(id, f"{STEPS[form.action]}：{moved.state_name}")


@page(room, "POST", f"{CASE}/correction", roles=CLERKS, second_factor=True)
async def correct(request: Request, member: StaffMember, id: str) -> Redirect:
    """Say everything that is missing, once (一次性告知)."""
    sent = request.form or RequestParameters()
    version = str(sent.get("version") or "")
    asked = _action(
        action="request_correction",
        version=int(version) if version.isdecimal() else 0,
        note=sent.get("note") or "",
        missing=[_missing(each) for each in missing_in(sent)],
    )
    await request.app.ctx.desk.act(member, _id(id), asked)
    return _to(id, "补正通知发出了")


@page(room, "POST", f"{CASE}/notes", roles=CLERKS, second_factor=True, form=Note)
async def note(request: Request, member: StaffMember, id: str, form: Note) -> Redirect:
    """Say something to colleagues (会商)."""
    await request.app.ctx.desk.note(member, _id(id), form.text, None)
    return _to(id, "记下了")


@page(room, "GET", "/desk/papers", roles=CLERKS, second_factor=True)
async def print_papers(request: Request, member: StaffMember) -> HTTPResponse:
    """Print receipts and notices of the chosen cases (批量打印)."""
    ids = list(dict.fromkeys(request.args.getlist("id", [])))[:20]
    if not ids:
        raise ValidationFailed("先勾上要打印的办件")
    cases = [await request.app.ctx.desk.read(member, _id(each), "handling") for each in ids]
    headers = {"Content-Security-Policy": PDF_POLICY, "Cache-Control": "no-store"}
    content = await request.app.ctx.papers.batch(cases)
    return HTTPResponse(content, content_type=PDF, headers=headers)


def missing_in(sent: RequestParameters) -> list[dict[str, Any]]:
    """Return what is ticked as missing in a correction's form, with its problem and words."""
    return [
        {
            "name": name,
            "problem": sent.get(f"problem_{name}"),
            "words": sent.get(f"words_{name}") or "",
        }
        for name in sent.getlist("missing", [])
    ]


def _id(id: str) -> UUID:
    return id_of(id, ApplicationNotFound)


def _to(id: str, said: str) -> Redirect:
    return Redirect(f"{HOME}/cases/{_id(id)}", said=said)


def _steps(case: DeskCase) -> list[dict[str, Any]]:
    """Return what may be done in this state, in the order of the work."""
    return [
        {
            "action": action,
            "title": STEPS[action],
            "key": KEYS.get(action, ""),
            "reason": TABLE[action].reason,
        }
        for action in STEPS
        if action in case.may and action != "request_correction"
    ]


def _action(**asked: Any) -> DeskAction:
    try:
        return DeskAction.model_validate(asked)
    except ValidationError:
        raise ValidationFailed() from None


def _missing(each: dict[str, Any]) -> MissingItem:
    try:
        return MissingItem.model_validate(each)
    except ValidationError:
        raise ValidationFailed("每一样都要说明是什么问题") from None
