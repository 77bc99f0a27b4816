"""HTTP in and out of tickets and screens."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import html

from miniapp_api.appointments.errors import (
    NothingBookedToday,
    QrReplayed,
    QrWrongDay,
    QrWrongHall,
)
from miniapp_api.appointments.visits import Arriving, IdNumber, Phone, QrToken
from miniapp_api.guides.errors import ItemNotFound
from miniapp_api.hall.display import Display
from miniapp_api.hall.errors import (
    ActionNotAllowed,
    HallClosed,
    HallUnknown,
    QueueUnknown,
    RemoteTicketsOff,
    TicketExists,
    TicketNotFound,
    TooManyRequeues,
)
from miniapp_api.hall.printing import printed
from miniapp_api.hall.schemas import (
    Board,
    CheckInRequest,
    RemoteTicketRequest,
    Tickets,
    TicketView,
    WalkInRequest,
)
from miniapp_api.hall.tickets import TicketService
from miniapp_api.identity.service import IdNumberInvalid, PhoneInvalid
from miniapp_api.platform.auth import Auth, Principal, staff_of
from miniapp_api.platform.errors import LoginRequired
from miniapp_api.platform.http import STREAMED, endpoint
from miniapp_api.platform.idempotency import KeyReused
from miniapp_api.platform.signing import TokenExpired, TokenForged

room = Blueprint("hall", url_prefix="/hall")
RECEPTION = frozenset({"kiosk", "clerk", "queue_manager"})
EVENT_STREAM = "text/event-stream"
ALIVE = b"event: alive\ndata: {}\n\n"  # a screen that hears it knows that its line is not dead


def _tickets(request: Request) -> TicketService:
    service: TicketService = request.app.ctx.tickets
    return service


def _citizen(principal: Principal) -> UUID:
    if principal.citizen is None:
        raise LoginRequired()
    return principal.citizen


def ticket_id(text: str) -> UUID:
    """Read a ticket's id from a path."""
    try:
        return UUID(text)
    except ValueError:
        raise TicketNotFound() from None


def _arriving(body: CheckInRequest) -> Arriving:
    if body.qr is not None:
        return QrToken(body.qr)
    return Phone(body.phone) if body.phone is not None else IdNumber(body.id_number or "")


@endpoint(
    room,
    "POST",
    "/<hall:str>/check-ins",
    auth=Auth.STAFF,
    roles=RECEPTION,
    summary="Check in who booked for today",
    body=CheckInRequest,
    returns=Tickets,
    status=201,
    errors=(
        HallUnknown,
        PhoneInvalid,
        IdNumberInvalid,
        TokenForged,
        TokenExpired,
        QrReplayed,
        QrWrongDay,
        QrWrongHall,
        NothingBookedToday,
        KeyReused,
    ),
    idempotency="required",
)
async def check_in(
    request: Request, principal: Principal, hall: str, body: CheckInRequest, key: str
) -> Tickets:
    """Check in (签到取号)."""
    staff = staff_of(principal, hall)
    return await _tickets(request).check_in(hall, _arriving(body), body.priority, staff.id, key)


@endpoint(
    room,
    "POST",
    "/<hall:str>/tickets",
    auth=Auth.STAFF,
    roles=RECEPTION,
    summary="Give a ticket to somebody without a booking",
    body=WalkInRequest,
    returns=TicketView,
    status=201,
    errors=(HallUnknown, ItemNotFound, QueueUnknown, HallClosed, KeyReused),
    idempotency="required",
)
async def walk_in(
    request: Request, principal: Principal, hall: str, body: WalkInRequest, key: str
) -> TicketView:
    """Take a ticket on site (现场取号)."""
    staff = staff_of(principal, hall)
    wanted = (body.item, body.queue, body.priority)
    return await _tickets(request).walk_in(hall, *wanted, staff.id, key)


@endpoint(
    room,
    "GET",
    "/<hall:str>/tickets/<id:str>/print",
    auth=Auth.STAFF,
    roles=RECEPTION,
    summary="A ticket on 80 mm paper",
    media="text/html",
    errors=(TicketNotFound,),
)
async def print_ticket(request: Request, principal: Principal, hall: str, id: str) -> HTTPResponse:
    """Print a ticket (打印小票)."""
    staff_of(principal, hall)
    app = request.app
    ticket = await _tickets(request).view(hall, ticket_id(id))
    zone = app.ctx.clock.now().tzinfo
    return html(printed(ticket, app.ctx.guides.hall(hall).name, zone))


@endpoint(
    room,
    "POST",
    "/<hall:str>/remote-tickets",
    auth=Auth.CITIZEN,
    summary="Take a ticket from the phone",
    body=RemoteTicketRequest,
    returns=TicketView,
    status=201,
    errors=(
        HallUnknown,
        ItemNotFound,
        QueueUnknown,
        RemoteTicketsOff,
        HallClosed,
        TicketExists,
        KeyReused,
    ),
    idempotency="required",
)
async def remote_ticket(
    request: Request, principal: Principal, hall: str, body: RemoteTicketRequest, key: str
) -> TicketView:
    """Take a ticket from the phone (手机取号)."""
    return await _tickets(request).remote(hall, body.item, _citizen(principal), key)


@endpoint(
    room,
    "GET",
    "/tickets/mine",
    auth=Auth.CITIZEN,
    summary="My tickets, who is ahead, how long it takes",
    returns=Tickets,
)
async def my_tickets(request: Request, principal: Principal) -> Tickets:
    """Show where I stand (前面还有几位)."""
    return await _tickets(request).mine(_citizen(principal))


@endpoint(
    room,
    "POST",
    "/tickets/<id:str>/leave",
    auth=Auth.CITIZEN,
    summary="Give a ticket back",
    returns=TicketView,
    errors=(TicketNotFound, ActionNotAllowed),
)
async def leave(request: Request, principal: Principal, id: str) -> TicketView:
    """Give a ticket back (不等了)."""
    return await _tickets(request).leave(_citizen(principal), ticket_id(id))


@endpoint(
    room,
    "POST",
    "/tickets/<id:str>/requeue",
    auth=Auth.CITIZEN,
    summary="Queue again after having been passed",
    returns=TicketView,
    errors=(TicketNotFound, ActionNotAllowed, TooManyRequeues),
)
async def requeue_mine(request: Request, principal: Principal, id: str) -> TicketView:
    """Queue again (过号后重新排队)."""
    return await _tickets(request).requeue(_citizen(principal), ticket_id(id))


@endpoint(
    room,
    "GET",
    "/<hall:str>/board",
    auth=Auth.PUBLIC,
    summary="What the hall's screen shows",
    returns=Board,
    errors=(HallUnknown,),
)
async def board(request: Request, hall: str) -> Board:
    """Show the board (叫号屏)."""
    return await _display(request, hall).board(hall)


@endpoint(
    room,
    "GET",
    "/<hall:str>/stream",
    auth=Auth.PUBLIC,
    summary="The calls of a hall as server-sent events",
    media=EVENT_STREAM,
    errors=(HallUnknown,),
)
async def stream(request: Request, hall: str) -> Any:
    """Stream the calls (叫号推送): resumed by Last-Event-ID."""
    display = _display(request, hall)
    seen = request.headers.get("last-event-id", "")
    after = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 19 else None
    heartbeat = request.app.ctx.settings.hall.heartbeat_seconds
    async with display.listen(hall, after) as listener:
        response = await request.respond(
            content_type=EVENT_STREAM, headers={"Cache-Control": "no-store"}
        )
        while True:
            try:
                message = await asyncio.wait_for(listener.queue.get(), heartbeat)
            except TimeoutError:
                message = ALIVE
            if message is None:
                break
            await response.send(message)
        await response.eof()
    return STREAMED


def _display(request: Request, hall: str) -> Display:
    if hall not in {each.id for each in request.app.ctx.guides.halls()}:
        raise HallUnknown()
    display: Display = request.app.ctx.display
    return display
