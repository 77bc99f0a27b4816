"""HTTP in and out of the audit trail."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint, Request

from miniapp_api.platform.auth import Auth, Principal, StaffMember, staff_of
from miniapp_api.platform.http import STREAMED, endpoint
from miniapp_api.staff.audit_reading import AuditReading
from miniapp_api.staff.audit_schemas import (
    AuditChecks,
    AuditCheckView,
    AuditEntries,
    AuditExport,
    AuditQuery,
)
from miniapp_api.staff.errors import AuditCheckRunning

room = Blueprint("staff_audit", url_prefix="/staff/audit")
READERS = frozenset({"auditor", "hall_manager", "administrator"})
CHECKERS = frozenset({"auditor", "administrator"})
OCTETS = "application/octet-stream"


def _reading(request: Request) -> AuditReading:
    service: AuditReading = request.app.ctx.audit_reading
    return service


@endpoint(
    room,
    "GET",
    "",
    auth=Auth.STAFF,
    roles=READERS,
    second_factor=True,
    summary="The audit trail of one's hall",
    query=AuditQuery,
    returns=AuditEntries,
)
async def audit_trail(request: Request, principal: Principal, query: AuditQuery) -> AuditEntries:
    """Read the audit trail (审计日志)."""
    return await _reading(request).entries(staff_of(principal), query)


@endpoint(
    room,
    "GET",
    "/export",
    auth=Auth.STAFF,
    roles=CHECKERS,
    second_factor=True,
    summary="What is found in the audit trail, as CSV or JSON lines",
    query=AuditExport,
    media=OCTETS,
)
async def export(request: Request, principal: Principal, query: AuditExport) -> Any:
    """Export from the audit trail (导出)."""
    await send_export(request, staff_of(principal), query)
    return STREAMED


@endpoint(
    room,
    "POST",
    "/checks",
    auth=Auth.STAFF,
    roles=CHECKERS,
    second_factor=True,
    summary="Begin to check that nobody touched the trail",
    returns=AuditCheckView,
    status=202,
    errors=(AuditCheckRunning,),
)
async def begin_check(request: Request, principal: Principal) -> AuditCheckView:
    """Begin to check the trail (核验)."""
    return await _reading(request).begin_check(staff_of(principal))


@endpoint(
    room,
    "GET",
    "/checks",
    auth=Auth.STAFF,
    roles=CHECKERS,
    second_factor=True,
    summary="The last checks of the trail",
    returns=AuditChecks,
)
async def checks(request: Request, principal: Principal) -> AuditChecks:
    """List checks of the trail (核验记录)."""
    return AuditChecks(checks=await _reading(request).checks())


async def send_export(request: Request, member: StaffMember, asked: AuditExport) -> None:
    """Send an export as it is read; a browser saves it."""
    name = f"audit-{request.app.ctx.clock.now():%Y%m%d-%H%M%S}.{asked.format}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    lines = _reading(request).export(member, asked)
    first = await anext(lines, b"")  # a refusal comes before the answer has begun
    response = await request.respond(content_type=OCTETS, headers=headers)
    if first:
        await response.send(first)
    async for each in lines:
        await response.send(each)
    await response.eof()
