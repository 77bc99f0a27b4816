"""Applying online by talking: circumstances, checklist, draft, link; for others, for firms."""

from __future__ import annotations

import pytest

from tests.bot.fake_api import FakeApi, Trouble
from tests.bot.fake_cases import add_draft
from tests.bot.handbook import CAR, PASSPORT_FIRST, PASSPORT_LOST, PENSION, RESIDENCE
from tests.bot.talk import Talk

MOTHER = {"id": "g1", "relation": "elder", "label": "妈妈"}
SHOP = {"id": "e1", "name": "沈阳好味道餐饮有限公司", "representative": True, "scopes": []}
BANK = {"id": "e2", "name": "沈阳某某商贸有限公司", "representative": False, "scopes": ["apply"]}


def pages(talk: Talk) -> list[str]:
    """Where the last turn's links lead."""
    return [link["page"] for answer in talk.last for link in answer["links"]]


async def answer_all(talk: Talk) -> str:
    """Answers the three circumstances of the residence permit by their buttons."""
    await talk.say(talk.buttons["在沈阳有房或租房"])
    await talk.say(talk.buttons["本人来办"])
    return await talk.say(talk.buttons["第一次办"])


# for oneself


async def test_a_wish_leads_over_the_circumstances_to_the_draft(talk: Talk, api: FakeApi) -> None:
    said = await talk.say("我要网上办居住证")
    assert "先问您3句话" in said
    assert "您属于哪一种" in said
    assert "给谁办" in await talk.say(talk.buttons["在沈阳有房或租房"])
    assert "第一次办" in await talk.say(talk.buttons["本人来办"])
    said = await talk.say(talk.buttons["第一次办"])
    assert f"materials:{RESIDENCE}" in said
    assert "草稿开好了" in said
    assert api.answers[-1]["options"] == {"ground": "house", "who": "self", "kind": "first"}
    assert pages(talk) == ["pages/apply/form?id=d1"]
    assert talk.card == {
        "事项": "居住证申领",
        "申请人": "王**",
        "材料": "2份，其中1份可以用电子证照，不用传",
        "费用": "20元，网上缴",
    }
    (body,) = api.bodies
    assert body["options"] == {"ground": "house", "who": "self", "kind": "first"}
    assert (body["principal"], body["enterprise"]) == (None, None)
    assert "答:thanks" in await talk.say("谢谢")


async def test_circumstances_are_understood_in_the_citizens_own_words(
    talk: Talk, api: FakeApi
) -> None:
    await talk.say("我要网上办居住证")
    await talk.say("我租房住")
    await talk.say("本人")
    await talk.say("第二个")
    assert api.bodies[0]["options"] == {"ground": "house", "who": "self", "kind": "replacement"}


@pytest.mark.parametrize(
    ("said", "option"),
    [("我在公司上班", "job"), ("租房子住的", "house"), ("在这边上学呢", "study"), ("①", "job")],
)
async def test_an_answer_is_taken_by_the_words_it_shares_with_one_option(
    talk: Talk, api: FakeApi, said: str, option: str
) -> None:
    await talk.say("我要网上办居住证")
    assert "给谁办" in await talk.say(said)
    await talk.say("本人来办")
    await talk.say("第一次办")
    assert api.bodies[0]["options"]["ground"] == option


async def test_an_answer_to_a_circumstance_is_not_taken_for_another_item(
    talk: Talk, api: FakeApi
) -> None:
    await talk.say("我要网上办居住证")
    await talk.say("在沈阳有房")
    assert "第一次办" in await talk.say("本人来办")
    assert "草稿开好了" in await talk.say("丢了，要补领")
    assert api.bodies[0]["item"] == RESIDENCE
    assert api.bodies[0]["options"]["kind"] == "replacement"


async def test_who_did_not_choose_is_offered_the_same_items_again(talk: Talk) -> None:
    await talk.say("我要网上弄护照")
    offered = set(talk.buttons)
    assert {"普通护照首次申领", "普通护照遗失补发"} <= offered
    await talk.say("我有房")
    assert set(talk.buttons) == offered


async def test_what_the_wish_already_tells_is_not_asked(talk: Talk, api: FakeApi) -> None:
    await talk.say("居住证丢了,我要网上补办居住证")
    await talk.say("第一个")
    assert "草稿开好了" in await talk.say("本人来办")
    assert api.bodies[0]["options"]["kind"] == "replacement"


async def test_who_does_not_know_gets_the_usual_case(talk: Talk, api: FakeApi) -> None:
    await talk.say("我要网上办居住证")
    for _ in range(3):
        said = await talk.say("不清楚")
    assert "草稿开好了" in said
    assert api.bodies[0]["options"] == {"ground": "job", "who": "self", "kind": "first"}


@pytest.mark.parametrize("said", ["都不是", "不是", "没有"])
async def test_a_denial_means_the_option_that_denies(talk: Talk, api: FakeApi, said: str) -> None:
    await talk.say("我要网上办第一次办护照")
    assert "草稿开好了" in await talk.say(said)
    assert api.bodies[0]["options"] == {"work": "ordinary"}


async def test_a_denial_of_one_option_decides_nothing(talk: Talk, api: FakeApi) -> None:
    await talk.say("我要网上办第一次办护照")
    assert "点下面的就行" in await talk.say("我可不是军人")
    assert api.bodies == []


async def test_the_item_in_focus_is_meant_when_none_is_named(talk: Talk, api: FakeApi) -> None:
    await talk.say("居住证能网上办吗")
    assert talk.buttons["网上办"] == "我要网上办"
    assert "您属于哪一种" in await talk.say(talk.buttons["网上办"])


async def test_asking_whether_it_can_be_done_online_begins_nothing(talk: Talk) -> None:
    assert f"online:{RESIDENCE}" in await talk.say("居住证能网上办吗")
    assert "您属于哪一种" not in await talk.say("我要办居住证")


async def test_an_item_that_is_not_online_has_no_button(talk: Talk) -> None:
    await talk.say("办退休能网上办吗")
    assert "网上办" not in talk.buttons


async def test_without_any_item_it_is_asked_which(talk: Talk) -> None:
    assert "哪件事" in await talk.say("我要网上办")
    assert "您属于哪一种" in await talk.say("居住证")


async def test_close_items_are_asked_back(talk: Talk, api: FakeApi) -> None:
    assert "哪一件" in await talk.say("我要网上弄护照")
    await talk.say(talk.buttons["普通护照遗失补发"])
    assert api.bodies[0]["item"] == PASSPORT_LOST


async def test_an_unknown_matter_is_asked_back_with_the_nearest(talk: Talk, api: FakeApi) -> None:
    await talk.say("我要网上办火星移民登记")
    assert api.answers[-1]["aspect"] == "unknown"
    assert "您属于哪一种" in await talk.say("居住证")


async def test_an_item_that_is_not_online_is_answered_by_the_guide(
    talk: Talk, api: FakeApi
) -> None:
    said = await talk.say("我要网上办退休")
    assert "还不能在网上申请" in said
    assert f"apply:{PENSION}" in said
    assert api.bodies == []
    assert "答:thanks" in await talk.say("谢谢")


async def test_beginning_again_opens_the_draft_that_was_begun(talk: Talk, api: FakeApi) -> None:
    add_draft(api)
    await talk.say("我要网上办居住证")
    said = await answer_all(talk)
    assert "以前开过" in said
    assert pages(talk)[-1] == "pages/apply/form?id=d1"


# on the way


async def test_a_question_on_the_way_is_answered_and_the_form_goes_on(
    talk: Talk, api: FakeApi
) -> None:
    await talk.say("我要网上办居住证")
    said = await talk.say("多少钱")
    assert f"fee:{RESIDENCE}" in said
    assert "您属于哪一种" in said
    assert "草稿开好了" in await answer_all(talk)


async def test_a_choice_after_a_question_on_the_way_answers_the_question(
    talk: Talk, api: FakeApi
) -> None:
    await talk.say("我要网上办居住证")
    await talk.say("护照要多少钱")
    said = await talk.say(f'/inform{{"item":"{PASSPORT_LOST}"}}')
    assert f"fee:{PASSPORT_LOST}" in said
    assert "您属于哪一种" in said


async def test_another_item_on_the_way_replaces_the_first(talk: Talk, api: FakeApi) -> None:
    await talk.say("我要网上办居住证")
    said = await talk.say("还是第一次办护照吧")
    assert "公职人员或军人" in said
    await talk.say("第一个")
    assert api.bodies[0]["item"] == PASSPORT_FIRST


async def test_changing_the_item_without_naming_one_asks_which(talk: Talk) -> None:
    await talk.say("我要网上办居住证")
    assert "哪件事" in await talk.say("换个事项")


@pytest.mark.parametrize("said", ["不办了", "算了", "不弄了", "取消吧"])
async def test_stopping_begins_nothing(talk: Talk, api: FakeApi, said: str) -> None:
    await talk.say("我要网上办居住证")
    assert "先不办了" in await talk.say(said)
    assert api.bodies == []
    assert "答:thanks" in await talk.say("谢谢")


@pytest.mark.parametrize("said", ["😀😀", "啊这", '/inform{"option":"ground=palace"}', "a" * 900])
async def test_what_is_no_option_is_asked_again(talk: Talk, api: FakeApi, said: str) -> None:
    await talk.say("我要网上办居住证")
    assert "您属于哪一种" in await talk.say(said)
    assert "草稿开好了" in await answer_all(talk)


async def test_an_unknown_item_from_a_button_is_refused_politely(talk: Talk, api: FakeApi) -> None:
    await talk.say("我要网上办")
    assert "没有这个事项" in await talk.say('/inform{"item":"nothing"}')
    assert "答:thanks" in await talk.say("谢谢")


# the log-in


async def test_who_is_not_logged_in_goes_on_after_the_log_in(talk: Talk, api: FakeApi) -> None:
    api.logged_in = False
    await talk.say("我要网上办居住证")
    assert "登录" in await answer_all(talk)
    assert "pages/login/index" in pages(talk)
    assert api.bodies == []
    assert "登录" in await talk.say("我登录了"), "it was not true yet"
    api.logged_in = True
    said = await talk.say("好了")
    assert "草稿开好了" in said
    assert "materials" not in said, "the list was shown before"


async def test_a_draft_that_cannot_be_opened_now_can_be_later(talk: Talk, api: FakeApi) -> None:
    await talk.say("我要网上办居住证")
    await talk.say("第一个")
    await talk.say("第一个")
    api.troubles = [Trouble("/applications/drafts", 503, times=2)]
    assert "12345" in await talk.say("第一次办")
    assert "草稿开好了" in await talk.say("第一次办")


async def test_a_lost_answer_opens_one_draft(talk: Talk, api: FakeApi) -> None:
    await talk.say("我要网上办护照丢了补办")
    assert "草稿开好了" in "\n".join(each["text"] for each in talk.last)
    api.drafts.clear()
    api.troubles = [Trouble("/applications/drafts", 503, times=1, late=True)]
    assert "草稿开好了" in await talk.say("我要网上办护照丢了补办")
    assert len(api.drafts) == 1


# for somebody else


async def test_for_mother_rests_on_her_consent(talk: Talk, api: FakeApi) -> None:
    api.principals = [MOTHER]
    await talk.say("帮我妈在网上办居住证")
    await talk.say("第一个")
    said = await talk.say("第一次办")
    assert "给老人办的草稿开好了" in said
    assert api.bodies[0]["principal"] == "g1"
    assert api.bodies[0]["options"]["who"] == "proxy"


async def test_for_mother_without_naming_anything_asks_what(talk: Talk, api: FakeApi) -> None:
    api.principals = [MOTHER]
    assert "给老人办哪件事" in await talk.say("帮我妈办")
    assert "您属于哪一种" in await talk.say("居住证")
    await talk.say("第一个")
    await talk.say("第一次办")
    assert api.bodies[0]["principal"] == "g1"
    assert api.bodies[0]["options"]["who"] == "proxy"


async def test_without_consent_the_way_to_it_is_shown_and_it_goes_on_after(
    talk: Talk, api: FakeApi
) -> None:
    said = await talk.say("帮我妈在网上办居住证")
    assert "同意" in said
    assert "pages/family/index" in pages(talk)
    assert "同意" in await talk.say("加好了"), "it was not true yet"
    api.principals = [MOTHER]
    assert "您属于哪一种" in await talk.say("加好了")


async def test_without_consent_one_may_apply_for_oneself(talk: Talk, api: FakeApi) -> None:
    await talk.say("帮我妈在网上办居住证")
    await talk.say(talk.buttons["给本人办"])
    await answer_all(talk)
    assert api.bodies[0]["principal"] is None
    assert api.bodies[0]["options"]["who"] == "self"


async def test_of_two_parents_one_is_chosen(talk: Talk, api: FakeApi) -> None:
    api.principals = [MOTHER, {**MOTHER, "id": "g2", "label": "爸爸"}]
    assert "哪一位" in await talk.say("帮我妈在网上办居住证")
    await talk.say(talk.buttons["爸爸"])
    await talk.say("第一个")
    await talk.say("第一次办")
    assert api.bodies[0]["principal"] == "g2"


async def test_a_consent_that_is_gone_is_said(talk: Talk, api: FakeApi) -> None:
    api.principals = [MOTHER]
    await talk.say("帮我妈在网上办居住证")
    await talk.say("第一个")
    api.principals = []
    assert "代办授权没有了" in await talk.say("第一次办")
    assert "pages/family/index" in pages(talk)


async def test_an_item_only_for_oneself_is_not_begun_for_another(talk: Talk, api: FakeApi) -> None:
    api.principals = [MOTHER]
    assert "要本人办" in await talk.say("帮我妈在网上办护照丢了补办")
    assert api.bodies == []
    assert "草稿开好了" in await talk.say(talk.buttons["给本人办"])
    assert api.bodies[0]["principal"] is None


async def test_for_mother_what_is_not_online_is_told_once(talk: Talk, api: FakeApi) -> None:
    said = await talk.say("帮我妈办退休")
    assert said == f"答:apply:{PENSION}"
    assert "答:thanks" in await talk.say("谢谢")


async def test_for_mother_needs_the_log_in_first(talk: Talk, api: FakeApi) -> None:
    api.logged_in = False
    assert "登录" in await talk.say("帮我妈在网上办居住证")
    api.logged_in, api.principals = True, [MOTHER]
    assert "您属于哪一种" in await talk.say("我登录了")


# for an enterprise


async def test_an_enterprise_applies_under_its_name(talk: Talk, api: FakeApi) -> None:
    api.enterprises = [SHOP]
    assert "草稿开好了" in await talk.say("我要网上申请食品经营许可")
    assert api.bodies[0]["enterprise"] == "e1"


async def test_of_several_enterprises_one_is_chosen(talk: Talk, api: FakeApi) -> None:
    api.enterprises = [SHOP, BANK, {**BANK, "id": "e3", "name": "只能查", "scopes": ["view"]}]
    assert "哪个单位" in await talk.say("我要网上申请食品经营许可")
    assert "只能查" not in talk.buttons
    await talk.say("某某商贸")
    assert api.bodies[0]["enterprise"] == "e2"


async def test_without_an_enterprise_the_way_to_it_is_shown(talk: Talk, api: FakeApi) -> None:
    assert "单位" in await talk.say("我要网上申请食品经营许可")
    assert "pages/enterprise/index" in pages(talk)
    api.enterprises = [SHOP]
    assert "草稿开好了" in await talk.say("加好了")


async def test_a_matter_of_persons_and_enterprises_asks_whose(talk: Talk, api: FakeApi) -> None:
    api.enterprises = [SHOP]
    assert "给您本人办，还是给单位办" in await talk.say("我要网上办新车上牌")
    await talk.say(talk.buttons["给本人办"])
    assert api.bodies[0]["item"] == CAR
    assert api.bodies[0]["enterprise"] is None


async def test_who_has_no_enterprise_is_not_asked(talk: Talk, api: FakeApi) -> None:
    assert "草稿开好了" in await talk.say("我要网上办新车上牌")


async def test_an_enterprise_that_is_not_offered_is_not_taken(talk: Talk, api: FakeApi) -> None:
    api.enterprises = [SHOP, BANK]
    await talk.say("我要网上申请食品经营许可")
    assert "哪个单位" in await talk.say('/inform{"enterprise":"e9"}')
    assert api.bodies == []
