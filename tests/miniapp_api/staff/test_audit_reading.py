"""The audit trail is searched, exported and proved, each of which is in the trail itself."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from miniapp_api.platform import audit, audit_chain
from miniapp_api.platform.audit import Actor
from miniapp_api.platform.database import fetch, transaction
from miniapp_api.staff import audit_reading

TRAIL = "/staff/audit"
CHECKS = f"{TRAIL}/checks"


@pytest.fixture
async def auditor(staff: Any) -> Any:
    return await staff("auditor")


@pytest.fixture
def write(app: Any) -> Any:
    """Writes entries of the hall, of which nobody else ever wrote the like."""

    async def write(subject: str, count: int = 1, action: str = "test.done", **detail: Any) -> None:
        async with transaction() as connection:
            for _ in range(count):
                await audit.record(
                    connection, Actor("system", None), action, subject,
                    at=app.ctx.clock.now(), hall="municipal", detail=detail,
                )  # fmt: skip

    return write


async def _found(member: Any, **query: Any) -> Any:
    reply = await member.get(TRAIL, params=query)
    assert reply.status == 200, reply.text
    return reply.json


async def _ended(member: Any) -> Any:
    """The last check, once it is over."""
    while True:
        (last, *_) = (await member.get(CHECKS)).json["checks"]
        if last["state"] != "running":
            return last
        await asyncio.sleep(0.05)


async def test_pages_hold_every_entry_once_newest_first(auditor: Any, write: Any) -> None:
    subject = f"test:{uuid4()}"
    await write(subject, 7)
    seen: list[int] = []
    before: dict[str, int] = {}
    while True:
        page = await _found(auditor, subject=subject, limit=3, **before)
        seen += [entry["id"] for entry in page["entries"]]
        if page["next"] is None:
            break
        before = {"before": page["next"]}
    assert len(seen) == 7
    assert seen == sorted(set(seen), reverse=True)


async def test_entries_are_found_by_day_action_subject_and_actor(
    auditor: Any, write: Any, clock: Any
) -> None:
    subject = f"test:{uuid4()}"
    await write(subject, action="test.one")
    clock.advance(timedelta(days=1))
    await write(subject, action="test.two")
    today = f"{clock.now():%Y-%m-%d}"
    yesterday = f"{clock.now() - timedelta(days=1):%Y-%m-%d}"

    async def actions(**query: str) -> list[str]:
        found = (await _found(auditor, subject=subject, **query))["entries"]
        return [entry["action"] for entry in found]

    assert await actions() == ["test.two", "test.one"]
    assert await actions(since=today) == ["test.two"]
    assert await actions(until=yesterday) == ["test.one"]
    assert await actions(since=yesterday, until=today) == ["test.two", "test.one"]
    assert await actions(action="test.one") == ["test.one"]
    assert await actions(actor=str(uuid4())) == []
    me = (await auditor.get("/staff/me")).json["id"]
    mine = (await _found(auditor, actor=me))["entries"]
    assert {(entry["actor"], entry["actor_name"]) for entry in mine} == {(me, "工作人员")}


async def test_another_halls_entries_are_not_found(staff: Any, write: Any) -> None:
    subject = f"test:{uuid4()}"
    await write(subject)
    stranger = await staff("auditor", hall="elsewhere")
    assert (await _found(stranger, subject=subject))["entries"] == []
    lines = (await stranger.get(f"{TRAIL}/export?format=jsonl&subject={subject}")).text
    assert lines == ""


@pytest.mark.parametrize("role", ["auditor", "administrator", "hall_manager"])
async def test_the_trail_opens_with_a_second_factor_only(staff: Any, role: str) -> None:
    weak = await staff(role, second_factor=False)
    assert (await weak.get(TRAIL)).code == "second_factor_required"
    assert (await (await staff(role)).get(TRAIL)).status == 200


async def test_an_export_holds_all_that_is_found_and_is_in_the_trail(
    auditor: Any, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_reading, "PAGE", 3)
    subject = f"test:{uuid4()}"
    await write(subject, 8, what="一件事")
    reply = await auditor.get(f"{TRAIL}/export?format=jsonl&subject={subject}")
    entries = [json.loads(line) for line in reply.text.splitlines()]
    assert len({entry["id"] for entry in entries}) == 8
    assert entries[0]["detail"] == {"what": "一件事"}
    reply = await auditor.get(f"{TRAIL}/export?format=csv&subject={subject}")
    assert reply.content.startswith("\ufeff".encode())
    rows = list(csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"))))
    assert [int(row["id"]) for row in rows] == [entry["id"] for entry in entries]
    assert json.loads(rows[0]["detail"]) == {"what": "一件事"}
    assert ".csv" in reply.headers["Content-Disposition"]
    (last, first) = (await _found(auditor, action="audit.exported"))["entries"][:2]
    assert (first["detail"], last["detail"]) == (
        {"format": "jsonl", "subject": subject},
        {"format": "csv", "subject": subject},
    )


async def test_a_spreadsheet_runs_nothing_of_an_export(auditor: Any, write: Any) -> None:
    await write("=HYPERLINK(1)")
    reply = await auditor.get(f"{TRAIL}/export", params={"subject": "=HYPERLINK(1)"})
    rows = list(csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"))))
    assert {row["subject"] for row in rows} == {"'=HYPERLINK(1)"}


async def test_a_sound_trail_is_said_to_be_sound_up_to_a_moment(
    auditor: Any, write: Any, clock: Any
) -> None:
    await write(f"test:{uuid4()}", 5)
    await audit_chain.checkpoint(clock.now())
    begun = await auditor.post(CHECKS)
    assert begun.status == 202, begun.text
    check = await _ended(auditor)
    assert check["state"] == "sound", check
    assert check["done"] >= begun.json["entries"] >= 6
    assert check["last_entry_at"] is not None
    assert len(check["witness"]) == 64
    assert check["started_by_name"] == "工作人员"
    (entry,) = (await _found(auditor, action="audit.checked", limit=1))["entries"]
    assert entry["detail"]["faults"] == 0


async def test_an_entry_that_was_changed_is_named(auditor: Any, write: Any) -> None:
    subject = f"test:{uuid4()}"
    await write(subject)
    ((id,),) = [row.values() for row in await fetch(
        "SELECT id FROM audit_entry WHERE subject = $1", subject
    )]  # fmt: skip
    await _tampered("UPDATE audit_entry SET action = 'test.forged' WHERE id = $1", id)
    try:
        await auditor.post(CHECKS)
        check = await _ended(auditor)
    finally:
        await _tampered("UPDATE audit_entry SET action = 'test.done' WHERE id = $1", id)
    assert (check["state"], check["faults_found"]) == ("broken", 1)
    assert check["faults"] == [f"entry {id} was changed"]
    await auditor.post(CHECKS)
    assert (await _ended(auditor))["state"] == "sound"


async def _tampered(sql: str, *values: Any) -> None:
    """Do what only the database's superuser can: change the trail behind the trigger's back."""
    async with transaction() as connection:
        await connection.execute_script("SET LOCAL session_replication_role = replica")
        await fetch(f"{sql} RETURNING id", *values, connection=connection)


async def test_one_check_at_a_time_however_many_ask(
    auditor: Any, write: Any, gather: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = asyncio.Event()
    verify = audit_chain.verify

    async def slow(tick: Any) -> Any:
        await go_on.wait()
        return await verify(tick)

    monkeypatch.setattr(audit_chain, "verify", slow)
    replies = await gather(*(auditor.post(CHECKS) for _ in range(4)))
    assert sorted(reply.status for reply in replies) == [202, 409, 409, 409]
    assert {reply.code for reply in replies if reply.status == 409} == {"audit_check_running"}
    assert (await auditor.get(CHECKS)).json["checks"][0]["state"] == "running"
    go_on.set()
    assert (await _ended(auditor))["state"] == "sound"


async def test_a_check_whose_process_is_gone_is_said_to_be_and_blocks_nobody(
    auditor: Any, clock: Any, app: Any
) -> None:
    me = (await auditor.get("/staff/me")).json["id"]
    await fetch(
        "INSERT INTO audit_check (id, started_at, started_by, entries, done, seen_at, faults, "
        "faults_found, witness) VALUES ($1, $2, $3, 9, 4, $2, '{}', 0, '') RETURNING id",
        uuid4(), clock.now(), me,
    )  # fmt: skip
    assert (await auditor.post(CHECKS)).code == "audit_check_running"
    clock.advance(timedelta(seconds=31))
    assert (await auditor.get(CHECKS)).json["checks"][0]["state"] == "interrupted"
    assert (await auditor.post(CHECKS)).status == 202
    assert (await _ended(auditor))["state"] == "sound"


@pytest.mark.parametrize("role", ["hall_manager", "clerk"])
async def test_checks_and_exports_are_the_auditors_and_administrators(
    staff: Any, role: str
) -> None:
    member = await staff(role)
    for method, path in (("POST", CHECKS), ("GET", CHECKS), ("GET", f"{TRAIL}/export")):
        assert (await member.call(method, path)).code == "forbidden"


async def test_every_action_of_the_trail_is_listed_once(app: Any, write: Any) -> None:
    for action in ("test.b", "test.a", "test.b"):
        await write("test:actions", action=action)
    found = await audit.actions()
    assert found == sorted(set(found))
    assert {"test.a", "test.b"} <= set(found)
