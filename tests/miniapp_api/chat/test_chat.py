"""The chat: Rasa when it answers, the fallback when it does not, nothing lost in between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web

from miniapp_api.platform.database import fetch


class FakeRasa:
    """Speaks Rasa's REST channel and can be told to fail."""

    def __init__(self) -> None:
        self.mode = "ok"
        self.heard: list[dict[str, Any]] = []

    async def root(self, _request: web.Request) -> web.Response:
        return web.Response(text="Hello")

    async def webhook(self, request: web.Request) -> web.Response:
        self.heard.append(await request.json())
        match self.mode:
            case "slow":
                await asyncio.sleep(10)
            case "error":
                return web.Response(status=500)
            case "silent":
                return web.json_response([])
            case "nonsense":
                return web.Response(text="<html>")
            case "wrong":
                return web.json_response([{"custom": {"text": 7}}])
        answer = {"text": "好的", "quick_replies": [{"title": "要带什么", "payload": "要带什么"}]}
        return web.json_response([{"recipient_id": "x", "custom": answer}, {"text": "还有吗"}])


@pytest.fixture
async def rasa(settings: Any, app: Any) -> AsyncIterator[FakeRasa]:
    fake = FakeRasa()
    server = web.Application()
    server.router.add_post("/webhooks/rest/webhook", fake.webhook)
    server.router.add_get("/", fake.root)
    runner = web.AppRunner(server, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", urlsplit(settings.bot.rasa_url).port).start()
    app.ctx.assistant._closed_until = 0.0
    app.ctx.assistant._failures = 0
    yield fake
    await runner.cleanup()


async def _say(
    client: Any, text: str, conversation: str | None = None, key: str | None = None
) -> Any:
    return await client.post(
        "/chat/messages", {"text": text, "conversation": conversation}, key=key
    )


async def test_rasa_answers_and_hears_no_name(rasa: FakeRasa, citizen: Any) -> None:
    reply = (await _say(citizen, "身份证丢了")).json
    assert (reply["via"], [m["text"] for m in reply["messages"]]) == ("rasa", ["好的", "还有吗"])
    (heard,) = rasa.heard
    assert set(heard) == {"sender", "message", "metadata"}
    assert set(heard["metadata"]) == {"now", "request_id"}
    assert heard["sender"] == reply["conversation"]
    assert heard["metadata"]["now"] == "2026-11-24T08:30:00+08:00"


@pytest.mark.parametrize("mode", ["error", "silent", "nonsense", "wrong", "slow"])
async def test_the_fallback_answers_when_rasa_fails(
    rasa: FakeRasa, api: Any, app: Any, mode: str
) -> None:
    rasa.mode = mode
    reply = (await _say(api, "居民身份证丢失补领要带什么材料")).json
    assert reply["via"] == "fallback"
    assert reply["messages"][0]["source"]["item"] == "id-card-lost-replacement"


async def test_the_fallback_answers_without_rasa(api: Any) -> None:
    reply = (await _say(api, "居民身份证丢失补领多少钱")).json
    assert reply["via"] == "fallback"
    assert "40" in reply["messages"][0]["text"]


async def test_the_fallback_books_nothing_and_shows_the_way(api: Any) -> None:
    (answer,) = (await _say(api, "居民身份证丢失补领帮我约明天上午")).json["messages"]
    assert "暂时用不了" in answer["text"]
    assert "pages/booking/index?item=id-card-lost-replacement" in [
        x["page"] for x in answer["links"]
    ]


@pytest.mark.parametrize("text", ["还缺啥材料", "我要撤回申请"])
async def test_the_fallback_shows_the_way_to_the_cases(api: Any, text: str) -> None:
    (answer,) = (await _say(api, text)).json["messages"]
    assert "我的办件" in answer["text"]
    assert [x["page"] for x in answer["links"]] == ["pages/progress/index"]


async def test_a_broken_breaker_spares_the_citizen_the_wait(
    rasa: FakeRasa, api: Any, app: Any
) -> None:
    rasa.mode = "slow"
    patient = app.ctx.assistant._timeout
    app.ctx.assistant._timeout = aiohttp.ClientTimeout(total=0.2)
    try:
        for _ in range(3):
            await _say(api, "你好")
        heard = len(rasa.heard)
        await _say(api, "你好")
        assert len(rasa.heard) == heard
    finally:
        app.ctx.assistant._timeout = patient


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
async def test_an_empty_message_is_answered_kindly(api: Any, text: str) -> None:
    assert "没有输入" in (await _say(api, text)).json["messages"][0]["text"]


async def test_a_message_of_ten_thousand_characters_is_answered_kindly(api: Any) -> None:
    assert "2000" in (await _say(api, "身" * 10_000)).json["messages"][0]["text"]


@pytest.mark.parametrize(
    "text",
    ["😀😀", "\u202eabc", "<script>alert(1)</script>", "'; DROP TABLE message; --", "\x00\x01"],
)
async def test_hostile_messages_are_answered(api: Any, text: str) -> None:
    reply = await _say(api, text)
    assert reply.status == 200, reply.text
    assert reply.json["messages"][0]["text"]


async def test_a_retried_message_is_said_once(rasa: FakeRasa, api: Any) -> None:
    conversation = (await _say(api, "你好")).json["conversation"]
    first = await _say(api, "身份证丢了", conversation, "k")
    second = await _say(api, "身份证丢了", conversation, "k")
    assert first.json == second.json
    assert len(rasa.heard) == 2


async def test_two_retries_at_once_are_said_once(rasa: FakeRasa, api: Any) -> None:
    conversation = (await _say(api, "你好")).json["conversation"]
    replies = await asyncio.gather(*(_say(api, "丢了", conversation, "k") for _ in range(5)))
    assert {r.status for r in replies} <= {200, 409}
    assert len(rasa.heard) == 2


async def test_a_conversation_is_remembered_in_order(api: Any) -> None:
    conversation = (await _say(api, "你好")).json["conversation"]
    await _say(api, "身份证丢了", conversation)
    history = await api.get("/chat/history", headers={"X-Conversation": conversation})
    assert [m["author"] for m in history.json["messages"]] == ["citizen", "bot"] * 2


async def test_a_citizens_conversation_is_his_alone(api: Any, citizen: Any, log_in: Any) -> None:
    conversation = (await _say(citizen, "你好")).json["conversation"]
    for other in (api, await log_in("13900000000")):
        assert (await _say(other, "你好", conversation)).code == "conversation_not_found"
        reply = await other.get("/chat/history", headers={"X-Conversation": conversation})
        assert reply.code == "conversation_not_found"


async def test_the_bot_speaks_for_whoever_logged_in_in_the_conversation(
    api: Any, citizen: Any
) -> None:
    conversation = (await _say(citizen, "你好")).json["conversation"]
    assert (await api.as_bot(conversation).get("/appointments/")).status == 200
    await citizen.call("DELETE", "/identity/sessions/current")
    assert (await api.as_bot(conversation).get("/appointments/")).code == "login_required"


async def test_sixty_messages_a_minute_are_enough(api: Any) -> None:
    conversation = (await _say(api, "你好")).json["conversation"]
    replies = [await _say(api, "", conversation) for _ in range(61)]
    assert replies[-1].code == "too_many_requests"


async def test_old_conversations_are_forgotten(api: Any, app: Any, clock: Any) -> None:
    from datetime import timedelta

    await _say(api, "你好")
    assert await app.ctx.chat.forget() == 0
    clock.advance(timedelta(days=181))
    assert await app.ctx.chat.forget() == 1
    assert await fetch("SELECT 1 FROM message") == []


async def test_the_web_socket_holds_a_conversation(api: Any, citizen: Any) -> None:
    async with api.session.ws_connect(api.base.replace("http", "ws") + "/chat/ws") as socket:
        token = citizen.headers["Authorization"].split()[1]
        replies = []
        for frame in ({"text": "你好", "token": token}, {"text": "居民身份证丢失补领多少钱"}):
            await socket.send_str(json.dumps(frame))
            replies.append(json.loads((await socket.receive()).data))
        assert replies[0]["conversation"] == replies[1]["conversation"]
        for bad, code in (
            ("{", "malformed_json"),
            ('{"text": "x", "token": "y"}', "session_expired"),
        ):
            await socket.send_str(bad)
            assert json.loads((await socket.receive()).data)["code"] == code


async def test_a_button_works_without_rasa(api: Any) -> None:
    (answer,) = (await _say(api, '/materials{"item":"id-card-lost-replacement"}')).json["messages"]
    assert answer["source"]["item"] == "id-card-lost-replacement"
