"""A clerk's day in the console, by clicking and by keys, in a real Chromium."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pyotp
import pytest
from playwright.async_api import Dialog, Page, Route, expect

from tests.api import PASSWORD
from tests.browser.chromium import assert_usable, keep_picture, press
from tests.miniapp_api.applications.conftest import (
    Office,
    fresh_code,
    office,
    picture,
    real_name,
    real_name_server,
    verified,
    wang,
)
from tests.miniapp_api.identity.conftest import WANG, WANG_ID

__all__ = ["fresh_code", "office", "real_name", "real_name_server", "verified", "wang"]

QUEUE, TICKET_FOR = "public-security", "id-card-lost-replacement"
SCRIPT = "<img src=x onerror=\"document.title='run'\">"
HOUR = timedelta(minutes=30)


@pytest.fixture
async def clerk(staff: Any) -> Any:
    return await staff("clerk", departments=(QUEUE,))


@pytest.fixture
def console(console_of: Any, clerk: Any) -> Any:
    """Opens pages of the console in a browser in which the clerk is logged in."""
    return partial(console_of, clerk)


@pytest.fixture
async def kiosk(staff: Any) -> Any:
    return await staff("kiosk")


@pytest.fixture
async def claimed(console: Any, office: Office, wang: Any) -> Page:
    """The page of a case that Wang handed in and the clerk has claimed."""
    case = (await office.submitted(wang))["id"]
    page: Page = await console(f"/console/desk/cases/{case}")
    await press(page, "c")
    await expect(page.get_by_text("认领了")).to_be_visible()
    return page


async def _state(wang: Any, page: Page) -> str:
    """What Wang is told of the case that the page shows."""
    case = page.url.rsplit("/", 1)[1]
    state: str = (await wang.get(f"/applications/{case}")).json["state"]
    return state


async def _ticket(kiosk: Any) -> str:
    reply = await kiosk.post("/hall/municipal/tickets", {"item": TICKET_FOR}, key=uuid4().hex)
    assert reply.status == 201, reply.text
    number: str = reply.json["number"]
    return number


def _window(app: Any) -> str:
    number: str = app.ctx.guides.queue("municipal", QUEUE).windows[0]
    return number


async def test_the_second_factor_is_bound_and_used_by_keys(
    desk: Any, staff: Any, clock: Any
) -> None:
    await staff("clerk", departments=(QUEUE,))
    page = await desk("/console/")
    await assert_usable(page)
    await page.get_by_label("账号").fill("s0")
    await page.get_by_label("密码").fill(PASSWORD)
    await press(page, "Enter")
    await page.get_by_role("link", name="去绑定").click()
    await page.get_by_role("button", name="绑定动态口令").click()
    await expect(page.get_by_role("img", name="二维码")).to_be_visible()
    await assert_usable(page)
    secret = await page.locator("code").inner_text()
    await page.get_by_label("6位数字").fill(pyotp.TOTP(secret).at(clock.now()))
    await press(page, "Enter")
    await page.get_by_label("账号").fill("s0")
    await page.get_by_label("密码").fill(PASSWORD)
    later = pyotp.TOTP(secret).at(clock.now() + timedelta(seconds=30))
    await page.get_by_label("动态口令").fill(later)
    await press(page, "Enter")
    await expect(page.get_by_role("heading", name="工作台")).to_be_visible()
    await expect(page.get_by_text("还没有用动态口令登录")).to_have_count(0)
    await assert_usable(page)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_a_ticket_is_called_served_and_finished_by_keys(
    console: Any, kiosk: Any, app: Any, clock: Any, dark: bool
) -> None:
    clock.advance(HOUR)
    first, second, third = [await _ticket(kiosk) for _ in range(3)]
    page = await console("/console/windows", color_scheme="dark" if dark else "light")
    await assert_usable(page)
    await page.get_by_label("窗口号").fill(_window(app))
    await press(page, "Enter")
    await expect(page.get_by_text("上岗了")).to_be_visible()
    await press(page, "n")
    await expect(page.locator(".called")).to_have_text(first)
    await press(page, "s")
    await expect(page.get_by_text("办理中")).to_be_visible()
    await press(page, "n")
    await expect(page.locator(".called")).to_have_text(second)
    await press(page, "s")
    await expect(page.get_by_text("办理中")).to_be_visible()
    await page.get_by_role("button", name="挂起").click()
    await expect(page.get_by_text("手上没有号")).to_be_visible()
    await press(page, "n")
    await expect(page.locator(".called")).to_have_text(third)
    await press(page, "s")
    await expect(page.get_by_text("办理中")).to_be_visible()
    await assert_usable(page)
    await keep_picture(page, "console-window-dark" if dark else "console-window")
    await press(page, "f")
    await expect(page.get_by_text("手上没有号")).to_be_visible()
    await press(page, "n")
    await expect(page.get_by_role("alert")).to_contain_text("现在没有人等候")
    await press(page, "?")
    await expect(page.get_by_role("dialog")).to_contain_text("叫下一个")
    await assert_usable(page)


async def test_the_panel_shows_who_came_meanwhile(
    console: Any, kiosk: Any, app: Any, clock: Any
) -> None:
    clock.advance(HOUR)
    page = await console("/console/windows")
    await page.get_by_label("窗口号").fill(_window(app))
    await press(page, "Enter")
    waiting = page.locator("dt:has-text('等候') + dd")
    await expect(waiting).to_have_text("0 人")
    await _ticket(kiosk)
    await expect(waiting).to_have_text("1 人")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_a_case_is_read_beside_its_papers_and_accepted(
    console: Any, office: Office, wang: Any, dark: bool
) -> None:
    draft = await office.filled(wang)
    key = next(m["key"] for m in draft["materials"] if m["files"])
    photo = picture(900, 600)
    named = await wang.call(
        "POST", f"/applications/drafts/{draft['id']}/materials/{key}/files",
        params={"name": f"{SCRIPT}.jpg"}, data=photo,
    )  # fmt: skip
    assert named.status == 200, named.text
    typed = {"answers": {"employer": SCRIPT}, "revision": named.json["revision"]}
    saved = await wang.call("PATCH", f"/applications/drafts/{draft['id']}", json=typed)
    assert (await office.submit(wang, saved.json)).status == 200
    page = await console("/console/desk", color_scheme="dark" if dark else "light")
    await assert_usable(page)
    await keep_picture(page, "console-inbox-dark" if dark else "console-inbox")
    await press(page, "o")
    await page.wait_for_url(re.compile("/console/desk/cases/"))
    await press(page, "c")
    await expect(page.get_by_text("认领了")).to_be_visible()
    await press(page, "1")
    shown = page.locator("#paper img")
    await expect(shown).to_be_visible()
    assert await shown.evaluate("(e) => e.decode().then(() => e.naturalWidth)") > 0
    await expect(page.get_by_text("onerror").first).to_be_visible()  # as words
    assert await page.title() != "run"
    await assert_usable(page)
    await keep_picture(page, "console-desk-dark" if dark else "console-desk")
    await page.get_by_role("button", name="受理", exact=False).first.click()
    await expect(page.get_by_role("status")).to_contain_text("受理")


async def test_what_was_typed_stays_when_a_step_is_refused(claimed: Page) -> None:
    page = claimed
    other = await page.context.new_page()
    await other.goto(page.url)
    await press(other, "a")
    await expect(other.get_by_role("status")).to_contain_text("受理")
    await page.get_by_label("意见或理由").fill("这句话不能丢")
    await page.locator("button[value=accept]").click()
    await expect(page.get_by_role("alert")).not_to_be_empty()
    await expect(page.get_by_label("意见或理由")).to_have_value("这句话不能丢")
    await assert_usable(page)


async def test_a_step_that_is_not_confirmed_is_not_taken(claimed: Page, wang: Any) -> None:
    page = claimed
    await page.get_by_label("意见或理由").fill("不属于本部门")
    page.once("dialog", lambda dialog: dialog.dismiss())
    await page.locator("button[value=refuse]").click()
    await page.wait_for_timeout(500)
    assert await _state(wang, page) == "pre_review"
    page.once("dialog", lambda dialog: dialog.accept())
    await page.locator("button[value=refuse]").click()
    await expect(page.get_by_role("status")).to_contain_text("不予受理")


async def test_a_page_that_is_still_loading_asks_all_the_same(claimed: Page, wang: Any) -> None:
    page = claimed
    come = asyncio.Event()
    asked: list[str] = []

    async def late(route: Route) -> None:
        await come.wait()
        await route.continue_()

    async def no(dialog: Dialog) -> None:
        asked.append(dialog.message)
        await dialog.dismiss()

    page.on("dialog", no)
    await page.route("**/htmx.js", late)
    await page.goto(page.url, wait_until="commit")
    await page.get_by_label("意见或理由").fill("不属于本部门")
    await page.locator("button[value=refuse]").click(no_wait_after=True)
    come.set()
    await page.wait_for_load_state()
    assert asked == ["确定不予受理吗？"]
    assert await _state(wang, page) == "pre_review"


async def test_whoever_stands_at_the_window_leaves_with_an_accepted_case(
    console: Any, kiosk: Any, app: Any, clock: Any, real_name: Any
) -> None:
    clock.advance(HOUR)
    await _ticket(kiosk)
    page = await console("/console/windows")
    await page.get_by_label("窗口号").fill(_window(app))
    await press(page, "Enter")
    await page.get_by_text("上岗了").wait_for()
    await press(page, "n")
    await page.get_by_text("已叫号").wait_for()
    await press(page, "s")
    await page.get_by_text("办理中").wait_for()
    await press(page, "a")
    await page.get_by_label("姓名").fill(WANG)
    await page.get_by_label("身份证号").fill(WANG_ID)
    await assert_usable(page)
    await page.get_by_role("button", name="打开申请").click()
    await page.get_by_role("heading", name="身份证").first.wait_for()
    ticks = page.locator("input[name=papers]")
    for nth in range(await ticks.count()):
        await ticks.nth(nth).check()
    await page.locator("input[type=file]").first.set_input_files(
        {"name": f"{SCRIPT}.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    )
    await expect(page.locator("#materials")).to_contain_text("onerror")
    await expect(ticks.first).to_be_checked()
    assert await page.title() != "run"
    await assert_usable(page)
    await page.locator("button[value=accept]").click()
    await expect(page.get_by_role("alert")).to_contain_text("还有没填好的地方")
    phone = page.get_by_label("手机号")
    if await phone.count():
        await phone.fill("13900000001")
    for name, value in (("联系地址", "沈河区青年大街1号"), ("户口所在地", "沈河区青年大街1号")):
        field = page.get_by_label(name)
        if await field.count():
            await field.fill(value)
    await page.locator("button[value=accept]").click()
    await page.wait_for_url(re.compile("/console/desk/cases/"))
    await expect(page.get_by_role("status")).to_contain_text("受理了")
