"""Colleagues at the desk: hand over, consult, print, draw samples."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pikepdf
import pytest

from miniapp_api.platform.database import fetch
from tests.miniapp_api.applications.conftest import Office

DESK = "/applications/desk"
OFFICE = ("public-security",)


@pytest.fixture
async def colleague(staff: Any) -> Any:
    return await staff("clerk", departments=OFFICE)


async def id_of(client: Any) -> str:
    return (await client.get("/staff/me")).json["id"]


async def test_a_case_that_was_handed_over_is_the_colleagues(
    wang: Any, office: Office, clerk: Any, colleague: Any
) -> None:
    case = (await office.submitted(wang))["id"]
    claimed = await office.claim(clerk, case)
    body = {"to": await id_of(colleague), "note": "我下班了，请接着办"}
    assert (await clerk.post(f"{DESK}/cases/{case}/hand-over", body)).status == 204
    mine = (await colleague.get(f"{DESK}/cases?mine=true")).json["cases"]
    assert [each["id"] for each in mine] == [case]
    assert (await office.act(clerk, case, claimed["version"], "accept")).code == "not_claimed"
    accepted = await office.act(colleague, case, claimed["version"], "accept")
    assert accepted.status == 200
    shown = (await colleague.get(f"{DESK}/cases/{case}?purpose=handling")).json
    assert [note["text"] for note in shown["notes"]] == ["我下班了，请接着办"]


async def test_a_case_goes_to_nobody_outside_its_department(
    wang: Any, office: Office, clerk: Any, staff: Any
) -> None:
    case = (await office.submitted(wang))["id"]
    await office.claim(clerk, case)
    stranger = await id_of(await staff("clerk", departments=("civil-affairs",)))
    for action, body in (
        ("hand-over", {"to": stranger}),
        ("notes", {"text": "请看一下", "ask": stranger}),
    ):
        reply = await clerk.post(f"{DESK}/cases/{case}/{action}", body)
        assert reply.code == "colleague_not_found"
    (row,) = await fetch("SELECT count(*) n FROM case_note")
    assert row["n"] == 0


async def test_a_case_that_one_does_not_have_is_not_handed_over(
    wang: Any, office: Office, clerk: Any, colleague: Any
) -> None:
    case = (await office.submitted(wang))["id"]
    body = {"to": await id_of(colleague), "note": "请接着办"}
    assert (await clerk.post(f"{DESK}/cases/{case}/hand-over", body)).code == "not_claimed"
    (row,) = await fetch("SELECT count(*) n FROM case_note")
    assert row["n"] == 0  # nothing half written


async def test_colleagues_consult_and_the_citizen_does_not_see_it(
    wang: Any, office: Office, clerk: Any, colleague: Any
) -> None:
    case = (await office.submitted(wang))["id"]
    body = {"text": "租房合同像是改过", "ask": await id_of(colleague)}
    assert (await clerk.post(f"{DESK}/cases/{case}/notes", body)).status == 204
    (note,) = (await colleague.get(f"{DESK}/cases/{case}?purpose=consultation")).json["notes"]
    assert (note["text"], note["asked"]) == ("租房合同像是改过", "工作人员")
    assert "租房合同像是改过" not in (await wang.get(f"/applications/{case}")).text
    (row,) = await fetch("SELECT text_sealed FROM case_note")
    assert "租房".encode() not in bytes(row["text_sealed"])


async def test_several_papers_are_printed_at_once_and_each_read_is_audited(
    wang: Any, office: Office, clerk: Any
) -> None:
    cases = [(await office.submitted(wang))["id"] for _ in range(3)]
    reply = await clerk.get(f"{DESK}/papers?ids={','.join(cases)}")
    assert reply.status == 200, reply.text
    with pikepdf.open(io.BytesIO(reply.content)) as paper:
        assert len(paper.pages) == 3
    subjects = [f"case:{case}" for case in cases]
    rows = await fetch(
        "SELECT action, detail ->> 'purpose' AS purpose FROM audit_entry WHERE subject = ANY($1)",
        subjects,
    )
    assert [(row["action"], row["purpose"]) for row in rows] == [("case.read", "handling")] * 3


async def test_nothing_is_printed_when_one_case_is_another_departments(
    wang: Any, office: Office, clerk: Any, staff: Any
) -> None:
    case = (await office.submitted(wang))["id"]
    stranger = await staff("clerk", departments=("civil-affairs",))
    assert (await stranger.get(f"{DESK}/papers?ids={case}")).code == "other_department"


async def test_the_same_sample_is_drawn_whoever_draws_it(
    wang: Any, office: Office, clerk: Any, staff: Any, clock: Any
) -> None:
    for _ in range(4):
        case = (await office.submitted(wang))["id"]
        await office.claim(clerk, case)
        moved = await office.act(clerk, case, 2, "refuse", note="不属于本部门的职权范围")
        assert moved.status == 200, moved.text
    clock.advance(timedelta(days=1))
    body = {"since": "2026-11-24", "until": "2026-11-24", "percent": 50}
    auditors = [await staff("auditor", departments=OFFICE) for _ in range(2)]
    first, second = [(await a.post(f"{DESK}/samples", body)).json["cases"] for a in auditors]
    assert len(first) == 2
    assert set(first) == set(second)
    stranger = await staff("auditor", departments=("civil-affairs",))
    assert (await stranger.post(f"{DESK}/samples", body)).json["cases"] == []


async def test_templates_are_the_words_of_a_correction_notice(
    wang: Any, office: Office, clerk: Any
) -> None:
    words = {
        t["problem"]: t["words"] for t in (await clerk.get(f"{DESK}/templates")).json["problems"]
    }
    case = (await office.submitted(wang))["id"]
    claimed = await office.claim(clerk, case)
    desk = (await clerk.get(f"{DESK}/cases/{case}?purpose=handling")).json
    photo = next(m["key"] for m in desk["materials"] if "照片" in m["name"])
    missing = [{"name": photo, "problem": "expired"}]
    await office.act(clerk, case, claimed["version"], "request_correction", missing=missing)
    (shown,) = (await wang.get(f"/applications/{case}")).json["missing"]
    assert shown["problem"] == words["expired"]
