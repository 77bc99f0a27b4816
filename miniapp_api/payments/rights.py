"""What payments have for a citizen's rights over his data: a copy, and what must be kept."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from miniapp_api.identity.hooks import Kept
from miniapp_api.payments import listing_store

REASON = "会计凭证要保存三十年（会计法、会计档案管理办法），其中没有您的姓名和号码"


async def export(citizen: UUID, *, masked: bool) -> list[dict[str, Any]]:
    """Return a citizen's orders and their refunds: they say nothing that would be masked."""
    rows = await listing_store.of_citizen(citizen)
    refunds = await listing_store.refunds(row["id"] for row in rows)
    return [{**row, "refunds": refunds[UUID(str(row["id"]))]} for row in rows]


async def retain(citizen: UUID) -> list[Kept]:
    """Say that orders are accounting records (电子会计凭证)."""
    orders = await listing_store.of_citizen(citizen)
    return [Kept(f"缴费记录（{len(orders)}笔）", REASON)] if orders else []
