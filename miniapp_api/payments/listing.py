"""What cashiers see of orders (缴费单列表): money, states and numbers, and nobody's data."""

from __future__ import annotations

from uuid import UUID

from miniapp_api.payments import listing_store, rules
from miniapp_api.payments.schemas import CashierOrder, CashierRefund, Orders, OrdersQuery
from miniapp_api.platform.clock import Clock


async def orders(query: OrdersQuery, clock: Clock) -> Orders:
    """Return a page of orders, newest first, and where the next one begins."""
    zone = clock.now().tzinfo
    since = rules.day_bounds(query.since, zone)[0] if query.since else None
    before = rules.day_bounds(query.until, zone)[1] if query.until else None
    rows = await listing_store.orders(
        query.status, since, before, query.due_back, query.after, query.number, query.limit + 1
    )
    shown = rows[: query.limit]
    refunds = await listing_store.refunds(row["id"] for row in shown)
    found = [
        CashierOrder(**row, refunds=[CashierRefund(**r) for r in refunds[UUID(str(row["id"]))]])
        for row in shown
    ]
    return Orders(orders=found, next=found[-1].id if len(rows) > len(shown) else None)
