"""A WeChat of ours that pushes to the API under test, at the time of the tests' clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from miniapp_api.platform.database import fetch
from miniapp_api.platform.wechat import crypto, fake_pushing
from miniapp_api.platform.wechat.fake import PUSH_PATH, FakeWeChat
from miniapp_api.platform.wechat.fake_pushing import Address
from tests.miniapp_api.identity.conftest import wechat, wechat_server

__all__ = ["wechat", "wechat_server"]

# A claim that is not committed yet shows no lease, but what it claims is still due.
BUSY = "SELECT count(*) AS n FROM wechat_talk WHERE due_at <= $1 OR lease_until > $1"


class User:
    """Somebody in WeChat."""

    def __init__(self, openid: str, fake: FakeWeChat, app: Any) -> None:
        self.openid = openid
        self.fake = fake
        self.app = app

    async def write(self, text: str, way: str = "ok", format: str = "json") -> list[Any]:
        """Write, and return what WeChat was answered; without waiting for what comes of it."""
        self.fake.users.wrote(self.openid)
        fields = self.fields(text)
        return await self.fake.pusher.push(fields, way, format)

    def fields(self, text: str) -> dict[str, Any]:
        return fake_pushing.text(self.openid, text, self.fake.now())

    async def say(self, text: str, **how: str) -> list[str]:
        """Write, and return what comes of it."""
        before = len(self.got())
        await self.write(text, **how)
        await settled(self.app)
        return self.got()[before:]

    def got(self) -> list[str]:
        """Return what the user got: texts, and the pages of cards."""
        mine = [each for each in self.fake.users.sent if each["openid"] == self.openid]
        return [each.get("content") or each["pagepath"] for each in mine]


async def settled(app: Any) -> None:
    """Wait until nothing that is due is left, and nobody works."""
    async with asyncio.timeout(90):
        while True:
            while await app.ctx.wechat_worker.work():
                pass
            (row,) = await fetch(BUSY, app.ctx.clock.now())
            if not row["n"]:
                return
            await asyncio.sleep(0.02)


@pytest.fixture
async def user(api: Any, app: Any, wechat: FakeWeChat, clock: Any) -> AsyncIterator[Any]:
    """Makes users of WeChat."""
    secrets = app.ctx.settings.secrets
    before = wechat.now
    wechat.now = lambda: clock.now().timestamp()
    wechat.pusher.address = Address(
        api.base + PUSH_PATH,
        secrets.wechat_push_token.get_secret_value(),
        crypto.aes_key(secrets.wechat_aes_key.get_secret_value()),
        app.ctx.settings.wechat.appid,
    )
    await app.ctx.redis.delete("wechat:token")
    yield lambda openid="o-wang": User(openid, wechat, app)
    await settled(app)
    wechat.now = before
