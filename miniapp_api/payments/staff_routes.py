"""HTTP in and out of the cashier's work (财务): refunds and reconciliations."""

from __future__ import annotations

from datetime import date

from sanic import Request

from miniapp_api.payments.errors import (
    DayNotReady,
    OrderNotFound,
    PayRejected,
    PayUnavailable,
    RefundNotAllowed,
    RefundTooMuch,
    ReportNotFound,
)
from miniapp_api.payments.routes import order_id, room, service_of
from miniapp_api.payments.schemas import (
    Orders,
    OrdersQuery,
    ReconcileRequest,
    RefundRequest,
    RefundView,
    ReportView,
)
from miniapp_api.platform.audit import Actor
from miniapp_api.platform.auth import Auth, Principal, staff_of
from miniapp_api.platform.http import endpoint
from miniapp_api.platform.idempotency import KeyReused

CASHIERS = frozenset({"cashier"})


@endpoint(
    room,
    "GET",
    "/desk/orders",
    auth=Auth.STAFF,
    roles=CASHIERS,
    second_factor=True,
    summary="Orders, newest first",
    query=OrdersQuery,
    returns=Orders,
)
async def orders(request: Request, principal: Principal, query: OrdersQuery) -> Orders:
    """List orders (缴费单列表)."""
    staff_of(principal)
    return await service_of(request).orders(query)


@endpoint(
    room,
    "POST",
    "/orders/<id:str>/refunds",
    auth=Auth.STAFF,
    roles=CASHIERS,
    second_factor=True,
    summary="Give some or all of a payment back",
    body=RefundRequest,
    returns=RefundView,
    status=201,
    idempotency="required",
    errors=(OrderNotFound, RefundTooMuch, RefundNotAllowed, KeyReused),
)
async def refund(
    request: Request, principal: Principal, id: str, body: RefundRequest, key: str
) -> RefundView:
    """Give back (退款)."""
    staff, service = staff_of(principal), service_of(request)
    return await service.refund(staff, order_id(id), body.amount_fen, body.reason, key)


@endpoint(
    room,
    "POST",
    "/reconciliations",
    auth=Auth.STAFF,
    roles=CASHIERS,
    second_factor=True,
    summary="Compare WeChat's bill of a day with our books",
    body=ReconcileRequest,
    returns=ReportView,
    errors=(DayNotReady, PayUnavailable, PayRejected),
)
async def reconcile(request: Request, principal: Principal, body: ReconcileRequest) -> ReportView:
    """Reconcile (对账)."""
    staff = staff_of(principal)
    return await service_of(request).reconcile(body.day, Actor("staff", staff.id), staff.hall)


@endpoint(
    room,
    "GET",
    "/reconciliations/<day:str>",
    auth=Auth.STAFF,
    roles=CASHIERS,
    second_factor=True,
    summary="The latest reconciliation of a day",
    returns=ReportView,
    errors=(ReportNotFound,),
)
async def report(request: Request, principal: Principal, day: str) -> ReportView:
    """Show a reconciliation (对账结果)."""
    staff_of(principal)
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        raise ReportNotFound() from None
    return await service_of(request).report(wanted)
