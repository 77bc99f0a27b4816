"""Where a case stands, and what is still missing, by talking; each citizen sees his own."""

from __future__ import annotations

import pytest

from tests.bot.fake_api import FakeApi, Trouble
from tests.bot.fake_cases import add_case, add_draft, fault
from tests.bot.handbook import ID_CARD, PASSPORT_LOST, RESIDENCE
from tests.bot.talk import Talk
from tests.bot.test_my_bookings import booked

PHOTO = {"name": "m1", "title": "本人近期免冠照片", "problem": "看不清"}
CONTRACT = {"name": "m2", "title": "租房合同", "problem": "没有交"}


def pages(talk: Talk) -> list[str]:
    """Where the last turn's links lead."""
    return [link["page"] for answer in talk.last for link in answer["links"]]


# progress


async def test_the_only_case_is_shown_with_who_has_it_and_until_when(
    talk: Talk, api: FakeApi
) -> None:
    add_case(api, state="review")
    said = await talk.say("办到哪一步了")
    assert "“居住证申领”现在：审查中。市公安局在办，从11月11日开始。" in said
    assert "最晚12月8日 周二办完" in said
    assert talk.card["办件编号"] == "SY202611000001"
    assert talk.card["申请人"] == "王**"
    assert talk.card["11月11日"] == "审查中"
    assert pages(talk) == ["pages/case/detail?id=c1"]
    assert "答:thanks" in await talk.say("谢谢")


async def test_of_several_cases_one_is_chosen(talk: Talk, api: FakeApi) -> None:
    add_case(api, state="review")
    add_case(api, PASSPORT_LOST)
    assert "2个办件" in await talk.say("我的事办到哪一步了")
    assert list(talk.buttons) == [
        "普通护照遗失补发（11月12日交）",
        "居住证申领（11月11日交）",
        "不看了",
    ]
    assert "审查中" in await talk.say("第二个")


async def test_two_cases_that_read_alike_are_told_apart_by_their_number(
    talk: Talk, api: FakeApi
) -> None:
    add_case(api, state="review")
    add_case(api, submitted_at="2026-11-11T03:00:00Z")
    await talk.say("我的事办到哪一步了")
    assert "审查中" in await talk.say(talk.buttons["居住证申领（11月11日交，尾号0001）"])


@pytest.mark.parametrize("said", ["居住证申领的那个", "居住证"])
async def test_a_case_is_chosen_by_its_item(talk: Talk, api: FakeApi, said: str) -> None:
    add_case(api, state="review")
    add_case(api, PASSPORT_LOST)
    await talk.say("我的事办到哪一步了")
    assert "审查中" in await talk.say(said)


async def test_the_item_that_is_named_narrows(talk: Talk, api: FakeApi) -> None:
    add_case(api, state="review")
    add_case(api, PASSPORT_LOST)
    assert "审查中" in await talk.say("我的居住证办到哪了")


async def test_the_one_that_still_goes_on_is_meant(talk: Talk, api: FakeApi) -> None:
    add_case(api, state="withdrawn")
    add_case(api, state="review")
    assert "审查中" in await talk.say("办到哪一步了")


async def test_an_item_without_a_case_is_said_and_the_others_are_offered(
    talk: Talk, api: FakeApi
) -> None:
    add_case(api)
    said = await talk.say("我补办的身份证办到哪了")
    assert "“居民身份证丢失补领”您还没有交过申请" in said
    assert "居住证申领（11月11日交）" in talk.buttons


async def test_a_case_in_correction_says_until_when(talk: Talk, api: FakeApi) -> None:
    add_case(api, state="correction", missing=[PHOTO, CONTRACT])
    assert "有要补的，12月24日前补上就行" in await talk.say("办到哪一步了")
    said = await talk.say(talk.buttons["还缺啥材料"])
    assert "1. 本人近期免冠照片：看不清\n2. 租房合同：没有交" in said
    assert pages(talk) == ["pages/case/detail?id=c1"]


@pytest.mark.parametrize("said", ["办到哪一步了,还缺啥材料", "还缺啥材料,办到哪一步了"])
async def test_two_questions_about_a_case_get_two_answers(
    talk: Talk, api: FakeApi, said: str
) -> None:
    add_case(api, state="correction", missing=[PHOTO])
    answered = await talk.say(said)
    assert "12月24日前补上就行" in answered
    assert "看不清" in answered


async def test_a_stopped_clock_and_a_refusal_are_explained(talk: Talk, api: FakeApi) -> None:
    made = add_case(api, state="special")
    assert "不算在办理时限里" in await talk.say("办到哪一步了")
    made.update(state="refused")
    said = await talk.say("办到哪一步了")
    assert "原因写在办件里" in said
    assert "内部的话" not in said, "what a clerk wrote is sealed, and stays out of the chat"


async def test_an_unpaid_fee_is_shown(talk: Talk, api: FakeApi) -> None:
    add_case(api, state="review", fee_fen=1250, paid=False)
    await talk.say("办到哪一步了")
    assert talk.card["费用"] == "12.50元，还没缴"


async def test_a_draft_is_not_a_case_yet(talk: Talk, api: FakeApi) -> None:
    add_draft(api)
    assert "还有一份草稿没交" in await talk.say("我的居住证办到哪了")
    assert pages(talk) == ["pages/apply/form?id=d1"]


async def test_nothing_handed_in_is_said_and_a_booking_is_shown(talk: Talk, api: FakeApi) -> None:
    assert "没有交过申请" in await talk.say("办到哪一步了")
    booked(api)
    assert "没有交过申请" in await talk.say("办到哪一步了")
    assert talk.card["预约号"] == "A001"


async def test_who_is_not_logged_in_is_sent_to_the_log_in(talk: Talk, api: FakeApi) -> None:
    add_case(api)
    api.logged_in = False
    said = await talk.say("我的居住证办到哪了")
    assert "登录" in said
    assert "已提交" not in said
    api.logged_in = True
    assert "已提交" in await talk.say(talk.buttons["我登录了"])


async def test_a_question_while_choosing_is_answered(talk: Talk, api: FakeApi) -> None:
    add_case(api, state="review")
    add_case(api, PASSPORT_LOST)
    await talk.say("身份证丢了怎么办")
    await talk.say("我的事办到哪一步了")
    assert f"fee:{ID_CARD}" in await talk.say("多少钱")
    assert "审查中" in await talk.say("第二个")


@pytest.mark.parametrize("said", ["不看了", "算了"])
async def test_looking_can_be_stopped(talk: Talk, api: FakeApi, said: str) -> None:
    add_case(api)
    add_case(api, PASSPORT_LOST)
    await talk.say("我的事办到哪一步了")
    await talk.say(said)
    assert "答:thanks" in await talk.say("谢谢")


async def test_nonsense_while_choosing_asks_again(talk: Talk, api: FakeApi) -> None:
    add_case(api)
    add_case(api, PASSPORT_LOST)
    await talk.say("我的事办到哪一步了")
    assert "2个办件" in await talk.say("😀😀")
    assert "2个办件" in await talk.say('/inform{"case":"c99"}')


async def test_cases_that_cannot_be_read_now_are_read_later(talk: Talk, api: FakeApi) -> None:
    add_case(api, state="review")
    api.troubles = [Trouble("/applications", 503, times=2)]
    assert "12345" in await talk.say("办到哪一步了")
    assert "审查中" in await talk.say("办到哪一步了")


# what is missing


async def test_what_the_correction_names_is_told(talk: Talk, api: FakeApi) -> None:
    add_case(api, state="correction", missing=[PHOTO])
    said = await talk.say("还缺啥材料")
    assert "“居住证申领”要补这些，12月24日前补上就行：\n1. 本人近期免冠照片：看不清" in said
    assert pages(talk) == ["pages/case/detail?id=c1"]


async def test_the_correction_is_meant_by_who_names_nothing_that_fits(
    talk: Talk, api: FakeApi
) -> None:
    add_case(api, state="correction", missing=[PHOTO])
    assert "看不清" in await talk.say("补正通知让我补哪几样")


async def test_what_the_pre_check_of_a_draft_finds_is_told(talk: Talk, api: FakeApi) -> None:
    add_draft(api, faults=[fault("请填写现住址"), fault("还没有交照片")])
    said = await talk.say("居住证还缺啥材料")
    assert "“居住证申领”的草稿还差这些：\n1. 请填写现住址\n2. 还没有交照片" in said
    assert pages(talk) == ["pages/apply/form?id=d1"]


async def test_a_long_list_of_faults_is_cut(talk: Talk, api: FakeApi) -> None:
    add_draft(api, faults=[fault(f"第{n}项没填") for n in range(1, 12)])
    said = await talk.say("还缺啥材料")
    assert "第8项没填" in said
    assert "第9项没填" not in said
    assert "一共11处" in said


async def test_a_draft_without_faults_can_be_submitted(talk: Talk, api: FakeApi) -> None:
    add_draft(api)
    assert "打开点提交就行" in await talk.say("还缺啥材料")


async def test_a_draft_that_cannot_be_checked_says_why(talk: Talk, api: FakeApi) -> None:
    add_draft(api)
    api.troubles = [Trouble("/check", 410, times=1, code="draft_item_gone")]
    assert "“居住证申领”的草稿：现在办不了" in await talk.say("还缺啥材料")


async def test_nothing_is_missing_of_a_case_that_is_complete(talk: Talk, api: FakeApi) -> None:
    add_case(api, state="review")
    assert "没有要补的" in await talk.say("还缺啥材料")


async def test_an_item_without_case_or_draft_is_answered_by_the_guide(
    talk: Talk, api: FakeApi
) -> None:
    add_case(api, state="correction", missing=[PHOTO])
    assert f"materials:{ID_CARD}" in await talk.say("身份证丢了还缺啥材料")


async def test_without_any_item_it_is_asked_which(talk: Talk, api: FakeApi) -> None:
    assert "哪件事" in await talk.say("还缺啥材料")
    assert f"materials:{RESIDENCE}" in await talk.say("居住证")


async def test_who_is_not_logged_in_gets_the_guide_and_the_log_in(talk: Talk, api: FakeApi) -> None:
    add_case(api, state="correction", missing=[PHOTO])
    api.logged_in = False
    said = await talk.say("居住证还缺啥材料")
    assert f"materials:{RESIDENCE}" in said
    assert "登录" in said
    assert "看不清" not in said
    api.logged_in = True
    assert "看不清" in await talk.say(talk.buttons["我登录了"])


async def test_after_the_draft_is_begun_its_button_tells_what_it_lacks(
    talk: Talk, api: FakeApi
) -> None:
    await talk.say("我要网上办护照丢了补办")
    api.drafts["d1"]["faults"] = [fault("还没有交照片")]
    assert "还没有交照片" in await talk.say(talk.buttons["还缺啥材料"])


# each citizen his own


@pytest.mark.parametrize(
    "text", ["办到哪一步了", "我的居住证办到哪了", "居住证还缺啥材料", "还缺啥材料", "我要撤回"]
)
async def test_who_logs_in_next_in_the_conversation_sees_only_his_own(
    talk: Talk, api: FakeApi, text: str
) -> None:
    add_case(api, state="correction", missing=[PHOTO])
    await talk.say("办到哪一步了")
    api.citizen = "li"
    said = await talk.say(text)
    for word in ("看不清", "需要补正", "SY2026", "11月11日", "12月24日"):
        assert word not in said + str(talk.card)


async def test_a_choice_that_was_offered_to_another_citizen_opens_nothing(
    talk: Talk, api: FakeApi
) -> None:
    add_case(api, state="review")
    add_case(api, PASSPORT_LOST)
    await talk.say("我的事办到哪一步了")
    api.citizen = "li"
    assert "没有找到这个办件" in await talk.say("第二个")
    assert talk.card == {}


async def test_what_was_about_to_be_withdrawn_by_another_stays(talk: Talk, api: FakeApi) -> None:
    made = add_case(api)
    await talk.say("我要撤回")
    api.citizen = "li"
    said = await talk.say("确认撤回")
    assert "撤回来了" not in said
    assert made["state"] == "submitted"
