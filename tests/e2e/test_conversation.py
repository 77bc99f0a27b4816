"""The main job, through everything that `make run` starts."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

PICK = None  # stands for: choose the first offered time


class Talk:
    """One citizen's conversation."""

    def __init__(self, running: Any, phone: str | None) -> None:
        self._running = running
        self._headers = {}
        if phone:
            self._headers["Authorization"] = f"Bearer {running.log_in(phone)}"
        self.conversation: str | None = None
        self.replies: list[dict[str, str]] = []

    def say(self, text: str | None) -> str:
        body = {
            "text": self.replies[0]["payload"] if text is PICK else text,
            "conversation": self.conversation,
        }
        headers = {**self._headers, "Idempotency_Key": uuid.uuid4().hex}
        reply = self._running.post("/chat/messages", body, **headers)
        assert reply["via"] == "rasa", reply
        self.conversation = reply["conversation"]
        self.replies = reply["messages"][-1]["quick_replies"]
        return "\n".join(message["text"] for message in reply["messages"])


async def test_the_conversation_of_the_first_issue_books_moves_and_cancels(ready: Any) -> None:
    talk = Talk(ready, "13800138000")
    assert "沈办" in talk.say("你好")
    assert "居民身份证丢失补领" in talk.say("身份证丢了咋整啊")
    assert "户口簿" in talk.say("都要带啥")
    price = talk.say("多少钱,几天能下来")
    assert "40" in price
    assert "工作日" in price or "日" in price
    talk.say("明天上午能约不")
    assert talk.replies, "times are offered"
    talk.say(PICK)
    assert "预约" in talk.say("确认")
    (booked,) = await ready.sql("SELECT a.*, s.starts_at FROM appointment a JOIN slot s "
                                "ON s.id = a.slot_id WHERE a.status = 'confirmed'")  # fmt: skip
    assert booked["item"] == "id-card-lost-replacement"
    assert booked["reference"] in talk.say("我约的是几点")
    talk.say("帮我改到后天下午")
    talk.say(PICK)
    moved_to = talk.say("确认") if talk.replies else ""
    (moved,) = await ready.sql("SELECT a.*, s.starts_at FROM appointment a JOIN slot s "
                               "ON s.id = a.slot_id WHERE a.status = 'confirmed'")  # fmt: skip
    assert moved["id"] == booked["id"]
    assert moved["starts_at"] > booked["starts_at"], moved_to
    said = talk.say("算了不去了")
    if not await ready.sql("SELECT 1 FROM appointment WHERE status = 'cancelled'"):
        said = talk.say("确认")
    assert "取消" in said
    assert await ready.sql("SELECT 1 FROM appointment WHERE status = 'confirmed'") == []


def test_an_anonymous_citizen_is_asked_to_log_in_before_booking(ready: Any) -> None:
    talk = Talk(ready, None)
    talk.say("身份证丢了咋整啊")
    talk.say("明天上午能约不")
    said = talk.say(PICK) if talk.replies else talk.say("第一个")
    assert "登录" in said


@pytest.mark.parametrize(
    "text", ["😀😀😀", "/restart", "<script>alert(1)</script>", "{}", "a" * 1999]
)
def test_hostile_messages_get_a_polite_answer(ready: Any, text: str) -> None:
    talk = Talk(ready, None)
    assert talk.say(text)


def test_the_api_answers_without_rasa_and_says_so(ready: Any) -> None:
    """Rasa is killed; the citizen is answered by the fallback, then Rasa comes back by itself."""
    for process in ready.children("rasa"):
        process.kill()
    reply = ready.post("/chat/messages", {"text": "身份证丢了要带什么"})
    assert reply["via"] == "fallback"
    assert "居民身份证丢失补领" in reply["messages"][0]["text"] + str(
        reply["messages"][0]["source"]
    )
    booking = ready.post("/chat/messages", {"text": "身份证丢失补领帮我约明天上午"})
    assert "聊天预约暂时用不了" in booking["messages"][0]["text"]
    assert booking["messages"][0]["links"]
    ready.wait_for("ready")


def test_a_dead_action_server_is_answered_politely_and_restarts(ready: Any) -> None:
    for process in ready.children("serve_actions"):
        process.kill()
    reply = ready.post("/chat/messages", {"text": "身份证丢了要带什么"})
    assert reply["messages"][0]["text"]
