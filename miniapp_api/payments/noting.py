"""Keeping notifications: each counts once."""

from __future__ import annotations

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.payments import store
from miniapp_api.payments.notices import Notice
from miniapp_api.platform.clock import Clock


async def note(connection: BaseDBAsyncClient, notice: Notice, clock: Clock) -> bool:
    """Keep a notification, not yet judged; False when it came before."""
    return await store.note(
        connection,
        clock.now(),
        notification=notice.id,
        kind=notice.kind,
        number=notice.number,
        verdict="ignored",
    )
