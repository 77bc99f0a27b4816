"""A citizen's own pages: messages, real name, family, enterprise, data."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.async_api import Route, expect

from tests.browser.chromium import assert_usable
from tests.browser.citizens import book, forget_limits, token_of
from tests.miniapp_api.identity.conftest import (
    WANG,
    WANG_ID,
    real_name,
    real_name_server,
    verified,
)

__all__ = ["real_name", "real_name_server", "verified"]

PHONE, OTHER = "13800138000", "13700000000"
SENT = re.compile("秒后可重发|已发送")
USCC, COMPANY = "91350100M000100Y43", "沈阳好味道餐饮有限公司"
VIEWS = pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])


async def test_who_is_not_logged_in_comes_back_after_logging_in(phone: Any, sms: Any) -> None:
    page = await phone("/pages/family/index")
    await page.get_by_role("button", name="去登录").click()
    await page.get_by_label("手机号", exact=True).fill(PHONE)
    await page.get_by_role("button", name="获取验证码").click()
    await expect(page.get_by_text("短信发出去了")).to_be_visible()
    await page.get_by_label("短信验证码").fill(sms.last[PHONE]["parameters"]["code"])
    await page.get_by_label("我同意").check()
    await page.get_by_role("button", name="登录", exact=True).click()
    await expect(page.get_by_role("heading", name="我能替谁办")).to_be_visible()


async def test_a_stolen_or_ended_session_asks_to_log_in_again(phone: Any, citizen: Any) -> None:
    page = await phone("/pages/booking/mine", token=token_of(citizen))
    await expect(page.get_by_text("现在没有预约")).to_be_visible()
    assert (await citizen.call("DELETE", "/identity/devices")).status == 204
    await page.get_by_role("link", name="预约信用").click()
    await expect(page.get_by_role("button", name="去登录")).to_be_visible()


@VIEWS
async def test_a_message_is_read_and_opens_its_page(
    phone: Any, citizen: Any, app: Any, elder: bool
) -> None:
    await book(citizen)
    await app.ctx.messages.drain()
    page = await phone("/pages/messages/index", token=token_of(citizen), elder=elder)
    await expect(page.get_by_text("有1条没看")).to_be_visible()
    await assert_usable(page, elder=elder)
    await page.get_by_role("button", name="约好了").click()
    await expect(page.get_by_role("heading", name="我的预约", level=1)).to_be_visible()
    await page.go_back()
    await expect(page.get_by_text("都看过了")).to_be_visible()
    assert (await citizen.get("/messages")).json["unread"] == 0


@VIEWS
async def test_a_real_name_needs_its_own_consent_and_is_masked_after(
    phone: Any, citizen: Any, real_name: Any, elder: bool
) -> None:
    page = await phone("/pages/identity/index", token=token_of(citizen), elder=elder)
    await page.get_by_role("textbox", name="姓名").fill(WANG)
    await page.get_by_role("textbox", name="身份证号").fill("110105194912310021")
    await page.get_by_role("button", name="核验").click()
    await expect(page.get_by_text("要先勾选同意")).to_be_visible()
    await page.get_by_label("我单独同意").check()
    await page.get_by_role("button", name="核验").click()
    await expect(page.get_by_text("身份证号不对")).to_be_visible()
    assert await page.get_by_role("textbox", name="姓名").input_value() == WANG
    await page.get_by_role("textbox", name="身份证号").fill(WANG_ID)
    await page.get_by_role("button", name="核验").click()
    await expect(page.get_by_role("heading", name="已经实名")).to_be_visible()
    await assert_usable(page, elder=elder)
    shown = await page.locator("#content").inner_text()
    assert WANG not in shown
    assert WANG_ID not in shown

    await page.get_by_role("link", name="看看或撤回同意").click()
    await page.get_by_role("link", name="我的同意").click()
    await page.get_by_role("button", name="撤回同意").click()
    await page.get_by_role("button", name="撤回同意").click()
    await expect(page.get_by_role("heading", name="同意撤回了")).to_be_visible()
    await expect(page.get_by_text("姓名和身份证号")).not_to_have_count(0)
    await assert_usable(page, elder=elder)
    assert (await citizen.get("/identity/me")).json["assurance"] == 1


@VIEWS
async def test_a_mother_consents_by_her_code_and_takes_it_back(
    phone: Any, citizen: Any, log_in: Any, sms: Any, app: Any, elder: bool
) -> None:
    page = await phone("/pages/family/index", token=token_of(citizen), elder=elder)
    await page.get_by_label("怎么称呼").fill("妈妈")
    await page.get_by_label("对方的手机号").fill(OTHER)
    await page.get_by_role("button", name="获取验证码").click()
    await expect(page.get_by_text("短信已发到对方手机")).to_be_visible()
    code = page.get_by_label("对方收到的验证码")
    await code.fill("000000")
    await page.get_by_role("button", name="添加").click()
    await expect(page.get_by_text("验证码不对或已过期")).to_be_visible()
    await code.fill(sms.last[OTHER]["parameters"]["code"])
    await page.get_by_role("button", name="添加").click()
    await expect(page.get_by_text("妈妈 137****0000")).to_be_visible()
    await assert_usable(page, elder=elder)
    await page.goto("/pages/booking/index?item=id-card-lost-replacement")
    await page.get_by_role("radio", name="妈妈").check()
    await assert_usable(page, elder=elder)
    await page.get_by_role("button", name="9:30 余").click()
    await page.get_by_role("button", name="约 11月25日").click()
    await page.get_by_role("button", name="确认预约").click()
    await expect(page.get_by_text("约好了")).to_be_visible()
    await expect(page.get_by_role("definition").filter(has_text="长辈")).to_be_visible()

    await forget_limits(app)
    session = token_of(await log_in(OTHER))
    mothers = await phone("/pages/family/index", token=session, elder=elder)
    await mothers.get_by_role("button", name="取消授权").click()
    await mothers.get_by_role("button", name="取消授权").click()
    await expect(mothers.get_by_text("没有人。")).to_be_visible()
    assert await mothers.get_by_role("button", name="取消授权").count() == 0
    agents = (await citizen.get("/identity/principals")).json
    assert agents["principals"] == []


async def test_an_enterprise_is_opened_and_delegated_and_the_delegate_accepts(
    phone: Any, verified: Any, log_in: Any
) -> None:
    boss, clerk = await verified(), await log_in("13600000000")
    page = await phone("/pages/enterprise/index", token=token_of(boss))
    await page.get_by_label("企业名称").fill(COMPANY)
    await page.get_by_label("统一社会信用代码").fill(USCC.lower())
    await page.get_by_role("button", name="开通").click()
    await page.get_by_role("link", name=COMPANY).click()
    await expect(page.get_by_text(USCC)).to_be_visible()
    await page.get_by_label("对方的手机号").fill("13600000000")
    await page.get_by_role("button", name="发出授权").click()
    await expect(page.get_by_text("等对方同意")).to_be_visible()
    await assert_usable(page)

    page = await phone("/pages/enterprise/index", token=token_of(clerk))
    await expect(page.get_by_text("授权您：办事、查看")).to_be_visible()
    await assert_usable(page)
    await page.get_by_role("button", name="同意", exact=True).click()
    await expect(page.get_by_text("您可以：办事、查看")).to_be_visible()


async def test_who_has_no_real_name_is_led_to_it_from_the_enterprise(
    phone: Any, citizen: Any
) -> None:
    page = await phone("/pages/enterprise/index", token=token_of(citizen))
    await page.get_by_label("企业名称").fill(COMPANY)
    await page.get_by_label("统一社会信用代码").fill(USCC)
    await page.get_by_role("button", name="开通").click()
    await page.get_by_role("link", name="去实名认证").click()
    await expect(page.get_by_role("heading", name="实名认证", level=1)).to_be_visible()


@VIEWS
async def test_data_is_copied_devices_are_seen_and_the_account_is_deleted(
    phone: Any, citizen: Any, sms: Any, app: Any, elder: bool
) -> None:
    page = await phone("/pages/privacy/index", token=token_of(citizen), elder=elder)
    await page.get_by_role("link", name="我的信息副本").click()
    async with page.expect_download() as download:
        await page.get_by_role("button", name="下载隐去号码的副本").click()
    copy = json.loads((await (await download.value).path()).read_text(encoding="utf-8"))
    assert copy["data"]["identity"]["phone_masked"] == "138****8000"
    await assert_usable(page, elder=elder)
    await page.go_back()
    await page.get_by_role("link", name="登录设备").click()
    await expect(page.get_by_text("这台")).to_be_visible()
    await assert_usable(page, elder=elder)
    await page.go_back()
    await page.get_by_role("link", name="数据共享记录").click()
    await expect(page.get_by_text("还没有人查过您的证照")).to_be_visible()
    await page.go_back()

    await page.get_by_role("link", name="注销账号").click()
    await assert_usable(page, elder=elder)
    await forget_limits(app)
    await page.get_by_label("您登录用的手机号").fill(PHONE)
    await page.get_by_role("button", name="获取验证码").click()
    await expect(page.get_by_role("button", name=SENT)).to_be_disabled()
    await page.get_by_label("短信验证码").fill(sms.last[PHONE]["parameters"]["code"])
    await page.get_by_role("button", name="下一步").click()
    await page.get_by_role("button", name="注销账号").click()
    await page.get_by_role("button", name="注销", exact=True).click()
    await expect(page.get_by_role("heading", name="账号注销了")).to_be_visible()
    await assert_usable(page, elder=elder)
    assert (await citizen.get("/identity/me")).status == 401


async def test_in_a_demonstration_the_code_is_read_on_the_simulated_phone(
    phone: Any, settings: Any
) -> None:
    page = await phone("/pages/privacy/index")

    async def demonstration(route: Route) -> None:
        config = await (await route.fetch()).json()
        await route.fulfill(json={**config, "demo_sms": f"{settings.sms.url}/"})

    await page.route("**/client/config", demonstration)
    await page.goto("/pages/login/index")
    await page.get_by_label("手机号", exact=True).fill("13812345678")
    await page.get_by_role("button", name="获取验证码").click()
    await expect(page.get_by_text("短信发出去了")).to_be_visible()
    await assert_usable(page)
    async with page.expect_popup() as popup:
        await page.get_by_role("link", name="模拟手机").click()
    simulated = await popup.value
    await expect(simulated.get_by_text("发给 13812345678")).to_be_visible()
    code = await simulated.locator("li b").first.inner_text()
    await page.get_by_label("短信验证码").fill(code)
    await page.get_by_label("我同意").check()
    await page.get_by_role("button", name="登录", exact=True).click()
    await expect(page.get_by_role("heading", name="我的", exact=True, level=1)).to_be_visible()
