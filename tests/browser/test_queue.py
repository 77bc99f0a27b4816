"""Queueing at the hall, on a phone: the number, who is ahead, the call."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import expect

from tests.browser.chromium import assert_usable
from tests.browser.citizens import ITEM, token_of

HALL = "/hall/municipal"
QUEUE = "public-security"
MINE = "/pages/queue/mine"
VIEWS = pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
POLL_MS = 5_000
LOST = "Failed to load resource: net::ERR_"


@pytest.fixture
def nine(clock: Any) -> None:
    clock.advance(timedelta(minutes=30))


@pytest.fixture
async def clerk(staff: Any, app: Any, nine: None) -> Any:
    """A clerk at the first window of the queue: acts, and says which window."""
    client = await staff("clerk")
    window = app.ctx.guides.queue("municipal", QUEUE).windows[0]
    opened = await client.post(f"{HALL}/windows/{window}/open")
    assert opened.status == 200, opened.text

    async def act(action: str) -> Any:
        reply = await client.post(f"{HALL}/windows/{window}/{action}")
        assert reply.status in (200, 204), reply.text
        return reply.json

    act.window = window  # type: ignore[attr-defined]
    return act


@pytest.fixture
async def kiosk(staff: Any, nine: None) -> Any:
    return await staff("kiosk")


async def _remote(citizen: Any) -> dict[str, Any]:
    reply = await citizen.post(f"{HALL}/remote-tickets", {"item": ITEM}, key=uuid4().hex)
    assert reply.status == 201, reply.text
    ticket: dict[str, Any] = reply.json
    return ticket


async def _walk_in(kiosk: Any) -> None:
    reply = await kiosk.post(f"{HALL}/tickets", {"item": ITEM}, key=uuid4().hex)
    assert reply.status == 201, reply.text


@VIEWS
async def test_a_ticket_is_taken_by_phone_and_given_back(
    phone: Any, citizen: Any, kiosk: Any, clerk: Any, elder: bool
) -> None:
    await _walk_in(kiosk)
    await _walk_in(kiosk)
    page = await phone("/pages/queue/index", token=token_of(citizen), elder=elder)
    await page.get_by_label("想办什么事").fill("身份证")
    await page.get_by_role("button", name="居民身份证丢失补领").click()
    await assert_usable(page, elder=elder)
    await page.get_by_role("button", name="取号", exact=True).click()
    await expect(page.get_by_text("前面还有2位")).to_be_visible()
    await expect(page.get_by_text("大约")).to_be_visible()
    await clerk("next")
    await page.clock.fast_forward(POLL_MS)
    await expect(page.get_by_text("前面还有1位")).to_be_visible()
    await page.get_by_role("button", name="不等了").click()
    await page.get_by_role("button", name="放弃这个号").click()
    await expect(page.get_by_text("现在没有在排的号")).to_be_visible()
    assert (await citizen.get("/hall/tickets/mine")).json["tickets"] == []


async def test_a_call_is_shown_quietly_on_a_page_that_nobody_touched(
    phone: Any, citizen: Any, clerk: Any
) -> None:
    await _remote(citizen)
    page = await phone(MINE, token=token_of(citizen))
    await expect(page.get_by_text("前面没有人了")).to_be_visible()
    await clerk("next")
    await page.clock.fast_forward(POLL_MS)
    await expect(page.get_by_text(f"请到{int(clerk.window)}号窗口")).to_be_visible()


async def test_a_lost_connection_says_how_old_the_news_is(
    phone: Any, citizen: Any, clerk: Any, heard: Any
) -> None:
    heard.expected += (LOST,)
    ticket = await _remote(citizen)
    page = await phone(MINE, token=token_of(citizen))
    await expect(page.get_by_text(ticket["number"])).to_be_visible()
    await page.context.set_offline(True)
    await page.clock.fast_forward(POLL_MS)
    lost = page.get_by_role("alert").filter(has_text="网络断了")
    await expect(lost).to_contain_text("下面是9:00的情况")
    await expect(page.get_by_text(ticket["number"])).to_be_visible()
    await assert_usable(page)
    await page.context.set_offline(False)
    await page.clock.fast_forward(POLL_MS)
    await expect(lost).to_be_hidden()


async def test_a_page_that_is_left_stops_asking(phone: Any, citizen: Any, clerk: Any) -> None:
    await _remote(citizen)
    page = await phone(MINE, token=token_of(citizen))
    await expect(page.get_by_text("前面没有人了")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.get_by_role("link", name="我的预约").click()
    await expect(page.get_by_text("现在没有预约")).to_be_visible()
    asked.clear()
    for _ in range(3):
        await page.clock.fast_forward(POLL_MS)
        await page.wait_for_timeout(0)
    assert [url for url in asked if url.endswith("/tickets/mine")] == []
    async with page.expect_request(lambda request: request.url.endswith("/tickets/mine")):
        await page.go_back()
    await expect(page.get_by_text("前面没有人了")).to_be_visible()


async def test_a_second_ticket_for_the_same_queue_leads_to_the_first(
    phone: Any, citizen: Any, clerk: Any
) -> None:
    await _remote(citizen)
    page = await phone(f"/pages/queue/index?item={ITEM}", token=token_of(citizen))
    await page.get_by_role("button", name="取号", exact=True).click()
    await expect(page.get_by_role("alert")).to_have_text("您已经取过号了")
    await page.get_by_role("link", name="看我的号").click()
    await expect(page.get_by_text("前面没有人了")).to_be_visible()
