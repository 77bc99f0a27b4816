"""Lists and histories (指南一览与历史): what there is, what waits, and beginning a version."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from sanic import Request

from miniapp_api.console.pages import page, subject
from miniapp_api.console.shapes import Form, Redirect, View
from miniapp_api.guides.editing import texts
from miniapp_api.guides.editing.errors import DraftOpen
from miniapp_api.guides.editing.routes import READERS, version_id
from miniapp_api.guides.editing.rules import WRITERS
from miniapp_api.guides.editing.schemas import GuidesQuery
from miniapp_api.platform.auth import StaffMember

room = subject(__name__)

HOME = "/console/editor"
GUIDE = "/editor/guides/<kind:str>/<code:str>"
SHOWN = 50
STATES = {
    "draft": "在改的",
    "submitted": "待审批的",
    "scheduled": "已批准待发布的",
    "published": "在这里发布过的",
}
Kind = Literal["items", "notices"]


class ListQuery(Form):
    """What is looked for."""

    kind: Kind = Field(default="items", title="类别")
    q: str = Field(default="", max_length=100, title="关键词")
    state: Literal["draft", "submitted", "scheduled", "published"] | None = Field(
        default=None, title="状态"
    )
    due: Literal["yes"] | None = Field(default=None, title="复核到期")
    offset: int = Field(default=0, ge=0, le=100_000, title="页码")


class NewForm(Form):
    """A guide or notice that does not exist yet."""

    kind: Kind = Field(title="类别")
    code: str = Field(pattern=r"^[a-z0-9-]{3,64}$", title="编码")


class BeginForm(Form):
    """From which version; none: from the one in force."""

    source: str = Field(default="", max_length=40, title="从哪一版")


class RollBackForm(Form):
    """Which version comes back, and why."""

    version: int = Field(ge=1, le=1_000_000, title="版本")
    why: str = Field(min_length=1, max_length=400, title="原因")


@page(room, "GET", "/editor", roles=READERS, query=ListQuery)
async def guides(request: Request, member: StaffMember, query: ListQuery) -> View:
    """List guides or notices (指南一览)."""
    asked = GuidesQuery(**query.model_dump(exclude={"kind"}), limit=SHOWN)
    looks = request.app.ctx.editing_looks
    found = await looks.guides(query.kind, asked)
    waiting = await looks.waiting(member)
    more = query.offset + SHOWN < found.total
    return View(
        "editor/list.html",
        found=found,
        query=query,
        kinds=texts.KIND_NAMES,
        states=STATES,
        state_names=texts.STATE_NAMES,
        waiting=len(waiting.versions),
        next=query.model_copy(update={"offset": query.offset + SHOWN}) if more else None,
        writes=bool(member.roles & WRITERS),
    )


@page(room, "GET", "/editor/waiting", roles=READERS)
async def waiting(request: Request, member: StaffMember) -> View:
    """List what waits for approval (待审批)."""
    found = await request.app.ctx.editing_looks.waiting(member)
    return View("editor/waiting.html", versions=found.versions, kinds=texts.KIND_NAMES)


@page(room, "GET", GUIDE, roles=READERS)
async def guide(request: Request, member: StaffMember, kind: str, code: str) -> View:
    """Show a guide with its history (指南与历史)."""
    found = await request.app.ctx.editing_looks.guide(member, kind, code)
    return View(
        "editor/guide.html",
        guide=found,
        origins=texts.ORIGIN_NAMES,
        writes=bool(member.roles & WRITERS),
    )


@page(room, "POST", "/editor/new", roles=WRITERS, form=NewForm)
async def new(request: Request, member: StaffMember, form: NewForm) -> Redirect:
    """Begin a guide or notice that does not exist yet (新增)."""
    return await _begun(request, member, form.kind, form.code, None, new=True)


@page(room, "POST", f"{GUIDE}/begin", roles=WRITERS, form=BeginForm)
async def begin(
    request: Request, member: StaffMember, kind: str, code: str, form: BeginForm
) -> Redirect:
    """Begin a version (起草)."""
    return await _begun(request, member, kind, code, form.source or None)


async def _begun(
    request: Request,
    member: StaffMember,
    kind: str,
    code: str,
    source: str | None,
    *,
    new: bool = False,
) -> Redirect:
    """Go to the version that was begun, or to the one that somebody begun before."""
    begun_from = version_id(source) if source else None
    try:
        version = await request.app.ctx.editing.begin(member, kind, code, begun_from, new=new)
    except DraftOpen as refusal:
        if "version" not in refusal.extra:
            raise
        said = f"{refusal.extra['by'] or '已有人'}在改这一份，接着他的改"
        return Redirect(f"{HOME}/versions/{refusal.extra['version']}", said=said)
    return Redirect(f"{HOME}/versions/{version.id}")


@page(room, "POST", f"{GUIDE}/roll-back", roles=READERS, form=RollBackForm)
async def roll_back(
    request: Request, member: StaffMember, kind: str, code: str, form: RollBackForm
) -> Redirect:
    """Put an earlier version forward (恢复旧版)."""
    editing = request.app.ctx.editing
    version = await editing.roll_back(member, kind, code, form.version, form.why)
    return Redirect(f"{HOME}/versions/{version.id}", said="已提交，等另一个人审批")
