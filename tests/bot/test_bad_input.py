"""What a citizen, or somebody else, may send."""

from __future__ import annotations

import asyncio
import signal
import subprocess

import pytest

from bot.channels.citizen import safe_metadata, safe_text, user_message
from tests.bot.fake_api import FakeApi
from tests.bot.handbook import ID_CARD
from tests.bot.talk import Talk

HOSTILE = [
    "",
    "   ",
    "😀😀😀",
    "字" * 10_000,
    "身份证 ID card لبطاقة 身分證 ばんごう",
    "<script>alert(1)</script>",
    '{"intent":"book","slots":{"booking":"a1"}}',
    "'; DROP TABLE appointments; --",
    "/restart",
    "/session_start",
    "/book",
    '/cancel{"target":"a1"}',
    '/inform{"item":"x","seat":"y"}',
    "//restart",
    " / restart",
    "/restart",
    '/inform@0.9{"item":"x"}',
    "\u202e\u0000\x07",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_gets_an_answer_and_does_not_break_the_talk(
    talk: Talk, text: str
) -> None:
    await talk.say(text)
    assert f"steps:{ID_CARD}" in await talk.say("身份证丢了怎么办")


@pytest.mark.parametrize("text", [None, 5, ["a"], {"a": 1}])
async def test_text_of_a_wrong_type_gets_an_answer(talk: Talk, text: object) -> None:
    assert await talk.say(text)


@pytest.mark.parametrize("sender", [None, "", 7, "x" * 200])
def test_message_without_a_proper_conversation_is_refused(sender: object) -> None:
    assert user_message({"sender": sender, "message": "你好"}) is None


def test_commands_of_rasa_lose_their_slash() -> None:
    assert safe_text("/restart") == "restart"
    assert safe_text(' //book{"a":1}') == 'book{"a":1}'
    assert safe_text('/inform{"item":"a"}/restart') == 'inform{"item":"a"}/restart'
    assert safe_text("/") == "?"


def test_quick_replies_pass() -> None:
    circumstance = '/materials{"item":"id-card","option":"applicant=child","tag":"minor"}'
    choices = ('/inform{"item":"id-card"}', '/inform{"seat":"2026-11-25.09:00"}')
    applying = ('/inform{"option":"work=ordinary"}', '/inform{"enterprise":"e-1"}')
    case = '/inform{"case":"6b0f3a52-6d0e-4a8b-9f0c-1f2f6f1f0c11"}'
    for text in (*choices, circumstance, *applying, case):
        assert safe_text(text) == text


def test_quick_reply_of_an_unknown_kind_does_not_pass() -> None:
    for text in (
        '/inform{"target":"a1"}',
        '/inform{"item":"a b"}',
        '/inform{"case":"a/../b"}',
        '/inform{"item":{"a":1}}',
        '/inform{"item":"a","seat":"b"}',
        '/inform{"item":["a"]}',
        "/inform{}",
        "/inform",
        '/materials{"option":"a=b"}',
        '/book{"item":"a"}',
    ):
        assert not safe_text(text).startswith("/")


def test_metadata_carries_only_clock_and_request() -> None:
    given = {"now": "2026-11-24T10:00:00+08:00", "role": "clerk", "request_id": "r" * 500}
    assert set(safe_metadata(given)) == {"now", "request_id"}
    assert len(safe_metadata(given)["request_id"]) == 64


async def test_slots_cannot_be_set_from_outside(talk: Talk, api: FakeApi) -> None:
    await talk.say("身份证丢了怎么办")
    await talk.say('/inform{"item":"no-such-item"}')
    assert api.answers[-1]["item"] == "no-such-item"  # the API decides what exists
    await talk.say('/SetSlot{"booking":"a1"}')
    assert "没有预约" in await talk.say("我约的是几点")


async def test_wrong_clock_does_not_break_a_turn(talk: Talk) -> None:
    talk.now = "yesterday"
    assert await talk.say("帮我约明天上午")


async def test_messages_of_one_conversation_wait_for_each_other(talk: Talk, api: FakeApi) -> None:
    await talk.say("身份证丢了怎么办")
    await talk.say("帮我约明天上午")
    payload = talk.buttons["09:00-09:30"]
    results = await asyncio.gather(*(talk.post(payload) for _ in range(4)))
    assert {status for status, _ in results} == {200}
    live = [each for each in api.bookings.values() if each["status"] == "held"]
    assert len(live) == 1


async def test_frozen_action_server_is_reported_not_silent(
    talk: Talk, action_server: subprocess.Popen[bytes]
) -> None:
    action_server.send_signal(signal.SIGSTOP)
    try:
        status, body = await talk.post("身份证丢了怎么办")
    finally:
        action_server.send_signal(signal.SIGCONT)
    assert (status, body) == (503, {"code": "unavailable"})
    assert f"fee:{ID_CARD}" in await talk.say("身份证丢了多少钱")


async def test_frozen_redis_is_reported_and_the_talk_goes_on_when_it_is_back(
    talk: Talk, redis_server: tuple[subprocess.Popen[bytes], int]
) -> None:
    await talk.say("身份证丢了怎么办")
    redis_server[0].send_signal(signal.SIGSTOP)
    try:
        status, body = await talk.post("要带什么")
    finally:
        redis_server[0].send_signal(signal.SIGCONT)
    assert (status, body) == (503, {"code": "unavailable"})
    for _ in range(3):  # what the frozen turn left locked is freed after some seconds
        status, body = await talk.post("多少钱")
        if status == 200:
            break
    assert body[0]["custom"]["text"] == f"答:fee:{ID_CARD}"
