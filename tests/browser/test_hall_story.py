"""The story of the hall, by clicking and typing, in each view.

A citizen books for his mother and moves the booking; the day that he wants for himself is full, and
he takes the seat that comes back. At the hall he checks in, misses his call, queues again and is
served; a second citizen took a number by phone and is sent on to another window. The hall's screen
shows every call.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from playwright.async_api import Page, expect

from miniapp_api.platform.database import fetch
from tests.api import ZONE
from tests.browser.chromium import IN_EACH_VIEW, assert_usable, press
from tests.browser.citizens import (
    ITEM,
    TOMORROW,
    book,
    bookings_of,
    forget_limits,
    token_of,
    type_log_in,
)

MOTHER, STRANGER, SECOND = "13700000000", "13600000000", "13500000000"
OWN_DAY = "2026-11-26"
QUEUE, OTHER_QUEUE = "public-security", "exit-entry"
POLL_MS = 5_000
FILL = """
UPDATE allotment SET capacity = capacity - remaining, remaining = 0 WHERE slot_id IN
(SELECT id FROM slot WHERE queue = 'public-security'
 AND starts_at >= '2026-11-26' AND starts_at < '2026-11-27')
"""
# Chromium alone knows how to vibrate, and a test only whether it was asked to.
FELT = "void (navigator.vibrate = () => { window.felt = (window.felt || 0) + 1; return true })"

Check = Callable[[Page], Awaitable[None]]


@pytest.fixture
async def son(citizen: Any, sms: Any, app: Any) -> Any:
    """A citizen whose mother consented that he books for her."""
    asked = await citizen.post("/identity/principals/codes", {"phone": MOTHER})
    assert asked.status == 202, asked.text
    code = sms.last[MOTHER]["parameters"]["code"]
    consent = {"relation": "elder", "label": "妈妈", "phone": MOTHER, "code": code}
    granted = await citizen.post("/identity/principals", consent, key="mother")
    assert granted.status == 201, granted.text
    await forget_limits(app)
    return citizen


@pytest.fixture
def hall_clock(clock: Any) -> Callable[..., Awaitable[None]]:
    """Sets the API's clock, and those of pages, to a time of tomorrow."""

    async def at(hour: int, minute: int, *pages: Page) -> None:
        clock.set(datetime(2026, 11, 25, hour, minute, tzinfo=ZONE))
        for page in pages:
            await page.context.clock.set_system_time(clock.now())

    return at


@IN_EACH_VIEW
async def test_a_seat_is_booked_moved_and_waited_for_and_at_the_hall_it_is_ones_turn(
    phone: Any, desk: Any, console_of: Any, son: Any, log_in: Any, staff: Any, sms: Any, app: Any,
    hall_clock: Any, view: dict[str, bool],
) -> None:  # fmt: skip
    elder = view.get("elder", False)
    usable = partial(assert_usable, elder=elder)
    page = await phone(f"/pages/booking/index?item={ITEM}", **view)
    await _book_for_mother(page, sms, usable, elder=elder)
    await _keep_in_the_calendar_and_move(page, usable)
    await _wait_for_a_full_day(page, log_in, app, usable)

    await hall_clock(9, 50, page)
    screen = await desk("/screen/municipal")
    window = await _at_the_window(console_of, staff, app)
    reception = await console_of(await staff("queue_manager"), "/console/reception")
    first = await _check_in(page, reception, usable)
    second = await log_in(SECOND)
    other = await phone("/pages/queue/index?hall=municipal", elder=elder, token=token_of(second))
    later = await _take_a_number(other)
    await _sees(page, "前面还有1位")  # who booked for ten lets others go first until ten
    await hall_clock(10, 0, page, other)
    await _sees(other, "前面还有1位")
    await _sees(page, "前面没有人了")

    await _is_called_and_not_there(window, screen, page, first, usable)
    await _queues_again(page, usable)
    await _is_sent_on(window, screen, other, later, staff, app)
    await _is_served(window, screen, page, first)
    await _cancels_what_is_not_needed(page)
    ends = {each["date"]: each["status"] for each in await bookings_of(son, active=False)}
    assert ends == {TOMORROW: "completed", OWN_DAY: "cancelled"}


async def _book_for_mother(page: Page, sms: Any, usable: Check, *, elder: bool) -> None:
    await expect(page.get_by_role("heading", name="居民身份证丢失补领")).to_be_visible()
    first = page.get_by_role("button", name="11月25日 周三")
    await expect(first).to_have_attribute("aria-pressed", "true")
    await expect(page.get_by_text("14到21号窗口")).to_be_visible()
    if not elder:  # whose list leaves out what is closed
        saturday = page.get_by_role("button", name="11月28日 周六，周末不办公")
        await expect(saturday).to_be_disabled()
    await usable(page)
    await page.get_by_role("button", name="9:30 余").click()
    await page.get_by_role("button", name="登录后约 11月25日 周三 9:30").click()

    await expect(page.get_by_role("heading", name="用手机号登录")).to_be_visible()
    await usable(page)
    await type_log_in(page, sms)
    # Back where he came from, with the time that he chose.
    await page.get_by_role("radio", name="妈妈").check()
    await usable(page)
    await page.get_by_role("button", name="约 11月25日 周三 9:30").click()
    await expect(page.get_by_text("已为您保留到 8:40")).to_be_visible()
    # No clock ticks in the elder view.
    assert await page.get_by_text("来得及").is_visible() == elder
    assert await page.get_by_text("分钟").is_visible() != elder
    await usable(page)
    await page.get_by_role("button", name="确认预约").click()
    await expect(page.get_by_text("约好了")).to_be_visible()
    await expect(page.get_by_role("definition").filter(has_text="长辈")).to_be_visible()


async def _keep_in_the_calendar_and_move(page: Page, usable: Check) -> None:
    await expect(page.get_by_role("img", name="签到二维码")).to_be_visible()
    await usable(page)
    async with page.expect_download() as download:
        await page.get_by_role("button", name="加到日历").click()
    calendar = await (await download.value).path()
    assert "BEGIN:VCALENDAR" in calendar.read_text(encoding="utf-8")

    await page.get_by_role("button", name="改时间").click()
    await page.get_by_role("button", name="10:00 余").click()
    await usable(page)
    await page.get_by_role("button", name="改到 11月25日 周三 10:00").click()
    await expect(page.get_by_text("10:00–10:30", exact=True)).to_be_visible()


async def _wait_for_a_full_day(page: Page, log_in: Any, app: Any, usable: Check) -> None:
    stranger = await log_in(STRANGER)
    booked = await book(stranger, day=OWN_DAY)
    await fetch(FILL)
    await page.get_by_role("link", name="我的预约").click()
    await page.get_by_role("button", name="约一个").click()
    await page.get_by_role("button", name="居民身份证丢失补领").click()
    await page.get_by_role("button", name="11月26日 周四，约满").click()
    await expect(page.get_by_role("heading", name="11月26日 周四 约满了")).to_be_visible()
    await usable(page)
    await page.get_by_role("button", name="加入候补").click()
    await expect(page.get_by_text("没有人，有号先给您")).to_be_visible()
    await usable(page)

    cancelled = await stranger.post(f"/appointments/{booked}/cancel")
    assert cancelled.status == 200, cancelled.text
    await app.ctx.waiting.offer()
    await page.goto("/")
    await page.get_by_role("link", name="候补有号了").wait_for()
    await usable(page)
    await page.get_by_role("link", name="候补有号了").click()
    await page.get_by_role("button", name="看这个号").wait_for()
    await usable(page)
    await page.get_by_role("button", name="看这个号").click()
    await expect(page.get_by_role("heading", name="候补到号了，请确认")).to_be_visible()
    await page.get_by_role("button", name="确认预约").click()
    await expect(page.get_by_text("约好了")).to_be_visible()


async def _at_the_window(console_of: Any, staff: Any, app: Any) -> Page:
    """A clerk opens the first window of the queue."""
    window: Page = await console_of(await staff("clerk"), "/console/windows")
    await window.get_by_label("窗口号").fill(app.ctx.guides.queue("municipal", QUEUE).windows[0])
    await press(window, "Enter")
    await expect(window.get_by_text("上岗了")).to_be_visible()
    return window


async def _check_in(page: Page, reception: Page, usable: Check) -> str:
    """The reception's scanner types what the phone shows; the number is on the phone."""
    await page.goto("/pages/queue/index")
    await page.get_by_role("link", name="签到码").wait_for()
    await usable(page)
    async with page.expect_response("**/qr") as asked:
        await page.get_by_role("link", name="签到码").click()
    await expect(page.get_by_role("img", name="签到二维码")).to_be_visible()
    shown = await (await asked.value).json()
    await reception.get_by_label("签到码、手机号或身份证号").fill(shown["token"])
    await press(reception, "Enter")
    given = reception.locator("#given .called")
    await expect(given).to_be_visible()
    number = await given.inner_text()

    await page.reload()
    await page.get_by_role("button", name="看排到哪了").click()
    await page.evaluate(FELT)
    await expect(page.get_by_text(number)).to_be_visible()
    await expect(page.get_by_text("前面没有人了")).to_be_visible()
    await usable(page)
    return number


async def _take_a_number(page: Page) -> str:
    async with page.expect_response("**/remote-tickets") as asked:
        await page.get_by_label("想办什么事").fill("身份证")
        await page.get_by_role("button", name="居民身份证丢失补领").click()
        await page.get_by_role("button", name="取号", exact=True).click()
    number: str = (await (await asked.value).json())["number"]
    await expect(page.get_by_text(number)).to_be_visible()
    await expect(page.get_by_text("前面没有人了")).to_be_visible()
    await expect(page.get_by_text("大约")).to_be_visible()
    return number


async def _sees(page: Page, words: str) -> None:
    await page.clock.fast_forward(POLL_MS)
    await expect(page.get_by_text(words)).to_be_visible()


async def _shows(screen: Page, number: str, window: int, before: int) -> None:
    """The call is the latest on the screen, with so many before it."""
    await expect(screen.locator("#number")).to_have_text(number)
    await expect(screen.locator("#where")).to_have_text(f"请到 {window} 号窗口")
    await expect(screen.locator("#calls li")).to_have_count(before)


async def _is_called_and_not_there(
    window: Page, screen: Page, page: Page, number: str, usable: Check
) -> None:
    await press(window, "n")
    await expect(window.locator(".called")).to_have_text(number)
    await _shows(screen, number, 14, 0)
    await page.clock.fast_forward(POLL_MS)
    called = page.get_by_role("alert").filter(has_text="到您了")
    await expect(called).to_contain_text("请到14号窗口")
    assert await page.evaluate("window.felt") == 1
    await usable(page)

    await press(window, "r")
    await expect(window.get_by_text("叫了2次")).to_be_visible()
    await _shows(screen, number, 14, 1)
    window.once("dialog", lambda dialog: dialog.accept())
    await window.get_by_role("button", name="过号").click()
    await expect(window.get_by_text("手上没有号")).to_be_visible()


async def _queues_again(page: Page, usable: Check) -> None:
    await _sees(page, "叫过了，没有等到您")
    await usable(page)
    await page.get_by_role("button", name="重新排队").click()
    await expect(page.get_by_text("前面还有1位")).to_be_visible()


async def _is_sent_on(
    window: Page, screen: Page, page: Page, number: str, staff: Any, app: Any
) -> None:
    """Called, served, and sent to another queue, whose clerk calls the same number."""
    await press(window, "n")
    await expect(window.locator(".called")).to_have_text(number)
    await _shows(screen, number, 14, 2)
    await _sees(page, "请到14号窗口")
    await press(window, "s")
    await expect(window.get_by_text("办理中")).to_be_visible()
    queue = app.ctx.guides.queue("municipal", OTHER_QUEUE)
    await window.get_by_label("转到").select_option(queue.name)
    await window.get_by_role("button", name="转号").click()
    await expect(window.get_by_text("手上没有号")).to_be_visible()
    await _sees(page, queue.name)

    clerk, elsewhere = await staff("clerk"), queue.windows[0]
    for action in ("open", "next"):
        reply = await clerk.post(f"/hall/municipal/windows/{elsewhere}/{action}")
        assert reply.status == 200, reply.text
    await _shows(screen, number, int(elsewhere), 3)
    await _sees(page, f"请到{int(elsewhere)}号窗口")


async def _is_served(window: Page, screen: Page, page: Page, number: str) -> None:
    await _sees(page, "前面没有人了")
    await press(window, "n")
    await expect(window.locator(".called")).to_have_text(number)
    await _shows(screen, number, 14, 4)
    await _sees(page, "请到14号窗口")
    await press(window, "s")
    await expect(window.get_by_text("办理中")).to_be_visible()
    await _sees(page, "正在14号窗口办理")
    await press(window, "f")
    await expect(window.get_by_text("手上没有号")).to_be_visible()
    await _sees(page, f"{number}号结束了")


async def _cancels_what_is_not_needed(page: Page) -> None:
    await page.get_by_role("link", name="我的预约").click()
    await page.get_by_role("link", name="11月26日").click()
    await page.get_by_role("button", name="取消预约").click()
    await expect(page.get_by_text("要取消11月26日 周四")).to_be_visible()
    await page.get_by_role("button", name="取消预约").click()
    await expect(page.get_by_role("heading", name="这个预约取消了")).to_be_visible()
