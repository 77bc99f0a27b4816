"""The client as it is served: its files, its policy, and the frame of its pages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.chromium import assert_accessible, assert_targets


async def test_the_first_page_and_every_page_of_the_client_are_served(
    chromium: Any, api: Any
) -> None:
    for path in ("/", "/pages/home/index", "/pages/booking/index?item=id-card-lost-replacement"):
        reply = await api.get(path)
        assert reply.status == 200
        assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "script-src 'self';" in reply.headers["Content-Security-Policy"]
        assert reply.headers["Cache-Control"] == "no-cache"


async def test_a_file_that_is_not_there_is_refused_as_a_problem(api: Any) -> None:
    for path in ("/assets/none.js", "/assets/../config.yaml", "/static/..%2f..%2fconfig.yaml"):
        reply = await api.get(path)
        assert (reply.status, reply.code) == (404, "not_found")


@pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_the_settings_page_is_accessible_in_every_view(
    phone: Any, elder: bool, dark: bool
) -> None:
    page = await phone("/pages/settings/index", elder=elder, dark=dark)
    await page.get_by_role("heading", name="设置", exact=True).wait_for()
    await assert_accessible(page)
    await assert_targets(page, elder=elder)


async def test_the_elder_view_stays_chosen_and_makes_the_type_larger(phone: Any) -> None:
    page = await phone("/pages/settings/index")
    label = page.get_by_text("长辈版").first
    before = await label.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
    await page.get_by_role("radio", name="长辈版").check()
    await page.get_by_role("radio", name="最大").check()
    await page.reload()
    after = await page.get_by_text("长辈版").first.evaluate(
        "e => parseFloat(getComputedStyle(e).fontSize)"
    )
    assert before < 18 <= after
    assert after >= 30
