"""Request and response shapes of payments. Amounts are in fen (分)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from miniapp_api.payments.rules import Flaw, Kind, RefundStatus, Status
from miniapp_api.platform.http import Shape

Fen = Annotated[int, Field(ge=1, le=10**11, examples=[1000])]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2999, 12, 31))]
Openid = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,128}$")]


class OrderView(Shape):
    """An order (缴费单), as its citizen sees it."""

    id: UUID
    subject: str
    description: str
    amount_fen: int
    refunded_fen: int
    status: Status
    expires_at: datetime
    paid_at: datetime | None
    receipt_number: str | None


class PrepayRequest(Shape):
    """Start paying; openid: of whoever pays, when it is not the one we know of the citizen."""

    openid: Openid | None = None


class PayParameters(Shape):
    """What wx.requestPayment takes (调起支付参数)."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    timestamp: str = Field(alias="timeStamp")
    nonce: str = Field(alias="nonceStr")
    package: str
    sign_type: Literal["RSA"] = Field("RSA", alias="signType")
    pay_sign: str = Field(alias="paySign")


class BrowserPayment(Shape):
    """Where a browser pays (H5支付): to be opened within minutes, with redirect_url of its own."""

    url: str


class MyOrders(Shape):
    """My orders (我的缴费), newest first."""

    orders: list[OrderView]


class RefundRequest(Shape):
    """Give back some or all of a payment (退款)."""

    amount_fen: Fen
    reason: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")]


class RefundView(Shape):
    """A refund (退款) and how far it is."""

    id: UUID
    order: UUID
    amount_fen: int
    reason: str
    status: RefundStatus
    requested_at: datetime
    done_at: datetime | None


class OrdersQuery(Shape):
    """A page of orders, newest first, after the order `after`; days: when they were opened."""

    status: Status | None = None
    since: Day | None = None
    until: Day | None = Field(None, description="the last day")
    due_back: bool = Field(False, description="要退还没在退的，或退款异常的")
    number: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,64}$")] | None = Field(
        None, description="商户订单号、微信支付单号或凭证号"
    )
    after: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class CashierRefund(Shape):
    """A refund in a list."""

    id: UUID
    amount_fen: int
    status: RefundStatus
    requested_at: datetime
    done_at: datetime | None


class CashierOrder(Shape):
    """An order (缴费单), as cashiers see it; held_fen: given back, or on its way."""

    id: UUID
    out_trade_no: str
    subject: str
    description: str
    amount_fen: int
    held_fen: int
    refunded_fen: int
    status: Status
    created_at: datetime
    paid_at: datetime | None
    transaction_id: str | None
    receipt_number: str | None
    refunds: list[CashierRefund]


class Orders(Shape):
    """A page of orders; next: what to ask for `after`, or nothing more."""

    orders: list[CashierOrder]
    next: UUID | None


class ReconcileRequest(Shape):
    """Compare WeChat's bill of a day with our books (对账)."""

    day: date


class DifferenceView(Shape):
    """A line on which the bill and our books differ (差异)."""

    kind: Kind
    number: str
    flaw: Flaw
    ours: str | None
    theirs: str | None


class Totals(Shape):
    """How many, and how much."""

    payments: int
    payments_fen: int
    refunds: int
    refunds_fen: int


class ReportView(Shape):
    """A reconciliation (对账结果): clean means not a single difference."""

    day: date
    made_at: datetime
    clean: bool
    theirs: Totals
    ours: Totals
    differences: list[DifferenceView]
