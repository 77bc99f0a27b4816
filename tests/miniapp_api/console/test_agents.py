"""Human agents at the console: the line, a conversation, canned answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

TALK = "conversation-of-a-test"
HOME = "/console/agents"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
async def agent(staff: Any, clock: Any) -> Any:
    clock.advance(timedelta(hours=1, minutes=30))
    return await staff("agent")


async def _asks(api: Any, text: str = "身份证丢了怎么办") -> None:
    said = await api.post("/chat/messages", {"text": text, "conversation": TALK})
    assert said.status == 200, said.text
    asked = await api.post("/chat/handovers", {}, headers={"X-Conversation": TALK})
    assert asked.status == 200, asked.text


async def _taken(desk: Any) -> Any:
    page = await desk.open(HOME)
    return await desk.submit(page, "/take")


async def test_an_agent_takes_over_answers_and_hands_back(api: Any, desks: Any, agent: Any) -> None:
    await _asks(api)
    desk = desks(agent)
    line = await desk.open(HOME)
    assert "身份证丢了怎么办" in line.words
    page = await _taken(desk)
    assert "居民身份证丢失补领" in page.words
    page = await desk.submit(page, "/say", text="带户口簿来就行")
    assert "带户口簿来就行" in page.words
    seen = await api.get("/chat/updates", headers={"X-Conversation": TALK})
    assert "带户口簿来就行" in [m["text"] for m in seen.json["messages"]]
    left = await desk.submit(page, "/end", step="hand_back")
    assert "交回了" in left.words
    assert "接着为您服务" in (await api.get("/chat/updates", headers={"X-Conversation": TALK})).text


async def test_a_canned_answer_comes_into_the_composer(api: Any, desks: Any, agent: Any) -> None:
    await _asks(api)
    desk = desks(agent)
    page = await _taken(desk)
    found = await desk.open(
        page.url + "/canned", params={"item": "id-card-lost-replacement", "aspect": "materials"}
    )
    assert "户口簿" in found.html
    assert "<textarea" in found.html


async def test_somebody_elses_conversation_is_not_opened(
    api: Any, desks: Any, agent: Any, staff: Any
) -> None:
    await _asks(api)
    page = await _taken(desks(agent))
    other = await desks(await staff("agent")).open(page.url)
    assert other.status == 409
    assert "其他坐席" in other.words
    assert "身份证丢了" not in other.words


async def test_what_a_citizen_says_is_shown_and_never_run(api: Any, desks: Any, agent: Any) -> None:
    await _asks(api, f"身份证丢了{SCRIPT}")
    page = await _taken(desks(agent))
    assert SCRIPT not in page.html
    assert "&lt;script&gt;" in page.html


async def test_an_empty_answer_is_not_sent(api: Any, desks: Any, agent: Any) -> None:
    await _asks(api)
    desk = desks(agent)
    page = await _taken(desk)
    refused = await desk.submit(page, "/say", text="   ")
    assert refused.status == 422
    assert "回复" in refused.words
