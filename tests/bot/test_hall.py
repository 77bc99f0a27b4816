"""The hall by talking: the queue, tickets, waiting list, quiet days, booking for others."""

from __future__ import annotations

import pytest

from tests.bot.fake_api import HALF_HOURS, FakeApi, ticket
from tests.bot.fake_api import _booking as booking
from tests.bot.talk import Talk

TODAY, TOMORROW = "2026-11-24", "2026-11-25"
MOTHER = {"id": "g-mother", "relation": "elder", "label": "妈妈"}
AUNT = {"id": "g-aunt", "relation": "elder", "label": "姥姥"}


def full(api: FakeApi, day: str = TOMORROW) -> None:
    """No seat is left on a day."""
    api.capacity.update({f"{day}.{start}": 0 for start in HALF_HOURS})


# -- the queue -----------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["我前面还有几个人", "还得等多久啊", "快轮到我了吗"])
async def test_the_place_in_the_queue_is_told(talk: Talk, api: FakeApi, said: str) -> None:
    api.tickets = [ticket()]
    answer = await talk.say(said)
    assert "A012" in answer
    assert "前面还有3位" in answer
    assert "15分钟（8到25分钟）" in answer


async def test_without_an_open_window_no_time_is_promised(talk: Talk, api: FakeApi) -> None:
    api.tickets = [ticket(wait_minutes=None, wait_low=None, wait_high=None)]
    assert "说不准" in await talk.say("我前面还有几个人")


async def test_who_is_called_is_sent_to_the_window(talk: Talk, api: FakeApi) -> None:
    api.tickets = [ticket(status="called", window="003")]
    assert "请A012号到3号窗口" in await talk.say("到我了吗")


async def test_who_has_no_ticket_but_a_booking_today_is_told_to_check_in(
    talk: Talk, api: FakeApi
) -> None:
    body = {"slot": f"{TODAY}.10:30", "item": "x", "hall": "municipal"}
    made = booking(api, {**body, "channel": "mini_program", "principal": None})
    api.bookings["a1"] = {**made, "status": "confirmed"}
    answer = await talk.say("前面还有几个人")
    assert "签到" in answer
    assert "10:30" in answer


async def test_a_ticket_is_taken_and_given_back_by_talking(talk: Talk, api: FakeApi) -> None:
    await talk.say("身份证丢了咋整")
    assert "A012" in await talk.say("帮我取个号")
    assert "A012" in await talk.say("我前面还有几个人")
    assert "退掉" in await talk.say(talk.buttons["不等了"])
    assert api.tickets == []


async def test_who_is_late_hears_the_rule_and_sees_the_own_booking(
    talk: Talk, api: FakeApi
) -> None:
    body = {"slot": f"{TODAY}.10:30", "item": "x", "hall": "municipal"}
    made = booking(api, {**body, "channel": "mini_program", "principal": None})
    api.bookings["a1"] = {**made, "status": "confirmed"}
    answer = await talk.say("我迟到了怎么办")
    assert "答:late" in answer
    assert "10:30" in answer


async def test_nobody_logged_in_gets_the_rule_and_the_way_to_log_in(
    talk: Talk, api: FakeApi
) -> None:
    api.logged_in = False
    assert "答:queue_position" in await talk.say("我前面还有几个人")
    assert talk.last[-1]["links"][0]["page"] == "pages/login/index"


# -- days ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "answer"),
    [("明天大厅上班吗", "上班：09:00到11:30"), ("周六大厅开门吗", "不上班：周末不办公")],
)
async def test_a_day_named_is_looked_up(talk: Talk, said: str, answer: str) -> None:
    assert answer in await talk.say(said)


async def test_the_quietest_days_are_offered_and_booked(talk: Talk, api: FakeApi) -> None:
    await talk.say("身份证丢了咋整")
    answer = await talk.say("哪天人少")
    assert "12月3日" in answer
    title = next(title for title in talk.buttons if title.startswith("12月3日"))
    await talk.say(talk.buttons[title])
    assert "09:00-09:30" in talk.buttons


# -- waiting -------------------------------------------------------------------------------------


async def test_a_full_day_offers_the_waiting_list(talk: Talk, api: FakeApi) -> None:
    full(api)
    await talk.say("身份证丢了咋整")
    answer = await talk.say("帮我约明天")
    assert "候补" in answer
    answer = await talk.say(talk.buttons["候补"])
    assert "候补上了" in answer
    assert "前面还有2位" in answer
    assert api.waiting["w1"]["first"] == TOMORROW
    assert "候补" in await talk.say("我约的是几点")
    assert "取消了" in await talk.say("取消候补")
    assert api.waiting == {}


async def test_while_there_are_seats_the_booking_goes_on(talk: Talk, api: FakeApi) -> None:
    await talk.say("身份证丢了咋整")
    assert "还有号" in await talk.say("我要候补明天的")
    assert api.waiting == {}


# -- for others ----------------------------------------------------------------------------------


async def test_a_daughter_books_for_her_mother_who_consented(talk: Talk, api: FakeApi) -> None:
    api.principals = [MOTHER]
    await talk.say("帮我妈约明天上午补办身份证")
    await talk.say("第一个")
    assert talk.card["办理人"] == "老人"
    await talk.say("确认")
    assert api.bookings["a1"]["principal"] == "g-mother"
    assert api.bookings["a1"]["status"] == "confirmed"


async def test_without_consent_the_way_to_it_is_shown_and_one_may_book_for_oneself(
    talk: Talk, api: FakeApi
) -> None:
    answer = await talk.say("帮我妈约明天上午补办身份证")
    assert "同意" in answer
    assert talk.last[-1]["links"][0]["page"] == "pages/family/index"
    assert api.bookings == {}
    api.principals = [MOTHER]
    await talk.say("加好了")
    assert "09:00-09:30" in talk.buttons


async def test_for_a_child_the_guardian_books_as_he_comes_himself(talk: Talk, api: FakeApi) -> None:
    await talk.say("帮我给孩子约明天上午上户口")
    await talk.say("第一个")
    assert api.bookings["a1"]["principal"] is None


async def test_of_two_one_is_chosen(talk: Talk, api: FakeApi) -> None:
    api.principals = [MOTHER, AUNT]
    await talk.say("帮我妈约明天上午补办身份证")
    await talk.say(talk.buttons["姥姥"])
    await talk.say("第一个")
    assert api.bookings["a1"]["principal"] == "g-aunt"


# -- materials, closures -------------------------------------------------------------------------


async def test_what_must_be_ready_is_asked_for(talk: Talk, api: FakeApi) -> None:
    api.materials_check = "required"
    await talk.say("帮我约明天上午补办身份证")
    await talk.say("第一个")
    assert "备齐" in await talk.say("确认")
    assert api.bookings["a1"]["status"] == "held"
    await talk.say("备齐了")
    assert api.bookings["a1"]["status"] == "confirmed"


async def test_a_displaced_booking_is_shown_and_moved(talk: Talk, api: FakeApi) -> None:
    body = {"slot": f"{TOMORROW}.09:00", "item": "x", "hall": "municipal"}
    made = booking(api, {**body, "channel": "mini_program", "principal": None})
    api.bookings["a1"] = {**made, "status": "displaced"}
    assert "停办" in await talk.say("我约的是几点")
    await talk.say("改到后天上午")
    await talk.say("第一个")
    assert api.bookings["a1"]["date"] == "2026-11-26"
