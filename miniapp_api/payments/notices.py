"""A notification of WeChat Pay, from its bytes to what it says: verified, opened, read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from miniapp_api.payments import wechat_pay_crypto as crypto
from miniapp_api.payments import wechat_pay_shapes as shapes
from miniapp_api.payments.errors import NotifyForged, NotifyGarbled
from miniapp_api.payments.rules import RefundNews, Trade

PAID = "TRANSACTION.SUCCESS"
REFUND_PREFIX = "REFUND."


@dataclass(frozen=True)
class Notice:
    """A notification (通知) that WeChat Pay really sent; both None: nothing that concerns us."""

    id: str
    kind: str
    trade: Trade | None = None
    refund: RefundNews | None = None

    @property
    def number(self) -> str | None:
        """Which order or refund it is about."""
        if self.trade:
            return self.trade.out_trade_no
        return self.refund.out_refund_no if self.refund else None


def read(keys: crypto.Keys, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
    """Return what a notification says; raise NotifyForged or NotifyGarbled."""
    try:
        crypto.verify(keys.platform, headers, body, now)
        return _opened(keys.api_key, shapes.read(shapes.Notification, body))
    except crypto.Forged as forged:
        raise NotifyForged(forged.why) from None
    except shapes.Garbled:
        raise NotifyGarbled() from None


def _opened(api_key: bytes, sent: shapes.Notification) -> Notice:
    sealed = sent.resource
    if sealed.algorithm != crypto.ALGORITHM:
        raise NotifyGarbled()
    plain = crypto.unseal(api_key, sealed.nonce, sealed.associated_data, sealed.ciphertext)
    if sent.event_type == PAID:
        trade = shapes.trade_of(shapes.read(shapes.TradeShape, plain))
        return Notice(sent.id, sent.event_type, trade=trade)
    if sent.event_type.startswith(REFUND_PREFIX):
        refund = shapes.refund_of(shapes.read(shapes.RefundShape, plain))
        return Notice(sent.id, sent.event_type, refund=refund)
    return Notice(sent.id, sent.event_type)
