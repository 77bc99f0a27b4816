"""The desk of bundles (一件事): the leading department accepts for all, or says what is missing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sanic import Request
from sanic.request import RequestParameters

from miniapp_api.applications.bundles.schemas import JointAction, JointView
from miniapp_api.applications.desk_texts import PROBLEMS
from miniapp_api.applications.errors import BundleNotFound, MaterialUnknown
from miniapp_api.applications.routes import id_of
from miniapp_api.console.desk import (
    CLERKS,
    COLOURS,
    PDF,
    PDF_POLICY,
    PURPOSES,
    Reading,
    missing_in,
)
from miniapp_api.console.pages import page, subject
from miniapp_api.console.shapes import Redirect, View
from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.errors import ValidationFailed
from miniapp_api.platform.files.streaming import file_response

room = subject(__name__)

HOME = "/console/desk/bundles"
BUNDLE = "/desk/bundles/<id:str>"
MOST = 100


@page(room, "GET", "/desk/bundles", roles=CLERKS, second_factor=True)
async def inbox(request: Request, member: StaffMember) -> View:
    """List bundles (待联合受理), the most urgent first."""
    ctx = request.app.ctx
    rows = await ctx.joint_desk.inbox(member, MOST)
    bundles = [ctx.bundle_views.joint_brief(row) for row in rows]
    return View("desk/bundles.html", bundles=bundles, colours=COLOURS)


@page(room, "GET", BUNDLE, roles=CLERKS, second_factor=True, query=Reading)
async def read(request: Request, member: StaffMember, id: str, query: Reading) -> View:
    """Open a bundle (联办详情); why it is read stands in every case's audit trail."""
    ctx = request.app.ctx
    under = await ctx.joint_desk.read(member, _id(id), query.purpose)
    view: JointView = await ctx.bundle_views.joint(under)
    holders = {case.assigned_to for case in view.members}
    return View(
        "desk/bundle.html",
        bundle=view,
        purpose=query.purpose,
        purposes=PURPOSES,
        mine=member.id in holders,
        things=_things(view),
        problems=PROBLEMS,
    )


@page(room, "GET", f"{BUNDLE}/papers/<file:str>", roles=CLERKS, second_factor=True, query=Reading)
async def paper(request: Request, id: str, file: str, query: Reading) -> View:
    """Show a paper beside the bundle (查看材料)."""
    kind = "pdf" if request.args.get("kind") == "pdf" else "picture"
    address = f"{HOME}/{_id(id)}/files/{id_of(file, MaterialUnknown)}"
    return View("desk/_paper.html", address=f"{address}?purpose={query.purpose}", kind=kind)


@page(room, "GET", f"{BUNDLE}/files/<file:str>", roles=CLERKS, second_factor=True, query=Reading)
async def send_file(
    request: Request, member: StaffMember, id: str, file: str, query: Reading
) -> None:
    """Send a paper of any case (查看材料): it is shown and never run."""
    chosen = id_of(file, MaterialUnknown)
    found = await request.app.ctx.joint_desk.file(member, _id(id), chosen, query.purpose)
    kind = found.media_type or ""
    await file_response(request, found.blob or "", kind, PDF_POLICY if kind == PDF else "sandbox")


@page(room, "POST", f"{BUNDLE}/claim", roles=CLERKS, second_factor=True)
async def claim(request: Request, member: StaffMember, id: str) -> Redirect:
    """Claim all cases (认领)."""
    await request.app.ctx.joint_desk.claim(member, _id(id))
    return _to(id, "认领了")


@page(room, "POST", f"{BUNDLE}/release", roles=CLERKS, second_factor=True)
async def release(request: Request, member: StaffMember, id: str) -> Redirect:
    """Put all cases back (放回)."""
    await request.app.ctx.joint_desk.release(member, _id(id))
    return Redirect(HOME, said="放回去了")


@page(room, "POST", f"{BUNDLE}/acceptance", roles=CLERKS, second_factor=True)
async def accept(request: Request, member: StaffMember, id: str) -> Redirect:
    """Accept for all, refusing those that are ticked, with a reason (联合受理)."""
    sent = request.form or RequestParameters()
    refused = [
        {"item": item, "reason": sent.get(f"reason_{item}") or ""}
        for item in sent.getlist("refused", [])
    ]
    await _act(request, member, id, action="accept", refused=refused)
    return _to(id, "联合受理完成")


@page(room, "POST", f"{BUNDLE}/correction", roles=CLERKS, second_factor=True)
async def correct(request: Request, member: StaffMember, id: str) -> Redirect:
    """Say once what is missing over all (一次性告知)."""
    missing = missing_in(request.form or RequestParameters())
    await _act(request, member, id, action="request_correction", missing=missing)
    return _to(id, "补正通知发出了")


async def _act(request: Request, member: StaffMember, id: str, **asked: Any) -> None:
    sent = request.form or RequestParameters()
    try:
        given = {"version": int(sent.get("version") or 0), "note": sent.get("note") or "", **asked}
        action = JointAction.model_validate(given)
    except ValueError:  # pydantic's is one
        raise ValidationFailed("不受理的要写理由；要补正的每一样都要说明是什么问题") from None
    await request.app.ctx.joint_desk.act(member, _id(id), action)


def _things(view: JointView) -> list[tuple[str, str]]:
    """Return what may be missing over all cases, each once, by its name and title."""
    found: dict[str, str] = {}
    for case in view.members:
        for material in case.materials:
            found.setdefault(material.key, material.name)
        for section in case.sections:
            for each in section.fields:
                found.setdefault(each.name, f"{section.title} · {each.title}")
    return list(found.items())


def _id(id: str) -> UUID:
    return id_of(id, BundleNotFound)


def _to(id: str, said: str) -> Redirect:
    return Redirect(f"{HOME}/{_id(id)}", said=said)
