"""The assistant on a phone: asking, pressing, judging, and reaching a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Page, expect

from miniapp_api.platform.database import fetch
from tests.browser.chromium import assert_accessible, assert_targets, keep_picture
from tests.browser.citizens import Losing

ASK = "/pages/assistant/index"
LOST = "Failed to load resource: net::ERR_"
VIEWS = pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])


async def _ask(page: Page, text: str) -> None:
    await page.get_by_role("textbox", name="您的问题").fill(text)
    await page.keyboard.press("Enter")


@VIEWS
async def test_an_answer_names_its_guide_and_leads_to_its_page(phone: Any, elder: bool) -> None:
    page = await phone(ASK, elder=elder)
    await _ask(page, "身份证丢了要带什么")
    log = page.get_by_role("log")
    await expect(log.get_by_text("户口簿").first).to_be_visible()
    await expect(log.get_by_text("出自《居民身份证丢失补领》")).to_have_count(1)
    await expect(page.get_by_role("textbox", name="您的问题")).to_be_focused()
    await assert_accessible(page)
    await assert_targets(page, elder=elder)
    await keep_picture(page, f"assistant-{'elder' if elder else 'normal'}")
    await log.get_by_role("link").first.click()
    await expect(page).not_to_have_url(ASK)


async def test_the_conversation_is_there_again_after_a_reload(phone: Any) -> None:
    page = await phone(ASK)
    await _ask(page, "身份证丢了要带什么")
    await expect(page.get_by_text("出自《").first).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("身份证丢了要带什么")).to_be_visible()
    await expect(page.get_by_text("出自《").first).to_be_visible()


async def test_a_question_that_got_lost_is_sent_again_and_asked_once(
    phone: Any, heard: Any
) -> None:
    heard.expected += (LOST,)
    page = await phone(ASK)
    await Losing(page).answers("**/chat/messages")
    await _ask(page, "身份证丢了要带什么")
    await expect(page.get_by_role("alert")).to_contain_text("网络好像断了")
    await page.get_by_role("button", name="重发").click()
    await expect(page.get_by_text("出自《").first).to_be_visible()
    rows = await fetch("SELECT count(*) n FROM message WHERE author = 'citizen'")
    assert rows[0]["n"] == 1


async def test_an_answer_is_judged_with_a_reason(phone: Any) -> None:
    page = await phone(ASK)
    await _ask(page, "身份证丢了要带什么")
    await page.get_by_role("button", name="没用").click()
    await page.get_by_role("button", name="没说全").click()
    await expect(page.get_by_role("button", name="没说全")).to_be_hidden()
    (row,) = await fetch("SELECT helpful, reason FROM answer_feedback")
    assert (row["helpful"], row["reason"]) == (False, "incomplete")


async def test_a_person_is_reached_and_hands_back(phone: Any, staff: Any, clock: Any) -> None:
    clock.advance(timedelta(hours=1, minutes=30))
    agent = await staff("agent")
    page = await phone(ASK)
    await _ask(page, "身份证丢了要带什么")
    await expect(page.get_by_text("出自《").first).to_be_visible()
    await page.get_by_role("button", name="找工作人员").click()
    await expect(page.get_by_role("status").get_by_text("下一位就是您")).to_be_visible()
    await assert_accessible(page)
    (row,) = (await agent.get("/chat/desk")).json["waiting"]
    await agent.post(f"/chat/desk/{row['id']}/take")
    await expect(page.get_by_role("status").get_by_text("正在为您服务")).to_be_visible()
    await agent.post(f"/chat/desk/{row['id']}/messages", {"text": "带户口簿来就行"})
    await expect(page.get_by_text("带户口簿来就行")).to_be_visible()
    async with page.expect_response("**/chat/messages"):  # the agent has it before he hands back
        await _ask(page, "好的谢谢")
    await agent.post(f"/chat/desk/{row['id']}/hand-back")
    await expect(page.get_by_text("我接着为您服务")).to_be_visible()
    await expect(page.get_by_role("button", name="找工作人员")).to_be_visible()


async def test_at_night_a_message_is_left_with_a_promise(phone: Any, clock: Any) -> None:
    clock.advance(timedelta(hours=12))
    page = await phone("/pages/human/index")
    await expect(page.get_by_role("status").get_by_text("9点起回复您")).to_be_visible()
