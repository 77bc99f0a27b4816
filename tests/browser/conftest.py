"""The built client and the console in a real Chromium, on the real API whose clock stands still.

`phone()` opens a page of 390×844 that is held in the hand (`elder=True`, `dark=True`, `token=…` as
a citizen who is logged in; `desktop=True`: of 1280×800, with a mouse), `desk()` one of 1280×800,
`console_of()` such a one in which a member of staff is logged in. Their clock starts where the
API's stands. What a page logs as an error, and every request that leaves our own address, fails
the test that opened it. `assert_accessible`, `assert_targets`, `assert_usable`, `keep_picture` are
in tests/browser/chromium.py.
The client is built by `make client`: without it these tests fail and say so.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from miniapp_api.client.wiring import BUILT
from miniapp_api.platform.clock import ManualClock
from miniapp_api.settings import ROOT, Settings
from tests.api import Client
from tests.browser.chromium import PATIENCE_MS, Heard, listening
from tests.browser.citizens import token_of

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
IN_HAND = {"viewport": PHONE, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

Open = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="package")
async def chromium() -> AsyncIterator[Browser]:
    if not (BUILT / "index.html").is_file():
        pytest.fail("the client is not built: run `make client`", pytrace=False)
    finding = await asyncio.create_subprocess_exec(
        str(ROOT / "scripts" / "find-chromium"), stdout=asyncio.subprocess.PIPE
    )
    found, _ = await finding.communicate()
    assert finding.returncode == 0, "scripts/find-chromium says why"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=found.decode().splitlines()[-1], args=FLAGS
        )
        yield browser
        await browser.close()


@pytest.fixture
async def heard(settings: Settings) -> AsyncIterator[Heard]:
    """What the test's pages complained of; whatever is left at its end fails it."""
    heard = Heard(f"127.0.0.1:{settings.server.port}")
    yield heard
    assert heard.faults == []


@pytest.fixture
async def contexts(
    chromium: Browser, api: Client, clock: ManualClock, heard: Heard
) -> AsyncIterator[Callable[..., Awaitable[BrowserContext]]]:
    opened: list[BrowserContext] = []

    async def context(**options: Any) -> BrowserContext:
        context = await chromium.new_context(
            base_url=api.base, locale="zh-CN", timezone_id="Asia/Shanghai", **options
        )
        context.set_default_timeout(PATIENCE_MS)
        await context.clock.install(time=clock.now())
        opened.append(context)
        return context

    yield context
    await asyncio.gather(*(context.close() for context in opened))


@pytest.fixture
async def phone(contexts: Callable[..., Awaitable[BrowserContext]], heard: Heard) -> Open:
    """Opens a phone; the pages of one `context` are tabs of one phone."""

    async def phone(
        path: str = "/",
        *,
        elder: bool = False,
        dark: bool = False,
        desktop: bool = False,
        token: str | None = None,
        context: BrowserContext | None = None,
    ) -> Page:
        if context is None:
            screen: dict[str, Any] = {"viewport": DESK} if desktop else IN_HAND
            context = await contexts(**screen, color_scheme="dark" if dark else "light")
            kept: dict[str, Any] = {}
            if elder:
                kept["preferences"] = {"elder": True, "theme": "auto", "scale": 1}
            if token:
                kept["session"] = {"token": token, "refresh": "", "phone": "138****8000"}
            await context.add_init_script(_storing(kept))
        page = await listening(context, heard)
        await page.goto(path)
        return page

    return phone


@pytest.fixture
async def desk(contexts: Callable[..., Awaitable[BrowserContext]], heard: Heard) -> Open:
    """Opens a browser at a clerk's desk."""

    async def desk(path: str, *, context: BrowserContext | None = None, **options: Any) -> Page:
        context = context or await contexts(viewport=DESK, **options)
        page = await listening(context, heard)
        await page.goto(path)
        return page

    return desk


@pytest.fixture
async def console_of(desk: Open, contexts: Any, api: Client) -> Open:
    """Opens a page of the console in a browser in which a member of staff is logged in."""

    async def console_of(member: Client, path: str, **options: Any) -> Page:
        context = await contexts(viewport=DESK, **options)
        cookie = {"value": token_of(member), "url": f"{api.base}/console"}
        await context.add_cookies([{"name": "shenban_staff", **cookie}])
        return await desk(path, context=context)

    return console_of


def _storing(kept: dict[str, Any]) -> str:
    """A script that keeps values where uni-app looks for them, unless the page has its own."""
    lines = [
        f"if (!localStorage.getItem({json.dumps(name)}))"
        f" localStorage.setItem({json.dumps(name)}, {json.dumps(_stored(value))});"
        for name, value in kept.items()
    ]
    return "\n".join(lines)


def _stored(value: Any) -> str:
    return json.dumps({"type": "object", "data": value}, ensure_ascii=False)
