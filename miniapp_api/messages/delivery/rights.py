"""What deliveries have for a citizen's rights over his data: a copy, and deletion."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.messages.delivery import store


async def export(citizen: UUID, *, masked: bool) -> dict[str, Any]:
    """Return what is kept of a citizen's reminders: it says nothing that would be masked."""
    return {
        "sms": await store.wants_sms(citizen),
        "subscriptions": [dict(row) for row in await store.subscriptions(citizen)],
        "deliveries": [dict(row) for row in await store.deliveries(citizen)],
    }


async def erase(connection: BaseDBAsyncClient, citizen: UUID) -> list[str]:
    """Delete a citizen's reminders, those on their way too, and say so."""
    return ["提醒设置和送达记录"] if await store.erase(connection, citizen) else []
