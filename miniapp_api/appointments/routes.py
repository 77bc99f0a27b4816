"""HTTP in and out of appointments."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sanic import Blueprint, Request

from miniapp_api.appointments.booker import Bookers
from miniapp_api.appointments.errors import (
    AlreadyBooked,
    AppointmentNotFound,
    BeyondHorizon,
    DayLimit,
    HallNotFound,
    HoldExpired,
    MaterialsNotReady,
    NotAllowed,
    NotBookable,
    SlotClosed,
    SlotFull,
    SlotNotForItem,
    SlotNotFound,
    SlotPast,
    Suspended,
    TooLateToChange,
)
from miniapp_api.appointments.listing import Listing
from miniapp_api.appointments.rules import Channel
from miniapp_api.appointments.schemas import (
    Appointments,
    AppointmentView,
    ConfirmRequest,
    CrowdQuery,
    Crowds,
    DeskRequest,
    HallQuery,
    Halls,
    HoldRequest,
    MineQuery,
    RescheduleRequest,
    SlotQuery,
    Slots,
)
from miniapp_api.appointments.service import AppointmentService, Wish
from miniapp_api.guides.errors import ItemNotFound
from miniapp_api.identity.grants import ConsentExpired, PrincipalNotFound
from miniapp_api.identity.service import IdNumberInvalid, PhoneInvalid
from miniapp_api.platform.auth import Auth, Principal
from miniapp_api.platform.errors import LoginRequired
from miniapp_api.platform.http import endpoint
from miniapp_api.platform.idempotency import KeyReused

room = Blueprint("appointments", url_prefix="/appointments")
PLACE_ERRORS = (ItemNotFound, NotBookable, HallNotFound)
SLOT_ERRORS = (SlotNotFound, SlotNotForItem, SlotPast, SlotClosed, SlotFull, BeyondHorizon)
PERSON_ERRORS = (AlreadyBooked, DayLimit, Suspended)
CONSENT_ERRORS = (PrincipalNotFound, ConsentExpired, IdNumberInvalid)


def _service(request: Request) -> AppointmentService:
    service: AppointmentService = request.app.ctx.appointments
    return service


def _listing(request: Request) -> Listing:
    listing: Listing = request.app.ctx.listing
    return listing


def _bookers(request: Request) -> Bookers:
    bookers: Bookers = request.app.ctx.bookers
    return bookers


def citizen_of(principal: Principal) -> UUID:
    """Return the citizen who asks."""
    if principal.citizen is None:
        raise LoginRequired()
    return principal.citizen


def appointment_id(text: str) -> UUID:
    """Read a booking's id from a path."""
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
    return await _listing(request).halls(query.item)


@endpoint(
    room,
    "GET",
    "/slots",
    auth=Auth.PUBLIC,
    summary="Free slots of an item by day",
    query=SlotQuery,
    returns=Slots,
    errors=PLACE_ERRORS,
)
async def list_slots(request: Request, query: SlotQuery) -> dict[str, Any]:
    """List slots (可预约时段)."""
    span = (query.first, query.last)
    return await _listing(request).slots(query.item, query.hall, *span, query.channel)


@endpoint(
    room,
    "GET",
    "/crowds",
    auth=Auth.PUBLIC,
    summary="How busy the days are",
    query=CrowdQuery,
    returns=Crowds,
    errors=PLACE_ERRORS,
)
async def crowds(request: Request, query: CrowdQuery) -> Crowds:
    """Say how busy the days are (哪天人少)."""
    return await _listing(request).crowds(query.item, query.hall)


@endpoint(
    room,
    "POST",
    "/holds",
    auth=Auth.CITIZEN,
    summary="Keep a seat for a while",
    body=HoldRequest,
    returns=AppointmentView,
    status=201,
    errors=(*PLACE_ERRORS, *SLOT_ERRORS, *PERSON_ERRORS, *CONSENT_ERRORS, KeyReused),
    idempotency="required",
)
async def hold(
    request: Request, principal: Principal, body: HoldRequest, key: str
) -> AppointmentView:
    """Hold a seat (占号)."""
    service = _service(request)
    who = await _bookers(request).of(citizen_of(principal), body.principal, body.id_number)
    return await service.hold(who, Wish(int(body.slot), body.item, body.hall, body.channel), key)


@endpoint(
    room,
    "POST",
    "/desk/bookings",
    auth=Auth.STAFF,
    roles=frozenset({"operator", "clerk", "queue_manager"}),
    summary="Book for a citizen at the desk or on the telephone",
    body=DeskRequest,
    returns=AppointmentView,
    status=201,
    errors=(*PLACE_ERRORS, *SLOT_ERRORS, *PERSON_ERRORS, PhoneInvalid, KeyReused),
    idempotency="required",
)
async def desk_book(
    request: Request, principal: Principal, body: DeskRequest, key: str
) -> AppointmentView:
    """Book for somebody who called or came (代约): operators sell the telephone's seats."""
    assert principal.staff is not None
    channel: Channel = "web_phone" if "operator" in principal.staff.roles else "on_site"
    wish = Wish(int(body.slot), body.item, body.hall, channel)
    who = await _bookers(request).of_phone(body.phone)
    return await _service(request).book_at_desk(principal.staff, who, wish, key)


@endpoint(
    room,
    "POST",
    "/<id:str>/confirm",
    auth=Auth.CITIZEN,
    summary="Turn a hold into a booking",
    body=ConfirmRequest,
    returns=AppointmentView,
    errors=(AppointmentNotFound, HoldExpired, NotAllowed, MaterialsNotReady),
)
async def confirm(
    request: Request, principal: Principal, id: str, body: ConfirmRequest
) -> AppointmentView:
    """Confirm (确认预约)."""
    citizen, ready = citizen_of(principal), body.materials_ready
    return await _service(request).confirm(citizen, appointment_id(id), ready=ready)


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
    return await _service(request).cancel(citizen_of(principal), appointment_id(id))


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
        *PLACE_ERRORS,
        *SLOT_ERRORS,
        *PERSON_ERRORS,
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
    citizen, booking = citizen_of(principal), appointment_id(id)
    return await _service(request).reschedule(citizen, booking, int(body.slot), key)


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
    return await _service(request).mine(citizen_of(principal), active=query.active)


@endpoint(
    room,
    "GET",
    "/<id:str>",
    auth=Auth.CITIZEN,
    summary="One of my bookings",
    returns=AppointmentView,
    errors=(AppointmentNotFound,),
)
async def one(request: Request, principal: Principal, id: str) -> AppointmentView:
    """Show a booking (预约详情)."""
    return await _service(request).one(citizen_of(principal), appointment_id(id))
