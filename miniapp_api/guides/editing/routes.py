"""HTTP in and out of editing (指南编辑): for editors, and for who approves."""

from __future__ import annotations

from uuid import UUID

from sanic import Blueprint, Request

from miniapp_api.guides.editing.errors import (
    DraftChanged,
    DraftOpen,
    GuideFaulty,
    GuideMoved,
    GuideNotFound,
    OwnWork,
    VersionMoved,
    VersionNotFound,
)
from miniapp_api.guides.editing.looking import Looking
from miniapp_api.guides.editing.rules import APPROVERS, WRITERS
from miniapp_api.guides.editing.schemas import (
    Approval,
    Begin,
    Ending,
    GuideRows,
    GuidesQuery,
    GuideView,
    Preview,
    PreviewRequest,
    RollBack,
    Save,
    Submission,
    VersionQuery,
    VersionView,
    Waiting,
)
from miniapp_api.guides.editing.service import EditingService
from miniapp_api.platform.auth import Auth, Principal, staff_of
from miniapp_api.platform.http import endpoint

room = Blueprint("guides_editing", url_prefix="/guides/editing")

GUIDE = "/guides/<kind:str>/<code:str>"
VERSION = "/versions/<id:str>"
READERS = WRITERS | APPROVERS


def _editing(request: Request) -> EditingService:
    service: EditingService = request.app.ctx.editing
    return service


def _looking(request: Request) -> Looking:
    looking: Looking = request.app.ctx.editing_looks
    return looking


def version_id(text: str) -> UUID:
    """Read a version's id; raise VersionNotFound for what is none."""
    try:
        return UUID(text)
    except ValueError:
        raise VersionNotFound() from None


@endpoint(
    room,
    "GET",
    "/guides/<kind:str>",
    auth=Auth.STAFF,
    roles=READERS,
    summary="Guides (items) or notices (notices) with what is open of each",
    query=GuidesQuery,
    returns=GuideRows,
    errors=(GuideNotFound,),
)
async def guides(request: Request, kind: str, query: GuidesQuery) -> GuideRows:
    """List guides (指南一览)."""
    return await _looking(request).guides(kind, query)


@endpoint(
    room,
    "GET",
    "/waiting",
    auth=Auth.STAFF,
    roles=READERS,
    summary="Versions that wait for approval",
    returns=Waiting,
)
async def waiting(request: Request, principal: Principal) -> Waiting:
    """List what waits for approval (待审批)."""
    return await _looking(request).waiting(staff_of(principal))


@endpoint(
    room,
    "GET",
    GUIDE,
    auth=Auth.STAFF,
    roles=READERS,
    summary="A guide: what is in force, what is open, and its history",
    returns=GuideView,
    errors=(GuideNotFound,),
)
async def guide(request: Request, principal: Principal, kind: str, code: str) -> GuideView:
    """Show a guide (指南与历史)."""
    return await _looking(request).guide(staff_of(principal), kind, code)


@endpoint(
    room,
    "POST",
    f"{GUIDE}/versions",
    auth=Auth.STAFF,
    roles=WRITERS,
    summary="Begin a version, from what is in force or from an earlier one",
    body=Begin,
    returns=VersionView,
    errors=(GuideNotFound, VersionNotFound, DraftOpen),
)
async def begin(
    request: Request, principal: Principal, kind: str, code: str, body: Begin
) -> VersionView:
    """Begin a version (起草)."""
    member = staff_of(principal)
    begun = await _editing(request).begin(member, kind, code, body.source, new=body.new)
    return await _looking(request).version(member, begun.id)


@endpoint(
    room,
    "POST",
    f"{GUIDE}/preview",
    auth=Auth.STAFF,
    roles=READERS,
    summary="What a text would say to citizens; nothing is saved",
    body=PreviewRequest,
    returns=Preview,
    errors=(GuideNotFound,),
)
async def preview(request: Request, kind: str, code: str, body: PreviewRequest) -> Preview:
    """Preview a text (预览)."""
    return await _looking(request).preview(kind, code, body.text, body.options)


@endpoint(
    room,
    "POST",
    f"{GUIDE}/roll-back",
    auth=Auth.STAFF,
    roles=READERS,
    summary="Put an earlier version forward to be published anew",
    body=RollBack,
    returns=VersionView,
    errors=(GuideNotFound, VersionNotFound, DraftOpen, GuideFaulty),
)
async def roll_back(
    request: Request, principal: Principal, kind: str, code: str, body: RollBack
) -> VersionView:
    """Roll back (恢复旧版)."""
    member = staff_of(principal)
    begun = await _editing(request).roll_back(member, kind, code, body.version, body.why)
    return await _looking(request).version(member, begun.id)


@endpoint(
    room,
    "GET",
    VERSION,
    auth=Auth.STAFF,
    roles=READERS,
    summary="A version with its text, faults and changes; with `revision`, an earlier save",
    query=VersionQuery,
    returns=VersionView,
    errors=(VersionNotFound,),
)
async def version(
    request: Request, principal: Principal, id: str, query: VersionQuery
) -> VersionView:
    """Show a version (版本内容)."""
    return await _looking(request).version(staff_of(principal), version_id(id), query.revision)


@endpoint(
    room,
    "PUT",
    VERSION,
    auth=Auth.STAFF,
    roles=WRITERS,
    summary="Save a draft over the revision that was read",
    body=Save,
    returns=VersionView,
    errors=(VersionNotFound, VersionMoved, DraftChanged),
)
async def save(request: Request, principal: Principal, id: str, body: Save) -> VersionView:
    """Save a draft (保存草稿)."""
    member = staff_of(principal)
    saved = await _editing(request).save(member, version_id(id), body.revision, body.text)
    return await _looking(request).version(member, saved.id)


@endpoint(
    room,
    "POST",
    f"{VERSION}/submission",
    auth=Auth.STAFF,
    roles=WRITERS,
    summary="Hand a draft in for approval",
    body=Submission,
    returns=VersionView,
    errors=(VersionNotFound, VersionMoved, DraftChanged, GuideFaulty, GuideMoved),
)
async def submit(request: Request, principal: Principal, id: str, body: Submission) -> VersionView:
    """Hand a draft in (提交审批)."""
    member = staff_of(principal)
    found = await _editing(request).submit(member, version_id(id), body.revision, body.why)
    return await _looking(request).version(member, found.id)


@endpoint(
    room,
    "POST",
    f"{VERSION}/approval",
    auth=Auth.STAFF,
    roles=APPROVERS,
    second_factor=True,
    summary="Approve what somebody else wrote; published at once, or on a day",
    body=Approval,
    returns=VersionView,
    errors=(VersionNotFound, VersionMoved, DraftChanged, OwnWork, GuideFaulty, GuideMoved),
)
async def approve(request: Request, principal: Principal, id: str, body: Approval) -> VersionView:
    """Approve a version (审批通过)."""
    member = staff_of(principal)
    found = await _editing(request).approve(member, version_id(id), body.revision, body.publish_on)
    return await _looking(request).version(member, found.id)


@endpoint(
    room,
    "POST",
    f"{VERSION}/rejection",
    auth=Auth.STAFF,
    roles=APPROVERS,
    summary="Send a submitted version back",
    body=Ending,
    returns=VersionView,
    errors=(VersionNotFound, VersionMoved, DraftChanged),
)
async def reject(request: Request, principal: Principal, id: str, body: Ending) -> VersionView:
    """Send a version back (退回)."""
    member = staff_of(principal)
    found = await _editing(request).reject(member, version_id(id), body.revision, body.why)
    return await _looking(request).version(member, found.id)


@endpoint(
    room,
    "POST",
    f"{VERSION}/withdrawal",
    auth=Auth.STAFF,
    roles=WRITERS,
    summary="Give up a version that is not published yet",
    body=Ending,
    returns=VersionView,
    errors=(VersionNotFound, VersionMoved, DraftChanged),
)
async def withdraw(request: Request, principal: Principal, id: str, body: Ending) -> VersionView:
    """Withdraw a version (撤回)."""
    member = staff_of(principal)
    found = await _editing(request).withdraw(member, version_id(id), body.revision, body.why)
    return await _looking(request).version(member, found.id)
