"""What chat has for a citizen's rights over his data: a copy of what was said, and deletion."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.chat import store
from miniapp_api.chat.wechat import store as wechat_store

CONVERSATIONS = "和智能助手的对话"


async def export(citizen: UUID, *, masked: bool) -> list[dict[str, Any]]:
    """Return what a citizen said and was answered; masked: that he said something, not what."""
    return [
        {
            "at": row["created_at"],
            "author": row["author"],
            "text": None if masked else row["text"] or [a["text"] for a in row["answers"] or ()],
        }
        for row in await store.of_citizen(citizen)
    ]


async def erase(connection: BaseDBAsyncClient, citizen: UUID) -> list[str]:
    """Delete a citizen's conversations, and say so."""
    await wechat_store.erase(connection, citizen)
    return [CONVERSATIONS] if await store.erase(connection, citizen) else []
