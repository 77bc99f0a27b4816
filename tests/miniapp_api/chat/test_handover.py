"""From the assistant to a person and back (转人工)."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from miniapp_api.platform.database import fetch
from tests.api import ZONE

QUESTION = "身份证丢了怎么办"
TALK = "conversation-of-a-test"
NIGHT = datetime(2026, 11, 27, 20, 0, tzinfo=ZONE)  # a Friday


@pytest.fixture
def ten(clock: Any) -> None:
    clock.advance(timedelta(hours=1, minutes=30))


@pytest.fixture
async def agent(staff: Any, ten: None) -> Any:
    return await staff("agent")


def _in(client: Any, conversation: str = TALK) -> Any:
    return type(client)(
        client.base, client.session, {**client.headers, "X-Conversation": conversation}
    )


async def _say(client: Any, text: str, conversation: str = TALK) -> Any:
    body = {"text": text, "conversation": conversation}
    reply = await client.post("/chat/messages", body)
    assert reply.status == 200, reply.text
    return reply.json


async def _asked(client: Any, conversation: str = TALK) -> Any:
    """Somebody asked the assistant, and then for a person."""
    await _say(client, QUESTION, conversation)
    reply = await _in(client, conversation).post("/chat/handovers", {})
    assert reply.status == 200, reply.text
    return reply.json


async def _waiting(agent: Any) -> list[str]:
    return [row["id"] for row in (await agent.get("/chat/desk")).json["waiting"]]


async def _said(client: Any, since: int = 0) -> list[tuple[str, str]]:
    reply = await _in(client).get(f"/chat/updates?since={since}")
    assert reply.status == 200, reply.text
    return [
        (m["author"], m["text"] or " ".join(a["text"] for a in m["answers"] or []))
        for m in reply.json["messages"]
    ]


async def test_an_agent_hears_what_was_asked_and_answers(api: Any, agent: Any) -> None:
    view = await _asked(api)
    assert (view["state"], view["ahead"]) == ("waiting", 0)
    assert "下一位就是您" in view["text"]
    (id,) = await _waiting(agent)
    opened = (await agent.get(f"/chat/desk/{id}")).json
    assert opened["handover"]["question"] == QUESTION
    assert opened["item"]["code"] == "id-card-lost-replacement"
    assert (await agent.post(f"/chat/desk/{id}/take")).status == 204
    reply = await _say(api, "在吗")
    assert (reply["messages"], reply["via"], reply["handover"]) == ([], "agent", "active")
    assert (await agent.post(f"/chat/desk/{id}/messages", {"text": "在的，您说"})).status == 200
    assert await _said(api, reply["question"]) == [("agent", "在的，您说")]
    seen = (await agent.get(f"/chat/desk/{id}")).json["messages"]
    assert ("citizen", "在吗") in [(m["author"], m["text"]) for m in seen]


async def test_the_assistant_goes_on_when_the_agent_hands_back(api: Any, agent: Any) -> None:
    await _asked(api)
    (id,) = await _waiting(agent)
    await agent.post(f"/chat/desk/{id}/take")
    assert (await agent.post(f"/chat/desk/{id}/hand-back")).status == 204
    reply = await _say(api, QUESTION)
    assert reply["messages"]
    assert reply["handover"] is None
    assert any("接着为您服务" in text for _, text in await _said(api))


async def test_two_agents_who_click_at_once_get_it_once(api: Any, agent: Any, staff: Any) -> None:
    await _asked(api)
    (id,) = await _waiting(agent)
    others = [await staff("agent") for _ in range(7)]
    taken = await asyncio.gather(*(a.post(f"/chat/desk/{id}/take") for a in [agent, *others]))
    assert sorted(reply.status for reply in taken) == [204] + [409] * 7
    assert {reply.code for reply in taken if reply.status == 409} == {"handover_taken"}


async def test_who_asks_again_and_again_stands_in_line_once(api: Any, agent: Any) -> None:
    await _say(api, QUESTION)
    asked = await asyncio.gather(*(_in(api).post("/chat/handovers", {}) for _ in range(8)))
    assert {reply.status for reply in asked} == {200}
    (row,) = await fetch("SELECT count(*) n FROM handover")
    assert row["n"] == 1


async def test_the_place_in_line_is_told_and_moves(api: Any, agent: Any, clock: Any) -> None:
    await _asked(api, "the-first-conversation")
    clock.advance(timedelta(seconds=1))
    second = await _asked(api)
    assert second["ahead"] == 1
    assert "前面还有1位" in second["text"]
    first, _ = await _waiting(agent)
    await agent.post(f"/chat/desk/{first}/take")
    now = (await _in(api).get("/chat/handovers/current")).json["handover"]
    assert now["ahead"] == 0
    assert now["estimated_minutes"] >= 1


async def test_outside_hours_it_becomes_a_message_with_a_promise(
    citizen: Any, agent: Any, clock: Any, app: Any
) -> None:
    clock.set(NIGHT)
    view = await _asked(citizen)
    assert view["state"] == "message"
    assert "下一个工作日（11月30日周一）9点起" in view["text"]
    clock.set(NIGHT + timedelta(days=2, hours=14))  # Monday, 10:00
    (row,) = (await agent.get("/chat/desk")).json["messages"]
    body = {"text": "带户口簿来就行"}
    assert (await agent.post(f"/chat/desk/{row['id']}/answer", body)).status == 204
    assert ("agent", "带户口簿来就行") in await _said(citizen)
    while await app.ctx.messages.drain():
        pass
    told = (await citizen.get("/messages")).json["messages"]
    assert "带户口簿来就行" in told[0]["text"]


async def test_who_leaves_the_line_is_not_called(api: Any, agent: Any) -> None:
    await _asked(api)
    assert (await _in(api).post("/chat/handovers/current/leave")).status == 204
    assert await _waiting(agent) == []
    again = await _in(api).post("/chat/handovers/current/leave")
    assert (again.status, again.code) == (404, "handover_not_found")


async def test_who_waits_long_is_told_so_once(api: Any, agent: Any, clock: Any, app: Any) -> None:
    await _asked(api)
    clock.advance(timedelta(minutes=6))
    assert await app.ctx.sweeper.sweep() == 1
    assert await app.ctx.sweeper.sweep() == 0
    assert sum("让您久等了" in text for _, text in await _said(api)) == 1


async def test_an_agent_who_went_away_loses_the_citizen_to_the_line(
    api: Any, agent: Any, clock: Any, app: Any
) -> None:
    await _asked(api)
    (id,) = await _waiting(agent)
    await agent.post(f"/chat/desk/{id}/take")
    await _say(api, "还在吗")
    clock.advance(timedelta(minutes=11))
    assert await app.ctx.sweeper.sweep() == 1
    assert await _waiting(agent) == [id]


async def test_who_still_waits_when_the_agents_go_home_has_left_a_message(
    api: Any, agent: Any, clock: Any, app: Any
) -> None:
    await _asked(api)
    clock.set(NIGHT)
    assert await app.ctx.sweeper.sweep() == 1
    assert (await _in(api).get("/chat/handovers/current")).json["handover"]["state"] == "message"


async def test_nobody_reads_or_moves_anothers_conversation(
    log_in: Any, agent: Any, staff: Any
) -> None:
    citizen, stranger = await log_in(), await log_in("13900139000")
    await _asked(citizen)
    for reply in (
        await _in(stranger).get("/chat/updates"),
        await _in(stranger).get("/chat/handovers/current"),
        await _in(stranger).post("/chat/handovers", {}),
        await _in(stranger).post("/chat/handovers/current/leave"),
    ):
        assert (reply.status, reply.code) == (404, "conversation_not_found")
    (id,) = await _waiting(agent)
    await agent.post(f"/chat/desk/{id}/take")
    other = await staff("agent")
    assert (await other.get(f"/chat/desk/{id}")).code == "handover_taken"
    assert (await other.post(f"/chat/desk/{id}/messages", {"text": "我来"})).status == 409


async def test_an_agents_words_are_said_once_however_often_they_are_sent(
    api: Any, agent: Any
) -> None:
    await _asked(api)
    (id,) = await _waiting(agent)
    await agent.post(f"/chat/desk/{id}/take")
    path = f"/chat/desk/{id}/messages"
    sent = [await agent.post(path, {"text": "您好"}, key="same") for _ in range(3)]
    assert len({reply.json["id"] for reply in sent}) == 1
    assert [text for author, text in await _said(api) if author == "agent"] == ["您好"]


async def test_a_canned_answer_is_the_handbooks(agent: Any) -> None:
    item = "id-card-lost-replacement"
    reply = await agent.get(f"/chat/desk/answers?item={item}&aspect=materials")
    assert "户口簿" in reply.json["text"]
    assert "fee" in reply.json["aspects"]


async def test_an_answer_is_judged_and_judged_anew(api: Any) -> None:
    id = (await _say(api, QUESTION))["id"]
    for helpful, reason in ((True, None), (False, "outdated")):
        body = {"message": id, "helpful": helpful, "reason": reason, "text": "电话13812345678"}
        assert (await _in(api).post("/chat/feedback", body)).status == 204
    (row,) = await fetch("SELECT helpful, reason, text, item FROM answer_feedback")
    assert (row["helpful"], row["reason"]) == (False, "outdated")
    assert row["item"] == "id-card-lost-replacement"
    assert "13812345678" not in row["text"]
    missing = await _in(api).post("/chat/feedback", {"message": id + 100, "helpful": True})
    assert missing.code == "answer_not_found"


@pytest.mark.parametrize("step", ["hand-back", "close", "release"])
async def test_what_is_not_in_hand_is_not_ended(api: Any, agent: Any, step: str) -> None:
    await _asked(api)
    (id,) = await _waiting(agent)
    reply = await agent.post(f"/chat/desk/{id}/{step}")
    assert (reply.status, reply.code) == (409, "handover_not_allowed")
    assert await _waiting(agent) == [id]
