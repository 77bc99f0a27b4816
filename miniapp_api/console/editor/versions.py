"""A version's pages (编辑与审批): the form, its preview, and what may be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field
from sanic import HTTPResponse, Request
from sanic.request import RequestParameters
from sanic.response import html

from miniapp_api.console.editor import form as forms
from miniapp_api.console.editor.choices import choices_of
from miniapp_api.console.editor.guides import HOME
from miniapp_api.console.pages import page, subject
from miniapp_api.console.rendering import by_htmx
from miniapp_api.console.shapes import Form, Redirect, View
from miniapp_api.guides.editing.errors import DraftChanged
from miniapp_api.guides.editing.limits import MOST_BYTES, TOO_LARGE
from miniapp_api.guides.editing.names import FIELDS
from miniapp_api.guides.editing.patching import load, patch
from miniapp_api.guides.editing.preview import change_views, changes
from miniapp_api.guides.editing.routes import READERS, version_id
from miniapp_api.guides.editing.rules import APPROVERS, WRITERS, Kind, kind_of
from miniapp_api.guides.editing.schemas import ChangeView, VersionView
from miniapp_api.guides.routes import CHECKLIST_POLICY
from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.errors import ValidationFailed

room = subject(__name__)

VERSION = "/editor/versions/<id:str>"
OPTION = "option."


class ModeQuery(Form):
    """How the draft is shown: as a form or as YAML; and which save of it."""

    mode: str = Field(default="form", pattern="^(form|yaml)$", title="样式")
    revision: int | None = Field(default=None, ge=1, le=1_000_000, title="第几次保存")


class SubmitForm(Form):
    """Hand in, reject or withdraw: what was read, and why."""

    revision: int = Field(ge=1, le=1_000_000, title="修订号")
    why: str = Field(min_length=1, max_length=400, title="原因")


class ApproveForm(Form):
    """Approve: what was read, and from which day it holds."""

    revision: int = Field(ge=1, le=1_000_000, title="修订号")
    publish_on: date | None = Field(default=None, title="发布日期")


@dataclass(frozen=True)
class Typed:
    """A draft as it stands in the browser (正在改的): not saved, unless it says so."""

    mode: str
    text: str
    revision: int
    options: Mapping[str, str]


@page(room, "GET", VERSION, roles=READERS, query=ModeQuery)
async def show(request: Request, member: StaffMember, id: str, query: ModeQuery) -> View:
    """Show a version: a draft to be edited, another to be read and decided."""
    looks = request.app.ctx.editing_looks
    version = await looks.version(member, version_id(id), query.revision)
    if version.state == "draft" and member.roles & WRITERS and query.revision is None:
        typed = Typed(query.mode, version.text, version.revision, {})
        return await _draft(request, version, typed, fragment=False)
    return View(
        "editor/version.html",
        version=version,
        preview=await looks.preview(version.kind, version.code, version.text, {}),
        old_save=query.revision is not None,
        names=FIELDS,
        approves=bool(member.roles & APPROVERS),
        writes=bool(member.roles & WRITERS),
    )


@page(room, "POST", VERSION, roles=WRITERS)
async def act(request: Request, member: StaffMember, id: str) -> View | Redirect:
    """Save the draft, or do to it what the pressed button says; only saving changes anything."""
    version, sent = version_id(id), request.form or RequestParameters()
    known = await request.app.ctx.editing.version(version)
    typed, do = _typed(kind_of(known.kind) or "items", sent), sent.get("do") or "save"
    if do == "save":
        return await _save(request, member, version, typed)
    return await _shown(request, member, version, _done(typed, do))


async def _save(request: Request, member: StaffMember, id: UUID, typed: Typed) -> View | Redirect:
    """Save; when somebody saved meanwhile, show what differs and keep what was typed."""
    try:
        await request.app.ctx.editing.save(member, id, typed.revision, typed.text)
    except DraftChanged as refusal:
        return await _shown(request, member, id, typed, refusal)
    return Redirect(f"{HOME}/versions/{id}?mode={typed.mode}", said="保存了")


async def _shown(
    request: Request,
    member: StaffMember,
    id: UUID,
    typed: Typed,
    refusal: DraftChanged | None = None,
) -> View:
    version = await request.app.ctx.editing_looks.version(member, id)
    if refusal is None:
        return await _draft(request, version, typed, fragment=by_htmx(request))
    kind = kind_of(version.kind) or "items"
    theirs = change_views(changes(kind, typed.text, version.text))
    renewed = Typed(typed.mode, typed.text, version.revision, typed.options)
    return await _draft(
        request, version, renewed, fragment=by_htmx(request), refusal=refusal, theirs=theirs
    )


async def _draft(
    request: Request,
    version: VersionView,
    typed: Typed,
    *,
    fragment: bool,
    refusal: DraftChanged | None = None,
    theirs: list[ChangeView] | None = None,
) -> View:
    values, kind = load(typed.text), kind_of(version.kind) or "items"
    fits = values is not None and forms.fits(kind, values)
    looks = request.app.ctx.editing_looks
    return View(
        "editor/_draft.html" if fragment else "editor/draft.html",
        409 if refusal else 200,
        version=version,
        typed=typed,
        mode=typed.mode if fits else "yaml",
        unreadable=typed.mode == "form" and not fits,
        values=values or {},
        unsaved=typed.text != version.text,
        preview=await looks.preview(kind, version.code, typed.text, typed.options),
        names=FIELDS,
        choices=choices_of(request.app.ctx.guides.handbook),
        refusal=refusal,
        theirs=theirs or [],
    )


@page(room, "POST", f"{VERSION}/preview", roles=WRITERS)
async def preview(request: Request, member: StaffMember, id: str) -> View:
    """Say what citizens would be told (实时预览): from what is typed, nothing is saved."""
    version = await request.app.ctx.editing.version(version_id(id))
    sent = request.form or RequestParameters()
    typed = _typed(kind_of(version.kind) or "items", sent)
    looks = request.app.ctx.editing_looks
    found = await looks.preview(version.kind, version.code, typed.text, typed.options)
    return View("editor/_preview.html", preview=found, version=version, names=FIELDS)


@page(room, "GET", f"{VERSION}/checklist", roles=READERS)
async def checklist(request: Request, member: StaffMember, id: str) -> HTTPResponse:
    """Show the page to print (打印清单), as the saved draft would have it."""
    shown = await request.app.ctx.editing_looks.checklist(version_id(id), {})
    return html(shown, headers={"Content-Security-Policy": CHECKLIST_POLICY})


@page(room, "POST", f"{VERSION}/submission", roles=WRITERS, form=SubmitForm)
async def submit(request: Request, member: StaffMember, id: str, form: SubmitForm) -> Redirect:
    """Hand in (提交审批)."""
    await request.app.ctx.editing.submit(member, version_id(id), form.revision, form.why)
    return Redirect(f"{HOME}/versions/{id}", said="已提交，等另一个人审批")


@page(room, "POST", f"{VERSION}/approval", roles=APPROVERS, second_factor=True, form=ApproveForm)
async def approve(request: Request, member: StaffMember, id: str, form: ApproveForm) -> Redirect:
    """Approve (审批通过)."""
    editing = request.app.ctx.editing
    version = await editing.approve(member, version_id(id), form.revision, form.publish_on)
    told = f"第{version.version}版已发布" if version.version else "已批准，到日子自动发布"
    return Redirect(f"{HOME}/versions/{id}", said=told)


@page(room, "POST", f"{VERSION}/rejection", roles=APPROVERS, form=SubmitForm)
async def reject(request: Request, member: StaffMember, id: str, form: SubmitForm) -> Redirect:
    """Send back (退回)."""
    await request.app.ctx.editing.reject(member, version_id(id), form.revision, form.why)
    return Redirect(f"{HOME}/versions/{id}", said="已退回")


@page(room, "POST", f"{VERSION}/withdrawal", roles=WRITERS, form=SubmitForm)
async def withdraw(request: Request, member: StaffMember, id: str, form: SubmitForm) -> Redirect:
    """Give up (撤回)."""
    await request.app.ctx.editing.withdraw(member, version_id(id), form.revision, form.why)
    return Redirect(f"{HOME}/versions/{id}", said="已撤回")


# -- what is typed -------------------------------------------------------------------------------


def _typed(kind: Kind, sent: RequestParameters) -> Typed:
    """Read the draft from the page: the form's fields written into its YAML, or the YAML itself."""
    text = str(sent.get("yaml") or "").replace("\r\n", "\n")
    revision = str(sent.get("revision") or "")
    if len(text) > MOST_BYTES or "\x00" in text:
        raise ValidationFailed(TOO_LARGE, fields=["yaml"])
    if not revision.isascii() or not revision.isdigit() or len(revision) > 7:
        raise ValidationFailed(fields=["revision"])
    mode = "yaml" if sent.get("mode") == "yaml" else "form"
    values = load(text) if mode == "form" else None
    if values is not None and forms.fits(kind, values):
        fields = {name: [str(each).replace("\x00", "") for each in sent[name]] for name in sent}
        text = patch(text, forms.read(kind, fields, values))
    options = {
        name.removeprefix(OPTION): str(sent.get(name)) for name in sent if name.startswith(OPTION)
    }
    return Typed(mode, text, int(revision), options)


def _done(typed: Typed, do: str) -> Typed:
    """Return the draft after a row was added, removed or moved, or in its other style."""
    values: dict[str, Any] | None = load(typed.text)
    if do in ("form", "yaml"):
        return Typed(do, typed.text, typed.revision, typed.options)
    if values is None:
        return typed
    text = patch(typed.text, forms.rearrange(values, do))
    return Typed(typed.mode, text, typed.revision, typed.options)
