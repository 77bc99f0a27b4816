"""The JSON of WeChat Pay v3, as far as we read it; what does not fit raises Garbled."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from miniapp_api.payments.rules import RefundNews, Trade

Number = Annotated[str, Field(min_length=1, max_length=64)]
Fen = Annotated[int, Field(ge=0, le=10**12, strict=True)]


class Garbled(Exception):
    """WeChat Pay's JSON is not what it should be."""


class Theirs(BaseModel):
    """An object of theirs: fields that we do not know are none of our business."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Prepay(Theirs):
    """The answer to an order."""

    prepay_id: Number


class BrowserPrepay(Theirs):
    """The answer to an order for a browser (H5下单): a cashier's page."""

    h5_url: Annotated[str, Field(max_length=512, pattern=r"^https?://")]


class TradeAmount(Theirs):
    """The amount (金额) of a trade."""

    total: Fen
    currency: str = "CNY"


class TradeShape(Theirs):
    """A trade (交易), queried or notified."""

    appid: str
    mchid: str
    out_trade_no: Number
    trade_state: Annotated[str, Field(max_length=32)]
    transaction_id: Number | None = None
    success_time: AwareDatetime | None = None
    amount: TradeAmount | None = None


class RefundAmount(Theirs):
    """The amounts of a refund."""

    total: Fen
    refund: Fen


class RefundShape(Theirs):
    """A refund (退款), asked for, queried or notified."""

    mchid: str | None = None
    out_trade_no: Number
    out_refund_no: Number
    refund_id: Number
    status: Annotated[str | None, Field(max_length=16)] = None
    refund_status: Annotated[str | None, Field(max_length=16)] = None
    create_time: AwareDatetime | None = None
    success_time: AwareDatetime | None = None
    amount: RefundAmount


class BillLink(Theirs):
    """Where a bill is to be had, and what it must hash to."""

    hash_type: str
    hash_value: str
    download_url: Annotated[str, Field(max_length=2048)]


class Fault(Theirs):
    """What WeChat Pay says when it refuses."""

    code: Annotated[str, Field(max_length=64)]


class Resource(Theirs):
    """The sealed part of a notification."""

    algorithm: str
    ciphertext: Annotated[str, Field(max_length=1_048_576)]
    nonce: Annotated[str, Field(min_length=8, max_length=16)]
    associated_data: Annotated[str, Field(max_length=16)] = ""
    original_type: str = ""


class Notification(Theirs):
    """A notification (通知)."""

    id: Annotated[str, Field(min_length=1, max_length=36)]
    event_type: Annotated[str, Field(min_length=1, max_length=32)]
    resource: Resource


def read[Model: Theirs](model: type[Model], body: bytes) -> Model:
    """Read JSON; raise Garbled, which never carries what was read."""
    try:
        return model.model_validate_json(body)
    except ValidationError:
        raise Garbled(model.__name__) from None


def trade_of(shape: TradeShape) -> Trade:
    """Return a trade in our words."""
    amount = shape.amount
    return Trade(
        appid=shape.appid,
        mchid=shape.mchid,
        out_trade_no=shape.out_trade_no,
        state=shape.trade_state,
        transaction_id=shape.transaction_id,
        amount_fen=amount.total if amount else None,
        currency=amount.currency if amount else "CNY",
        paid_at=shape.success_time,
    )


def refund_of(shape: RefundShape) -> RefundNews:
    """Return a refund in our words; raise Garbled when it has no state."""
    state = shape.status or shape.refund_status
    if state is None:
        raise Garbled("RefundShape")
    return RefundNews(
        mchid=shape.mchid,
        out_trade_no=shape.out_trade_no,
        out_refund_no=shape.out_refund_no,
        refund_id=shape.refund_id,
        state=state,
        amount_fen=shape.amount.refund,
        total_fen=shape.amount.total,
        accepted_at=shape.create_time,
        done_at=shape.success_time,
    )


def moment(at: datetime) -> str:
    """Return a time as WeChat Pay writes it (RFC 3339)."""
    return at.replace(microsecond=0).isoformat()
