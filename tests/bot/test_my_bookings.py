"""Mine, moving, cancelling, progress."""

from __future__ import annotations

from datetime import date

import pytest

from tests.bot.fake_api import FakeApi, Json, Trouble
from tests.bot.fake_api import _booking as booking
from tests.bot.handbook import BIRTH, ID_CARD
from tests.bot.talk import Talk

TOMORROW, AFTER = "2026-11-25", "2026-11-26"


def booked(api: FakeApi, slot: str = f"{TOMORROW}.09:00", item: str = ID_CARD) -> Json:
    """A confirmed booking."""
    body = {
        "slot": slot,
        "item": item,
        "hall": "municipal",
        "channel": "mini_program",
        "principal": None,
    }
    made = {**booking(api, body), "status": "confirmed", "reference": "A001"}
    api.bookings[made["id"]] = made
    return made


async def test_my_booking_is_told_with_its_time(talk: Talk, api: FakeApi) -> None:
    booked(api)
    assert "明天" in await talk.say("我约的是几点")
    assert talk.card["时间"].endswith("09:00-09:30")


async def test_nothing_booked_is_said(talk: Talk) -> None:
    assert "没有预约" in await talk.say("我约的是几点")


async def test_anonymous_citizen_is_sent_to_the_log_in(talk: Talk, api: FakeApi) -> None:
    api.logged_in = False
    assert "登录" in await talk.say("我约的是几点")


async def test_move_lists_free_slots_of_the_new_half_day(talk: Talk, api: FakeApi) -> None:
    made = booked(api)
    await talk.say("帮我改到后天下午")
    assert "13:30-14:00" in talk.buttons
    assert "改好了" in await talk.say(talk.buttons["14:00-14:30"])
    assert (made["date"], made["start"]) == (AFTER, "14:00")


async def test_move_to_a_named_hour_is_read_back_first(talk: Talk, api: FakeApi) -> None:
    made = booked(api)
    assert "对吗" in await talk.say("帮我改到后天下午2点")
    assert made["date"] == TOMORROW
    assert "改好了" in await talk.say("确认")
    assert (made["date"], made["start"]) == (AFTER, "14:00")


async def test_move_asks_which_of_several(talk: Talk, api: FakeApi) -> None:
    booked(api)
    second = booked(api, f"{AFTER}.09:00", BIRTH)
    assert "哪一个" in await talk.say("我要改预约时间")
    await talk.say("第二个")
    await talk.say("11月27号上午")
    await talk.say("第一个")
    assert second["date"] == "2026-11-27"


async def test_move_keeps_the_wished_day_while_asking_which(talk: Talk, api: FakeApi) -> None:
    booked(api)
    second = booked(api, f"{AFTER}.09:00", BIRTH)
    await talk.say("帮我改到11月27号下午")
    await talk.say("第二个")
    await talk.say("第一个")
    assert (second["date"], second["start"]) == ("2026-11-27", "13:30")


async def test_move_to_another_day_on_the_way(talk: Talk, api: FakeApi) -> None:
    made = booked(api)
    await talk.say("帮我改到后天下午")
    await talk.say("还是11月27号上午吧")
    await talk.say("第一个")
    assert (made["date"], made["start"]) == ("2026-11-27", "09:00")


async def test_question_while_moving_is_answered(talk: Talk, api: FakeApi) -> None:
    made = booked(api)
    await talk.say("身份证丢了怎么办")
    await talk.say("帮我改到后天下午")
    assert f"materials:{ID_CARD}" in await talk.say("要带什么")
    await talk.say("第一个")
    assert made["date"] == AFTER


async def test_stopping_a_move_keeps_the_booking(talk: Talk, api: FakeApi) -> None:
    made = booked(api)
    await talk.say("帮我改到后天下午")
    assert "不改了" in await talk.say("算了")
    assert (made["date"], made["status"]) == (TOMORROW, "confirmed")


async def test_slot_that_fills_while_moving_offers_fresh_ones(talk: Talk, api: FakeApi) -> None:
    made = booked(api)
    await talk.say("帮我改到后天下午")
    api.capacity[f"{AFTER}.13:30"] = 0
    assert "没号了" in await talk.say("第一个")
    await talk.say("第一个")
    assert made["start"] == "14:00"


async def test_move_without_bookings_says_so(talk: Talk) -> None:
    assert "没有预约" in await talk.say("帮我改到后天下午")
    assert "答:thanks" in await talk.say("谢谢")


async def test_lost_answer_of_a_move_moves_once(talk: Talk, api: FakeApi) -> None:
    made = booked(api)
    await talk.say("帮我改到后天下午")
    api.troubles = [Trouble("/reschedule", 503, times=1)]
    await talk.say("第一个")
    assert made["date"] == AFTER


async def test_cancel_asks_once(talk: Talk, api: FakeApi) -> None:
    made = booked(api)
    assert "要取消" in await talk.say("取消预约")
    assert made["status"] == "confirmed"
    assert "已经取消" in await talk.say("确认")
    assert made["status"] == "cancelled"


@pytest.mark.parametrize("said", ["不取消", "算了", "不用了"])
async def test_second_thoughts_keep_the_booking(talk: Talk, api: FakeApi, said: str) -> None:
    made = booked(api)
    await talk.say("取消预约")
    assert "留着" in await talk.say(said)
    assert made["status"] == "confirmed"


async def test_cancel_asks_which_of_several(talk: Talk, api: FakeApi) -> None:
    first = booked(api)
    second = booked(api, f"{AFTER}.09:00", BIRTH)
    assert "哪一个" in await talk.say("取消预约")
    await talk.say(next(p for t, p in talk.buttons.items() if BIRTH in t))
    await talk.say("确认")
    assert (first["status"], second["status"]) == ("confirmed", "cancelled")


async def test_cancel_narrows_by_the_day_named(talk: Talk, api: FakeApi) -> None:
    booked(api)
    second = booked(api, f"{AFTER}.09:00", BIRTH)
    assert "要取消后天" in await talk.say("把后天的预约取消了吧")
    await talk.say("对")
    assert second["status"] == "cancelled"


async def test_question_while_cancelling_is_answered(talk: Talk, api: FakeApi) -> None:
    made = booked(api)
    await talk.say("身份证丢了怎么办")
    await talk.say("取消预约")
    assert "fee" in await talk.say("多少钱")
    assert made["status"] == "confirmed"
    await talk.say("确认")
    assert made["status"] == "cancelled"


async def test_cancelled_booking_can_be_booked_again(talk: Talk, api: FakeApi) -> None:
    await talk.say("身份证丢了怎么办")
    await talk.say("帮我约明天上午")
    await talk.say("第一个")
    await talk.say("确认")
    await talk.say("算了不去了")
    await talk.say("确认")
    await talk.say("重新约明天上午")
    await talk.say("第一个")
    assert "约好了" in await talk.say("确认")


def test_fake_api_knows_its_week() -> None:
    assert date.fromisoformat(TOMORROW).isoweekday() == 3
