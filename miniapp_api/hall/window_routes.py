"""HTTP in and out of windows."""

from __future__ import annotations

from sanic import HTTPResponse, Request
from sanic.response import raw

from miniapp_api.hall.errors import (
    ActionNotAllowed,
    AlreadyAtWindow,
    HallUnknown,
    NobodyWaiting,
    NotAtWindow,
    NoTicketInHand,
    QueueUnknown,
    RecallLimit,
    TicketInHand,
    TicketNotFound,
    TooManyRequeues,
    WindowClosedNow,
    WindowNotYours,
    WindowPaused,
    WindowServesNothing,
    WindowTaken,
    WindowUnknown,
)
from miniapp_api.hall.overview import HallOverview
from miniapp_api.hall.poster import Posters
from miniapp_api.hall.routes import room, ticket_id
from miniapp_api.hall.schemas import CalledTicket, Overview, Panel, TransferRequest
from miniapp_api.hall.windows import WindowService
from miniapp_api.platform.auth import Auth, Principal, staff_of
from miniapp_api.platform.http import endpoint

CLERK = frozenset({"clerk"})
RECEPTION = frozenset({"clerk", "queue_manager"})
MANAGING = frozenset({"hall_manager"})
PNG = "image/png"
KEPT = "private, max-age=86400"
SEEING = frozenset({"queue_manager", "hall_manager", "auditor"})
WINDOW = "/<hall:str>/windows/<number:str>"
IN_HAND = (WindowUnknown, NotAtWindow, NoTicketInHand, TicketNotFound, ActionNotAllowed)


def _windows(request: Request) -> WindowService:
    service: WindowService = request.app.ctx.windows
    return service


@endpoint(
    room,
    "GET",
    WINDOW,
    auth=Auth.STAFF,
    roles=CLERK,
    summary="My panel",
    returns=Panel,
    errors=(WindowUnknown, NotAtWindow),
)
async def panel(request: Request, principal: Principal, hall: str, number: str) -> Panel:
    """Show the panel (窗口面板)."""
    return await _windows(request).panel(staff_of(principal, hall), number)


@endpoint(
    room,
    "POST",
    f"{WINDOW}/open",
    auth=Auth.STAFF,
    roles=CLERK,
    summary="Open a window",
    returns=Panel,
    errors=(WindowUnknown, WindowServesNothing, WindowNotYours, WindowTaken, AlreadyAtWindow),
)
async def open_window(request: Request, principal: Principal, hall: str, number: str) -> Panel:
    """Open a window (上岗)."""
    return await _windows(request).open(staff_of(principal, hall), number)


@endpoint(
    room,
    "POST",
    f"{WINDOW}/pause",
    auth=Auth.STAFF,
    roles=CLERK,
    summary="Pause a window",
    returns=Panel,
    errors=(WindowUnknown, NotAtWindow),
)
async def pause(request: Request, principal: Principal, hall: str, number: str) -> Panel:
    """Pause (暂停)."""
    return await _windows(request).pause(staff_of(principal, hall), number)


@endpoint(
    room,
    "POST",
    f"{WINDOW}/resume",
    auth=Auth.STAFF,
    roles=CLERK,
    summary="Resume a window",
    returns=Panel,
    errors=(WindowUnknown, NotAtWindow),
)
async def resume(request: Request, principal: Principal, hall: str, number: str) -> Panel:
    """Resume (恢复)."""
    return await _windows(request).resume(staff_of(principal, hall), number)


@endpoint(
    room,
    "POST",
    f"{WINDOW}/close",
    auth=Auth.STAFF,
    roles=CLERK,
    summary="Leave a window",
    status=204,
    errors=(WindowUnknown, NotAtWindow, TicketInHand),
)
async def close_window(request: Request, principal: Principal, hall: str, number: str) -> None:
    """Leave a window (离岗)."""
    await _windows(request).close(staff_of(principal, hall), number)


@endpoint(
    room,
    "POST",
    f"{WINDOW}/next",
    auth=Auth.STAFF,
    roles=CLERK,
    summary="Call the next ticket",
    returns=CalledTicket,
    errors=(
        WindowUnknown,
        NotAtWindow,
        WindowPaused,
        WindowClosedNow,
        TicketInHand,
        NobodyWaiting,
    ),
)
async def call_next(request: Request, principal: Principal, hall: str, number: str) -> CalledTicket:
    """Call the next (叫号)."""
    return await _windows(request).next(staff_of(principal, hall), number)


@endpoint(
    room,
    "POST",
    f"{WINDOW}/recall",
    auth=Auth.STAFF,
    roles=CLERK,
    summary="Call the ticket in hand again",
    returns=CalledTicket,
    errors=(*IN_HAND, RecallLimit),
)
async def recall(request: Request, principal: Principal, hall: str, number: str) -> CalledTicket:
    """Call again (重呼)."""
    return await _windows(request).recall(staff_of(principal, hall), number)


@endpoint(
    room,
    "POST",
    f"{WINDOW}/start",
    auth=Auth.STAFF,
    roles=CLERK,
    summary="Begin to serve",
    returns=CalledTicket,
    errors=IN_HAND,
)
async def start(request: Request, principal: Principal, hall: str, number: str) -> CalledTicket:
    """Begin to serve (开始办理)."""
    return await _windows(request).start(staff_of(principal, hall), number)


@endpoint(
    room,
    "POST",
    f"{WINDOW}/finish",
    auth=Auth.STAFF,
    roles=CLERK,
    summary="The matter is done",
    returns=CalledTicket,
    errors=IN_HAND,
)
async def finish(request: Request, principal: Principal, hall: str, number: str) -> CalledTicket:
    """Finish (办结)."""
    return await _windows(request).finish(staff_of(principal, hall), number)


@endpoint(
    room,
    "POST",
    f"{WINDOW}/pass",
    auth=Auth.STAFF,
    roles=CLERK,
    summary="Nobody came",
    returns=CalledTicket,
    errors=IN_HAND,
)
async def pass_(request: Request, principal: Principal, hall: str, number: str) -> CalledTicket:
    """Pass (过号)."""
    return await _windows(request).pass_(staff_of(principal, hall), number)


@endpoint(
    room,
    "POST",
    f"{WINDOW}/hold",
    auth=Auth.STAFF,
    roles=CLERK,
    summary="Put the case in hand aside",
    returns=CalledTicket,
    errors=IN_HAND,
)
async def put_aside(request: Request, principal: Principal, hall: str, number: str) -> CalledTicket:
    """Put aside (挂起)."""
    return await _windows(request).hold(staff_of(principal, hall), number)


@endpoint(
    room,
    "POST",
    f"{WINDOW}/take/<id:str>",
    auth=Auth.STAFF,
    roles=CLERK,
    summary="Take a case up again",
    returns=CalledTicket,
    errors=(WindowUnknown, NotAtWindow, TicketInHand, TicketNotFound, ActionNotAllowed),
)
async def take(
    request: Request, principal: Principal, hall: str, number: str, id: str
) -> CalledTicket:
    """Take up again (恢复办理)."""
    return await _windows(request).take(staff_of(principal, hall), number, ticket_id(id))


@endpoint(
    room,
    "POST",
    f"{WINDOW}/transfer",
    auth=Auth.STAFF,
    roles=CLERK,
    summary="Send the ticket in hand to another queue",
    body=TransferRequest,
    returns=CalledTicket,
    errors=(*IN_HAND, QueueUnknown),
)
async def transfer(
    request: Request, principal: Principal, hall: str, number: str, body: TransferRequest
) -> CalledTicket:
    """Transfer (转号)."""
    return await _windows(request).transfer(staff_of(principal, hall), number, body.queue)


@endpoint(
    room,
    "POST",
    "/<hall:str>/tickets/<id:str>/requeue",
    auth=Auth.STAFF,
    roles=RECEPTION,
    summary="Let a passed number queue again",
    returns=CalledTicket,
    errors=(TicketNotFound, ActionNotAllowed, TooManyRequeues),
)
async def requeue(request: Request, principal: Principal, hall: str, id: str) -> CalledTicket:
    """Queue again (过号重排)."""
    return await _windows(request).requeue(staff_of(principal, hall), ticket_id(id))


@endpoint(
    room,
    "GET",
    "/<hall:str>/overview",
    auth=Auth.STAFF,
    roles=SEEING,
    summary="The hall at a glance",
    returns=Overview,
    errors=(HallUnknown,),
)
async def overview(request: Request, principal: Principal, hall: str) -> Overview:
    """Show windows and queues (大厅总览)."""
    service: HallOverview = request.app.ctx.hall_overview
    return await service.of(staff_of(principal, hall).hall)


@endpoint(
    room,
    "GET",
    "/<hall:str>/poster.png",
    auth=Auth.STAFF,
    roles=MANAGING,
    summary="The code for a poster at the entrance",
    media=PNG,
    errors=(HallUnknown,),
)
async def poster(request: Request, principal: Principal, hall: str) -> HTTPResponse:
    """Draw the poster's code (入口海报): WeChat's, or a plain one while it is away."""
    service: Posters = request.app.ctx.posters
    picture, lasting = await service.of(staff_of(principal, hall).hall)
    kept = KEPT if lasting else "no-store"
    return raw(picture, content_type=PNG, headers={"Cache-Control": kept})
