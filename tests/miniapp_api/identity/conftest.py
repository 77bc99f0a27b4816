"""WeChat and the national identity check, our own, over HTTP."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiohttp import web

from miniapp_api.identity.fake_real_name import FakeRealName
from miniapp_api.platform import embedded
from miniapp_api.platform.wechat.fake import FakeWeChat

WANG, WANG_ID = "王小明", "11010519491231002X"
LI, LI_ID = "李梅", "440524188001010014"


async def _serve(fake: Any) -> AsyncIterator[tuple[Any, str]]:
    port = embedded.free_port()
    runner = web.AppRunner(fake.application(), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield fake, f"http://127.0.0.1:{port}"
    await runner.cleanup()


@pytest.fixture(scope="session")
async def real_name_server() -> AsyncIterator[tuple[FakeRealName, str]]:
    async for served in _serve(FakeRealName()):
        yield served


@pytest.fixture(scope="session")
async def wechat_server() -> AsyncIterator[tuple[FakeWeChat, str]]:
    async for served in _serve(FakeWeChat()):
        yield served


@contextmanager
def _pointed(client: Any, served: tuple[Any, str]) -> Iterator[Any]:
    """Point a client of the app to a fake of ours, and back again after the test."""
    before = client.url
    fake, client.url = served
    fake.reset()
    yield fake
    client.url = before


@pytest.fixture
def real_name(real_name_server: tuple[FakeRealName, str], app: Any) -> Iterator[FakeRealName]:
    with _pointed(app.ctx.real_name, real_name_server) as fake:
        yield fake


@pytest.fixture
def wechat(wechat_server: tuple[FakeWeChat, str], app: Any) -> Iterator[FakeWeChat]:
    with _pointed(app.ctx.wechat, wechat_server) as fake:
        yield fake


@pytest.fixture
def verified(log_in: Any, real_name: FakeRealName) -> Callable[..., Awaitable[Any]]:
    """Logs a citizen in and verifies his name."""
    phones = itertools.count(13700000000)

    async def verified(name: str = WANG, id_number: str = WANG_ID, phone: str = "") -> Any:
        citizen = await log_in(phone or str(next(phones)))
        body = {"name": name, "id_number": id_number, "consent": True}
        reply = await citizen.post("/identity/real-name", body)
        assert reply.status == 200, reply.text
        return citizen

    return verified


@pytest.fixture
def fresh_code(api: Any, sms: Any, app: Any) -> Callable[[str], Awaitable[str]]:
    """Asks for another SMS code and returns it, as if a minute had passed."""

    async def fresh_code(phone: str) -> str:
        for name in await app.ctx.redis.keys("limit:code:minute:*"):
            await app.ctx.redis.delete(name)
        assert (await api.post("/identity/codes", {"phone": phone})).status == 202
        code: str = sms.last[phone]["parameters"]["code"]
        return code

    return fresh_code
