"""A guide's page: the way to the hall, and a link to what is not there any more."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Route, expect

from tests.browser.chromium import assert_usable

GUIDE = "/pages/guide/index?item=id-card-lost-replacement"
MAPS = "https://apis.map.qq.com/**"


@pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
async def test_a_hall_whose_place_is_confirmed_is_shown_on_a_map(phone: Any, elder: bool) -> None:
    async def confirmed(route: Route) -> None:
        reply = await route.fetch()
        halls = await reply.json()
        halls["halls"][0]["coordinates"] = {"latitude": 41.68, "longitude": 123.46}
        await route.fulfill(response=reply, json=halls)

    page = await phone(elder=elder)
    await page.route("**/guides/halls", confirmed)
    await page.context.route(MAPS, lambda route: route.fulfill(body="a map"))
    await page.goto(GUIDE)
    button = page.get_by_role("button", name="看地图")
    await expect(button).to_be_visible()
    await assert_usable(page, elder=elder)
    async with page.expect_popup() as opened:
        await button.click()
    assert "coord%3A41.68%2C123.46%3Btitle%3A" in (await opened.value).url


async def test_a_hall_whose_place_is_not_confirmed_is_on_no_map(phone: Any) -> None:
    page = await phone(GUIDE)
    await expect(page.get_by_role("button", name="复制地址")).to_be_visible()
    await expect(page.get_by_role("button", name="看地图")).to_have_count(0)


async def test_a_link_to_a_guide_that_is_gone_says_so_and_leads_on(phone: Any, heard: Any) -> None:
    page = await phone("/pages/guide/index?item=withdrawn-long-ago")
    await expect(page.get_by_text("没有找到")).to_be_visible()
    await assert_usable(page)
    assert all("404" in fault for fault in heard.faults)
    heard.faults.clear()
    await page.goto("/pages/guide/index")
    await expect(page).to_have_url(re.compile("/pages/guide/list"))
