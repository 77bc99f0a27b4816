"""A guide's versions (指南版本): written by one, approved by another, then published."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import yaml

from miniapp_api.platform.database import fetch

CODE = "id-card-lost-replacement"
GUIDE = f"/guides/editing/guides/items/{CODE}"
WHY = "电话改了"


@pytest.fixture
async def editor(staff: Any) -> Any:
    return await staff("editor")


@pytest.fixture
async def approver(staff: Any) -> Any:
    return await staff("hall_manager")


@pytest.fixture(autouse=True)
async def nothing_stays_published(api: Any, app: Any) -> Any:
    """What a test published is gone from the handbook that the next one reads."""
    yield
    await fetch("TRUNCATE guide_version CASCADE")
    await app.ctx.publisher.round()


async def _drafted(editor: Any, **changes: Any) -> Any:
    """A draft of the guide with some fields changed."""
    begun = await editor.post(f"{GUIDE}/versions", {})
    assert begun.status == 200, begun.text
    values = yaml.safe_load(begun.json["text"]) | changes
    return await _saved(editor, begun.json, yaml.safe_dump(values, allow_unicode=True))


async def _saved(editor: Any, version: Any, text: str) -> Any:
    body = {"text": text, "revision": version["revision"]}
    saved = await editor.call("PUT", f"/guides/editing/versions/{version['id']}", json=body)
    assert saved.status == 200, saved.text
    return saved.json


async def _step(who: Any, version: Any, step: str, **more: Any) -> Any:
    body = {"revision": version["revision"], **more}
    return await who.post(f"/guides/editing/versions/{version['id']}/{step}", body)


async def _submitted(editor: Any, **changes: Any) -> Any:
    draft = await _drafted(editor, **changes)
    reply = await _step(editor, draft, "submission", why=WHY)
    assert reply.status == 200, reply.text
    return reply.json


async def _phone(api: Any) -> tuple[str, int]:
    item = (await api.get(f"/guides/items/{CODE}")).json["item"]
    return item["phone"], item["version"]


async def test_what_a_second_person_approved_is_what_citizens_read(
    api: Any, editor: Any, approver: Any
) -> None:
    before = (await _phone(api))[1]
    version = await _submitted(editor, phone="024-11112222")
    assert any("024-11112222" in change["sentence"] for change in version["changes"])
    approved = await _step(approver, version, "approval")
    assert approved.json["state"] == "published", approved.text
    assert await _phone(api) == ("024-11112222", before + 1)


async def test_nobody_approves_what_he_helped_to_write(editor: Any, approver: Any) -> None:
    version = await _submitted(editor, phone="024-11112222")
    own = await _step(editor, version, "approval")
    assert (own.status, own.code) == (403, "own_work")
    assert (await _step(approver, version, "approval")).status == 200


async def test_of_two_approvals_at_once_one_counts(editor: Any, approver: Any, staff: Any) -> None:
    version = await _submitted(editor, phone="024-11112222")
    others = [approver, *[await staff("hall_manager") for _ in range(4)]]
    replies = await asyncio.gather(*(_step(who, version, "approval") for who in others))
    assert sorted(reply.status for reply in replies) == [200] + [409] * 4
    rows = await fetch("SELECT count(*) n FROM guide_version WHERE state = 'published'")
    assert rows[0]["n"] == 1


async def test_a_second_editor_is_told_and_nothing_is_lost(editor: Any, staff: Any) -> None:
    draft = await _drafted(editor, phone="024-11112222")
    late = {"text": "name: x", "revision": draft["revision"] - 1}
    other = await staff("editor")
    refused = await other.call("PUT", f"/guides/editing/versions/{draft['id']}", json=late)
    assert (refused.status, refused.code) == (409, "draft_changed")
    kept = (await editor.get(f"/guides/editing/versions/{draft['id']}")).json
    assert "024-11112222" in kept["text"]
    again = await other.post(f"{GUIDE}/versions", {})
    assert again.status == 409


@pytest.mark.parametrize(
    "text",
    [
        "name: [",
        "name: 只有名字",
        "a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]",
        "- 不是映射",
        "{" * 500,
    ],
    ids=["broken", "bare", "aliases", "list", "deep"],
)
async def test_a_faulty_draft_is_kept_and_never_handed_in(editor: Any, text: str) -> None:
    begun = (await editor.post(f"{GUIDE}/versions", {})).json
    saved = await _saved(editor, begun, text)
    assert any(fault["level"] == "error" for fault in saved["faults"]) or saved["faults"]
    refused = await _step(editor, saved, "submission", why=WHY)
    assert (refused.status, refused.code) == (422, "guide_faulty")


async def test_it_is_published_on_its_day(
    api: Any, editor: Any, approver: Any, clock: Any, app: Any
) -> None:
    version = await _submitted(editor, phone="024-11112222")
    day = (clock.now() + timedelta(days=2)).date()
    approved = await _step(approver, version, "approval", publish_on=day.isoformat())
    assert approved.json["state"] == "scheduled"
    await app.ctx.publisher.round()
    assert (await _phone(api))[0] != "024-11112222"
    clock.advance(timedelta(days=2))
    await app.ctx.publisher.round()
    assert (await _phone(api))[0] == "024-11112222"


async def test_an_earlier_version_comes_back_as_a_new_one(
    api: Any, editor: Any, approver: Any
) -> None:
    _, first = await _phone(api)
    for phone in ("024-11112222", "024-33334444"):
        await _step(approver, await _submitted(editor, phone=phone), "approval")
    body = {"version": first + 1, "why": "第三版错了"}
    back = await editor.post(f"{GUIDE}/roll-back", body)
    assert back.json["state"] == "submitted", back.text
    assert (await _step(approver, back.json, "approval")).status == 200
    assert await _phone(api) == ("024-11112222", first + 3)


async def test_a_version_sent_back_is_not_published(api: Any, editor: Any, approver: Any) -> None:
    before = await _phone(api)
    version = await _submitted(editor, phone="024-11112222")
    reply = await _step(approver, version, "rejection", why="号码不对")
    assert reply.json["state"] == "rejected", reply.text
    assert await _phone(api) == before
    late = await _step(approver, version, "approval")
    assert late.status == 409


async def test_a_preview_answers_from_the_draft_and_saves_nothing(api: Any, editor: Any) -> None:
    text = (await editor.get(GUIDE)).json["text"]
    values = yaml.safe_load(text) | {"phone": "024-55556666"}
    body = {"text": yaml.safe_dump(values, allow_unicode=True)}
    shown = await editor.post(f"{GUIDE}/preview", body)
    assert shown.json["sound"] is True, shown.text
    said = {each["aspect"]: each["answer"]["text"] for each in shown.json["answers"]}
    assert "024-55556666" in said["phone"]
    assert (await fetch("SELECT count(*) n FROM guide_version"))[0]["n"] == 0
    assert "024-55556666" not in (await _phone(api))[0]


async def test_every_step_stands_in_the_audit_trail(editor: Any, approver: Any) -> None:
    version = await _submitted(editor, phone="024-11112222")
    await _step(approver, version, "approval")
    rows = await fetch(
        "SELECT action FROM audit_entry WHERE detail->>'id' = $1 ORDER BY id", version["id"]
    )
    assert [row["action"] for row in rows][:3] == [
        "guide.begun", "guide.submitted", "guide.approved",
    ]  # fmt: skip
    assert UUID(version["id"])
