"""Booking the hall by clicking and typing, on a phone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Page, expect

from miniapp_api.platform.database import fetch
from tests.browser.chromium import assert_accessible, assert_targets, keep_picture
from tests.browser.citizens import (
    ITEM,
    TOMORROW,
    Losing,
    book,
    bookings_of,
    hold,
    token_of,
    type_log_in,
)

PAGE = f"/pages/booking/index?item={ITEM}"
VIEWS = pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
LOST = "Failed to load resource: net::ERR_"
FILL = """
UPDATE allotment SET capacity = capacity - remaining, remaining = 0 WHERE slot_id IN
(SELECT id FROM slot WHERE queue = 'public-security'
 AND starts_at >= '2026-11-25' AND starts_at < '2026-11-26')
"""


async def _choose(page: Page, time: str = "9:30") -> None:
    """Choose a time of the first day that can be booked."""
    await page.get_by_role("button", name=f"{time} 余").click()


async def _hold_by_hand(page: Page, time: str = "9:30") -> None:
    await _choose(page, time)
    await page.get_by_role("button", name="约 11月25日").click()
    await expect(page.get_by_role("heading", name="请核对后确认")).to_be_visible()


async def _good(page: Page, *, elder: bool) -> None:
    await assert_accessible(page)
    await assert_targets(page, elder=elder)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@VIEWS
async def test_a_newcomer_logs_in_books_tomorrow_morning_moves_and_cancels(
    phone: Any, sms: Any, api: Any, elder: bool
) -> None:
    page = await phone(PAGE, elder=elder)
    await expect(page.get_by_role("heading", name="居民身份证丢失补领")).to_be_visible()
    await expect(page.get_by_role("button", name="11月25日 周三")).to_have_attribute(
        "aria-pressed", "true"
    )
    await expect(page.get_by_text("14到21号窗口")).to_be_visible()
    if not elder:
        saturday = page.get_by_role("button", name="11月28日 周六，周末不办公")
        await expect(saturday).to_be_disabled()
    await _good(page, elder=elder)
    await _choose(page)
    await page.get_by_role("button", name="登录后约 11月25日 周三 9:30").click()

    await expect(page.get_by_role("heading", name="用手机号登录")).to_be_visible()
    await _good(page, elder=elder)
    await type_log_in(page, sms)
    # Back where he came from, with the time that he chose.
    await page.get_by_role("button", name="约 11月25日 周三 9:30").click()
    await expect(page.get_by_text("已为您保留到 8:40")).to_be_visible()
    # No clock ticks in the elder view.
    assert await page.get_by_text("来得及").is_visible() == elder
    assert await page.get_by_text("分钟").is_visible() != elder
    await _good(page, elder=elder)
    await page.get_by_role("button", name="确认预约").click()
    await expect(page.get_by_text("约好了")).to_be_visible()
    await expect(page.get_by_role("img", name="签到二维码")).to_be_visible()
    await _good(page, elder=elder)
    await keep_picture(page, f"booking-{'elder' if elder else 'normal'}")

    async with page.expect_download() as download:
        await page.get_by_role("button", name="加到日历").click()
    calendar = await (await download.value).path()
    assert "BEGIN:VCALENDAR" in calendar.read_text(encoding="utf-8")

    await page.get_by_role("button", name="改时间").click()
    await _choose(page, "10:00")
    await _good(page, elder=elder)
    await page.get_by_role("button", name="改到 11月25日 周三 10:00").click()
    await expect(page.get_by_text("10:00–10:30", exact=True)).to_be_visible()

    await page.get_by_role("button", name="取消预约").click()
    await expect(page.get_by_text("要取消11月25日 周三 10:00–10:30的预约吗")).to_be_visible()
    await page.get_by_role("button", name="取消预约").click()
    await expect(page.get_by_role("heading", name="这个预约取消了")).to_be_visible()
    rows = await fetch("SELECT status FROM appointment")
    assert [row["status"] for row in rows] == ["cancelled"]


async def test_a_wrong_code_is_told_and_what_was_typed_stays(phone: Any, sms: Any) -> None:
    page = await phone("/pages/login/index?next=pages%2Fbooking%2Fmine")
    code = page.get_by_label("短信验证码")
    await page.get_by_label("手机号", exact=True).fill("13800138000")
    await page.get_by_role("button", name="获取验证码").click()
    await expect(page.get_by_role("button", name="秒后可重发")).to_be_disabled()
    await code.fill("000000")
    await page.get_by_role("button", name="登录", exact=True).click()
    await expect(page.get_by_text("请先勾选同意")).to_be_visible()
    await page.get_by_label("我同意").check()
    await page.get_by_role("button", name="登录", exact=True).click()
    await expect(page.get_by_role("alert")).to_have_text("验证码不对或已过期，请重新获取")
    assert await code.get_attribute("autocomplete") == "one-time-code"
    assert await page.get_by_label("手机号", exact=True).input_value() == "13800138000"
    await code.fill(sms.last["13800138000"]["parameters"]["code"])
    await page.get_by_role("button", name="登录", exact=True).click()
    await expect(page.get_by_role("heading", name="我的预约", level=1)).to_be_visible()


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
async def test_logging_in_leads_to_our_own_pages_only(phone: Any, sms: Any, to: str) -> None:
    page = await phone(f"/pages/login/index?next={to}")
    await type_log_in(page, sms)
    await expect(page.get_by_role("heading", name="我的", exact=True, level=1)).to_be_visible()


async def test_a_lost_answer_to_hold_or_confirm_books_once(
    phone: Any, citizen: Any, heard: Any
) -> None:
    heard.expected += (LOST,)
    page = await phone(PAGE, token=token_of(citizen))
    losing = Losing(page)
    await losing.answers("**/appointments/holds")
    await _choose(page)
    await page.get_by_role("button", name="约 11月25日").click()
    await expect(page.get_by_text("网络好像断了")).to_be_visible()
    await page.get_by_role("button", name="约 11月25日").click()
    await expect(page.get_by_role("heading", name="请核对后确认")).to_be_visible()
    assert len(losing.keys) == 2
    assert len(set(losing.keys)) == 1

    losing = Losing(page)
    await losing.answers("**/confirm")
    await page.get_by_role("button", name="确认预约").click()
    await expect(page.get_by_text("网络好像断了")).to_be_visible()
    await page.get_by_role("button", name="确认预约").click()
    await expect(page.get_by_text("约好了")).to_be_visible()
    (row,) = await fetch("SELECT count(*) n FROM appointment")
    assert row["n"] == 1


async def test_a_request_that_never_left_can_be_sent_again(
    phone: Any, citizen: Any, heard: Any
) -> None:
    heard.expected += (LOST,)
    page = await phone(PAGE, token=token_of(citizen))
    losing = Losing(page)
    await losing.requests("**/appointments/holds")
    await _choose(page, "10:30")
    await page.get_by_role("button", name="约 11月25日").click()
    await expect(page.get_by_text("网络好像断了")).to_be_visible()
    chosen = page.get_by_role("button", name="10:30 余")
    await expect(chosen).to_have_attribute("aria-pressed", "true")
    await page.get_by_role("button", name="约 11月25日").click()
    await expect(page.get_by_role("heading", name="请核对后确认")).to_be_visible()
    assert len(set(losing.keys)) == 1


async def test_who_wants_to_check_in_by_card_says_his_number_and_it_is_not_kept(
    phone: Any, citizen: Any
) -> None:
    page = await phone(PAGE, token=token_of(citizen))
    await page.get_by_role("button", name="到时想刷身份证签到").click()
    number = page.get_by_label("来办事的人的身份证号")
    await number.fill("110105194912310021")
    await _choose(page)
    await page.get_by_role("button", name="约 11月25日").click()
    await expect(page.get_by_text("身份证号不对，请检查。")).to_be_visible()
    await _good(page, elder=False)
    await number.fill("11010519491231002x")
    await page.get_by_role("button", name="约 11月25日").click()
    await expect(page.get_by_role("heading", name="请核对后确认")).to_be_visible()
    (row,) = await fetch("SELECT document_index i FROM appointment")
    assert row["i"]
    assert "11010519491231002X" not in row["i"]


async def test_a_double_press_holds_once(phone: Any, citizen: Any) -> None:
    page = await phone(PAGE, token=token_of(citizen))
    await _choose(page)
    await page.get_by_role("button", name="约 11月25日").dblclick()
    await page.get_by_role("button", name="确认预约").dblclick()
    await expect(page.get_by_text("约好了")).to_be_visible()
    assert len(await bookings_of(citizen, active=False)) == 1


async def test_two_tabs_make_one_booking(phone: Any, citizen: Any) -> None:
    one = await phone(PAGE, token=token_of(citizen))
    two = await phone(PAGE, context=one.context)
    await _hold_by_hand(one, "9:30")
    await _hold_by_hand(two, "10:30")
    await two.get_by_role("button", name="确认预约").click()
    await expect(two.get_by_text("约好了")).to_be_visible()
    await one.get_by_role("button", name="确认预约").click()
    await expect(one.get_by_role("heading", name="这个预约取消了")).to_be_visible()
    (booking,) = await bookings_of(citizen)
    assert (booking["status"], booking["start"]) == ("confirmed", "10:30")


async def test_going_back_after_confirming_changes_nothing(phone: Any, citizen: Any) -> None:
    page = await phone("/pages/booking/mine", token=token_of(citizen))
    await page.get_by_role("button", name="约一个").click()
    await page.get_by_role("button", name="居民身份证丢失补领").click()
    await _hold_by_hand(page)
    await page.get_by_role("button", name="确认预约").click()
    await expect(page.get_by_text("约好了")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("heading", name="我的预约", level=1)).to_be_visible()
    await expect(page.get_by_text("已约好")).to_be_visible()
    await page.go_forward()
    await page.reload()
    await expect(page.get_by_role("img", name="签到二维码")).to_be_visible()
    assert [each["status"] for each in await bookings_of(citizen)] == ["confirmed"]


@VIEWS
async def test_a_lapsed_hold_is_kept_again_by_one_press(
    phone: Any, citizen: Any, clock: Any, elder: bool
) -> None:
    id = await hold(citizen)
    page = await phone(f"/pages/booking/detail?id={id}", token=token_of(citizen), elder=elder)
    await expect(page.get_by_text("已为您保留到 8:40")).to_be_visible()
    clock.advance(timedelta(minutes=11))
    await page.clock.fast_forward(11 * 60_000)
    await expect(page.get_by_role("heading", name="保留时间过了，没关系")).to_be_visible()
    await _good(page, elder=elder)
    await page.get_by_role("button", name="重新保留").click()
    await expect(page.get_by_text("已为您保留到 8:51")).to_be_visible()
    await page.get_by_role("button", name="确认预约").click()
    await expect(page.get_by_text("约好了")).to_be_visible()
    assert [each["status"] for each in await bookings_of(citizen)] == ["confirmed"]


@VIEWS
async def test_a_full_day_is_waited_for_and_the_seat_that_comes_back_is_taken(
    phone: Any, citizen: Any, log_in: Any, app: Any, elder: bool
) -> None:
    other = await log_in("13700000000")
    booked = await book(other)
    await fetch(FILL)
    page = await phone(PAGE, token=token_of(citizen), elder=elder)
    await page.get_by_role("button", name="11月25日 周三，约满").click()
    await expect(page.get_by_role("heading", name="11月25日 周三 约满了")).to_be_visible()
    await _good(page, elder=elder)
    await page.get_by_role("button", name="加入候补").click()
    await expect(page.get_by_text("没有人，有号先给您")).to_be_visible()
    await _good(page, elder=elder)

    await other.post(f"/appointments/{booked}/cancel")
    await app.ctx.waiting.offer()
    await page.goto("/pages/booking/mine")
    await page.get_by_role("link", name="候补到号").click()
    await expect(page.get_by_role("heading", name="候补到号了，请确认")).to_be_visible()
    await page.get_by_role("button", name="确认预约").click()
    await expect(page.get_by_text("约好了")).to_be_visible()
    (booking,) = await bookings_of(citizen)
    assert (booking["status"], booking["date"]) == ("confirmed", TOMORROW)


async def test_who_cancelled_too_often_reads_why_and_appeals(phone: Any, citizen: Any) -> None:
    for n, day in enumerate(["25", "26", "27", "30"]):
        id = await book(citizen, day=f"2026-11-{day}", key=f"k{n}")
        await citizen.post(f"/appointments/{id}/cancel")
    id = await book(citizen, day="2026-12-01", key="last")
    await citizen.post(f"/appointments/{id}/cancel")
    page = await phone(PAGE, token=token_of(citizen))
    await _choose(page)
    await page.get_by_role("button", name="约 11月25日").click()
    await expect(page.get_by_text("您的预约暂停了")).to_be_visible()
    await page.get_by_role("button", name="看原因、去申诉").click()
    await expect(page.get_by_text("这个月取消的次数多了")).to_be_visible()
    await page.get_by_role("button", name="提交申诉").click()
    await expect(page.get_by_text("请写几句")).to_be_visible()
    await page.get_by_label("当时的情况").fill("住院了，有病历")
    await page.get_by_role("button", name="提交申诉").click()
    await expect(page.get_by_text("申诉已经收到")).to_be_visible()
    await _good(page, elder=False)


async def test_a_booking_of_somebody_else_or_none_is_told_clearly(
    phone: Any, citizen: Any, log_in: Any
) -> None:
    other = await book(await log_in("13700000000"))
    page = await phone(f"/pages/booking/detail?id={other}", token=token_of(citizen))
    await expect(page.get_by_text("没有找到这个预约")).to_be_visible()
    await page.get_by_role("link", name="看我的全部预约").click()
    await expect(page.get_by_text("现在没有预约")).to_be_visible()
    page = await phone("/pages/booking/index?item=no-such-item", token=token_of(citizen))
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.get_by_role("link", name="换一件事约").click()
    await expect(page.get_by_role("heading", name="约哪件事")).to_be_visible()
