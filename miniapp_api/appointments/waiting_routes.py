"""HTTP in and out of the waiting list."""

from __future__ import annotations

from uuid import UUID

from sanic import Request

from miniapp_api.appointments.booker import Bookers
from miniapp_api.appointments.errors import (
    AlreadyWaiting,
    NothingToWaitFor,
    SeatsFree,
    WaitingNotFound,
)
from miniapp_api.appointments.routes import CONSENT_ERRORS, PLACE_ERRORS, citizen_of, room
from miniapp_api.appointments.waiting import WaitingService
from miniapp_api.appointments.waiting_schemas import WaitingList, WaitingRequest, WaitingView
from miniapp_api.platform.auth import Auth, Principal
from miniapp_api.platform.http import endpoint
from miniapp_api.platform.idempotency import KeyReused


def _service(request: Request) -> WaitingService:
    service: WaitingService = request.app.ctx.waiting
    return service


@endpoint(
    room,
    "POST",
    "/waiting",
    auth=Auth.CITIZEN,
    summary="Wait for a seat",
    body=WaitingRequest,
    returns=WaitingView,
    status=201,
    errors=(
        *PLACE_ERRORS,
        *CONSENT_ERRORS,
        NothingToWaitFor,
        SeatsFree,
        AlreadyWaiting,
        KeyReused,
    ),
    idempotency="required",
)
async def wait(
    request: Request, principal: Principal, body: WaitingRequest, key: str
) -> WaitingView:
    """Join the waiting list (候补)."""
    bookers: Bookers = request.app.ctx.bookers
    who = await bookers.of(citizen_of(principal), body.principal)
    return await _service(request).join(who, body, key)


@endpoint(
    room,
    "GET",
    "/waiting",
    auth=Auth.CITIZEN,
    summary="My places on the waiting list",
    returns=WaitingList,
)
async def waiting(request: Request, principal: Principal) -> WaitingList:
    """List my places (我的候补)."""
    return WaitingList(waiting=await _service(request).mine(citizen_of(principal)))


@endpoint(
    room,
    "POST",
    "/waiting/<id:str>/leave",
    auth=Auth.CITIZEN,
    summary="Leave the waiting list",
    returns=WaitingView,
    errors=(WaitingNotFound,),
)
async def leave(request: Request, principal: Principal, id: str) -> WaitingView:
    """Leave (取消候补)."""
    try:
        place = UUID(id)
    except ValueError:
        raise WaitingNotFound() from None
    return await _service(request).leave(citizen_of(principal), place)
