"""HTTP in and out of appointments."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sanic import Blueprint, Request

from miniapp_api.appointments.errors import (
    AlreadyBooked,
    AppointmentNotFound,
    BeyondHorizon,
    HallNotFound,
    HoldExpired,
    NotAllowed,
    NotBookable,
    SlotClosed,
    SlotFull,
    SlotNotForItem,
    SlotNotFound,
    SlotPast,
    TooLateToChange,
)
from miniapp_api.appointments.schemas import (
    Appointments,
    AppointmentView,
    HallQuery,
    Halls,
    HoldRequest,
    MineQuery,
    RescheduleRequest,
    SlotQuery,
    Slots,
)
from miniapp_api.appointments.service import AppointmentService
from miniapp_api.guides.errors import ItemNotFound
from miniapp_api.platform.auth import Auth, Principal
from miniapp_api.platform.errors import LoginRequired
from miniapp_api.platform.http import endpoint
from miniapp_api.platform.idempotency import KeyReused

room = Blueprint("appointments", url_prefix="/appointments")
SLOT_ERRORS = (SlotNotFound, SlotNotForItem, SlotPast, SlotClosed, SlotFull, BeyondHorizon)


def _service(request: Request) -> AppointmentService:
    service: AppointmentService = request.app.ctx.appointments
    return service


def _citizen(principal: Principal) -> UUID:
    if principal.citizen is None:
        raise LoginRequired()
    return principal.citizen


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise AppointmentNotFound() from None


@endpoint(
    room,
    "GET",
    "/halls",
    auth=Auth.PUBLIC,
    summary="Halls that serve an item",
    query=HallQuery,
    returns=Halls,
    errors=(ItemNotFound, NotBookable),
)
async def list_halls(request: Request, query: HallQuery) -> Halls:
    """List halls (可办理的大厅)."""
    return await _service(request).halls(query.item)


@endpoint(
    room,
    "GET",
    "/slots",
    auth=Auth.PUBLIC,
    summary="Free slots of an item by day",
    query=SlotQuery,
    returns=Slots,
    errors=(ItemNotFound, NotBookable, HallNotFound),
)
async def list_slots(request: Request, query: SlotQuery) -> dict[str, Any]:
    """List slots (可预约时段)."""
    return await _service(request).slots(query.item, query.hall, query.first, query.last)


@endpoint(
    room,
    "POST",
    "/holds",
    auth=Auth.CITIZEN,
    summary="Keep a seat for a while",
    body=HoldRequest,
    returns=AppointmentView,
    status=201,
    errors=(ItemNotFound, NotBookable, HallNotFound, *SLOT_ERRORS, AlreadyBooked, KeyReused),
    idempotency="required",
)
async def hold(
    request: Request, principal: Principal, body: HoldRequest, key: str
) -> AppointmentView:
    """Hold a seat (占号)."""
    return await _service(request).hold(
        _citizen(principal), int(body.slot), body.item, body.hall, body.attendee, key
    )


@endpoint(
    room,
    "POST",
    "/<id:str>/confirm",
    auth=Auth.CITIZEN,
    summary="Turn a hold into a booking",
    returns=AppointmentView,
    errors=(AppointmentNotFound, HoldExpired, NotAllowed),
)
async def confirm(request: Request, principal: Principal, id: str) -> AppointmentView:
    """Confirm (确认预约)."""
    return await _service(request).confirm(_citizen(principal), _id(id))


@endpoint(
    room,
    "POST",
    "/<id:str>/cancel",
    auth=Auth.CITIZEN,
    summary="Cancel a booking or drop a hold",
    returns=AppointmentView,
    errors=(AppointmentNotFound, TooLateToChange, NotAllowed),
)
async def cancel(request: Request, principal: Principal, id: str) -> AppointmentView:
    """Cancel (取消预约)."""
    return await _service(request).cancel(_citizen(principal), _id(id))


@endpoint(
    room,
    "POST",
    "/<id:str>/reschedule",
    auth=Auth.CITIZEN,
    summary="Move a booking to another slot",
    body=RescheduleRequest,
    returns=AppointmentView,
    errors=(
        AppointmentNotFound,
        ItemNotFound,
        NotBookable,
        HallNotFound,
        *SLOT_ERRORS,
        AlreadyBooked,
        TooLateToChange,
        NotAllowed,
        KeyReused,
    ),
    idempotency="required",
)
async def reschedule(
    request: Request, principal: Principal, id: str, body: RescheduleRequest, key: str
) -> AppointmentView:
    """Move (改约)."""
    return await _service(request).reschedule(_citizen(principal), _id(id), int(body.slot), key)


@endpoint(
    room,
    "GET",
    "/",
    auth=Auth.CITIZEN,
    summary="My bookings",
    query=MineQuery,
    returns=Appointments,
)
async def mine(request: Request, principal: Principal, query: MineQuery) -> Appointments:
    """List my bookings (我的预约)."""
    return await _service(request).mine(_citizen(principal), active=query.active)
