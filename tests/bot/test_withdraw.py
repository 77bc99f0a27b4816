"""Taking a case back by talking: never without a yes to this very case."""

from __future__ import annotations

import pytest

from tests.bot.fake_api import FakeApi, Trouble
from tests.bot.fake_cases import add_case, add_draft
from tests.bot.handbook import PASSPORT_LOST, RESIDENCE
from tests.bot.talk import Talk
from tests.bot.test_my_bookings import booked


async def test_the_only_case_is_withdrawn_after_one_question(talk: Talk, api: FakeApi) -> None:
    made = add_case(api)
    said = await talk.say("我要撤回")
    assert "要撤回“居住证申领”吗？是11月11日交的，现在已提交，等待预审" in said
    assert made["state"] == "submitted"
    assert "撤回来了" in await talk.say(talk.buttons["确认撤回"])
    assert made["state"] == "withdrawn"
    assert "答:thanks" in await talk.say("谢谢")


@pytest.mark.parametrize("yes", ["对", "确认", "撤了吧"])
async def test_a_plain_yes_withdraws(talk: Talk, api: FakeApi, yes: str) -> None:
    made = add_case(api)
    await talk.say("撤回申请")
    await talk.say(yes)
    assert made["state"] == "withdrawn"


@pytest.mark.parametrize("no", ["不撤回", "不撤了", "算了", "先不撤", "再想想"])
async def test_second_thoughts_keep_the_case(talk: Talk, api: FakeApi, no: str) -> None:
    made = add_case(api)
    await talk.say("我要撤回")
    assert "不撤" in await talk.say(no)
    assert made["state"] == "submitted"
    assert "答:thanks" in await talk.say("谢谢")


async def test_a_question_is_no_yes(talk: Talk, api: FakeApi) -> None:
    made = add_case(api)
    await talk.say("我要撤回")
    assert "要撤回" in await talk.say("撤回了还能再申请吗")
    assert made["state"] == "submitted"


async def test_of_several_one_is_chosen(talk: Talk, api: FakeApi) -> None:
    first, second = add_case(api), add_case(api, PASSPORT_LOST)
    assert "撤回哪一个" in await talk.say("我要撤回")
    await talk.say("第一个")
    await talk.say("确认撤回")
    assert (first["state"], second["state"]) == ("submitted", "withdrawn")


async def test_the_item_that_is_named_narrows(talk: Talk, api: FakeApi) -> None:
    first, second = add_case(api), add_case(api, PASSPORT_LOST)
    assert "要撤回“居住证申领”吗" in await talk.say("把居住证的申请撤回来")
    await talk.say("对")
    assert (first["state"], second["state"]) == ("withdrawn", "submitted")


async def test_naming_another_case_is_no_yes_to_the_one_asked_about(
    talk: Talk, api: FakeApi
) -> None:
    first, second = add_case(api), add_case(api, PASSPORT_LOST)
    await talk.say("把居住证的申请撤回来")
    assert "要撤回“普通护照遗失补发”吗" in await talk.say("把护照丢了补办的申请撤了")
    assert (first["state"], second["state"]) == ("submitted", "submitted")
    await talk.say("对")
    assert (first["state"], second["state"]) == ("submitted", "withdrawn")


async def test_the_case_just_looked_at_is_meant(talk: Talk, api: FakeApi) -> None:
    first, second = add_case(api), add_case(api, PASSPORT_LOST)
    await talk.say("我的居住证办到哪了")
    await talk.say(talk.buttons["撤回申请"])
    await talk.say("确认撤回")
    assert (first["state"], second["state"]) == ("withdrawn", "submitted")


async def test_the_choosing_can_be_stopped_and_asked_again(talk: Talk, api: FakeApi) -> None:
    add_case(api)
    add_case(api, PASSPORT_LOST)
    await talk.say("我要撤回")
    assert "撤回哪一个" in await talk.say("😀😀")
    assert "不撤" in await talk.say("不撤回")


async def test_a_question_while_choosing_is_answered(talk: Talk, api: FakeApi) -> None:
    made = add_case(api)
    await talk.say("我要撤回")
    said = await talk.say("居住证要带什么")
    assert f"materials:{RESIDENCE}" in said
    assert "要撤回" in said
    await talk.say("确认撤回")
    assert made["state"] == "withdrawn"


async def test_a_question_about_another_item_does_not_change_which_case_is_meant(
    talk: Talk, api: FakeApi
) -> None:
    made = add_case(api)
    add_case(api, PASSPORT_LOST)
    await talk.say("把居住证的申请撤回来")
    said = await talk.say("护照丢了补办多少钱")
    assert f"fee:{PASSPORT_LOST}" in said
    assert "要撤回“居住证申领”吗" in said
    await talk.say("确认撤回")
    assert made["state"] == "withdrawn"


async def test_a_decided_case_cannot_be_withdrawn(talk: Talk, api: FakeApi) -> None:
    made = add_case(api, state="granted")
    assert "撤不了了" in await talk.say("我要撤回")
    assert made["state"] == "granted"
    assert "答:thanks" in await talk.say("谢谢")


async def test_a_case_that_moved_meanwhile_is_shown_and_asked_about_anew(
    talk: Talk, api: FakeApi
) -> None:
    made = add_case(api)
    await talk.say("我要撤回")
    made.update(state="pre_review", version=4)
    said = await talk.say("确认撤回")
    assert "刚刚有了变化" in said
    assert "现在预审中" in said
    assert made["state"] == "pre_review"
    await talk.say("确认撤回")
    assert made["state"] == "withdrawn"


async def test_a_case_that_was_decided_meanwhile_stays(talk: Talk, api: FakeApi) -> None:
    made = add_case(api)
    await talk.say("我要撤回")
    made.update(state="granted", version=7)
    assert "撤不了了" in await talk.say("确认撤回")
    assert made["state"] == "granted"


async def test_a_lost_answer_still_says_that_it_is_withdrawn(talk: Talk, api: FakeApi) -> None:
    made = add_case(api)
    await talk.say("我要撤回")
    api.troubles = [Trouble("/withdrawal", 503, times=1, late=True)]
    assert "撤回来了" in await talk.say("确认撤回")
    assert made["version"] == 4


async def test_when_it_is_not_known_the_citizen_is_told_and_may_repeat(
    talk: Talk, api: FakeApi
) -> None:
    made = add_case(api)
    await talk.say("我要撤回")
    api.troubles = [Trouble("/withdrawal", 503, times=2)]
    assert "不知道撤成了没有" in await talk.say("确认撤回")
    assert "撤回来了" in await talk.say(talk.buttons["确认撤回"])
    assert made["state"] == "withdrawn"


async def test_nothing_to_withdraw_is_said(talk: Talk, api: FakeApi) -> None:
    assert "没有能撤回的申请" in await talk.say("我要撤回")
    add_draft(api)
    assert "草稿没交就不算数" in await talk.say("我要撤回")
    booked(api)
    await talk.say("我要撤回")
    assert "要取消" in await talk.say(talk.buttons["取消预约"])


async def test_who_is_not_logged_in_is_sent_to_the_log_in(talk: Talk, api: FakeApi) -> None:
    made = add_case(api)
    api.logged_in = False
    assert "登录" in await talk.say("我要撤回")
    assert made["state"] == "submitted"
    api.logged_in = True
    assert "要撤回" in await talk.say(talk.buttons["我登录了"])


async def test_a_log_in_that_ended_meanwhile_withdraws_nothing(talk: Talk, api: FakeApi) -> None:
    made = add_case(api)
    await talk.say("我要撤回")
    api.logged_in = False
    assert "登录" in await talk.say("确认撤回")
    assert made["state"] == "submitted"
    api.logged_in = True
    assert "已提交" in await talk.say(talk.buttons["我登录了"])
