"""The audit trail (审计日志): search, export, and the proof that nobody touched it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import Field, ValidationError
from sanic import Request

from miniapp_api.console.administrator import texts
from miniapp_api.console.pages import page, subject
from miniapp_api.console.shapes import Form, Redirect, View
from miniapp_api.platform import audit
from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.errors import ValidationFailed
from miniapp_api.staff.audit_reading import AuditReading
from miniapp_api.staff.audit_routes import CHECKERS, READERS, send_export
from miniapp_api.staff.audit_schemas import AuditExport, AuditQuery, AuditSearch, Format

room = subject(__name__)

HOME = "/console/audit"
SHOWN = 50
NOBODY = UUID(int=0)  # who did nothing: a login that there is not


class SearchQuery(Form):
    """What is looked for, in words of people: a login for an actor."""

    since: date | None = Field(default=None, title="从哪天")
    until: date | None = Field(default=None, title="到哪天")
    who: str = Field(default="", max_length=40, title="谁的账号")
    action: str = Field(default="", max_length=64, title="做了什么")
    subject: str = Field(default="", max_length=128, title="对象")


class TrailQuery(SearchQuery):
    """A page of what is found."""

    before: int | None = Field(default=None, ge=1, le=2**62, title="页码")


class ExportQuery(SearchQuery):
    """What is found as a file."""

    format: Format = Field(default="csv", title="格式")


def _reading(request: Request) -> AuditReading:
    service: AuditReading = request.app.ctx.audit_reading
    return service


@page(room, "GET", "/audit", roles=READERS, second_factor=True, query=TrailQuery)
async def trail(request: Request, member: StaffMember, query: TrailQuery) -> View:
    """Search the trail (审计查询)."""
    asked = await _asked(request, AuditQuery, query, before=query.before, limit=SHOWN)
    found = await _reading(request).entries(member, asked)
    actions = {action: texts.action_name(action) for action in await audit.actions()}
    checks = bool(member.roles & CHECKERS)
    same = query.model_dump(exclude={"before"}, exclude_defaults=True)
    return View(
        "administrator/audit.html",
        entries=found.entries,
        query=query,
        same=same,
        next={**same, "before": found.next} if found.next else None,
        actions=actions,
        action_name=texts.action_name,
        kinds=texts.ACTOR_KINDS,
        formats=texts.FORMATS,
        checks=await _reading(request).checks() if checks else None,
        check_states=texts.CHECK_STATES,
    )


@page(room, "GET", "/audit/export", roles=CHECKERS, second_factor=True, query=ExportQuery)
async def export(request: Request, member: StaffMember, query: ExportQuery) -> None:
    """Save what is found (导出); that it was is in the trail itself."""
    asked = await _asked(request, AuditExport, query, format=query.format)
    await send_export(request, member, asked)


@page(room, "POST", "/audit/checks", roles=CHECKERS, second_factor=True)
async def begin_check(request: Request, member: StaffMember) -> Redirect:
    """Begin to check the trail (核验)."""
    await _reading(request).begin_check(member)
    return Redirect(HOME)


@page(room, "GET", "/audit/checks", roles=CHECKERS, second_factor=True)
async def checks(request: Request, member: StaffMember) -> View:
    """Show how far the check is (核验进度)."""
    found = await _reading(request).checks()
    return View("administrator/_checks.html", checks=found, check_states=texts.CHECK_STATES)


async def _asked[Model: AuditSearch](
    request: Request, model: type[Model], query: SearchQuery, **more: object
) -> Model:
    """Return the search as the service takes it; raise ValidationFailed."""
    actor = await request.app.ctx.staff.id_of(query.who) if query.who else None
    asked = {
        "since": query.since,
        "until": query.until,
        "actor": (actor or NOBODY) if query.who else None,
        "action": query.action or None,
        "subject": query.subject or None,
    }
    try:
        return model.model_validate({**asked, **more})
    except ValidationError:
        raise ValidationFailed() from None
