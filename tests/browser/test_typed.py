"""What a citizen typed is never lost: two tabs on one field, a correction, logging out."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.applying import BEGIN, begin
from tests.browser.chromium import assert_accessible, assert_targets
from tests.browser.citizens import Losing, token_of
from tests.miniapp_api.applications.bundles.office import BundleOffice, fields
from tests.miniapp_api.applications.conftest import (
    Office,
    clerk,
    department_server,
    office,
    real_name,
    real_name_server,
    verified,
    wang,
)

__all__ = ["clerk", "department_server", "office", "real_name", "real_name_server"]
__all__ += ["verified", "wang"]

HOUSEHOLD, RESIDENCE, ADDRESS = "户口所在地", "现在住在哪里", "联系地址"
THERE, HERE = "吉林省长春市人民大街1号", "吉林省吉林市松江路2号"
TYPED = "() => Object.keys(localStorage).filter((name) => name.startsWith('typed:'))"
SENT = "已提交，等待预审"


def _field(page: Page, label: str) -> Locator:
    return page.get_by_role("textbox", name=re.compile(f"^{label}"))


def _clash(page: Page) -> Locator:
    return page.get_by_role("group", name=f"{HOUSEHOLD}：两处填的不一样")


async def _answers(citizen: Any, page: Page) -> dict[str, Any]:
    """What the API has of a draft whose form a page shows."""
    reply = await citizen.get(f"/applications/drafts/{page.url.split('id=')[1]}")
    fields = [field for section in reply.json["sections"] for field in section["fields"]]
    return {field["name"]: field["value"] for field in fields}


async def _clashing(phone: Any, wang: Any, *, elder: bool = False) -> tuple[Page, Page]:
    """Two tabs that answered one field otherwise: the earlier one, and the one that came later."""
    later = await phone(BEGIN, elder=elder, token=token_of(wang))
    await begin(later)
    earlier = await phone("/" + later.url.split("/", 3)[3], context=later.context)
    await _field(earlier, HOUSEHOLD).fill(THERE)
    await expect(earlier.get_by_text("已保存")).to_be_visible()
    await _field(later, HOUSEHOLD).fill(HERE)
    await expect(_clash(later)).to_be_visible()
    return earlier, later


@pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
async def test_a_field_that_two_tabs_changed_shows_both_answers_and_asks(
    phone: Any, wang: Any, elder: bool
) -> None:
    earlier, later = await _clashing(phone, wang, elder=elder)
    await expect(_clash(later)).to_contain_text(THERE)
    await expect(_clash(later)).to_contain_text(HERE)
    await expect(_field(later, HOUSEHOLD)).to_have_value(HERE)
    await expect(later.get_by_role("alert")).to_contain_text("别的手机或页面")
    # Not where the footer happens to cover half of a control.
    await later.evaluate("scrollTo(0, 0)")
    await assert_accessible(later)
    await assert_targets(later, elder=elder)
    # What else is typed is saved meanwhile, and nothing is handed in before it is chosen.
    await _field(later, RESIDENCE).fill("沈河区青年大街1号2-3-1")
    await expect(later.get_by_role("status").get_by_text("有的地方等您选")).to_be_visible()
    await later.get_by_role("checkbox", name="我填的和交的都是真的").check()
    await later.get_by_role("button", name="提交").click()
    await expect(later.get_by_role("button", name="用那边的")).to_be_focused()
    assert (await _answers(wang, later))["residence_address"] == "沈河区青年大街1号2-3-1"
    assert (await _answers(wang, later))["household_address"] == THERE
    # The phone is closed in between.
    await later.reload()
    await expect(_clash(later)).to_contain_text(HERE)
    await _clash(later).get_by_role("button", name="用这里的").click()
    await expect(_clash(later)).to_be_hidden()
    await expect(later.get_by_text("已保存")).to_be_visible()
    assert (await _answers(wang, later))["household_address"] == HERE
    # The other one hears of it as soon as he goes on.
    await earlier.get_by_role("radio", name="到窗口领").check()
    await expect(earlier.get_by_role("alert")).to_contain_text("别的手机或页面")
    await expect(_field(earlier, HOUSEHOLD)).to_have_value(HERE)


async def test_what_was_changed_elsewhere_is_taken_by_one_press(phone: Any, wang: Any) -> None:
    _, later = await _clashing(phone, wang)
    await later.get_by_role("button", name="用那边的").click()
    await expect(_clash(later)).to_be_hidden()
    await expect(_field(later, HOUSEHOLD)).to_have_value(THERE)
    await expect(_field(later, HOUSEHOLD)).to_be_focused()
    assert await later.evaluate(TYPED) == []
    assert (await _answers(wang, later))["household_address"] == THERE


async def test_two_tabs_that_typed_the_same_are_not_asked(phone: Any, wang: Any) -> None:
    later = await phone(BEGIN, token=token_of(wang))
    await begin(later)
    earlier = await phone("/" + later.url.split("/", 3)[3], context=later.context)
    await _field(earlier, HOUSEHOLD).fill(THERE)
    await expect(earlier.get_by_text("已保存")).to_be_visible()
    await _field(later, HOUSEHOLD).fill(THERE)
    await expect(later.get_by_text("已保存")).to_be_visible()
    assert await _clash(later).count() == 0


async def test_what_was_typed_on_after_a_lost_answer_is_no_clash_with_oneself(
    phone: Any, wang: Any, heard: Any
) -> None:
    heard.expected += ("Failed to load resource: net::ERR_",)
    page = await phone(BEGIN, token=token_of(wang))
    await begin(page)
    await Losing(page).answers("**/applications/drafts/*")
    await _field(page, HOUSEHOLD).fill(THERE)
    await expect(page.get_by_role("alert")).to_contain_text("网络好像断了")
    await _field(page, HOUSEHOLD).fill(HERE)
    await expect(page.get_by_text("已保存")).to_be_visible()
    assert await page.get_by_role("alert").count() == 0
    assert (await _answers(wang, page))["household_address"] == HERE


async def test_what_waits_in_one_tab_is_not_forgotten_by_another(phone: Any, wang: Any) -> None:
    earlier, later = await _clashing(phone, wang)
    await _field(earlier, RESIDENCE).fill("沈河区青年大街1号2-3-1")
    await expect(earlier.get_by_role("status").get_by_text("还没保存")).to_be_visible()
    await expect(earlier.get_by_role("status").get_by_text("已保存")).to_be_visible()
    await later.reload()
    await expect(_clash(later)).to_contain_text(HERE)


async def test_two_tabs_that_choose_different_circumstances_keep_both(
    phone: Any, wang: Any
) -> None:
    later = await phone(BEGIN, token=token_of(wang))
    await begin(later)
    earlier = await phone("/" + later.url.split("/", 3)[3], context=later.context)
    await earlier.get_by_role("radio", name="在沈阳上学").check()
    await expect(earlier.get_by_text("已保存")).to_be_visible()
    await later.get_by_role("radio", name="第一次办").check()
    await expect(later.get_by_role("alert")).to_contain_text("别的手机或页面")
    await later.clock.fast_forward(6_000)
    await expect(later.get_by_text("已保存")).to_be_visible()
    await expect(later.get_by_role("radio", name="在沈阳上学")).to_be_checked()
    await expect(later.get_by_role("radio", name="第一次办")).to_be_checked()


async def test_a_field_of_a_bundle_that_two_tabs_changed_is_chosen_as_well(
    phone: Any, wang: Any
) -> None:
    bundles = BundleOffice()
    begun = await bundles.start(wang)
    page = f"/pages/bundle/detail?id={begun['id']}"
    later = await phone(page, token=token_of(wang))
    await expect(_field(later, ADDRESS)).to_be_visible()
    saved = await bundles.save(wang, begun, answers={"address": THERE})
    assert saved.status == 200, saved.text
    await _field(later, ADDRESS).fill(HERE)
    group = later.get_by_role("group", name=f"{ADDRESS}：两处填的不一样")
    await expect(group).to_contain_text(THERE)
    await group.get_by_role("button", name="用这里的").click()
    await expect(later.get_by_text("已保存")).to_be_visible()
    kept = (await wang.get(f"/applications/bundles/{begun['id']}")).json
    assert fields(kept)["address"]["value"] == HERE


# -- a correction (补正) ------------------------------------------------------------------------


@pytest.fixture
async def asked(wang: Any, office: Office, clerk: Any) -> str:
    """A case whose address is to be corrected."""
    case: str = (await office.submitted(wang))["id"]
    claimed = await office.claim(clerk, case)
    missing = [{"name": "residence_address", "problem": "unclear"}]
    reply = await office.act(
        clerk, case, claimed["version"], "request_correction", missing=missing, note="请补"
    )
    assert reply.status == 200, reply.text
    return f"/pages/case/detail?id={case}"


async def test_a_correction_that_was_begun_is_there_after_the_phone_was_closed(
    phone: Any, wang: Any, asked: str, heard: Any
) -> None:
    heard.expected += ("Failed to load resource: net::ERR_",)
    page = await phone(asked, token=token_of(wang))
    await _field(page, RESIDENCE).fill(HERE)
    await page.reload()
    await expect(_field(page, RESIDENCE)).to_have_value(HERE)
    await Losing(page).requests("**/correction")
    await page.get_by_role("button", name="补好了，交上去").click()
    await expect(page.get_by_role("alert")).to_contain_text("网络好像断了。您填的还在")
    await expect(_field(page, RESIDENCE)).to_have_value(HERE)
    await assert_accessible(page)
    await page.get_by_role("button", name="补好了，交上去").click()
    await expect(page.get_by_role("status").get_by_text(SENT)).to_be_visible()
    assert await page.evaluate(TYPED) == []


async def test_a_correction_whose_answer_got_lost_is_there_once(
    phone: Any, wang: Any, asked: str, heard: Any
) -> None:
    heard.expected += ("Failed to load resource: net::ERR_",)
    page = await phone(asked, token=token_of(wang))
    await _field(page, RESIDENCE).fill(HERE)
    await Losing(page).answers("**/correction")
    await page.get_by_role("button", name="补好了，交上去").click()
    await expect(page.get_by_role("alert")).to_contain_text("网络好像断了")
    await page.get_by_role("button", name="补好了，交上去").click()
    await expect(page.get_by_role("status").get_by_text(SENT)).to_be_visible()
    assert await page.evaluate(TYPED) == []


async def test_who_logs_out_is_asked_and_leaves_nothing_typed_behind(
    phone: Any, wang: Any, asked: str
) -> None:
    page = await phone(asked, token=token_of(wang))
    await _field(page, RESIDENCE).fill(HERE)
    assert len(await page.evaluate(TYPED)) == 1
    await page.goto("/pages/mine/index")
    await page.get_by_role("button", name="退出登录").click()
    await expect(page.get_by_role("alert")).to_contain_text("填了还没交上去的内容")
    await assert_accessible(page)
    await page.get_by_role("button", name="退出", exact=True).click()
    await expect(page.get_by_text("已退出")).to_be_visible()
    assert await page.evaluate(TYPED) == []
