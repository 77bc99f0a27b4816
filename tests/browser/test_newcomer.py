"""A newcomer, told nothing: what to bring for a lost ID card, a booking for tomorrow, the call."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import uuid4

from playwright.async_api import Page, expect

from tests.api import PASSWORD, ZONE
from tests.browser.chromium import assert_accessible, keep_picture, press
from tests.browser.citizens import type_log_in

PHONE = "13800138000"
TOMORROW = datetime(2026, 11, 25, 9, 20, tzinfo=ZONE)
HALL = "/hall/municipal"


async def test_from_the_first_page_to_the_number_on_the_screen(
    phone: Any, desk: Any, sms: Any, staff: Any, clock: Any, app: Any, api: Any
) -> None:
    page = await phone("/")
    await _find_what_to_bring(page)
    await _book_tomorrow_morning(page, sms)

    clock.set(TOMORROW)
    await page.context.clock.set_system_time(TOMORROW)
    kiosk = await staff("kiosk")
    came = await kiosk.post(f"{HALL}/check-ins", {"phone": PHONE}, key=uuid4().hex)
    assert came.status == 201, came.text
    number = came.json["tickets"][0]["number"]
    await page.goto("/pages/queue/mine")
    await expect(page.get_by_text(number).first).to_be_visible()

    screen = await desk("/screen/municipal")
    await staff("clerk", second_factor=False)
    window = await _at_window(desk, app)
    await press(window, "n")
    await expect(window.get_by_text(number)).to_be_visible()
    await assert_accessible(window)
    await keep_picture(window, "console-window")

    await expect(screen.get_by_text(number).first).to_be_visible()
    await keep_picture(screen, "screen")
    await expect(page.get_by_text(re.compile("14号窗口")).first).to_be_visible()
    await keep_picture(page, "called")
    await press(window, "s")
    await expect(window.get_by_text("办理中")).to_be_visible()
    await press(window, "f")
    await expect(window.get_by_text("手上没有号")).to_be_visible()


async def _find_what_to_bring(page: Page) -> None:
    await expect(page.get_by_role("heading", name="直接问")).to_be_visible()
    await keep_picture(page, "home")
    await page.get_by_role("searchbox").fill("身份证丢了")
    await page.get_by_role("link", name=re.compile("居民身份证丢失补领")).click()
    brought = page.get_by_role("checkbox", name=re.compile("居民户口簿"))
    await brought.check()
    await keep_picture(page, "guide")


async def _book_tomorrow_morning(page: Page, sms: Any) -> None:
    await page.get_by_role("button", name="预约大厅").click()
    await page.get_by_role("button", name="9:30 余").click()
    await keep_picture(page, "booking")
    await page.get_by_role("button", name=re.compile("登录后约 11月25日")).click()
    await type_log_in(page, sms, PHONE)
    await page.get_by_role("button", name=re.compile("^约 11月25日")).click()
    await page.get_by_role("button", name="确认预约").click()
    await expect(page.get_by_role("img", name="签到二维码")).to_be_visible()
    await keep_picture(page, "booked")


async def _at_window(desk: Any, app: Any) -> Page:
    """A clerk logs in at the console and opens the first window of the queue."""
    page: Page = await desk("/console/")
    await page.get_by_label("账号").fill("s1")
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").click()
    await page.get_by_role("link", name="窗口", exact=True).first.click()
    number = app.ctx.guides.queue("municipal", "public-security").windows[0]
    await page.get_by_label("窗口号").fill(number)
    await press(page, "Enter")
    await expect(page.get_by_text("手上没有号")).to_be_visible()
    return page
