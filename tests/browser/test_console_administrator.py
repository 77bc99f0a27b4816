"""An administrator adds a clerk, who makes the account his own; the trail is proved by hand."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from playwright.async_api import Page, expect

from tests.browser.chromium import assert_accessible, assert_usable, keep_picture, press

OWN = "my-own-password"


@pytest.fixture
def console(console_of: Any, staff: Any) -> Any:
    """Opens pages of the console in a browser in which somebody with a role is logged in."""

    async def console(path: str, role: str = "administrator", **options: Any) -> Page:
        page: Page = await console_of(await staff(role), path, **options)
        return page

    return console


async def test_a_clerk_is_added_and_makes_the_account_his_own(
    console: Any, desk: Any, clock: Any
) -> None:
    page = await console("/console/staff")
    await assert_usable(page)
    await press(page, "n")
    await expect(page.get_by_role("heading", name="新增工作人员")).to_be_visible()
    await page.get_by_label("账号", exact=False).first.fill("li.na")
    await page.get_by_label("姓名").fill("李娜")
    await page.get_by_label("窗口人员", exact=True).check()
    await page.get_by_label("系统管理员", exact=True).check()
    await page.get_by_role("button", name="新增").click()
    await expect(page.get_by_role("alert")).to_contain_text("不能由一个人兼任")
    await expect(page.get_by_label("姓名")).to_have_value("李娜")
    await assert_usable(page)
    await page.get_by_label("系统管理员", exact=True).uncheck()
    await page.get_by_label("公安", exact=False).first.check()
    await page.get_by_role("button", name="新增").click()
    await expect(page.get_by_role("status")).to_contain_text("新增好了")
    await assert_usable(page)
    await keep_picture(page, "console-staff")
    await page.get_by_role("button", name="发初始密码").click()
    password = await page.locator(".secret").inner_text()
    await assert_usable(page)

    his = await desk("/console/")
    await his.get_by_label("账号").fill("li.na")
    await his.get_by_label("密码").fill(password)
    await press(his, "Enter")
    await expect(his.get_by_role("heading", name="改密码")).to_be_visible()
    await assert_usable(his)
    await his.get_by_label("现在的密码").fill(password)
    await his.get_by_label("新密码", exact=False).first.fill(OWN)
    await his.get_by_label("再输一遍新密码").fill(f"{OWN}!")
    await press(his, "Enter")
    await expect(his.get_by_role("alert")).to_contain_text("不一样")
    await expect(his.get_by_label("现在的密码")).to_have_value(password)
    await his.get_by_label("再输一遍新密码").fill(OWN)
    await press(his, "Enter")
    await expect(his.get_by_role("status")).to_contain_text("密码改好了")
    await his.get_by_role("button", name="绑定动态口令").click()
    secret = await his.locator("code").inner_text()
    await his.get_by_label("6位数字").fill(pyotp.TOTP(secret).at(clock.now()))
    await press(his, "Enter")
    await his.get_by_label("账号").fill("li.na")
    await his.get_by_label("密码").fill(OWN)
    later = clock.now() + timedelta(seconds=30)
    await his.get_by_label("动态口令").fill(pyotp.TOTP(secret).at(later))
    await press(his, "Enter")
    await his.get_by_role("link", name="待办件").first.click()
    await expect(his.get_by_role("heading", name="待办件")).to_be_visible()

    await page.get_by_role("link", name="记好了").click()
    await expect(page.get_by_text("本人设的")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    await page.get_by_role("button", name="停用").click()
    await expect(page.get_by_role("status")).to_contain_text("停用了")
    await his.reload()
    await expect(his.get_by_role("heading", name="登录")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_the_trail_is_proved_and_the_settings_are_read(console: Any, dark: bool) -> None:
    page = await console("/console/audit", color_scheme="dark" if dark else "light")
    await assert_usable(page)
    await press(page, "v")
    await page.clock.run_for(2_000)
    await expect(page.get_by_text(re.compile("核验了.*都完好"))).to_be_visible()
    await assert_usable(page)
    await keep_picture(page, "console-audit-dark" if dark else "console-audit")
    async with page.expect_download() as saving:
        await page.get_by_role("link", name="导出 CSV").click()
    assert (await saving.value).suggested_filename.endswith(".csv")
    await page.get_by_role("link", name="设置").click()
    await page.get_by_role("heading", name="健康状况").wait_for()
    await assert_usable(page)
    await page.get_by_role("heading", name="排队叫号").click()
    await expect(page.get_by_text("hall.policy")).to_be_visible()
    await assert_accessible(page)
    await page.evaluate("scrollTo(0, 0)")
    await keep_picture(page, "console-settings-dark" if dark else "console-settings")


async def test_numbers_are_given_one_after_the_other(console: Any, clock: Any) -> None:
    clock.advance(timedelta(minutes=30))
    page = await console("/console/reception", "queue_manager")
    await assert_usable(page)
    given = page.locator("#given .called")
    seen: list[str] = []
    for _ in range(2):
        await page.get_by_role("button", name="取号", exact=True).click()
        await expect(given).to_have_text(re.compile(r"[A-Z]+\d+"))
        if seen:
            await expect(given).not_to_have_text(seen[-1])
        seen.append(await given.inner_text())
    await assert_usable(page)
    await keep_picture(page, "console-reception")
    await page.get_by_label("签到码、手机号或身份证号").fill("13900000000")
    await page.get_by_role("button", name="签到取号").click()
    await expect(page.get_by_role("alert")).not_to_be_empty()
