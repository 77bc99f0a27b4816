"""The hall's screen in a real browser: calls, who waits, and a line that breaks."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import expect

from tests.browser.chromium import assert_accessible

ITEM = "id-card-lost-replacement"
HALL = "/hall/municipal"
LOST = "Failed to load resource: net::ERR_"


@pytest.fixture
async def call(staff: Any, app: Any) -> Any:
    """Takes a ticket, calls it, finishes the one before, and returns the number."""
    kiosk, clerk = await staff("kiosk"), await staff("clerk")
    window = app.ctx.guides.queue("municipal", "public-security").windows[0]
    assert (await clerk.post(f"{HALL}/windows/{window}/open")).status == 200
    calls = 0

    async def call() -> str:
        nonlocal calls
        if calls:
            await clerk.post(f"{HALL}/windows/{window}/start")
        calls += 1
        taken = await kiosk.post(f"{HALL}/tickets", {"item": ITEM}, key=uuid4().hex)
        assert taken.status == 201, taken.text
        called = await clerk.post(f"{HALL}/windows/{window}/next")
        assert called.status == 200, called.text
        number: str = called.json["number"]
        return number

    return call


async def test_the_screen_shows_the_latest_call_large_and_those_before(
    desk: Any, call: Any
) -> None:
    before = await call()
    page = await desk("/screen/municipal")
    await expect(page.locator("#number")).to_have_text(before)
    await expect(page.locator("#where")).to_have_text("请到 14 号窗口")
    latest = await call()
    await expect(page.locator("#number")).to_have_text(latest)
    await expect(page.locator("#calls li")).to_have_count(1)
    await expect(page.locator("#calls")).to_contain_text(before)
    await assert_accessible(page)


async def test_the_screen_says_that_its_line_is_broken_and_misses_no_call(
    desk: Any, call: Any, app: Any, heard: Any
) -> None:
    heard.expected += (LOST,)
    first = await call()
    page = await desk("/screen/municipal")
    await expect(page.locator("#number")).to_have_text(first)
    seen = await call()  # it has an id: what comes after it is asked for
    await expect(page.locator("#number")).to_have_text(seen)
    await page.route("**/stream", lambda route: route.abort("connectionreset"))
    for channel in app.ctx.display._channels.values():
        for listener in channel.listeners:
            listener.queue.put_nowait(None)  # the server ends the line
    await expect(page.get_by_role("alert")).to_contain_text("连接断开")
    await expect(page.get_by_role("alert")).to_contain_text("以现场广播为准")
    await assert_accessible(page)
    missed = [await call(), await call()]
    await expect(page.locator("#number")).to_have_text(seen)
    await page.unroute("**/stream")
    await expect(page.locator("#number")).to_have_text(missed[-1])
    for number in (first, seen, missed[0]):
        await expect(page.locator("#calls li").filter(has_text=number)).to_have_count(1)
    await expect(page.get_by_role("alert")).to_be_hidden()


async def test_calls_are_spoken_twice_once_somebody_switched_the_voice_on(
    desk: Any, call: Any
) -> None:
    page = await desk("/screen/municipal")
    await page.evaluate(
        "() => { window.said = []; speechSynthesis.speak = (each) => said.push(each.text) }"
    )
    silent = await call()
    await expect(page.locator("#number")).to_have_text(silent)
    assert await page.evaluate("() => said.length") == 0
    await page.get_by_role("button", name="开启声音").click()
    number = await call()
    await expect(page.locator("#number")).to_have_text(number)
    said = await page.evaluate("() => said")
    assert len(said) == 2
    assert said[0] == said[1]
    assert "窗口" in said[0]


async def test_a_hall_that_does_not_exist_has_no_screen(api: Any) -> None:
    assert (await api.get("/screen/nowhere")).status == 404
