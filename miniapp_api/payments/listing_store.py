"""Every query of the cashiers' list of orders (缴费单列表)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from miniapp_api.payments.rules import Status
from miniapp_api.platform.database import Rows, fetch

# Newest first, after the order $5; due_back: money is to go back, and is not on its way.
LIST = """
SELECT id, out_trade_no, subject, description, amount_fen, held_fen, refunded_fen, status,
       created_at, paid_at, transaction_id, receipt_number
FROM pay_order o
WHERE ($1::text IS NULL OR status = $1)
  AND ($2::timestamptz IS NULL OR created_at >= $2) AND ($3::timestamptz IS NULL OR created_at < $3)
  AND (NOT $4 OR (status IN ('late', 'void') AND held_fen < amount_fen)
       OR EXISTS (SELECT FROM pay_refund r WHERE r.order_id = o.id AND r.status = 'abnormal'))
  AND ($5::uuid IS NULL OR (created_at, id) < (SELECT created_at, id FROM pay_order WHERE id = $5))
  AND ($6::text IS NULL OR $6 IN (out_trade_no, transaction_id, receipt_number))
ORDER BY created_at DESC, id DESC LIMIT $7
"""
OF_CITIZEN = """
SELECT id, out_trade_no, subject, description, amount_fen, refunded_fen, status, created_at,
       paid_at, transaction_id, receipt_number
FROM pay_order WHERE citizen = $1 ORDER BY created_at DESC, id
"""
REFUNDS = """
SELECT id, order_id, amount_fen, status, requested_at, done_at FROM pay_refund
WHERE order_id = ANY($1::uuid[]) ORDER BY requested_at, id
"""


async def orders(
    status: Status | None,
    since: datetime | None,
    before: datetime | None,
    due_back: bool,
    after: UUID | None,
    number: str | None,
    limit: int,
) -> Rows:
    """Return orders, newest first."""
    return await fetch(LIST, status, since, before, due_back, after, number, limit)


async def of_citizen(citizen: UUID) -> Rows:
    """Return all orders of a citizen, newest first."""
    return await fetch(OF_CITIZEN, citizen)


async def refunds(orders: Iterable[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """Return the refunds of orders, oldest first."""
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in await fetch(REFUNDS, list(orders)):
        found[UUID(str(row.pop("order_id")))].append(row)
    return found
