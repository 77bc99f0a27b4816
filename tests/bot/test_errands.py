"""From one errand to another inside a form, and back."""

from __future__ import annotations

import pytest

from tests.bot.fake_api import FakeApi
from tests.bot.fake_cases import add_case
from tests.bot.handbook import PASSPORT_LOST
from tests.bot.talk import Talk


async def booking_begun(talk: Talk) -> None:
    """A place is held."""
    await talk.say("居住证怎么办")
    await talk.say("帮我约明天上午")
    await talk.say("第一个")


async def test_applying_online_leaves_the_booking_and_gives_the_hold_back(
    talk: Talk, api: FakeApi
) -> None:
    await booking_begun(talk)
    assert "您属于哪一种" in await talk.say("我要网上办居住证")
    assert api.bookings["a1"]["status"] == "cancelled"


async def test_booking_leaves_the_application_and_back(talk: Talk, api: FakeApi) -> None:
    await talk.say("我要网上办居住证")
    assert "明天" in await talk.say("帮我约明天上午")
    assert "09:00-09:30" in talk.buttons
    assert "您属于哪一种" in await talk.say("我要网上办居住证")
    assert api.bookings == {}


async def test_withdrawing_leaves_the_booking(talk: Talk, api: FakeApi) -> None:
    made = add_case(api)
    await booking_begun(talk)
    assert "要撤回" in await talk.say("我要撤回")
    assert api.bookings["a1"]["status"] == "cancelled"
    await talk.say("确认撤回")
    assert made["state"] == "withdrawn"


async def test_progress_and_what_is_missing_are_told_inside_a_booking(
    talk: Talk, api: FakeApi
) -> None:
    add_case(api, state="review")
    await booking_begun(talk)
    assert "审查中" in await talk.say("办到哪一步了")
    assert "没有要补的" in await talk.say("还缺啥材料")
    assert "约好了" in await talk.say("确认")


async def test_progress_of_several_is_told_inside_an_application(talk: Talk, api: FakeApi) -> None:
    add_case(api, state="review")
    add_case(api, PASSPORT_LOST)
    await talk.say("我要网上办居住证")
    said = await talk.say("办到哪一步了")
    assert "2个办件" in said
    assert "您属于哪一种" in said


async def test_from_looking_to_withdrawing_and_to_applying(talk: Talk, api: FakeApi) -> None:
    add_case(api)
    add_case(api, PASSPORT_LOST)
    await talk.say("我的事办到哪一步了")
    assert "要撤回“居住证申领”吗" in await talk.say("把居住证的申请撤回来")
    assert "2个办件" in await talk.say("我的事办到哪一步了")
    assert "您属于哪一种" in await talk.say("我要网上办居住证")


async def test_a_bare_cancel_stops_and_cancelling_a_booking_is_another_errand(
    talk: Talk, api: FakeApi
) -> None:
    await booking_begun(talk)
    await talk.say("确认")
    await talk.say("我要网上办居住证")
    assert "先不办了" in await talk.say("取消吧")
    await talk.say("我要网上办居住证")
    assert "要取消" in await talk.say("取消预约")


@pytest.mark.parametrize("text", ["帮我在手机上约明天上午", "居住证能在手机上办吗"])
async def test_what_only_mentions_the_phone_does_not_apply(
    talk: Talk, api: FakeApi, text: str
) -> None:
    await talk.say("居住证怎么办")
    assert "您属于哪一种" not in await talk.say(text)
