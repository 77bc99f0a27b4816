"""The booking form (预约表单) through the real model."""

from __future__ import annotations

import pytest

from tests.bot.fake_api import HALL, FakeApi, Trouble
from tests.bot.handbook import BIRTH, ID_CARD, PASSPORT_FIRST
from tests.bot.talk import Talk

MOTHER = {"id": "g-mother", "relation": "elder", "label": "妈妈"}
CHILD = {"id": "g-child", "relation": "child", "label": "儿子"}

TOMORROW, AFTER = "2026-11-25", "2026-11-26"


async def start(talk: Talk, text: str = "帮我约明天上午") -> str:
    """In the form, with the ID card in focus."""
    await talk.say("身份证丢了怎么办")
    return await talk.say(text)


async def held(talk: Talk) -> None:
    """In the form, 09:00 tomorrow held, waiting for 确认."""
    await start(talk)
    await talk.say("第一个")


async def test_lists_only_free_slots_of_the_wished_half_day(talk: Talk, api: FakeApi) -> None:
    api.capacity[f"{TOMORROW}.09:00"] = 0
    await start(talk)
    times = [title for title in talk.buttons if ":" in title]
    assert times == ["09:30-10:00", "10:00-10:30", "10:30-11:00", "11:00-11:30"]


async def test_more_than_six_slots_come_in_pages(talk: Talk) -> None:
    await start(talk, "帮我约明天")
    assert len([title for title in talk.buttons if ":" in title]) == 6
    await talk.say(talk.buttons["更多"])
    times = [title for title in talk.buttons if ":" in title]
    assert times == ["14:00-14:30", "14:30-15:00", "15:00-15:30"]


@pytest.mark.parametrize(
    ("said", "start_"),
    [("第二个", "09:30"), ("2", "09:30"), ("9点半那个", "09:30"), ("10点", "10:00")],
)
async def test_slot_is_picked_in_the_citizens_own_words(
    talk: Talk, api: FakeApi, said: str, start_: str
) -> None:
    await start(talk)
    await talk.say(said)
    assert api.bookings["a1"]["start"] == start_


async def test_earliest_is_picked(talk: Talk, api: FakeApi) -> None:
    await start(talk)
    await talk.say("最早的")
    assert api.bookings["a1"]["start"] == "09:00"


async def test_named_hour_that_is_free_is_held_at_once(talk: Talk, api: FakeApi) -> None:
    assert "确认" in await start(talk, "帮我约明天上午10点")
    assert api.bookings["a1"]["start"] == "10:00"


async def test_named_hour_that_is_full_gets_the_nearest(talk: Talk, api: FakeApi) -> None:
    api.capacity[f"{TOMORROW}.10:00"] = 0
    assert "离得近" in await start(talk, "帮我约明天上午10点")
    assert "09:30-10:00" in talk.buttons


async def test_without_a_day_the_next_open_days_are_offered(talk: Talk, api: FakeApi) -> None:
    assert "哪天" in await start(talk, "帮我预约")
    await talk.say(talk.buttons["明天 周三"])
    assert "09:00-09:30" in talk.buttons


async def test_without_an_item_the_form_asks_for_it(talk: Talk, api: FakeApi) -> None:
    assert "哪件事" in await talk.say("我想预约")
    assert "哪天" in await talk.say("给孩子上户口")
    await talk.say("明天上午")
    await talk.say("第一个")
    assert api.bookings["a1"]["item"]["code"] == BIRTH


async def test_close_items_are_asked_back_in_the_form(talk: Talk, api: FakeApi) -> None:
    await talk.say("我想预约")
    await talk.say("护照")
    first = next(p for t, p in talk.buttons.items() if "护照" in t)
    await talk.say(first)
    await talk.say("明天上午")
    await talk.say("第一个")
    assert api.bookings["a1"]["item"]["code"].startswith("passport")


async def test_several_halls_are_asked_for(talk: Talk, api: FakeApi) -> None:
    api.halls = [dict(HALL), {**HALL, "id": "hunnan", "name": "浑南区政务服务中心"}]
    await start(talk)
    assert "浑南区政务服务中心" in talk.buttons
    await talk.say("浑南区")
    await talk.say("第一个")
    assert api.bookings["a1"]["hall"]["id"] == "hunnan"


async def test_item_that_cannot_be_booked_ends_the_form(talk: Talk, api: FakeApi) -> None:
    api.halls = []
    assert "不用在大厅预约" in await start(talk)
    assert f"fee:{ID_CARD}" in await talk.say("多少钱")


# changing answers on the way


async def test_day_is_changed_before_picking(talk: Talk) -> None:
    await start(talk)
    assert "后天" in await talk.say("换成后天")


async def test_half_day_is_changed_before_picking(talk: Talk) -> None:
    await start(talk)
    await talk.say("改下午")
    assert "13:30-14:00" in talk.buttons
    assert "09:00-09:30" not in talk.buttons


async def test_day_is_changed_after_holding_and_the_hold_is_given_back(
    talk: Talk, api: FakeApi
) -> None:
    await held(talk)
    await talk.say("换成后天下午")
    assert api.bookings["a1"]["status"] == "cancelled"
    await talk.say("第一个")
    assert (api.bookings["a2"]["date"], api.bookings["a2"]["start"]) == (AFTER, "13:30")


async def test_attendee_is_changed_in_the_summary(talk: Talk, api: FakeApi) -> None:
    api.principals = [MOTHER]
    await held(talk)
    assert talk.card["办理人"] == "本人"
    await talk.say("给我妈约")
    assert talk.card["办理人"] == "老人"
    assert [each["status"] for each in api.bookings.values()] == ["cancelled", "held"]


async def test_attendee_is_asked_for_by_button(talk: Talk, api: FakeApi) -> None:
    api.principals = [CHILD]
    await held(talk)
    await talk.say(talk.buttons["换办理人"])
    await talk.say(talk.buttons["孩子"])
    assert talk.card["办理人"] == "孩子"


async def test_attendee_follows_from_the_circumstances(talk: Talk, api: FakeApi) -> None:
    api.principals = [CHILD]
    await talk.say("给孩子补办身份证怎么办")
    await talk.say("帮我约明天上午")
    await talk.say("第一个")
    assert api.bookings["a1"]["attendee"] == "child"


async def test_item_is_changed_on_the_way(talk: Talk, api: FakeApi) -> None:
    await held(talk)
    assert "哪件事" in await talk.say("换个事项")
    await talk.say("第一次办护照")
    await talk.say("第一个")
    live = [each for each in api.bookings.values() if each["status"] == "held"]
    assert [each["item"]["code"] for each in live] == [PASSPORT_FIRST]


async def test_other_time_button_offers_days_again(talk: Talk, api: FakeApi) -> None:
    await held(talk)
    assert "哪天" in await talk.say(talk.buttons["换个时间"])
    assert api.bookings["a1"]["status"] == "cancelled"


# questions on the way


@pytest.mark.parametrize(
    ("question", "aspect"), [("要带什么", "materials"), ("多少钱", "fee"), ("在哪办", "place")]
)
async def test_question_on_the_way_is_answered_and_the_form_goes_on(
    talk: Talk, api: FakeApi, question: str, aspect: str
) -> None:
    await start(talk)
    said = await talk.say(question)
    assert f"{aspect}:{ID_CARD}" in said
    assert "09:00-09:30" in talk.buttons
    await talk.say("第一个")
    assert api.bookings["a1"]["status"] == "held"


async def test_question_at_the_confirmation_keeps_the_hold(talk: Talk, api: FakeApi) -> None:
    await held(talk)
    await talk.say("要带什么")
    assert api.bookings["a1"]["status"] == "held"
    assert "约好了" in await talk.say("确认")


async def test_question_about_another_item_does_not_change_the_booking(
    talk: Talk, api: FakeApi
) -> None:
    await held(talk)
    assert f"materials:{BIRTH}" in await talk.say("给孩子上户口要带什么材料")
    await talk.say("确认")
    assert api.bookings["a1"]["item"]["code"] == ID_CARD
    assert api.bookings["a1"]["status"] == "confirmed"


async def test_asking_back_on_the_way_does_not_change_the_booking(talk: Talk, api: FakeApi) -> None:
    await held(talk)
    await talk.say("护照要多少钱")
    assert f"fee:{PASSPORT_FIRST}" in await talk.say(f'/inform{{"item":"{PASSPORT_FIRST}"}}')
    await talk.say("确认")
    assert api.bookings["a1"]["item"]["code"] == ID_CARD


async def test_thanks_on_the_way_does_not_lose_the_form(talk: Talk, api: FakeApi) -> None:
    await held(talk)
    await talk.say("谢谢")
    assert "约好了" in await talk.say("确认")


# stopping


@pytest.mark.parametrize("said", ["算了", "不约了", "算了不去了"])
async def test_stopping_gives_the_hold_back(talk: Talk, api: FakeApi, said: str) -> None:
    await held(talk)
    assert "不约了" in await talk.say(said)
    assert api.bookings["a1"]["status"] == "cancelled"
    assert f"fee:{ID_CARD}" in await talk.say("多少钱")


async def test_stopping_before_a_hold_leaves_the_form(talk: Talk, api: FakeApi) -> None:
    await start(talk)
    await talk.say("算了")
    assert not api.bookings
    assert f"fee:{ID_CARD}" == (await talk.say("多少钱")).removeprefix("答:")


# days that cannot be


async def test_full_day_offers_the_nearest_open_days(talk: Talk, api: FakeApi) -> None:
    for slot in list(api.day(api.now.date().replace(day=25))["slots"]):
        api.capacity[slot["id"]] = 0
    assert "约满" in await start(talk)
    assert "后天 周四" in talk.buttons


async def test_full_half_day_offers_the_other_half(talk: Talk, api: FakeApi) -> None:
    for slot in list(api.day(api.now.date().replace(day=25))["slots"]):
        if slot["part"] == "morning":
            api.capacity[slot["id"]] = 0
    assert "这天下午还有" in await start(talk)


async def test_closed_day_says_why(talk: Talk, api: FakeApi) -> None:
    api.closed[TOMORROW] = "大厅盘点"
    assert "大厅盘点" in await start(talk)
    assert "后天 周四" in talk.buttons


async def test_weekend_says_why(talk: Talk) -> None:
    assert "周末不上班" in await start(talk, "帮我约这周六上午")


async def test_past_day_says_so(talk: Talk) -> None:
    assert "已经过去" in await start(talk, "帮我约昨天上午")


async def test_far_future_day_says_so(talk: Talk) -> None:
    assert "还没有放号" in await start(talk, "帮我约12月28号")


async def test_week_offers_its_days(talk: Talk) -> None:
    await start(talk, "帮我约下周")
    assert "11月30日 周一" in talk.buttons


# races and refusals


async def test_slot_that_fills_between_list_and_hold_offers_fresh_ones(
    talk: Talk, api: FakeApi
) -> None:
    await start(talk)
    api.capacity[f"{TOMORROW}.09:00"] = 0
    assert "没号了" in await talk.say("第一个")
    assert "09:30-10:00" in talk.buttons
    assert "09:00-09:30" not in talk.buttons
    await talk.say("第一个")
    assert api.bookings["a1"]["start"] == "09:30"


async def test_hold_that_expired_offers_fresh_slots(talk: Talk, api: FakeApi) -> None:
    await held(talk)
    api.bookings["a1"]["status"] = "expired"
    assert "过了时间" in await talk.say("确认")
    assert "09:00-09:30" in talk.buttons


async def test_confirming_twice_books_once(talk: Talk, api: FakeApi) -> None:
    await held(talk)
    await talk.say("确认")
    assert "已经约好" in await talk.say("确认")
    assert len(api.bookings) == 1


async def test_same_button_twice_holds_once(talk: Talk, api: FakeApi) -> None:
    await start(talk)
    payload = talk.buttons["09:00-09:30"]
    await talk.say(payload)
    await talk.say(payload)
    live = [each for each in api.bookings.values() if each["status"] == "held"]
    assert len(live) == 1
    assert "约好了" in await talk.say("确认")


async def test_second_booking_of_a_day_shows_the_first(talk: Talk, api: FakeApi) -> None:
    await held(talk)
    await talk.say("确认")
    await talk.say("帮我约明天上午")
    assert "已经约过" in await talk.say("第三个")
    assert "改时间" in talk.buttons


async def test_hold_that_was_lost_sight_of_is_taken_up_again(talk: Talk, api: FakeApi) -> None:
    await held(talk)
    other = Talk(talk.port)
    await start(other)
    assert "留住了" in await other.say("第一个")
    assert len(api.bookings) == 1


async def test_log_in_is_asked_for_and_the_booking_goes_on_after_it(
    talk: Talk, api: FakeApi
) -> None:
    api.logged_in = False
    await start(talk)
    said = await talk.say("第一个")
    assert "登录" in said
    assert talk.last[-1]["links"][0]["page"] == "pages/login/index"
    api.logged_in = True
    assert "留住了" in await talk.say("我登录了")
    assert "约好了" in await talk.say("确认")


async def test_api_that_dies_at_the_confirmation_loses_nothing(talk: Talk, api: FakeApi) -> None:
    await held(talk)
    api.troubles = [Trouble("/confirm", 503)]
    assert "留着" in await talk.say("确认")
    api.troubles = []
    assert "约好了" in await talk.say("确认")
    assert len(api.bookings) == 1


async def test_api_that_dies_at_the_list_keeps_the_form(talk: Talk, api: FakeApi) -> None:
    await start(talk)
    api.troubles = [Trouble("/appointments", 503)]
    assert "12345" in await talk.say("换成后天")
    api.troubles = []
    assert "后天" in await talk.say("换成后天")


async def test_hold_whose_answer_was_lost_is_held_once(talk: Talk, api: FakeApi) -> None:
    await start(talk)
    lost: list[int] = []

    def lose_first(request: object) -> None:
        path = getattr(request, "path", "")
        if path.endswith("/holds") and not lost:
            lost.append(1)
            api.troubles = [Trouble("/holds", 503, times=1)]

    api.before = lose_first
    await talk.say("第一个")
    assert len(api.bookings) == 1


async def test_misunderstood_answer_is_asked_again_with_a_way_out(talk: Talk) -> None:
    await start(talk)
    await talk.say("嘎嘎嘣嘣咕噜噜")
    assert "09:00-09:30" in talk.buttons
    await talk.say("算了")
