"""What had no answer is counted, without who said it; and asking for a person in words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniapp_api.chat.rules import LONGEST_WORDING, cleaned, wording
from miniapp_api.chat.unanswered_store import Question
from miniapp_api.guides.schemas import Answer
from miniapp_api.platform.database import fetch

MISSED = "火星移民登记怎么办"
TALK = "conversation-of-a-test"


async def _say(client: Any, text: str, conversation: str = TALK) -> Any:
    reply = await client.post("/chat/messages", {"text": text, "conversation": conversation})
    assert reply.status == 200, reply.text
    return reply.json


@pytest.fixture
async def editor(staff: Any, app: Any) -> Any:
    """Whoever edits the guides."""
    client = await staff("editor")
    token = client.headers["Authorization"].split()[1]
    return await app.ctx.staff.member_of_token(token)


async def _open(app: Any) -> list[Question]:
    found, total = await app.ctx.unanswered.questions("open", 10, 0)
    assert total == len(found)
    return found


async def test_what_is_missed_is_counted_once_a_wording(api: Any, app: Any, clock: Any) -> None:
    assert (await _say(api, MISSED))["messages"][0]["missed"]
    clock.advance(timedelta(minutes=1))
    await _say(api, f"{MISSED}？！", "another-conversation")
    (question,) = await _open(app)
    assert (question.text, question.times) == (MISSED, 2)
    assert question.last_at - question.first_at == timedelta(minutes=1)
    columns = await fetch("SELECT * FROM unanswered_question")
    assert TALK not in str(columns)


async def test_what_is_answered_or_chatted_is_not_counted(api: Any, app: Any) -> None:
    for text in ("身份证丢了怎么办", "你好", "/", "谢谢"):
        assert not (await _say(api, text))["messages"][0]["missed"]
    assert await _open(app) == []


@pytest.mark.parametrize(
    "text", ["我叫王某某电话13812345678要办那个火星的登记", "火星" * LONGEST_WORDING]
)
async def test_what_may_tell_of_a_person_is_not_kept(api: Any, app: Any, text: str) -> None:
    await app.ctx.unanswered.note(cleaned(text), [Answer(text="", missed=True)])
    assert await _open(app) == []


@given(st.text(max_size=2 * LONGEST_WORDING))
def test_a_wording_fits_its_column_and_is_its_own(text: str) -> None:
    found = wording(text)
    assert found is None or (0 < len(found) <= LONGEST_WORDING and wording(found) == found)


async def test_what_was_added_and_is_missed_again_is_open_again(
    api: Any, app: Any, editor: Any
) -> None:
    await _say(api, MISSED)
    (question,) = await _open(app)
    await app.ctx.unanswered.added(editor, question.id, "id-card-lost-replacement")
    assert await _open(app) == []
    await _say(api, MISSED)
    assert [each.times for each in await _open(app)] == [2]


async def test_what_is_none_of_ours_stays_aside_however_often_it_is_asked(
    api: Any, app: Any, editor: Any
) -> None:
    await _say(api, MISSED)
    (question,) = await _open(app)
    await app.ctx.unanswered.dismiss(editor, question.id, "不归我们管")
    await _say(api, MISSED)
    assert await _open(app) == []
    (aside,), _ = await app.ctx.unanswered.questions("dismissed", 10, 0)
    assert aside.times == 2


async def test_what_nobody_asks_any_more_is_forgotten(api: Any, app: Any, clock: Any) -> None:
    await _say(api, MISSED)
    clock.advance(timedelta(days=app.ctx.settings.chat.history_days - 1))
    assert await app.ctx.unanswered.forget() == 0
    clock.advance(timedelta(days=2))
    await app.ctx.chat.forget()
    assert await _open(app) == []


@pytest.mark.parametrize("text", ["转人工", "请帮我转人工客服！"])
async def test_asking_for_a_person_without_rasa_stands_in_line(
    api: Any, clock: Any, text: str
) -> None:
    clock.advance(timedelta(hours=1, minutes=30))
    said = await _say(api, text)
    assert said["handover"] == "waiting"
    assert "正在为您转人工" in said["messages"][0]["text"]
    assert said["messages"][0]["links"] == [{"title": "找工作人员", "page": "pages/human/index"}]
    history = await fetch("SELECT author FROM message ORDER BY id")
    assert [row["author"] for row in history] == ["citizen", "bot"]  # told once
