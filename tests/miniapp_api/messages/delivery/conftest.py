"""A citizen who uses WeChat, and ways to tell him something."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from miniapp_api.platform.database import Rows, fetch, transaction
from tests.miniapp_api.identity.conftest import wechat, wechat_server
from tests.miniapp_api.messages.test_messages import FACTS

__all__ = ["wechat", "wechat_server"]

OPENID, PHONE = "o-wang", "13812345678"


async def log_in_with_wechat(
    api: Any, wechat: Any, openid: str = OPENID, phone: str = PHONE
) -> Any:
    """Log a WeChat user in and return his client; `id` is his citizen."""
    body = {"code": wechat.login_code(openid), "phone_code": wechat.phone_code(phone)}
    reply = await api.post("/identity/wechat/sessions", body)
    assert reply.status == 201, reply.text
    client = api.as_citizen(reply.json["token"])
    client.id = UUID(reply.json["citizen"]["id"])
    return client


@pytest.fixture
async def wang(api: Any, wechat: Any, sms: Any) -> Any:
    """A citizen who uses WeChat; it is half past eight on a Tuesday, and no SMS was sent yet."""
    sms.recent.clear()
    return await log_in_with_wechat(api, wechat)


@pytest.fixture
def accept(wang: Any, wechat: Any, app: Any) -> Callable[..., Awaitable[None]]:
    """The citizen accepts a message of templates, in WeChat and to us."""

    async def accept(*names: str) -> None:
        ids = [app.ctx.settings.messages.templates[name].id for name in names]
        for id in ids:
            wechat.users.subscriptions[OPENID, id] += 1
        answers = dict.fromkeys(ids, "accept")
        keys = f"accept-{wechat.users.subscriptions.total()}"
        reply = await wang.post("/messages/subscriptions", {"answers": answers}, key=keys)
        assert reply.json == {"accepted": len(ids)}, reply.text

    return accept


@pytest.fixture
def tell(app: Any, clock: Any) -> Callable[..., Awaitable[None]]:
    """Tell a citizen something; its delivery is due, and not sent yet."""

    async def tell(citizen: Any, kind: str, **facts: Any) -> None:
        async with transaction() as connection:
            await app.ctx.messages.tell(
                connection,
                citizen.id,
                kind,
                about=FACTS | {"until": "2026-12-24"} | facts,
                due=clock.now(),
            )
        await app.ctx.messages.drain()

    return tell


@pytest.fixture
def send(app: Any) -> Callable[[], Awaitable[None]]:
    """Send all that is due now."""

    async def send() -> None:
        while await app.ctx.deliveries.drain():
            pass

    return send


async def ways() -> list[tuple[str, str, str]]:
    """Return (channel, state, reason) of all deliveries, in their order."""
    found: Rows = await fetch("SELECT channel, state, reason FROM message_delivery ORDER BY id")
    return [(row["channel"], row["state"], row["reason"]) for row in found]
