"""The stories of docs/story.md, by clicking and typing, in each view.

A citizen verifies his name, applies for a residence permit (居住证), completes what the clerk
misses, and finds the permit in his vault; an auditor proves the trail of it. His enterprise hands
in its application for a food business licence (食品经营许可).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import Locator, Page, expect

from tests.browser.applying import TYPED, begin, hand_in, pay, submit, type_answers
from tests.browser.chromium import IN_EACH_VIEW, assert_usable, press
from tests.browser.citizens import token_of, type_log_in
from tests.miniapp_api.applications.test_story import COMPANY, USCC
from tests.miniapp_api.identity.conftest import (
    WANG,
    WANG_ID,
    real_name,
    real_name_server,
    verified,
)

__all__ = ["real_name", "real_name_server", "verified"]

STEPS = [
    "已提交，等待预审", "预审中", "需要补正材料", "已提交，等待预审", "预审中", "已受理", "审查中",
    "等待决定", "准予，正在制证", "已制证，等待送达", "已办结",
]  # fmt: skip
SHOP = {
    "经营场所地址": "沈河区中街路1号",
    "经营面积": "80",
    "从业人数": "6",
    "食品安全管理人员": "李梅",
}
SHOP_PAPERS = ["食品经营许可申请书", "身份证", "流程图", "管理制度清单", "健康证明"]

Check = Callable[[Page], Awaitable[None]]


@IN_EACH_VIEW
async def test_a_residence_permit_from_the_first_page_to_the_vault(
    phone: Any, console_of: Any, staff: Any, sms: Any, real_name: Any, wechat_pay: Any, app: Any,
    settings: Any, heard: Any, view: dict[str, bool],
) -> None:  # fmt: skip
    heard.elsewhere.add(f"127.0.0.1:{settings.payments.fake_port}")
    usable = partial(assert_usable, elder=view.get("elder", False))
    page = await phone("/", **view)
    await _log_in_and_verify(page, sms, usable)
    await _apply(page, usable)
    case = parse_qs(urlsplit(page.url).query)["id"][0]

    clerk = await console_of(
        await staff("clerk", departments=("public-security",)), "/console/desk"
    )
    await _ask_for_everything_at_once(clerk)
    while await app.ctx.messages.drain():
        pass
    await _complete_from_the_message(page, usable)
    await _decide(clerk)
    await _follow_and_show(page, usable)
    await _prove(await console_of(await staff("auditor"), "/console/audit"), case)


@IN_EACH_VIEW
async def test_an_enterprise_hands_in_its_application_for_a_food_licence(
    phone: Any, verified: Any, staff: Any, view: dict[str, bool]
) -> None:
    usable = partial(assert_usable, elder=view.get("elder", False))
    page = await phone("/pages/enterprise/index", token=token_of(await verified()), **view)
    await page.get_by_label("企业名称").fill(COMPANY)
    await page.get_by_label("统一社会信用代码").fill(USCC)
    await page.get_by_role("button", name="开通").click()
    await expect(page.get_by_role("link", name=COMPANY)).to_be_visible()
    await usable(page)

    await page.goto("/")
    await _open_guide(page, "食品经营许可")
    await page.get_by_role("button", name="网上办").click()
    await page.get_by_role("radio", name=COMPANY).check()
    await usable(page)
    await page.get_by_role("button", name="开始填").click()
    await expect(page.get_by_label("统一社会信用代码")).to_have_value(USCC)
    await expect(page.get_by_label("法定代表人（负责人）")).to_have_value(WANG)
    await page.get_by_role("button", name="同意并查询").click()
    await expect(page.get_by_text("有电子证照，不用交")).to_have_count(1)
    await type_answers(page, SHOP, "下载电子版")
    for n, paper in enumerate(SHOP_PAPERS):
        await hand_in(page, paper, before=n)
    await usable(page)
    await submit(page)
    await usable(page)
    clerk = await staff("clerk", departments=("market-regulation",))
    (case,) = (await clerk.get("/applications/desk/cases")).json["cases"]
    assert (case["item_name"], case["state"]) == ("食品经营许可", "submitted")


async def _open_guide(page: Page, name: str) -> None:
    await page.get_by_role("searchbox").fill(name)
    await page.get_by_role("link", name=re.compile(f"^{name}")).first.click()
    await page.get_by_role("button", name="网上办").wait_for()


async def _log_in_and_verify(page: Page, sms: Any, usable: Check) -> None:
    tabs = page.get_by_role("navigation", name="主导航")
    await tabs.get_by_role("button", name="我的").click()
    await page.get_by_role("button", name="登录", exact=True).click()
    await type_log_in(page, sms)
    await page.get_by_text("138****8000").wait_for()
    await usable(page)
    await page.get_by_role("link", name="实名认证").click()
    await page.get_by_role("textbox", name="姓名").fill(WANG)
    await page.get_by_role("textbox", name="身份证号").fill(WANG_ID)
    await page.get_by_label("我单独同意").check()
    await usable(page)
    await page.get_by_role("button", name="核验").click()
    await expect(page.get_by_role("heading", name="已经实名")).to_be_visible()
    await page.get_by_role("button", name="返回").click()
    await tabs.get_by_role("button", name="首页").click()


async def _apply(page: Page, usable: Check) -> None:
    await _open_guide(page, "居住证申领")
    await expect(page.get_by_text("丢失补领、损坏换领收工本费")).to_be_visible()
    await usable(page)
    await page.get_by_role("button", name="网上办").click()
    await expect(page.get_by_role("heading", name="要准备什么")).to_be_visible()
    await usable(page)
    await begin(page)
    await page.get_by_role("button", name="同意并查询").click()
    await expect(page.get_by_text("有电子证照，不用交")).to_have_count(2)
    await type_answers(page, TYPED, "到窗口领")
    await hand_in(page)
    await usable(page)
    await page.get_by_role("button", name="去缴20.00元").click()
    await pay(page)
    await usable(page)
    await _stands_at_the_foot(page.get_by_role("button", name="回去接着办"))
    await page.get_by_role("button", name="回去接着办").click()
    await expect(page.get_by_text("已缴", exact=True)).to_be_visible()
    await submit(page)
    await usable(page)


async def _stands_at_the_foot(button: Locator) -> None:
    box, size = await button.bounding_box(), button.page.viewport_size
    assert box is not None
    assert size is not None
    assert size["height"] - 40 < box["y"] + box["height"] <= size["height"]


async def _ask_for_everything_at_once(clerk: Page) -> None:
    await press(clerk, "o")
    await clerk.wait_for_url("**/console/desk/cases/*")
    await press(clerk, "c")
    await expect(clerk.get_by_text("认领了")).to_be_visible()
    for name, problem in (("本人近期免冠照片", "unclear"), ("从哪天开始住", "mismatch")):
        fault = clerk.get_by_role("group", name=name)
        await fault.get_by_role("checkbox").check()
        await fault.get_by_label("问题").select_option(problem)
    await clerk.get_by_label("总的说明").fill("照片糊了，日期和登记的不一样")
    await assert_usable(clerk)
    await clerk.get_by_role("button", name="发出补正通知").click()
    await expect(clerk.get_by_role("status")).to_contain_text("补正通知发出了")


async def _complete_from_the_message(page: Page, usable: Check) -> None:
    await page.goto("/")
    await page.get_by_role("link", name=re.compile("条新消息")).click()
    await page.get_by_role("button", name="材料要补正").wait_for()
    await usable(page)
    await page.get_by_role("button", name="材料要补正").click()
    await expect(page.get_by_text("照片糊了，日期和登记的不一样")).to_be_visible()
    await expect(page.get_by_text("看不清楚，请重新拍照或扫描")).to_be_visible()
    await usable(page)
    await hand_in(page)
    await page.get_by_label(re.compile("^从哪天开始住")).fill("2025-02-01")
    await page.get_by_role("button", name="补好了，交上去").click()
    await expect(page.get_by_role("status").get_by_text(STEPS[0])).to_be_visible()


async def _decide(clerk: Page) -> None:
    await clerk.reload()
    await expect(clerk.get_by_text("2025-02-01")).to_be_visible()
    await press(clerk, "c")
    await expect(clerk.get_by_text("认领了")).to_be_visible()
    said = clerk.get_by_role("status")
    for key, state in zip("aspgi", STEPS[5:10], strict=True):
        await press(clerk, key)
        await expect(said).to_contain_text(state)
    await clerk.get_by_role("button", name="送达").click()
    await expect(said).to_contain_text("已办结")


async def _follow_and_show(page: Page, usable: Check) -> None:
    await page.goto("/pages/progress/index")
    await expect(page.get_by_role("heading", name="办完的")).to_be_visible()
    case = page.get_by_role("link", name=re.compile("居住证申领"))
    await expect(case).not_to_contain_text("承诺")  # what is over is promised no more
    await usable(page)
    await case.click()
    steps = page.get_by_role("listitem")
    await expect(steps).to_contain_text(STEPS)
    await expect(steps.first).to_contain_text("11月24日 08:30 到 11月24日 08:30，市公安局")
    await expect(page.get_by_text("提醒")).to_have_count(0)
    await expect(page.get_by_role("link", name=re.compile("证照办好了"))).to_be_visible()
    await usable(page)
    await page.goto("/pages/certificates/index")
    await page.get_by_role("link", name=re.compile("^居住证")).wait_for()
    await usable(page)
    await page.get_by_role("link", name=re.compile("^居住证")).click()
    await page.get_by_role("button", name="亮证").click()
    await expect(page.get_by_role("img", name=re.compile("亮证码"))).to_be_visible()
    await usable(page)


async def _prove(auditor: Page, case: str) -> None:
    await auditor.get_by_label("对象").fill(f"case:{case}")
    await press(auditor, "Enter")
    trail = auditor.get_by_role("table").first
    for action in ("认领办件", "查阅办件"):
        await expect(trail.get_by_text(action).first).to_be_visible()
    await auditor.get_by_role("button", name="开始核验").click()
    await auditor.clock.run_for(2_000)
    await expect(auditor.get_by_text(re.compile("核验了.*都完好"))).to_be_visible()
