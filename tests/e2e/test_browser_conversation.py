"""The conversation of the first issue by typing and pressing, with everything `make run` starts."""

from __future__ import annotations

import asyncio
import json
import re
import urllib.request
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.chromium import (
    PATIENCE_MS,
    Heard,
    assert_accessible,
    keep_picture,
    listening,
)
from tests.browser.conftest import DESK, PHONE, chromium
from tests.e2e.conftest import Running
from tests.e2e.test_conversation import BOOKED

__all__ = ["chromium"]

ASK = "/pages/assistant/index"
ELDER = """
localStorage.setItem('preferences',
    JSON.stringify({type: 'object', data: {elder: true, theme: 'auto', scale: 1}}))
"""


@pytest.fixture
async def open_page(chromium: Browser, ready: Running) -> AsyncIterator[Any]:
    """Opens a page of the running installation."""
    heard, contexts = Heard(ready.base.removeprefix("http://")), []

    async def open_page(path: str, *, elder: bool, **options: Any) -> Page:
        context = await chromium.new_context(
            base_url=ready.base, locale="zh-CN", timezone_id="Asia/Shanghai", **options
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        if elder:
            await context.add_init_script(ELDER)
        page = await listening(context, heard)
        await page.goto(path)
        return page

    yield open_page
    for context in contexts:
        await context.close()
    assert heard.faults == []


async def _log_in(page: Page, ready: Running, phone: str) -> None:
    await page.get_by_label("手机号", exact=True).fill(phone)
    await page.get_by_role("button", name="获取验证码").click()
    await expect(page.get_by_text("短信发出去了")).to_be_visible()
    code = await asyncio.to_thread(_code, ready, phone)
    await page.get_by_label("短信验证码").fill(code)
    await page.get_by_label("我同意按隐私说明使用我的手机号").check()
    await page.get_by_role("button", name="登录", exact=True).click()
    await expect(page.get_by_role("textbox", name="您的问题")).to_be_visible()


def _code(ready: Running, phone: str) -> str:
    """The code that the SMS gateway sent last."""
    with urllib.request.urlopen(f"{ready.sms}/messages/{phone}", timeout=30) as reply:
        code: str = json.loads(reply.read())["parameters"]["code"]
    return code


async def _ask(page: Page, text: str, answer: str) -> None:
    """Type something, and hear an answer."""
    before = await _answers(page).count()
    await page.get_by_role("textbox", name="您的问题").fill(text)
    await page.keyboard.press("Enter")
    await _hears(page, before, answer)


async def _pick(page: Page, answer: str, *, last: bool = False) -> None:
    """Choose of what is offered, a day first when that is asked, until the answer comes."""
    for _ in range(3):
        offered = page.get_by_role("log").get_by_role("button", name=re.compile(r"月\d|:\d\d"))
        before = await _answers(page).count()
        await (offered.last if last else offered.first).click()
        await expect(_answers(page)).to_have_count(before + 1)
        if re.search(answer, await page.get_by_role("log").inner_text()):
            return
    raise AssertionError(f"never heard {answer}")


def _answers(page: Page) -> Locator:
    """The answers so far: each can be judged."""
    return page.get_by_role("log").get_by_role("button", name="有用")


async def _hears(page: Page, before: int, answer: str) -> None:
    await expect(_answers(page)).to_have_count(before + 1)
    await expect(page.get_by_role("log").get_by_text(re.compile(answer)).last).to_be_visible()


@pytest.mark.parametrize(
    ("size", "elder", "phone"),
    [(PHONE, False, "13800138031"), (PHONE, True, "13800138032"), (DESK, False, "13800138033")],
    ids=["phone", "elder", "desktop"],
)
async def test_it_books_moves_and_cancels(
    ready: Running, open_page: Any, size: Any, elder: bool, phone: str
) -> None:
    page = await open_page(f"/pages/login/index?next={ASK[1:]}", elder=elder, viewport=size)
    await _log_in(page, ready, phone)
    await _ask(page, "你好", "我是沈办")
    await _ask(page, "身份证丢了咋整啊", "居民身份证丢失补领")
    await _ask(page, "都要带啥", "户口簿")
    await assert_accessible(page)
    await _ask(page, "多少钱,几天能下来", "40元")
    await _ask(page, "明天上午能约不", r"还有|时段|约满|不能约")
    await _pick(page, "给您留住了这个号")
    await _ask(page, "确认", "约好了")
    (booked,) = await ready.sql(BOOKED)
    await _ask(page, "我约的是几点", booked["reference"])
    await keep_picture(page, f"conversation-{'elder' if elder else 'normal'}")
    await _ask(page, "帮我改到后天下午", r"还有|时段|约满|不能约")
    await _pick(page, "改好了", last=True)
    (moved,) = await ready.sql(BOOKED)
    assert (moved["id"], moved["starts_at"] > booked["starts_at"]) == (booked["id"], True)
    await _ask(page, "算了不去了", "取消")
    await _ask(page, "确认", "已经取消")
    assert await ready.sql(BOOKED) == []
    await page.goto("/pages/booking/mine")
    await expect(page.get_by_role("button", name=re.compile("以前"))).to_be_visible()
