"""A case from the draft to the certificate, and what may go wrong on the way."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from miniapp_api.applications.drafts import DraftService
from miniapp_api.platform.database import fetch
from tests.miniapp_api.applications.conftest import PERMIT, picture


async def test_a_draft_is_prefilled_from_the_verified_identity(wang: Any) -> None:
    draft = (await wang.post("/applications/drafts", {"item": PERMIT})).json
    fields = {f["name"]: f for s in draft["sections"] for f in s["fields"]}
    assert fields["name"]["value"] == "王小明"
    assert fields["name"]["source"] == "real_name"
    assert fields["employer"]["value"] is None


async def test_circumstances_decide_fields_and_materials(wang: Any) -> None:
    draft = (await wang.post("/applications/drafts", {"item": PERMIT})).json
    path = f"/applications/drafts/{draft['id']}"
    study = (
        await wang.call("PATCH", path, json={"revision": 1, "options": {"ground": "study"}})
    ).json
    names = {f["name"] for s in study["sections"] for f in s["fields"]}
    assert "school" in names
    assert "employer" not in names
    assert any("学生证" in m["name"] for m in study["materials"])


async def test_what_was_typed_under_another_option_comes_back(wang: Any) -> None:
    draft = (await wang.post("/applications/drafts", {"item": PERMIT})).json
    path = f"/applications/drafts/{draft['id']}"
    await wang.call("PATCH", path, json={"revision": 1, "answers": {"employer": "某公司"}})
    await wang.call("PATCH", path, json={"revision": 2, "options": {"ground": "house"}})
    back = await wang.call("PATCH", path, json={"revision": 3, "options": {"ground": "job"}})
    fields = {f["name"]: f for s in back.json["sections"] for f in s["fields"]}
    assert fields["employer"]["value"] == "某公司"


async def test_two_devices_never_write_over_each_other(wang: Any) -> None:
    draft = (await wang.post("/applications/drafts", {"item": PERMIT})).json
    path = f"/applications/drafts/{draft['id']}"
    replies = await asyncio.gather(
        *(
            wang.call("PATCH", path, json={"revision": 1, "answers": {"matter": f"第{n}台"}})
            for n in range(8)
        )
    )
    assert sorted(r.status for r in replies) == [200] + [409] * 7
    assert {r.code for r in replies if r.status == 409} == {"draft_changed"}


async def test_beginning_again_opens_the_same_draft(wang: Any) -> None:
    replies = await asyncio.gather(
        *(wang.post("/applications/drafts", {"item": PERMIT}) for _ in range(6))
    )
    assert len({r.json["id"] for r in replies}) == 1


async def test_the_pre_check_names_everything_at_once(wang: Any, office: Any) -> None:
    draft = (await wang.post("/applications/drafts", {"item": PERMIT})).json
    path = f"/applications/drafts/{draft['id']}"
    wrong = {"id_number": "110105194912310021", "name": "王大明", "residence_since": "2030-01-01"}
    saved = await wang.call("PATCH", path, json={"revision": 1, "answers": wrong})
    check = (await wang.get(f"{path}/check")).json
    found = {(f["place"], f["name"]): f["code"] for f in check["faults"]}
    assert found["field", "id_number"] == "format"
    assert found["field", "name"] == "mismatch"
    assert found["field", "residence_since"] == "format"
    assert found["field", "employer"] == "missing"
    assert found["delivery", "delivery"] == "missing"
    assert [p for p, _ in found].count("material") == 3
    refused = await office.submit(wang, saved.json)
    assert refused.code == "not_ready"
    assert refused.json["faults"] == check["faults"]


async def test_who_is_not_verified_is_told_so(citizen: Any) -> None:
    draft = (await citizen.post("/applications/drafts", {"item": PERMIT})).json
    check = (await citizen.get(f"/applications/drafts/{draft['id']}/check")).json
    assert "assurance_too_low" in {f["code"] for f in check["faults"]}


async def test_submitting_twice_or_from_two_devices_makes_one_case(wang: Any, office: Any) -> None:
    draft = await office.filled(wang)
    replies = await asyncio.gather(*(office.submit(wang, draft) for _ in range(8)))
    assert {r.status for r in replies} == {200}
    assert len({r.json["number"] for r in replies}) == 1
    (row,) = await fetch("SELECT count(*) AS n FROM application")
    assert row["n"] == 1
    assert (await office.submit(wang, draft)).json == replies[0].json
    assert (await wang.get(f"/applications/drafts/{draft['id']}")).code == "draft_submitted"


async def test_who_is_overtaken_by_another_device_gets_its_case(
    wang: Any, office: Any, overtaken: Any
) -> None:
    draft = await office.filled(wang)
    mine, other = await overtaken(DraftService, lambda: office.submit(wang, draft))
    assert (mine.status, mine.json) == (200, other.json)


async def test_a_case_goes_its_way_to_the_certificate(
    wang: Any, office: Any, clerk: Any, app: Any
) -> None:
    case = await office.submitted(wang)
    path = f"/applications/{case['id']}"
    inbox = (await clerk.get("/applications/desk/cases")).json["cases"]
    assert [c["id"] for c in inbox] == [case["id"]]
    await office.go(clerk, case["id"], "accept")
    view = (await wang.get(path)).json
    assert (view["state"], view["clock"]) == ("accepted", "running")
    assert view["accepted_on"] == "2026-11-24"
    assert view["due_on"] == "2026-12-08"  # ten working days
    assert view["statutory_on"] == "2026-12-09"  # fifteen calendar days
    await office.go(clerk, case["id"], "start_review", "propose", "grant", "issue", "deliver")
    view = (await wang.get(path)).json
    assert view["state"] == "delivered"
    assert [s["state"] for s in view["steps"]] == [
        "submitted", "pre_review", "accepted", "review", "decision", "granted", "issued",
        "delivered",
    ]  # fmt: skip
    assert view["may"] == []
    held = (await wang.get("/certificates/")).json["certificates"]
    assert view["certificate"] in [c["id"] for c in held]


async def test_the_second_application_knows_what_the_first_said(
    wang: Any, office: Any, clerk: Any
) -> None:
    case = await office.submitted(wang)
    again = (await wang.post("/applications/drafts", {"item": PERMIT})).json
    fields = {f["name"]: f for s in again["sections"] for f in s["fields"]}
    assert fields["employer"]["value"] == "沈阳某某科技有限公司"
    assert fields["employer"]["source"] == f"earlier:{case['number']}"


async def test_what_is_missing_is_said_once_and_completed_from_the_message(
    wang: Any, office: Any, clerk: Any, app: Any
) -> None:
    case = await office.submitted(wang)
    id = case["id"]
    claimed = await office.claim(clerk, id)
    desk = (await clerk.get(f"/applications/desk/cases/{id}?purpose=handling")).json
    photo = next(m for m in desk["materials"] if "照片" in m["name"])
    missing = [
        {"name": photo["key"], "problem": "unclear"},
        {"name": "employer", "problem": "mismatch", "words": "请写单位全称"},
    ]
    reply = await office.act(
        clerk, id, claimed["version"], "request_correction", missing=missing, note="请补正"
    )
    assert reply.json["state"] == "correction"
    while await app.ctx.messages.drain():
        pass
    inbox = (await wang.get("/messages/")).json["messages"]
    told = next(m for m in inbox if m["kind"] == "case_correction")
    assert told["page"] == f"pages/case/detail?id={id}"
    view = (await wang.get(f"/applications/{id}")).json
    assert [m["title"] for m in view["missing"]] == [photo["name"], "工作单位或店铺名称"]
    assert view["missing"][1]["problem"] == "请写单位全称"
    body: dict[str, Any] = {"version": view["version"], "answers": {"employer": "沈阳全称公司"}}
    refused = await wang.post(f"/applications/{id}/correction", body)
    assert refused.code == "correction_incomplete"
    assert [m["name"] for m in refused.json["missing"]] == [photo["key"]]
    handed = await wang.call(
        "POST", f"/applications/{id}/materials/{photo['key']}/files?name=x.jpg", data=picture()
    )
    assert handed.status == 200, handed.text
    assert (await wang.post(f"/applications/{id}/correction", body)).json["state"] == "submitted"
    again = await office.claim(clerk, id)
    second = await office.act(
        clerk, id, again["version"], "request_correction", missing=missing, note="再补"
    )
    assert second.code == "action_not_allowed"


async def test_the_clock_stops_for_an_inspection(
    wang: Any, office: Any, clerk: Any, clock: Any
) -> None:
    case = await office.submitted(wang)
    await office.go(clerk, case["id"], "accept", "start_review", "begin_special")
    path = f"/applications/{case['id']}"
    paused = (await wang.get(path)).json
    assert (paused["clock"], paused["due_on"]) == ("paused", None)
    clock.advance(timedelta(days=7))
    await office.go(clerk, case["id"], "end_special")
    running = (await wang.get(path)).json
    assert (running["clock"], running["due_on"]) == ("running", "2026-12-15")
    assert running["statutory_on"] == "2026-12-16"


async def test_withdrawing_ends_before_the_decision(wang: Any, office: Any, clerk: Any) -> None:
    case = await office.submitted(wang)
    path = f"/applications/{case['id']}"
    reply = await wang.post(f"{path}/withdrawal", {"version": 1, "reason": "不办了"})
    assert reply.json["state"] == "withdrawn"
    other = await office.submitted(wang)
    moved = await office.go(clerk, other["id"], "accept", "start_review", "propose", "grant")
    path = f"/applications/{other['id']}"
    late = await wang.post(f"{path}/withdrawal", {"version": moved["version"]})
    assert late.code == "action_not_allowed"


async def test_a_correction_that_never_comes_lapses(
    wang: Any, office: Any, clerk: Any, app: Any, clock: Any
) -> None:
    case = await office.submitted(wang)
    claimed = await office.claim(clerk, case["id"])
    missing = [{"name": "employer", "problem": "missing"}]
    await office.act(clerk, case["id"], claimed["version"], "request_correction", missing=missing)
    clock.advance(timedelta(days=30))
    assert await app.ctx.keeping.sweep() == 0
    clock.advance(timedelta(days=1))
    assert await app.ctx.keeping.sweep() == 1
    rows = await fetch("SELECT state FROM application")
    assert [r["state"] for r in rows] == ["lapsed"]


@pytest.mark.parametrize("action", ["refuse", "request_correction"])
async def test_a_refusal_without_a_reason_is_refused(
    wang: Any, office: Any, clerk: Any, action: str
) -> None:
    case = await office.submitted(wang)
    claimed = await office.claim(clerk, case["id"])
    reply = await office.act(clerk, case["id"], claimed["version"], action)
    assert reply.code == {"refuse": "reason_required"}.get(action, "correction_empty")
    assert (await wang.get(f"/applications/{case['id']}")).json["state"] == "pre_review"


async def test_another_department_does_not_see_the_case(wang: Any, office: Any, staff: Any) -> None:
    case = await office.submitted(wang)
    other = await staff("clerk", departments=("civil-affairs",))
    assert (await other.get("/applications/desk/cases")).json["cases"] == []
    for reply in (
        await other.get(f"/applications/desk/cases/{case['id']}?purpose=handling"),
        await other.post(f"/applications/desk/cases/{case['id']}/claim"),
        await office.act(other, case["id"], 1, "accept"),
    ):
        assert reply.code == "other_department"


async def test_of_two_clerks_one_has_the_case(wang: Any, office: Any, staff: Any) -> None:
    case = await office.submitted(wang)
    clerks = [await staff("clerk", departments=("public-security",)) for _ in range(6)]
    path = f"/applications/desk/cases/{case['id']}/claim"
    replies = await asyncio.gather(*(c.post(path) for c in clerks))
    assert sorted(r.status for r in replies) == [200] + [409] * 5
    assert {r.code for r in replies if r.status == 409} <= {"already_claimed", "case_changed"}


async def test_a_lease_that_expired_decides_nothing(
    wang: Any, office: Any, clerk: Any, clock: Any, staff: Any
) -> None:
    case = await office.submitted(wang)
    claimed = await office.claim(clerk, case["id"])
    clock.advance(timedelta(minutes=31))
    late = await office.act(clerk, case["id"], claimed["version"], "accept")
    assert late.code == "lease_expired"
    colleague = await staff("clerk", departments=("public-security",))
    taken = await office.claim(colleague, case["id"])
    assert (await office.act(clerk, case["id"], taken["version"], "accept")).code == "not_claimed"


async def test_a_password_alone_does_not_open_the_desk(staff: Any) -> None:
    weak = await staff("clerk", departments=("public-security",), second_factor=False)
    assert (await weak.get("/applications/desk/cases")).code == "second_factor_required"


async def test_every_read_stands_in_the_audit_trail_with_its_purpose(
    wang: Any, office: Any, clerk: Any
) -> None:
    case = await office.submitted(wang)
    path = f"/applications/desk/cases/{case['id']}"
    assert (await clerk.get(path)).code == "validation_failed"
    desk = (await clerk.get(f"{path}?purpose=complaint")).json
    file = next(m["files"][0]["id"] for m in desk["materials"] if m["files"])
    assert (await clerk.get(f"{path}/files/{file}?purpose=quality")).status == 200
    rows = await fetch(
        "SELECT action, detail ->> 'purpose' AS purpose FROM audit_entry "
        "WHERE subject = $1 ORDER BY id",
        f"case:{case['id']}",
    )
    assert [(r["action"], r["purpose"]) for r in rows] == [
        ("case.read", "complaint"),
        ("case.file_read", "quality"),
    ]


async def test_a_citizen_looks_at_the_files_of_his_case_and_nobody_else_does(
    wang: Any, office: Any, verified: Any, api: Any
) -> None:
    case = await office.submitted(wang)
    shown = (await wang.get(f"/applications/{case['id']}")).json
    file = next(m["files"][0] for m in shown["materials"] if m["files"])
    path = f"/applications/{case['id']}/files/{file['id']}"
    own = await wang.get(path)
    assert own.status == 200
    assert own.headers["Content-Type"] == file["media_type"] == "image/jpeg"
    assert own.headers["Cache-Control"] == "private, no-store"
    assert len(own.content) == file["size"]
    other = await verified("李梅", "440524188001010014")
    assert (await other.get(path)).code == "application_not_found"
    hers = await office.submitted(other)
    through = await other.get(f"/applications/{hers['id']}/files/{file['id']}")
    assert through.code == "material_not_found"
    assert (await api.get(path)).code == "login_required"


async def test_another_citizen_sees_nothing(wang: Any, office: Any, verified: Any) -> None:
    case = await office.submitted(wang)
    other = await verified("李梅", "440524188001010014")
    path = f"/applications/{case['id']}"
    assert (await other.get(path)).code == "application_not_found"
    assert (await other.get(f"{path}/receipt")).code == "application_not_found"
    refused = await other.post(f"{path}/withdrawal", {"version": 1})
    assert refused.code == "application_not_found"
    assert (await other.get("/applications/")).json["cases"] == []


async def test_the_receipt_names_the_hall_and_the_number(wang: Any, office: Any) -> None:
    case = await office.submitted(wang)
    reply = await wang.call("GET", f"/applications/{case['id']}/receipt")
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/pdf"


async def test_the_inbox_is_paged_by_urgency(
    wang: Any, office: Any, clerk: Any, clock: Any
) -> None:
    cases = []
    for _ in range(3):
        cases.append((await office.submitted(wang))["id"])
        clock.advance(timedelta(days=1))
    seen, after = [], ""
    for _ in range(3):
        page = (await clerk.get(f"/applications/desk/cases?limit=1{after}")).json
        seen += [c["id"] for c in page["cases"]]
        after = f"&after={page['next']}"
    assert seen == cases
