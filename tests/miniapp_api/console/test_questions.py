"""Editors at the console: what citizens asked that has no answer."""

from __future__ import annotations

from html import escape
from typing import Any

import pytest

from miniapp_api.guides.schemas import Answer
from miniapp_api.platform.database import fetch
from tests.miniapp_api.console.conftest import Desk

HOME = "/console/editor/questions"
CODE = "id-card-lost-replacement"
MISSED = "小卡片让狗叼走咋整"
SCRIPT = "<script>alert(1)</script>火星登记"


@pytest.fixture
async def editor(desks: Any, staff: Any) -> Any:
    return desks(await staff("editor"))


async def _missed(app: Any, text: str = MISSED, times: int = 1) -> None:
    for _ in range(times):
        await app.ctx.unanswered.note(text, [Answer(text="", missed=True)])


async def _one(desk: Desk) -> Any:
    (row,) = await fetch("SELECT id FROM unanswered_question")
    return await desk.open(f"{HOME}/{row['id']}")


async def test_the_most_frequent_question_comes_first(app: Any, editor: Desk) -> None:
    await _missed(app, "一次的问题")
    await _missed(app, "三次的问题", times=3)
    words = (await editor.open(HOME)).words
    assert words.index("三次的问题") < words.index("一次的问题")
    assert "共2个" in words


async def test_a_guide_learns_the_wording_in_a_draft_and_the_question_is_settled(
    app: Any, editor: Desk
) -> None:
    await _missed(app)
    draft = await editor.submit(await _one(editor), "/teaching", item=CODE, alias="身份证让狗叼走")
    assert "/console/editor/versions/" in draft.url, draft.words
    assert "身份证让狗叼走" in draft.html
    assert "加进指南的" in (await _one(editor)).words
    (row,) = await fetch("SELECT state, item FROM unanswered_question")
    assert (row["state"], row["item"]) == ("added", CODE)


async def test_a_guide_that_is_being_written_leaves_the_question_open(
    app: Any, editor: Desk, desks: Any, staff: Any
) -> None:
    other = desks(await staff("editor"))
    await other.submit(await other.open(f"/console/editor/guides/items/{CODE}"), "/begin")
    await _missed(app)
    draft = await editor.submit(await _one(editor), "/teaching", item=CODE, alias="卡让狗叼走")
    assert "/console/editor/versions/" in draft.url
    assert "请把“卡让狗叼走”加到市民的说法里" in draft.words
    assert (await fetch("SELECT state FROM unanswered_question"))[0]["state"] == "open"


async def test_an_item_that_is_not_there_is_refused(app: Any, editor: Desk) -> None:
    await _missed(app)
    refused = await editor.submit(await _one(editor), "/teaching", item="no-such", alias="随便")
    assert refused.status == 404


async def test_what_is_none_of_ours_is_put_aside_with_a_reason_and_comes_back(
    app: Any, editor: Desk
) -> None:
    await _missed(app)
    page = await editor.submit(await _one(editor), "/dismissal", why="狗归城管管")
    assert "放到一边了" in page.words
    aside = await _one(editor)
    assert "狗归城管管" in aside.words
    back = await editor.submit(aside, "/reopening")
    assert "没处理的" in back.words


async def test_two_editors_settle_it_once(app: Any, editor: Desk, desks: Any, staff: Any) -> None:
    await _missed(app)
    other = desks(await staff("editor"))
    stale = await _one(other)
    await editor.submit(await _one(editor), "/dismissal", why="不归我们管")
    refused = await other.submit(stale, "/dismissal", why="不归我们管")
    assert refused.status == 409
    assert "别人已经处理了" in refused.words


async def test_script_in_a_question_is_shown_as_text(app: Any, editor: Desk) -> None:
    await _missed(app, SCRIPT)
    for page in (await editor.open(HOME), await _one(editor)):
        assert SCRIPT not in page.html
        assert escape(SCRIPT) in page.html


async def test_disliked_answers_are_counted_by_item(api: Any, editor: Desk) -> None:
    said = (await api.post("/chat/messages", {"text": "身份证丢了怎么办"})).json
    named = type(api)(api.base, api.session, {"X-Conversation": said["conversation"]})
    thought = {"message": said["id"], "helpful": False, "reason": "outdated"}
    assert (await named.post("/chat/feedback", thought)).status == 204
    words = (await editor.open(HOME)).words
    assert "过时了" in words


@pytest.mark.parametrize("path", ["0", "abc", "9" * 40, "1%20OR%201=1"])
async def test_a_question_that_is_not_there_is_a_clear_page(editor: Desk, path: str) -> None:
    assert (await editor.open(f"{HOME}/{path}")).status == 404
