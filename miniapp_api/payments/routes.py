"""HTTP in and out of paying: the citizen's routes, and WeChat Pay's notifications."""

from __future__ import annotations

from uuid import UUID

import orjson
from sanic import Blueprint, HTTPResponse, Request

from miniapp_api.payments.errors import (
    NotifyForged,
    NotifyGarbled,
    NotifyMismatch,
    NotifyNotKept,
    NotifyRefused,
    NotifyTooMany,
    NotifyUnavailable,
    NotifyUnknown,
    OpenidRequired,
    OrderExpired,
    OrderNotFound,
    OrderPaid,
    PayRejected,
    PayUnavailable,
    ReceiptNotReady,
)
from miniapp_api.payments.schemas import (
    BrowserPayment,
    MyOrders,
    OrderView,
    PayParameters,
    PrepayRequest,
)
from miniapp_api.payments.service import PaymentService
from miniapp_api.platform.auth import Auth, Principal
from miniapp_api.platform.errors import LoginRequired, Unavailable, translate
from miniapp_api.platform.http import JSON, endpoint
from miniapp_api.platform.logs import log

PDF = "application/pdf"

room = Blueprint("payments", url_prefix="/payments")


def service_of(request: Request) -> PaymentService:
    """Return the service."""
    service: PaymentService = request.app.ctx.payments
    return service


def _citizen(principal: Principal) -> UUID:
    if principal.citizen is None:
        raise LoginRequired()
    return principal.citizen


def order_id(id: str) -> UUID:
    """Read an order's id from a path; raise OrderNotFound."""
    try:
        return UUID(id)
    except ValueError:
        raise OrderNotFound() from None


@endpoint(room, "GET", "/orders", auth=Auth.CITIZEN, summary="My latest orders", returns=MyOrders)
async def orders_of_mine(request: Request, principal: Principal) -> MyOrders:
    """List my orders (我的缴费)."""
    return MyOrders(orders=await service_of(request).mine(_citizen(principal)))


@endpoint(
    room,
    "GET",
    "/orders/<id:str>",
    auth=Auth.CITIZEN,
    summary="My order",
    returns=OrderView,
    errors=(OrderNotFound,),
)
async def order(request: Request, principal: Principal, id: str) -> OrderView:
    """Show an order (缴费单)."""
    return await service_of(request).view(_citizen(principal), order_id(id))


@endpoint(
    room,
    "POST",
    "/orders/<id:str>/prepay",
    auth=Auth.CITIZEN,
    summary="Start paying my order",
    body=PrepayRequest,
    returns=PayParameters,
    errors=(OrderNotFound, OrderPaid, OrderExpired, OpenidRequired, PayUnavailable, PayRejected),
)
async def prepay(
    request: Request, principal: Principal, id: str, body: PrepayRequest
) -> PayParameters:
    """Start paying (下单)."""
    return await service_of(request).prepay(_citizen(principal), order_id(id), body.openid)


@endpoint(
    room,
    "POST",
    "/orders/<id:str>/browser",
    auth=Auth.CITIZEN,
    summary="Start paying my order in a browser outside WeChat",
    returns=BrowserPayment,
    errors=(OrderNotFound, OrderPaid, OrderExpired, PayUnavailable, PayRejected),
)
async def browser(request: Request, principal: Principal, id: str) -> BrowserPayment:
    """Start paying in a browser (H5下单): WeChat wants to know from which address he pays."""
    citizen, address = _citizen(principal), request.client_ip.strip("[]")
    url = await service_of(request).browser(citizen, order_id(id), address)
    return BrowserPayment(url=url)


@endpoint(
    room,
    "GET",
    "/orders/<id:str>/receipt",
    auth=Auth.CITIZEN,
    summary="The receipt of my order, as PDF",
    media=PDF,
    errors=(OrderNotFound, ReceiptNotReady),
)
async def receipt(request: Request, principal: Principal, id: str) -> HTTPResponse:
    """Give the receipt (电子缴费凭证)."""
    content = await service_of(request).receipt(_citizen(principal), order_id(id))
    headers = {"Content-Disposition": "inline; filename=receipt.pdf", "Cache-Control": "no-store"}
    return HTTPResponse(content, content_type=PDF, headers=headers)


@endpoint(
    room,
    "POST",
    "/notify",
    auth=Auth.PUBLIC,
    summary="WeChat Pay's notifications; refusals are {code: FAIL, message}, as WeChat wants them",
    status=204,
    errors=(
        NotifyForged,
        NotifyGarbled,
        NotifyUnknown,
        NotifyMismatch,
        NotifyTooMany,
        NotifyNotKept,
        NotifyUnavailable,
    ),
)
async def notify(request: Request) -> HTTPResponse:
    """Take a notification (支付通知): whatever goes wrong, WeChat hears FAIL and tells us again."""
    try:
        await service_of(request).notified(request.headers, request.body)
    except NotifyRefused as refused:
        return _fail(refused)
    except Exception as error:
        log.error("pay_notification_failed", error=type(error).__name__, trace=error)
        away = isinstance(translate(error), Unavailable)
        return _fail(NotifyUnavailable() if away else NotifyNotKept())
    return HTTPResponse(status=204)


def _fail(refused: NotifyRefused) -> HTTPResponse:
    content = orjson.dumps({"code": refused.code, "message": refused.title})
    return HTTPResponse(content, status=refused.status, content_type=JSON)
