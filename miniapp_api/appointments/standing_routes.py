"""HTTP in and out of a person's standing."""

from __future__ import annotations

from uuid import UUID

from sanic import Request

from miniapp_api.appointments.errors import (
    AppealExists,
    AppealNotFound,
    HallNotFound,
    SuspensionNotFound,
)
from miniapp_api.appointments.routes import citizen_of, room
from miniapp_api.appointments.standing import StandingService
from miniapp_api.appointments.standing_schemas import (
    AppealRequest,
    Appeals,
    DecisionRequest,
    StandingQuery,
    StandingView,
)
from miniapp_api.platform.auth import Auth, Principal, staff_of
from miniapp_api.platform.http import endpoint

MANAGERS = frozenset({"hall_manager"})
READERS = frozenset({"hall_manager", "queue_manager", "auditor"})


def _service(request: Request) -> StandingService:
    service: StandingService = request.app.ctx.standing
    return service


@endpoint(
    room,
    "GET",
    "/standing",
    auth=Auth.CITIZEN,
    summary="My standing in a hall",
    query=StandingQuery,
    returns=StandingView,
    errors=(HallNotFound,),
)
async def standing(request: Request, principal: Principal, query: StandingQuery) -> StandingView:
    """Show my standing (我的预约信用)."""
    return await _service(request).view(citizen_of(principal), query.hall)


@endpoint(
    room,
    "POST",
    "/suspensions/<id:str>/appeal",
    auth=Auth.CITIZEN,
    summary="Appeal against a suspension",
    body=AppealRequest,
    returns=StandingView,
    errors=(SuspensionNotFound, AppealExists),
)
async def appeal(
    request: Request, principal: Principal, id: str, body: AppealRequest
) -> StandingView:
    """Appeal (申诉)."""
    try:
        suspension = UUID(id)
    except ValueError:
        raise SuspensionNotFound() from None
    return await _service(request).appeal(citizen_of(principal), suspension, body.text)


@endpoint(
    room,
    "GET",
    "/manage/<hall:str>/appeals",
    auth=Auth.STAFF,
    roles=READERS,
    summary="Appeals that wait for a decision",
    returns=Appeals,
)
async def appeals(request: Request, principal: Principal, hall: str) -> Appeals:
    """List appeals (待处理的申诉)."""
    return await _service(request).appeals(staff_of(principal, hall).hall)


@endpoint(
    room,
    "POST",
    "/manage/<hall:str>/appeals/<id:str>/decide",
    auth=Auth.STAFF,
    roles=MANAGERS,
    summary="Decide an appeal",
    body=DecisionRequest,
    status=204,
    errors=(AppealNotFound,),
)
async def decide(
    request: Request, principal: Principal, hall: str, id: str, body: DecisionRequest
) -> None:
    """Decide (处理申诉)."""
    staff = staff_of(principal, hall)
    await _service(request).decide(staff.hall, appeal_id(id), body.granted, body.note, staff.id)


def appeal_id(id: str) -> UUID:
    """Return the suspension that an appeal of a path is about; raise AppealNotFound."""
    try:
        return UUID(id)
    except ValueError:
        raise AppealNotFound() from None
