"""The outbox and the inbox: once, in time, and nothing lost."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from miniapp_api.messages.texts import TEXTS, compose
from miniapp_api.platform import outbox
from miniapp_api.platform.database import fetch, transaction
from tests.api import TUESDAY

FACTS = {
    "question": "身份证丢了怎么办",
    "answer": "带户口簿来就行",
    "item_name": "居民身份证丢失补领",
    "hall_name": "市政务服务中心",
    "date": "2026-11-25",
    "start": "09:00",
    "reference": "ABCD2345",
    "reason": "设备检修",
    "deadline": "10:30",
    "cause": "no_shows",
    "count": 1,
    "most": 2,
    "days": 30,
    "until": "12月24日",
    "outcome": "申诉通过了，现在就可以预约。",
    "number": "A012",
    "ahead": "3",
    "window": "3",
    "relation": "elder",
    "case": "5f0c7e0e-0000-4000-8000-000000000000",
    "due": "2026-12-08",
    "name": "新生儿出生一件事",
    "bundle": "5f0c7e0e-0000-4000-8000-000000000002",
    "lead": "市卫生健康委员会",
    "items": "育儿补贴申领",
    "waiting": "",
    "company": "沈阳好味道餐饮有限公司",
    "yuan": "120.00",
    "order": "5f0c7e0e-0000-4000-8000-000000000001",
}


async def _put(topic: str, due: datetime = TUESDAY, key: str | None = None) -> None:
    async with transaction() as connection:
        await outbox.put(connection, topic, {"n": 1}, due=due, key=key)


async def test_work_is_done_once_by_many_drainers(api: Any) -> None:
    for _ in range(20):
        await _put("t")
    done: list[Any] = []

    async def handle(body: dict[str, Any], connection: Any) -> None:
        done.append(body)
        await asyncio.sleep(0.001)

    counts = await asyncio.gather(*(outbox.drain({"t": handle}, TUESDAY) for _ in range(5)))
    assert (sum(counts), len(done)) == (20, 20)


async def test_work_waits_until_it_is_due_and_the_same_key_counts_once(api: Any) -> None:
    for _ in range(3):
        await _put("t", TUESDAY + timedelta(hours=1), "same")

    async def handle(body: dict[str, Any], connection: Any) -> None:
        """Nothing to do."""

    assert await outbox.drain({"t": handle}, TUESDAY) == 0
    assert await outbox.drain({"t": handle}, TUESDAY + timedelta(hours=1)) == 1


async def test_a_failure_is_tried_again_later_and_given_up_at_last(api: Any) -> None:
    await _put("bad")
    await _put("good")
    done: list[str] = []

    async def fail(body: dict[str, Any], connection: Any) -> None:
        await fetch("INSERT INTO used_token VALUES ('half', now())", connection=connection)
        raise ValueError("13800138000")

    async def work(body: dict[str, Any], connection: Any) -> None:
        done.append("good")

    now = TUESDAY
    for _ in range(outbox.MOST_ATTEMPTS + 2):
        await outbox.drain({"bad": fail, "good": work}, now)
        now += timedelta(hours=1)
    assert done == ["good"]
    (row,) = await fetch("SELECT attempts, error, dead_at FROM outbox WHERE topic = 'bad'")
    assert (row["attempts"], row["error"]) == (outbox.MOST_ATTEMPTS, "ValueError")
    assert row["dead_at"] is not None
    assert await fetch("SELECT * FROM used_token") == []  # what it wrote was rolled back


async def test_a_withdrawn_piece_is_never_done(api: Any) -> None:
    await _put("t", key="k")
    async with transaction() as connection:
        await outbox.withdraw(connection, "k")
    assert await outbox.drain({"t": lambda *_: asyncio.sleep(0)}, TUESDAY) == 0


async def test_a_transaction_that_is_rolled_back_tells_nobody(api: Any, app: Any) -> None:
    class Broken(Exception):
        pass

    async def tell_and_break() -> None:
        async with transaction() as connection:
            await app.ctx.messages.tell(connection, uuid4(), "called", about=FACTS, due=TUESDAY)
            raise Broken

    with pytest.raises(Broken):
        await tell_and_break()
    assert await app.ctx.messages.drain() == 0


@pytest.mark.parametrize("kind", sorted(TEXTS))
def test_every_message_is_short_and_whole(kind: str) -> None:
    said = compose(kind, FACTS)
    assert "{" not in said.text
    assert 5 < len(said.text) <= 120
    assert len(said.title) <= 20
    assert said.page


async def test_the_inbox_is_paged_and_read(citizen: Any, app: Any) -> None:
    token = citizen.headers["Authorization"].split()[1]
    me: UUID = await app.ctx.identity.citizen_of_token(token)
    async with transaction() as connection:
        for n in range(5):
            about = FACTS | {"number": f"A{n:03d}"}
            await app.ctx.messages.tell(connection, me, "called", about=about, due=TUESDAY)
    await app.ctx.messages.drain()
    first = (await citizen.get("/messages/?limit=3")).json
    assert (first["unread"], len(first["messages"])) == (5, 3)
    rest = (await citizen.get(f"/messages/?before={first['messages'][-1]['id']}")).json
    assert len(rest["messages"]) == 2
    read = first["messages"][0]["id"]
    assert (await citizen.post(f"/messages/{read}/read")).status == 204
    assert (await citizen.get("/messages/?unread=true")).json["unread"] == 4


async def test_a_message_of_somebody_else_does_not_exist(
    citizen: Any, log_in: Any, app: Any
) -> None:
    async with transaction() as connection:
        await app.ctx.messages.tell(connection, uuid4(), "called", about=FACTS, due=TUESDAY)
    await app.ctx.messages.drain()
    (row,) = await fetch("SELECT id FROM notice")
    assert (await citizen.get("/messages/")).json["messages"] == []
    for id in (row["id"], "x", "9" * 30):
        assert (await citizen.post(f"/messages/{id}/read")).code == "message_not_found"
