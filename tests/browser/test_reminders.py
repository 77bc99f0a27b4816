"""Reminders in a browser: nothing is asked, an SMS is said, and it can be switched off."""

from __future__ import annotations

from typing import Any

from playwright.async_api import expect

from tests.browser.chromium import assert_accessible, assert_targets
from tests.browser.citizens import book, token_of

SETTINGS = "/pages/settings/index"
LOST = "Failed to load resource: net::ERR_"
SAID = "到时候我们会发短信提醒您。"


async def test_a_booking_says_that_an_sms_comes_and_the_switch_ends_it(
    phone: Any, citizen: Any
) -> None:
    id = await book(citizen)
    page = await phone(f"/pages/booking/detail?id={id}", token=token_of(citizen))
    await expect(page.get_by_text(SAID)).to_be_visible()
    await page.goto(SETTINGS)
    await expect(page.get_by_role("radio", name="发短信").first).to_be_checked()
    async with page.expect_response("**/messages/preferences") as kept:
        await page.get_by_role("radio", name="不发短信").check()
    assert (await kept.value).status == 200
    await assert_accessible(page)
    await assert_targets(page, elder=False)
    assert (await citizen.get("/messages/preferences")).json == {"sms": False}
    await page.reload()
    await expect(page.get_by_role("radio", name="不发短信")).to_be_checked()
    await page.goto(f"/pages/booking/detail?id={id}")
    await expect(page.get_by_role("button", name="改时间")).to_be_visible()
    await expect(page.get_by_text(SAID)).to_have_count(0)


async def test_a_choice_that_could_not_be_kept_is_taken_back(
    phone: Any, citizen: Any, heard: Any
) -> None:
    heard.expected += (LOST,)
    page = await phone(SETTINGS, token=token_of(citizen))
    wanted = page.get_by_role("radio", name="发短信", exact=False).first
    await expect(wanted).to_be_checked()
    await page.route("**/messages/preferences", lambda route: route.abort())
    await page.get_by_role("radio", name="不发短信").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(wanted).to_be_checked()
    assert (await citizen.get("/messages/preferences")).json == {"sms": True}


async def test_who_is_not_logged_in_has_no_switch(phone: Any) -> None:
    page = await phone(SETTINGS)
    await expect(page.get_by_role("heading", name="设置", exact=True)).to_be_visible()
    await expect(page.get_by_role("radio", name="不发短信")).to_have_count(0)
