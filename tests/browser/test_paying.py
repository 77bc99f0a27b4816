"""Paying on a phone: a lost network, the way back, and two tabs pay once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Page, expect

from miniapp_api.platform.database import fetch
from tests.browser.applying import BEGIN, begin, pay
from tests.browser.chromium import assert_accessible, assert_targets
from tests.browser.citizens import Losing, token_of
from tests.miniapp_api.applications.conftest import department_server, office, wang
from tests.miniapp_api.identity.conftest import real_name, real_name_server, verified

__all__ = ["department_server", "office", "real_name", "real_name_server", "verified", "wang"]

PAID = "SELECT count(*) AS n FROM pay_order WHERE status = 'paid'"


@pytest.fixture
async def page(
    phone: Any, wang: Any, office: Any, wechat_pay: Any, heard: Any, settings: Any
) -> Page:
    """A form with a fee of 20 yuan."""
    heard.elsewhere.add(f"127.0.0.1:{settings.payments.fake_port}")
    heard.expected += ("Failed to load resource: net::ERR_",)
    opened: Page = await phone(BEGIN, token=token_of(wang))
    await begin(opened)
    return opened


async def _paid() -> int:
    return int((await fetch(PAID))[0]["n"])


async def test_a_network_lost_before_paying_is_tried_again_and_pays_once(page: Page) -> None:
    await Losing(page).requests("**/order")
    await page.get_by_role("button", name="去缴20.00元").click()
    await expect(page.get_by_role("alert")).to_contain_text("网络好像断了")
    await page.get_by_role("button", name="去缴20.00元").click()
    await Losing(page).answers("**/browser")
    await page.get_by_role("button", name="微信支付").click()
    await expect(page.get_by_role("alert")).to_contain_text("网络好像断了")
    await pay(page)
    assert await _paid() == 1


async def test_back_after_paying_says_that_it_is_paid(page: Page) -> None:
    form = page.url
    await page.get_by_role("button", name="去缴20.00元").click()
    await pay(page)
    await page.goto(form)
    # What stands in place of the button: one that is busy has another name for a moment.
    await expect(page.get_by_text("已缴", exact=True)).to_be_visible()
    assert await page.get_by_role("button", name="去缴").count() == 0
    await page.go_back()
    await expect(page.get_by_role("button", name="回去接着办")).to_be_visible()
    assert await page.get_by_role("button", name="微信支付").count() == 0
    assert await _paid() == 1


async def test_who_gives_up_at_the_cashier_may_pay_later_from_his_list(
    page: Page, phone: Any, wang: Any
) -> None:
    await page.get_by_role("button", name="去缴20.00元").click()
    await expect(page.get_by_role("button", name="微信支付")).to_be_visible()
    mine = await phone("/pages/payment/index", token=token_of(wang))
    await expect(mine.get_by_role("heading", name="还没缴的")).to_be_visible()
    await assert_accessible(mine)
    await assert_targets(mine)
    await mine.get_by_role("link", name=re.compile("20.00元")).click()
    await pay(mine)
    await mine.goto("/pages/payment/index")
    await expect(mine.get_by_role("heading", name="以前的")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("已支付")).to_be_visible()
    assert await _paid() == 1


async def test_an_order_that_lapsed_says_so_and_what_to_do(
    page: Page, phone: Any, wang: Any, app: Any, clock: Any
) -> None:
    await page.get_by_role("button", name="去缴20.00元").click()
    await expect(page.get_by_text("请在9:00前付")).to_be_visible()
    await assert_accessible(page)
    clock.advance(timedelta(minutes=31))
    await app.ctx.payments.poll()
    await expect(page.get_by_text("没有扣您的钱")).to_be_visible()
    await assert_accessible(page)
    # From the list it leads to the form as well, and there it is paid anew.
    mine = await phone("/pages/payment/index", token=token_of(wang))
    await mine.get_by_role("link", name=re.compile("已关闭")).click()
    await mine.get_by_role("button", name="回去接着办").click()
    await mine.get_by_role("button", name="去缴20.00元").click()
    await pay(mine)
    assert await _paid() == 1


async def test_what_is_missing_takes_the_keyboard(page: Page) -> None:
    await page.get_by_role("checkbox", name="我填的和交的都是真的").check()
    await page.get_by_role("button", name="提交").click()
    await expect(page.get_by_role("alert").first).to_contain_text("都标出来了")
    focused = page.locator("*:focus")
    await expect(focused).to_have_attribute("aria-invalid", "true")


async def test_before_beginning_it_is_said_what_it_takes(phone: Any) -> None:
    page = await phone(BEGIN)
    await expect(page.get_by_role("heading", name="要准备什么")).to_be_visible()
    await expect(page.get_by_text("照片").first).to_be_visible()
    await assert_accessible(page)
