"""HTTP in and out of the hall manager's room: plans, closures; and a hall's days for all."""

from __future__ import annotations

from sanic import Request

from miniapp_api.appointments.closures import ClosureService
from miniapp_api.appointments.errors import (
    ClosureInPast,
    ClosureInvalid,
    ClosureNotFound,
    ClosureOverlaps,
    HallNotFound,
    PlanChanged,
    PlanInvalid,
)
from miniapp_api.appointments.routes import room
from miniapp_api.appointments.schedule_schemas import (
    ClosureChange,
    ClosureRequest,
    Closures,
    DaysQuery,
    HallDays,
    PlanChange,
    PlanRequest,
    PlanView,
    Reopened,
)
from miniapp_api.appointments.schedules import ScheduleService
from miniapp_api.appointments.standing_routes import MANAGERS, READERS
from miniapp_api.platform.auth import Auth, Principal, staff_of
from miniapp_api.platform.http import endpoint


def _schedules(request: Request) -> ScheduleService:
    service: ScheduleService = request.app.ctx.schedules
    return service


def _closures(request: Request) -> ClosureService:
    service: ClosureService = request.app.ctx.closures
    return service


@endpoint(
    room,
    "GET",
    "/days",
    auth=Auth.PUBLIC,
    summary="On which days a hall works",
    query=DaysQuery,
    returns=HallDays,
    errors=(HallNotFound,),
)
async def hall_days(request: Request, query: DaysQuery) -> HallDays:
    """Say on which days a hall works (办公日)."""
    return await _closures(request).hall_days(query.hall, query.first, query.last)


@endpoint(
    room,
    "GET",
    "/manage/<hall:str>/plan",
    auth=Auth.STAFF,
    roles=READERS,
    summary="The plan in force",
    returns=PlanView,
)
async def plan(request: Request, principal: Principal, hall: str) -> PlanView:
    """Show the plan (排班与规则)."""
    return await _schedules(request).view(staff_of(principal, hall).hall)


@endpoint(
    room,
    "POST",
    "/manage/<hall:str>/plan/preview",
    auth=Auth.STAFF,
    roles=MANAGERS,
    summary="What a plan would change",
    body=PlanRequest,
    returns=PlanChange,
    errors=(PlanInvalid,),
)
async def preview_plan(
    request: Request, principal: Principal, hall: str, body: PlanRequest
) -> PlanChange:
    """Preview a plan (排班预览)."""
    return await _schedules(request).preview(staff_of(principal, hall).hall, body.plan)


@endpoint(
    room,
    "PUT",
    "/manage/<hall:str>/plan",
    auth=Auth.STAFF,
    roles=MANAGERS,
    summary="Put a plan in force",
    body=PlanRequest,
    returns=PlanChange,
    errors=(PlanInvalid, PlanChanged),
)
async def apply_plan(
    request: Request, principal: Principal, hall: str, body: PlanRequest
) -> PlanChange:
    """Put a plan in force (启用排班)."""
    staff = staff_of(principal, hall)
    version = body.expected_version
    return await _schedules(request).apply(staff.hall, body.plan, version, staff.id)


@endpoint(
    room,
    "GET",
    "/manage/<hall:str>/closures",
    auth=Auth.STAFF,
    roles=READERS,
    summary="Closures in force and to come",
    returns=Closures,
)
async def list_closures(request: Request, principal: Principal, hall: str) -> Closures:
    """List closures (停办)."""
    return await _closures(request).closures(staff_of(principal, hall).hall)


@endpoint(
    room,
    "POST",
    "/manage/<hall:str>/closures/preview",
    auth=Auth.STAFF,
    roles=MANAGERS,
    summary="Which bookings a closure would displace",
    body=ClosureRequest,
    returns=ClosureChange,
    errors=(ClosureInvalid, ClosureInPast),
)
async def preview_closure(
    request: Request, principal: Principal, hall: str, body: ClosureRequest
) -> ClosureChange:
    """Preview a closure (停办预览)."""
    return await _closures(request).preview(staff_of(principal, hall).hall, body)


@endpoint(
    room,
    "POST",
    "/manage/<hall:str>/closures",
    auth=Auth.STAFF,
    roles=MANAGERS,
    summary="Close a hall, a queue or some windows for a time",
    body=ClosureRequest,
    returns=ClosureChange,
    errors=(ClosureInvalid, ClosureInPast, ClosureOverlaps),
)
async def close(
    request: Request, principal: Principal, hall: str, body: ClosureRequest
) -> ClosureChange:
    """Close (临时停办); the same closure twice is refused as overlapping."""
    staff = staff_of(principal, hall)
    return await _closures(request).close(staff.hall, body, staff.id)


@endpoint(
    room,
    "POST",
    "/manage/<hall:str>/closures/<id:str>/lift",
    auth=Auth.STAFF,
    roles=MANAGERS,
    summary="Lift a closure",
    returns=Reopened,
    errors=(ClosureNotFound,),
)
async def lift(request: Request, principal: Principal, hall: str, id: str) -> Reopened:
    """Lift a closure (恢复办理)."""
    staff = staff_of(principal, hall)
    return await _closures(request).lift(staff.hall, closure_id(id), staff.id)


def closure_id(id: str) -> int:
    """Return a closure's id of a path; raise ClosureNotFound."""
    if not (id.isascii() and id.isdigit() and len(id) <= 18):
        raise ClosureNotFound()
    return int(id)
