"""Booking the hall on a phone, where something goes wrong or is rarely done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Page, expect

from miniapp_api.platform.database import fetch
from tests.browser.chromium import assert_usable
from tests.browser.citizens import (
    ITEM,
    Losing,
    book,
    bookings_of,
    hold,
    token_of,
    type_log_in,
)
from tests.miniapp_api.appointments.test_two_halls import ctx, folder

__all__ = ["ctx", "folder"]

PAGE = f"/pages/booking/index?item={ITEM}"
VIEWS = pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
LOST = "Failed to load resource: net::ERR_"


async def _choose(page: Page, time: str = "9:30") -> None:
    """Choose a time of the first day that can be booked."""
    await page.get_by_role("button", name=f"{time} 余").click()


async def _hold_by_hand(page: Page, time: str = "9:30") -> None:
    await _choose(page, time)
    await page.get_by_role("button", name="约 11月25日").click()
    await expect(page.get_by_role("heading", name="请核对后确认")).to_be_visible()


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
    await assert_usable(page)
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
    await assert_usable(page, elder=elder)
    await page.get_by_role("button", name="重新保留").click()
    await expect(page.get_by_text("已为您保留到 8:51")).to_be_visible()
    await page.get_by_role("button", name="确认预约").click()
    await expect(page.get_by_text("约好了")).to_be_visible()
    assert [each["status"] for each in await bookings_of(citizen)] == ["confirmed"]


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
    await assert_usable(page)


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


# -- a city with two halls (同城通办) -------------------------------------------------------------


@pytest.fixture
def two_halls(app: Any, ctx: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.ctx, "listing", ctx.listing)


async def test_the_hall_that_the_address_names_is_chosen(
    phone: Any, citizen: Any, two_halls: None
) -> None:
    page = await phone(f"{PAGE}&hall=hunnan", token=token_of(citizen))
    await expect(page.get_by_role("radio", name="浑南区政务服务中心")).to_be_checked()
    # Its own days: it is open on Saturdays, as the other one is not.
    saturday = page.get_by_role("button", name="11月28日 周六")
    await expect(saturday).to_be_enabled()
    await assert_usable(page)
    await page.get_by_role("radio", name="沈阳市政务服务中心").check()
    await expect(saturday).to_be_disabled()


async def test_a_hall_that_does_not_serve_the_item_is_not_chosen(
    phone: Any, citizen: Any, two_halls: None
) -> None:
    page = await phone(f"{PAGE}&hall=elsewhere", token=token_of(citizen))
    await expect(page.get_by_role("radio", name="沈阳市政务服务中心")).to_be_checked()
    await expect(page.get_by_role("button", name="11月25日 周三")).to_be_enabled()
