"""Questions about an item, and how its context carries from turn to turn."""

from __future__ import annotations

import pytest

from tests.bot.fake_api import FakeApi, Trouble
from tests.bot.handbook import BIRTH, ID_CARD, PASSPORT_FIRST, PASSPORT_LOST
from tests.bot.talk import Talk


async def test_item_stays_in_focus_over_the_turns(talk: Talk) -> None:
    assert f"steps:{ID_CARD}" in await talk.say("身份证丢了怎么办")
    assert f"materials:{ID_CARD}" in await talk.say("要带什么")
    assert f"fee:{ID_CARD}" in await talk.say("多少钱")
    assert "明天" in await talk.say("帮我约明天上午")


async def test_new_item_replaces_the_one_in_focus(talk: Talk) -> None:
    await talk.say("身份证丢了怎么办")
    assert f"materials:{BIRTH}" in await talk.say("给孩子上户口要带什么材料")
    assert f"fee:{BIRTH}" in await talk.say("多少钱")


async def test_circumstances_stay_with_the_item_and_leave_with_it(talk: Talk, api: FakeApi) -> None:
    await talk.say("给孩子补办身份证怎么办")
    await talk.say("要带什么")
    assert "for_child" in api.answers[-1]["tags"]
    await talk.say("护照丢了怎么办")
    await talk.say("要带什么")
    assert "for_child" not in api.answers[-1]["tags"]


async def test_circumstance_said_alone_answers_the_last_question_for_it(
    talk: Talk, api: FakeApi
) -> None:
    await talk.say("身份证丢了要带什么")
    await talk.say("给孩子办的")
    assert api.answers[-1]["aspect"] == "materials"
    assert "for_child" in api.answers[-1]["tags"]


async def test_chosen_option_goes_with_the_item(talk: Talk, api: FakeApi) -> None:
    await talk.say("身份证丢了要带什么")
    payload = f'/materials{{"item":"{ID_CARD}","option":"applicant=child","tag":"minor"}}'
    assert f"materials:{ID_CARD}" in await talk.say(payload)
    await talk.say("多少钱")
    assert api.answers[-1]["options"] == {"applicant": "child"}
    assert "minor" in api.answers[-1]["tags"]
    await talk.say("给孩子上户口要带什么")
    assert api.answers[-1]["options"] == {}


async def test_chosen_option_inside_a_form_is_a_question(talk: Talk, api: FakeApi) -> None:
    await talk.say("身份证丢了怎么办")
    await talk.say("帮我约明天上午")
    payload = f'/materials{{"item":"{ID_CARD}","option":"applicant=child"}}'
    assert f"materials:{ID_CARD}" in await talk.say(payload)
    await talk.say("第一个")
    assert api.bookings["a1"]["status"] == "held"


async def test_two_questions_in_one_sentence_get_two_answers(talk: Talk) -> None:
    await talk.say("身份证丢了怎么办")
    said = await talk.say("要带什么,多少钱,几天能下来")
    assert [line.split(":")[1] for line in said.splitlines()] == ["materials", "fee", "time_limit"]


async def test_greeting_before_a_question_is_not_a_second_question(talk: Talk) -> None:
    said = await talk.say("你好,身份证丢了怎么办")
    assert said == f"答:steps:{ID_CARD}"


async def test_close_candidates_are_asked_back_and_the_question_is_kept(talk: Talk) -> None:
    said = await talk.say("护照要带什么材料")
    assert said.startswith("答:candidates:")
    assert f"materials:{PASSPORT_FIRST}" in await talk.say(talk.buttons[PASSPORT_FIRST])


async def test_candidate_is_chosen_by_its_place(talk: Talk, api: FakeApi) -> None:
    await talk.say("护照要多少钱")
    second = api.answers[-1]["candidates"][1]
    assert f"fee:{second}" in await talk.say("第二个")


async def test_candidate_is_chosen_by_its_name(talk: Talk) -> None:
    await talk.say("护照要多少钱")
    assert f"fee:{PASSPORT_LOST}" in await talk.say("护照丢了")


async def test_question_without_any_item_asks_which(talk: Talk, api: FakeApi) -> None:
    assert "哪件事" in await talk.say("要带什么材料")
    assert f"materials:{ID_CARD}" in await talk.say("身份证丢了")


async def test_bare_item_gets_an_overview(talk: Talk) -> None:
    said = await talk.say("居民身份证丢失补领")
    assert said.endswith(ID_CARD)


async def test_unknown_matter_is_asked_back_then_a_person_is_offered(
    talk: Talk, api: FakeApi
) -> None:
    await talk.say("火星移民登记怎么办")
    assert api.answers[-1]["aspect"] == "unknown"
    await talk.say("恐龙饲养许可怎么办")
    assert api.answers[-1]["aspect"] == "lost"


async def test_an_answer_between_two_misses_starts_the_stages_anew(
    talk: Talk, api: FakeApi
) -> None:
    for text in ("火星移民登记怎么办", "身份证丢了怎么办", "恐龙饲养许可怎么办"):
        await talk.say(text)
    assert api.answers[-1]["aspect"] == "unknown"


async def test_one_turn_of_a_question_calls_the_api_once(talk: Talk, api: FakeApi) -> None:
    await talk.say("身份证丢了怎么办")
    api.calls.clear()
    await talk.say("要带什么")
    assert dict(api.calls) == {"POST /guides/answers": 1}


async def test_small_talk_goes_to_the_composer(talk: Talk, api: FakeApi) -> None:
    for text, aspect in [("谢谢", "thanks"), ("再见", "goodbye")]:
        await talk.say(text)
        assert api.answers[-1]["aspect"] == aspect


@pytest.mark.parametrize("text", ["转人工", "我要找人工客服", "帮我转接工作人员"])
async def test_who_asks_for_a_person_stands_in_line(talk: Talk, api: FakeApi, text: str) -> None:
    said = await talk.say(text)
    assert "您前面还有2位" in said
    assert api.calls["POST /chat/handovers"] == 1


async def test_who_asks_for_a_person_in_a_form_stands_in_line(talk: Talk, api: FakeApi) -> None:
    await talk.say("帮我约补办身份证")
    assert "您前面还有2位" in await talk.say("转人工")
    assert api.calls["POST /chat/handovers"] == 1


async def test_api_that_fails_once_is_asked_again(talk: Talk, api: FakeApi) -> None:
    api.troubles = [Trouble("/guides", 503, times=1)]
    assert f"steps:{ID_CARD}" in await talk.say("身份证丢了怎么办")


async def test_api_that_is_down_gets_the_fixed_sentence(talk: Talk, api: FakeApi) -> None:
    api.troubles = [Trouble("/", 503)]
    assert "12345" in await talk.say("身份证丢了怎么办")
    api.troubles = []
    assert f"fee:{ID_CARD}" in await talk.say("身份证丢了多少钱")


async def test_api_that_hangs_gets_the_fixed_sentence(talk: Talk, api: FakeApi) -> None:
    api.troubles = [Trouble("/guides", 0, times=2)]
    assert "12345" in await talk.say("身份证丢了怎么办")
