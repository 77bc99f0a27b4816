"""What a payer hears of his refunds (退款消息), and through whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.payments import rules, store
from miniapp_api.payments.refund_store import Refund
from miniapp_api.payments.rules import RefundStatus

# How an abnormal refund (退款异常) ends he hears when it has.
TOLD = frozenset({"requested", "succeeded", "failed"})


class Messages(Protocol):
    """Tells citizens what they should know."""

    async def tell(
        self,
        connection: BaseDBAsyncClient,
        citizen: UUID,
        kind: str,
        *,
        about: Mapping[str, Any],
        due: datetime,
        key: str | None = None,
    ) -> None:
        """Queue a message in the caller's transaction; the same key twice is one message."""


async def tell_payer(
    messages: Messages,
    connection: BaseDBAsyncClient,
    refund: Refund,
    status: RefundStatus,
    now: datetime,
) -> None:
    """Tell whoever has the order what became of a refund: amount and item, nothing of him."""
    order = await store.by_id(refund.order_id, connection) if status in TOLD else None
    if order is None:
        return
    about = {
        "item_name": order.description,
        "yuan": rules.yuan(refund.amount_fen),
        "order": str(order.id),
    }
    kind = f"refund_{status}"
    key = f"{kind}:{refund.id}"
    await messages.tell(connection, order.citizen, kind, about=about, due=now, key=key)
