"""The hall's manager decides the appeals of suspended bookers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from miniapp_api.appointments import standing_store
from miniapp_api.platform.database import transaction
from tests.miniapp_api.console.conftest import Desk, Page

APPEALS = "/console/manager/appeals"
WORDS = "我在住院<script>alert(1)</script>"


@pytest.fixture
async def manager(desks: Any, staff: Any) -> Desk:
    desk: Desk = desks(await staff("hall_manager"))
    return desk


@pytest.fixture
async def appeal(citizen: Any, clock: Any) -> str:
    """The appeal of a citizen who is suspended."""
    id, now = uuid4(), clock.now()
    me = (await citizen.get("/identity/me")).json["id"]
    async with transaction() as connection:
        span = (now, now + timedelta(days=30))
        await standing_store.suspend(connection, id, me, "municipal", "no_shows", span, now)
    reply = await citizen.post(f"/appointments/suspensions/{id}/appeal", {"text": WORDS})
    assert reply.json["appeal"] == "open", reply.text
    return str(id)


async def _decided(desk: Desk, appeal: str, **typed: str) -> Page:
    return await desk.submit(await desk.open(APPEALS), f"/{appeal}", **typed)


async def _told(app: Any, citizen: Any) -> list[str]:
    await app.ctx.messages.drain()
    messages = (await citizen.get("/messages/")).json["messages"]
    return [each["text"] for each in messages if each["kind"] == "appeal_decided"]


async def test_an_appeal_is_granted_and_the_citizen_books_again(
    manager: Desk, citizen: Any, appeal: str, app: Any
) -> None:
    page = await manager.open(APPEALS)
    assert "爽约太多" in page.words
    assert "<script>alert" not in page.html
    assert "&lt;script&gt;" in page.html
    done = await _decided(manager, appeal, granted="yes", note="有住院证明")
    assert "申诉通过了" in done.words
    assert "现在没有要处理的申诉" in done.words
    standing = (await citizen.get("/appointments/standing")).json
    assert standing["suspended_until"] is None
    (told,) = await _told(app, citizen)
    assert "有住院证明" in told


async def test_an_appeal_is_refused_with_its_reason(
    manager: Desk, citizen: Any, appeal: str, app: Any
) -> None:
    done = await _decided(manager, appeal, granted="no", note="没有证明材料")
    assert "申诉没有通过" in done.words
    standing = (await citizen.get("/appointments/standing")).json
    assert (standing["appeal"], standing["suspended_until"] is None) == ("refused", False)
    (told,) = await _told(app, citizen)
    assert "没有证明材料" in told


async def test_a_decision_needs_a_reason(manager: Desk, appeal: str) -> None:
    refused = await _decided(manager, appeal, granted="no", note="")
    assert (refused.status, "请检查：理由" in refused.words) == (422, True)
    assert "我在住院" in (await manager.open(APPEALS)).words


async def test_an_appeal_is_decided_once(
    manager: Desk, desks: Any, staff: Any, appeal: str
) -> None:
    page = await manager.open(APPEALS)
    other: Desk = desks(await staff("hall_manager"))
    await _decided(other, appeal, granted="yes", note="有住院证明")
    late = await manager.submit(page, f"/{appeal}", granted="no", note="没有证明材料")
    assert (late.status, "已经处理了" in late.words) == (404, True)
    fields = {**page.form(f"/{appeal}").fields, "granted": "no", "note": "没有证明材料"}
    assert (await manager.post(f"{APPEALS}/x", fields)).status == 404
