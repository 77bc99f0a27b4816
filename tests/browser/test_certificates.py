"""Certificates on a phone: fetched by consent, of oneself and of an enterprise."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import expect

from tests.browser.chromium import assert_accessible, assert_targets
from tests.browser.citizens import Losing, token_of
from tests.miniapp_api.applications.conftest import department_server, office, wang
from tests.miniapp_api.identity.conftest import real_name, real_name_server, verified

__all__ = ["department_server", "office", "real_name", "real_name_server", "verified", "wang"]

HOME = "/pages/certificates/index"


async def test_certificates_are_fetched_by_consent_and_shown(
    phone: Any, wang: Any, office: Any
) -> None:
    page = await phone(HOME, token=token_of(wang))
    await page.get_by_role("button", name="领取电子证照").click()
    await page.get_by_role("checkbox", name=re.compile("居民身份证")).check()
    await page.get_by_role("checkbox", name=re.compile("结婚证")).check()
    await assert_accessible(page)
    await assert_targets(page, elder=False)
    await page.get_by_role("button", name="同意并领取").click()
    await expect(page.get_by_text("居民身份证：领到了")).to_be_visible()
    held = (await wang.get("/certificates/")).json["certificates"]
    assert "id-card" in {each["type_id"] for each in held}
    await page.get_by_role("link", name=re.compile("居民身份证")).click()
    await page.get_by_role("button", name="亮证").click()
    await expect(page.get_by_role("img", name=re.compile("亮证码"))).to_be_visible()


async def test_who_is_not_verified_is_led_to_it(phone: Any, citizen: Any) -> None:
    page = await phone(HOME, token=token_of(citizen))
    await page.get_by_role("button", name="领取电子证照").click()
    await page.get_by_role("checkbox", name=re.compile("居民身份证")).check()
    await page.get_by_role("button", name="同意并领取").click()
    await page.get_by_role("button", name="去实名认证").click()
    await expect(page.get_by_role("heading", level=1, name="实名认证")).to_be_visible()


async def test_a_lost_answer_is_asked_again_and_uses_the_consent_once(
    phone: Any, wang: Any, office: Any, heard: Any
) -> None:
    heard.expected += ("Failed to load resource: net::ERR_",)
    page = await phone(HOME, token=token_of(wang))
    losing = Losing(page)
    await losing.answers("**/certificates/fetches")
    await page.get_by_role("button", name="领取电子证照").click()
    await page.get_by_role("checkbox", name=re.compile("居民身份证")).check()
    await page.get_by_role("button", name="同意并领取").click()
    await expect(page.get_by_role("alert")).to_contain_text("网络好像断了")
    await page.get_by_role("button", name="同意并领取").click()
    await expect(page.get_by_text("居民身份证：领到了")).to_be_visible()
    assert len(set(losing.keys)) == 1
    ledger = (await wang.get("/certificates/ledger")).json
    assert (
        sum(
            "id-card" in str(entry) or "居民身份证" in str(entry)
            for entry in next(iter(ledger.values()))
        )
        == 1
    )
