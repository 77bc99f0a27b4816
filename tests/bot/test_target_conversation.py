"""The conversation that the whole foundation is measured by, word for word."""

from __future__ import annotations

from tests.bot.fake_api import FakeApi
from tests.bot.talk import Talk

ITEM = "id-card-lost-replacement"


async def test_target_conversation_books_moves_and_cancels(talk: Talk, api: FakeApi) -> None:
    assert "greet" in await talk.say("你好")
    assert f"steps:{ITEM}" in await talk.say("身份证丢了咋整啊")
    assert f"materials:{ITEM}" in await talk.say("都要带啥")
    both = await talk.say("多少钱,几天能下来")
    assert f"fee:{ITEM}" in both
    assert f"time_limit:{ITEM}" in both
    assert "明天" in await talk.say("明天上午能约不")
    payload = talk.buttons["09:30-10:00"]
    assert "确认" in await talk.say(payload)
    assert talk.card["时间"].endswith("09:30-10:00")
    assert "约好了" in await talk.say("确认")
    assert api.bookings["a1"]["status"] == "confirmed"
    assert "09:30" in await talk.say("我约的是几点")
    assert "后天" in await talk.say("帮我改到后天下午")
    assert "改好了" in await talk.say("第一个")
    assert (api.bookings["a1"]["date"], api.bookings["a1"]["start"]) == ("2026-11-26", "13:30")
    assert "取消" in await talk.say("算了不去了")
    assert api.bookings["a1"]["status"] == "confirmed"
    assert "已经取消" in await talk.say("确认")
    assert api.bookings["a1"]["status"] == "cancelled"


async def test_giving_up_instead_of_picking_a_new_time_cancels_after_one_question(
    talk: Talk, api: FakeApi
) -> None:
    for text in ("身份证丢了咋整啊", "明天上午能约不", "第一个", "确认", "帮我改到后天下午"):
        await talk.say(text)
    assert "要取消" in await talk.say("算了不去了")
    assert "已经取消" in await talk.say("确认")
    assert api.bookings["a1"]["status"] == "cancelled"
