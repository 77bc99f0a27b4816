"""Applying online on a phone, where something goes wrong or is rarely done."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import expect

from tests.browser.applying import BEGIN, PHOTO, TYPED, begin, hand_in
from tests.browser.chromium import assert_accessible, assert_targets
from tests.browser.citizens import Losing, token_of
from tests.miniapp_api.applications.bundles.office import BundleOffice
from tests.miniapp_api.applications.conftest import (
    Office,
    office,
    real_name,
    real_name_server,
    verified,
    wang,
)

__all__ = ["office", "real_name", "real_name_server", "verified", "wang"]

LOST = "Failed to load resource: net::ERR_INTERNET_DISCONNECTED"


async def test_what_is_typed_without_a_network_is_saved_when_it_is_back(
    phone: Any, wang: Any, heard: Any
) -> None:
    heard.expected += (LOST,)
    page = await phone(BEGIN, token=token_of(wang))
    await begin(page)
    await page.context.set_offline(True)
    await page.get_by_label(re.compile("^联系地址")).fill("沈河区青年大街1号")
    await expect(page.get_by_text("还没保存")).to_be_visible()
    await page.context.set_offline(False)
    await expect(page.get_by_text("已保存")).to_be_visible()
    await page.reload()
    await expect(page.get_by_label(re.compile("^联系地址"))).to_have_value("沈河区青年大街1号")


async def test_a_page_that_was_closed_before_it_could_save_brings_the_words_back(
    phone: Any, wang: Any, heard: Any
) -> None:
    heard.expected += (LOST,)
    page = await phone(BEGIN, token=token_of(wang))
    await begin(page)
    path = "/" + page.url.split("/", 3)[3]
    await Losing(page).requests("**/applications/drafts/*", times=100)
    await page.get_by_label(re.compile("^联系地址")).fill("沈河区青年大街1号")
    await expect(page.get_by_text("还没保存")).to_be_visible()
    other = await phone(path, context=page.context)
    await expect(other.get_by_label(re.compile("^联系地址"))).to_have_value("沈河区青年大街1号")
    await expect(other.get_by_text("已保存")).to_be_visible()


async def test_a_photo_that_got_lost_on_its_way_is_sent_again(
    phone: Any, wang: Any, heard: Any
) -> None:
    heard.expected += (LOST,)
    page = await phone(BEGIN, token=token_of(wang))
    await begin(page)
    await Losing(page).requests("**/files?name=*")
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name=re.compile("照片：拍照或选文件")).click()
    await (await chooser.value).set_files([PHOTO])
    await expect(page.get_by_role("alert")).to_contain_text("网络好像断了")
    await page.get_by_role("button", name="再传一次").click()
    await expect(page.get_by_text("✓ 照片.jpg")).to_have_count(1)


async def test_two_tabs_on_one_draft_lose_nothing(phone: Any, wang: Any) -> None:
    page = await phone(BEGIN, token=token_of(wang))
    await begin(page)
    path = "/" + page.url.split("/", 3)[3]
    other = await phone(path, context=page.context)
    await other.get_by_label(re.compile("^户口所在地")).fill("吉林省长春市人民大街1号")
    await expect(other.get_by_text("已保存")).to_be_visible()
    await page.get_by_label(re.compile("^联系地址")).fill("沈河区青年大街1号")
    await expect(page.get_by_role("alert")).to_contain_text("别的手机或页面")
    await page.get_by_label(re.compile("^现在住在哪里")).fill("沈河区青年大街1号2-3-1")
    await expect(page.get_by_text("已保存")).to_be_visible()
    await page.reload()
    for label in ("联系地址", "户口所在地", "现在住在哪里"):
        await expect(page.get_by_label(re.compile(f"^{label}"))).to_have_value(TYPED[label])


async def test_what_is_missing_is_said_at_once_where_it_is_missing(phone: Any, wang: Any) -> None:
    page = await phone(BEGIN, token=token_of(wang))
    await begin(page)
    await page.get_by_role("checkbox", name="我填的和交的都是真的").check()
    await page.get_by_role("button", name="提交").click()
    await expect(page.get_by_role("alert").first).to_contain_text("都标出来了")
    wrong = page.locator("[aria-invalid=true]")
    assert await wrong.count() >= 2
    await assert_accessible(page)


async def test_lists_are_accessible_when_they_are_empty(phone: Any, wang: Any) -> None:
    for path in ("/pages/apply/index", "/pages/progress/index", "/pages/certificates/index"):
        page = await phone(path, token=token_of(wang))
        await page.get_by_text("还没有").or_(page.get_by_text("没有没填完")).first.wait_for()
        await assert_accessible(page)
        await assert_targets(page)


async def test_an_item_for_enterprises_offers_no_citizen_as_applicant(
    phone: Any, wang: Any, app: Any
) -> None:
    code = next(
        item.code
        for item in app.ctx.guides.handbook.own
        if list(item.objects) == ["legal_person"] and app.ctx.guides.handbook.applies_online(item)
    )
    page = await phone(f"/pages/apply/index?item={code}", token=token_of(wang))
    await expect(page.get_by_role("heading", name="这件事要用企业的名义办")).to_be_visible()
    await expect(page.get_by_role("button", name="开始填")).to_be_disabled()
    await assert_accessible(page)
    await assert_targets(page)
    company = {"uscc": "91350100M000100Y43", "name": "沈阳好味道餐饮有限公司"}
    opened = await wang.post("/identity/enterprises", company, key="open")
    assert opened.status == 201, opened.text
    await page.reload()
    await expect(page.get_by_role("radio", name="沈阳好味道餐饮有限公司")).to_be_checked()
    assert await page.get_by_role("radio", name="我自己").count() == 0
    await page.get_by_role("button", name="开始填").click()
    await expect(page.get_by_role("heading", name="材料")).to_be_visible()
    (draft,) = (await wang.get("/applications/drafts")).json["drafts"]
    assert draft["item"] == code


async def test_a_bundle_is_begun_filled_and_tells_what_is_missing(phone: Any, wang: Any) -> None:
    page = await phone("/pages/bundle/index", token=token_of(wang))
    await page.get_by_role("link", name=re.compile("一张表")).first.click()
    await page.get_by_role("button", name="开始办").click()
    await expect(page.get_by_role("heading", name="材料")).to_be_visible()
    await assert_accessible(page)
    await assert_targets(page)
    await page.get_by_role("checkbox", name="我填的和交的都是真的").check()
    await page.get_by_role("button", name="一起提交").click()
    await expect(page.get_by_role("alert").first).to_contain_text("都标出来了")


async def test_a_photo_whose_answer_got_lost_is_there_once(
    phone: Any, wang: Any, heard: Any
) -> None:
    heard.expected += ("Failed to load resource: net::ERR_",)
    page = await phone(BEGIN, token=token_of(wang))
    await begin(page)
    await Losing(page).answers("**/files?name=*")
    await hand_in(page)
    await expect(page.get_by_text("✓ 照片.jpg")).to_have_count(1)


async def test_a_draft_that_was_handed_in_leads_to_its_case(
    phone: Any, wang: Any, office: Office
) -> None:
    case = (await office.submitted(wang))["id"]
    page = await phone(f"/pages/apply/form?id={case}", token=token_of(wang))
    await expect(page.get_by_role("status").get_by_text("已提交，等待预审")).to_be_visible()


async def test_an_item_with_one_way_of_delivery_is_handed_in(
    phone: Any, verified: Any, app: Any
) -> None:
    items = [
        item
        for item in app.ctx.guides.handbook.own
        if item.online
        and item.online.depth in ("full", "partial")
        and item.result
        and len(item.result.delivery) == 1
    ]
    assert items
    wang = await verified()
    begun = await wang.post("/applications/drafts", {"item": items[0].code, "options": {}})
    page = await phone(f"/pages/apply/form?id={begun.json['id']}", token=token_of(wang))
    await expect(page.get_by_text("办好了怎么拿")).to_be_visible()


async def test_a_bundle_that_was_handed_in_is_corrected_on_its_page(
    phone: Any, wang: Any, staff: Any
) -> None:
    bundles = BundleOffice()
    done = await bundles.submitted(wang)
    page = await phone(f"/pages/bundle/detail?id={done['id']}", token=token_of(wang))
    await expect(page.get_by_text("正在等联合受理")).to_be_visible()
    await assert_accessible(page)
    lead = await staff("clerk", departments=("public-security",))
    claimed = await bundles.claim(lead, done["id"])
    shown = (await lead.get(f"/applications/desk/bundles/{done['id']}?purpose=handling")).json
    papers = [paper for member in shown["members"] for paper in member["materials"]]
    key = next(each["key"] for each in papers if each["files"])
    missing = [{"name": key, "problem": "unclear"}]
    asked = await bundles.act(
        lead, done["id"], claimed["version"], "request_correction", missing=missing, note="请补"
    )
    assert asked.status == 200, asked.text
    await page.reload()
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name=re.compile("：拍照或选文件")).first.click()
    await (await chooser.value).set_files([PHOTO])
    await expect(page.get_by_text("✓ 照片.jpg").first).to_be_visible()
    await page.get_by_role("button", name="补好了，交上去").click()
    await expect(page.get_by_text("要补的")).to_be_hidden()
    assert "correction" not in set((await bundles.states(wang, done["id"])).values())
