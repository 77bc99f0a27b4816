"""A hall manager's day in the console, by clicking and by keys, in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from tests.browser.chromium import assert_usable, keep_picture, press

QUEUE, ITEM = "public-security", "id-card-lost-replacement"
MANAGER = "/console/manager"
TOMORROW = "2026-11-25"
PAINTED = """
() => [...document.querySelectorAll('.chart canvas')].map((canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
  return data.some((value) => value > 0)
})
"""

Console = Callable[..., Awaitable[Page]]


@pytest.fixture
async def console(console_of: Any, staff: Any) -> Console:
    """Opens pages of the console in a browser in which the hall's manager is logged in."""
    return partial(console_of, await staff("hall_manager"))


@pytest.fixture
async def booked(citizen: Any) -> Any:
    """A booking of tomorrow's first slot."""
    path = f"/appointments/slots?item={ITEM}&from={TOMORROW}&to={TOMORROW}"
    slot = (await citizen.get(path)).json["days"][0]["slots"][0]["id"]
    held = await citizen.post("/appointments/holds", {"slot": slot, "item": ITEM}, key="b")
    return (await citizen.post(f"/appointments/{held.json['id']}/confirm")).json


async def _ticket(staff: Any) -> str:
    kiosk = await staff("kiosk")
    reply = await kiosk.post("/hall/municipal/tickets", {"item": ITEM}, key=uuid4().hex)
    assert reply.status == 201, reply.text
    number: str = reply.json["number"]
    return number


async def _choose(page: Page, name: str) -> None:
    """Press the arrow until that option of the focused list is chosen."""
    for _ in range(80):
        chosen = await page.evaluate("document.activeElement.selectedOptions[0].label")
        if chosen == name:
            return
        await press(page, "ArrowDown")
    raise AssertionError(f"the keyboard does not choose {name}")


async def _tab_to(page: Page, name: str) -> None:
    """Press Tab until the control of that name has the focus."""
    for _ in range(80):
        focused = page.locator("button:focus, summary:focus")
        if await focused.count() and name in (await focused.inner_text() or ""):
            return
        await press(page, "Tab")
    raise AssertionError(f"the keyboard does not reach {name}")


async def test_a_closure_is_looked_at_and_made_by_keys(console: Console, booked: Any) -> None:
    page = await console(f"{MANAGER}/closures")
    await assert_usable(page)
    await press(page, "w")
    await _choose(page, "市公安局")
    await page.get_by_label("从什么时候").fill(f"{TOMORROW}T09:00")
    await page.get_by_label("到什么时候").fill(f"{TOMORROW}T12:00")
    await page.get_by_label("原因").fill("设备检修")
    await press(page, "Escape")
    await press(page, "p")
    title = page.get_by_role("heading", name="停办前看一下")
    await expect(title).to_be_focused()
    await expect(page.get_by_text(booked["reference"])).to_be_visible()
    await assert_usable(page)
    await press(page, "s")
    await expect(page.get_by_role("status")).to_contain_text("1个预约要改期，已经通知本人")
    await expect(page.get_by_role("rowheader", name="市公安局")).to_be_visible()
    await assert_usable(page)
    await _tab_to(page, "恢复办理")
    page.once("dialog", lambda dialog: dialog.accept())
    await press(page, "Enter")
    await expect(page.get_by_role("status")).to_contain_text("1个预约回到原来的时间")


async def test_what_was_typed_stays_when_a_closure_is_refused(console: Console) -> None:
    page = await console(f"{MANAGER}/closures")
    await page.get_by_label("停哪里").select_option("全大厅")
    await page.get_by_label("从什么时候").fill(f"{TOMORROW}T12:00")
    await page.get_by_label("到什么时候").fill(f"{TOMORROW}T09:00")
    await page.get_by_label("原因").fill("设备检修")
    await page.get_by_role("button", name="预览").click()
    await expect(page.get_by_role("alert")).to_contain_text("结束时间应晚于开始时间")
    await expect(page.get_by_label("原因")).to_have_value("设备检修")
    await assert_usable(page)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_the_live_view_changes_when_a_clerk_calls(
    console: Console, staff: Any, app: Any, clock: Any, dark: bool
) -> None:
    clock.advance(timedelta(minutes=30))
    clerk, number = await staff("clerk"), app.ctx.guides.queue("municipal", QUEUE).windows[0]
    await clerk.post(f"/hall/municipal/windows/{number}/open")
    ticket = await _ticket(staff)
    page = await console(f"{MANAGER}/live", color_scheme="dark" if dark else "light")
    window = page.locator(".at", has=page.locator("strong", has_text=re.compile(f"^{number}$")))
    await expect(window).to_contain_text("1人等")
    await expect(page.locator(".at")).to_have_count(163)
    await assert_usable(page)
    await clerk.post(f"/hall/municipal/windows/{number}/next")
    await expect(window).to_contain_text(f"{ticket} 叫了")
    await expect(window).to_contain_text("0人等")
    await clerk.post(f"/hall/municipal/windows/{number}/pause")
    await _ticket(staff)
    await expect(window).to_contain_text("暂停")
    await press(page, "2")
    await expect(page.locator(".at").first).to_contain_text("市公安局")
    await expect(page.locator("#worrying + ul")).to_contain_text("有人等没人办")
    await assert_usable(page)
    await press(page, "1")
    await expect(page.locator(".at")).to_have_count(163)
    await keep_picture(page, "console-live-dark" if dark else "console-live")


async def test_a_plan_is_changed_looked_at_and_published_by_keys(
    console: Console, booked: Any
) -> None:
    page = await console(f"{MANAGER}/plan")
    await assert_usable(page)
    await press(page, "e")
    await page.get_by_label("时间", exact=True).first.fill("13:00-16:30")
    await page.get_by_role("button", name="加一条办公时间").click()
    await expect(page.get_by_label("时间", exact=True).first).to_have_value("13:00-16:30")
    await assert_usable(page)
    await page.get_by_role("button", name="去掉第2条办公时间").click()
    await expect(page.get_by_role("group", name="第2条")).to_have_count(0)
    await page.get_by_label("时间", exact=True).first.fill("下午")
    await press(page, "Escape")
    await press(page, "p")
    await expect(page.get_by_role("alert")).to_contain_text("第1条办公时间的时间：请检查")
    await page.get_by_label("时间", exact=True).first.fill("13:00-16:30")
    await press(page, "Escape")
    await press(page, "p")
    await expect(page.get_by_role("heading", name="起会变什么")).to_be_focused()
    await expect(page.get_by_text(booked["reference"])).to_be_visible()
    await assert_usable(page)
    await press(page, "b")
    await expect(page.get_by_label("时间", exact=True).first).to_have_value("13:00-16:30")
    await press(page, "p")
    await page.get_by_role("heading", name="起会变什么").wait_for()
    await press(page, "s")
    await expect(page.get_by_role("status")).to_contain_text("1个预约要改期，已经通知本人")
    await expect(page.locator("td", has_text="13:00–16:30").first).to_be_visible()
    await assert_usable(page)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_the_figures_are_drawn_and_stand_in_tables(
    console: Console, staff: Any, booked: Any, clock: Any, dark: bool
) -> None:
    await _ticket(staff)
    clock.advance(timedelta(days=1))
    await _ticket(staff)
    page = await console(f"{MANAGER}/figures", color_scheme="dark" if dark else "light")
    drawn = page.locator(".chart[data-drawn]")
    await expect(drawn).to_have_count(await page.locator(".chart").count())
    await expect(page.locator(".chart canvas").first).to_be_visible()
    assert all(await page.evaluate(PAINTED))
    await assert_usable(page)
    await _tab_to(page, "看表格")
    await press(page, "Enter")
    await expect(page.get_by_role("table").first).to_be_visible()
    await assert_usable(page)
    await drawn.first.hover()
    await keep_picture(page, "console-figures-dark" if dark else "console-figures")
    await page.set_viewport_size({"width": 700, "height": 800})
    await expect(page.locator(".chart canvas").first).to_be_visible()
    await assert_usable(page)
    await press(page, "3")
    await expect(page.get_by_text("近30天")).to_have_attribute("aria-current", "page")


async def test_an_appeal_is_decided_by_keys(
    console: Console, citizen: Any, app: Any, clock: Any
) -> None:
    await _suspended(citizen, clock)
    page = await console(f"{MANAGER}/appeals")
    await expect(page.get_by_text("<b>我在住院</b>")).to_be_visible()  # as words
    await assert_usable(page)
    await page.get_by_label("理由").focus()
    await page.keyboard.type("有住院证明")
    await press(page, "Enter")  # the first button: granted
    await expect(page.get_by_role("status")).to_contain_text("申诉通过了")
    await assert_usable(page)


async def _suspended(citizen: Any, clock: Any) -> None:
    from miniapp_api.appointments import standing_store
    from miniapp_api.platform.database import transaction

    id, now = uuid4(), clock.now()
    me = (await citizen.get("/identity/me")).json["id"]
    async with transaction() as connection:
        span = (now, now + timedelta(days=30))
        await standing_store.suspend(connection, id, me, "municipal", "no_shows", span, now)
    words = {"text": "<b>我在住院</b>"}
    reply = await citizen.post(f"/appointments/suspensions/{id}/appeal", words)
    assert reply.json["appeal"] == "open", reply.text
