"""Bundles submitted (一件事提交): all cases or none, one progress, until the last certificate."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pikepdf
import pytest

from miniapp_api.applications.bundles.folder import Folders
from miniapp_api.platform import audit_chain
from miniapp_api.platform.database import fetch
from tests.miniapp_api.applications.bundles.office import (
    CANCEL,
    FIRE,
    FOOD,
    FUNDS,
    MEDICAL,
    SHOP,
    SIGN,
    SURVIVOR,
    TRADER,
    BundleOffice,
    paper,
    told,
)
from tests.miniapp_api.applications.conftest import Office

REVIEW = ("start_review", "propose", "grant", "issue", "deliver")


@pytest.fixture
def bundles() -> BundleOffice:
    return BundleOffice()


async def count(table: str) -> int:
    rows = await fetch(f"SELECT count(*) AS n FROM {table}")
    return int(rows[0]["n"])


async def test_a_shop_opens_with_one_application(
    wang: Any, bundles: BundleOffice, office: Office, staff: Any, app: Any
) -> None:
    """From the form to the certificate: three departments, and what waits for the registration."""
    form = await bundles.start(wang, SHOP, chosen=[FIRE, SIGN])
    path = f"/applications/bundles/{form['id']}"
    covered = (await wang.post(f"{path}/certificates", {"authorised": True})).json
    assert covered["outcomes"]["id-card"] == "covered"
    form = await bundles.filled(wang, SHOP)
    done = (await bundles.submit(wang, form)).json
    numbers = {case["number"] for case in done["cases"]}
    assert len(numbers) == len(done["cases"]) == 4
    assert done["number"].startswith("YJS")
    before = await bundles.progress(wang, done["id"])
    assert {m["who"] for m in before["members"]} == {"市市场监督管理局"}  # who leads has all
    assert (before["closed"], before["total"], before["joint"]) == (0, 4, False)

    lead = await staff("clerk", departments=("market-regulation",))
    inbox = (await lead.get("/applications/desk/bundles")).json["bundles"]
    assert [(b["id"], b["count"]) for b in inbox] == [(done["id"], 4)]
    desk = (await lead.get(f"/applications/desk/bundles/{done['id']}?purpose=handling")).json
    assert [m["item"] for m in desk["members"]] == [TRADER, FOOD, FIRE, SIGN]
    await bundles.accepted(lead, done["id"])
    states = await bundles.states(wang, done["id"])
    assert states == {TRADER: "accepted", FOOD: "waiting", FIRE: "waiting", SIGN: "waiting"}
    progress = await bundles.progress(wang, done["id"])
    waiting = next(m for m in progress["members"] if m["item"] == FIRE)
    assert (waiting["waits_for"], waiting["until"]) == (["个体工商户设立登记"], None)
    assert waiting["who"] == "市消防救援支队"

    cases = {case["item"]: case["id"] for case in done["cases"]}
    await office.go(lead, cases[TRADER], "start_review", "propose", "grant")
    states = await bundles.states(wang, done["id"])
    assert {states[item] for item in (FOOD, FIRE, SIGN)} == {"submitted"}
    await office.go(lead, cases[TRADER], "issue", "deliver")
    clerks = {FOOD: lead}
    for item, department in ((FIRE, "fire-rescue"), (SIGN, "urban-management")):
        clerks[item] = await staff("clerk", departments=(department,))
    await asyncio.gather(
        *(office.go(clerk, cases[item], "accept", *REVIEW) for item, clerk in clerks.items())
    )
    progress = await bundles.progress(wang, done["id"])
    assert (progress["closed"], progress["total"], progress["may"]) == (4, 4, [])
    view = (await wang.get(f"/applications/{cases[FOOD]}")).json
    vault = (await wang.get("/certificates/")).json["certificates"]
    assert view["certificate"] in [c["id"] for c in vault]
    kinds = [m["kind"] for m in await told(wang, app)]
    assert kinds.count("bundle_submitted") == kinds.count("bundle_accepted") == 1
    assert kinds.count("bundle_resumed") == 3
    assert kinds.count("case_submitted") == 0
    assert (await audit_chain.verify()).faults == []


async def test_departments_decide_in_parallel_after_joint_acceptance(
    wang: Any, bundles: BundleOffice, office: Office, staff: Any
) -> None:
    done = await bundles.submitted(wang)
    lead = await staff("clerk", departments=("public-security",))
    desk = await bundles.accepted(lead, done["id"])
    assert {m["state"] for m in desk["members"]} == {"accepted"}
    rows = await fetch("SELECT DISTINCT accepted_on::text AS day, assigned_to FROM application")
    assert rows == [{"day": "2026-11-24", "assigned_to": None}]
    cases = {case["item"]: case["id"] for case in done["cases"]}
    clerks = {CANCEL: lead}
    clerks[SURVIVOR] = await staff("clerk", departments=("social-insurance",))
    clerks[MEDICAL] = await staff("clerk", departments=("medical-insurance-centre",))
    await office.go(clerks[MEDICAL], cases[MEDICAL], *REVIEW)
    progress = await bundles.progress(wang, done["id"])
    assert (progress["closed"], progress["total"]) == (1, 3)
    await asyncio.gather(*(office.go(clerks[i], cases[i], *REVIEW) for i in (CANCEL, SURVIVOR)))
    assert set((await bundles.states(wang, done["id"])).values()) == {"delivered"}


async def test_submitting_from_two_devices_makes_one_bundle(
    wang: Any, bundles: BundleOffice, app: Any
) -> None:
    form = await bundles.filled(wang)
    replies = await asyncio.gather(*(bundles.submit(wang, form) for _ in range(8)))
    assert {r.status for r in replies} == {200}
    assert len({r.text for r in replies}) == 1
    assert await count("application") == 3
    assert await count("case_event") == 3
    kinds = [m["kind"] for m in await told(wang, app)]
    assert kinds == ["bundle_submitted"]
    read = await wang.get(f"/applications/bundles/{form['id']}")
    assert (read.status, read.code) == (409, "bundle_submitted")


async def test_who_is_overtaken_by_another_device_gets_its_receipt(
    wang: Any, bundles: BundleOffice, overtaken: Any
) -> None:
    form = await bundles.filled(wang)
    mine, other = await overtaken(Folders, lambda: bundles.submit(wang, form))
    assert (mine.status, mine.json) == (200, other.json)


async def test_what_another_device_changed_is_not_submitted_unseen(
    wang: Any, bundles: BundleOffice
) -> None:
    form = await bundles.filled(wang)
    await bundles.save(wang, form, answers={"matter": "另一台改的"})
    assert (await bundles.submit(wang, form)).code == "bundle_changed"
    assert await count("application") == 0


async def test_saving_while_submitting_never_leaves_a_case_with_half_of_it(
    wang: Any, bundles: BundleOffice
) -> None:
    form = await bundles.filled(wang)
    saved, submitted = await asyncio.gather(
        bundles.save(wang, form, answers={"matter": "改了"}), bundles.submit(wang, form)
    )
    assert (saved.status == 200) != (submitted.status == 200), (saved.text, submitted.text)
    assert await count("application") == (3 if submitted.status == 200 else 0)


async def test_when_one_case_cannot_be_written_none_is(wang: Any, bundles: BundleOffice) -> None:
    other = await bundles.submitted(wang)
    form = await bundles.filled(wang)
    last = next(m["draft"] for m in form["members"] if m["item"] == MEDICAL)
    # The last member's place is taken: its case breaks, after the others were written.
    await fetch(
        "INSERT INTO application SELECT (jsonb_populate_record(a, jsonb_build_object("
        "'id', $1::text, 'number', 'taken'))).* FROM application a WHERE id = $2",
        last,
        other["cases"][0]["id"],
    )
    assert (await bundles.submit(wang, form)).status == 500
    assert await count("application") == 4
    assert (await wang.get(f"/applications/bundles/{form['id']}")).json["revision"] == (
        form["revision"]
    )
    await fetch("DELETE FROM application WHERE number = 'taken'")
    assert (await bundles.submit(wang, form)).status == 200


async def test_who_was_left_out_is_gone_with_its_own_files_only(
    wang: Any, bundles: BundleOffice, app: Any
) -> None:
    form = await bundles.filled(wang, chosen=[SURVIVOR, FUNDS])
    own = paper(form, "继承关系材料")["files"][0]["id"]
    rows = await fetch("SELECT blob FROM attachment WHERE id = $1", own)
    form = (await bundles.save(wang, form, chosen=[SURVIVOR])).json
    done = (await bundles.submit(wang, form)).json
    assert {case["item"] for case in done["cases"]} == {CANCEL, SURVIVOR}
    assert await count("draft") == 2
    left = await fetch("SELECT DISTINCT blob FROM attachment WHERE blob IS NOT NULL")
    assert rows[0]["blob"] not in {row["blob"] for row in left}
    for row in left:
        assert [piece async for piece in app.ctx.intake.read(row["blob"])]


async def test_a_member_or_the_whole_is_withdrawn(
    wang: Any, bundles: BundleOffice, app: Any
) -> None:
    done = await bundles.submitted(wang)
    path = f"/applications/bundles/{done['id']}/withdrawal"
    stale = await wang.post(path, {"version": 2, "items": [MEDICAL]})
    assert stale.code == "bundle_changed"
    one = await wang.post(path, {"version": 3, "items": [MEDICAL], "reason": "先不办"})
    assert one.status == 200, one.text
    states = {m["item"]: m["state"] for m in one.json["members"]}
    assert states == {CANCEL: "submitted", SURVIVOR: "submitted", MEDICAL: "withdrawn"}
    again = await wang.post(path, {"version": one.json["version"], "items": [MEDICAL]})
    assert again.code == "action_not_allowed"
    rest = (await wang.post(path, {"version": one.json["version"]})).json
    assert {m["state"] for m in rest["members"]} == {"withdrawn"}
    assert (rest["closed"], rest["may"]) == (3, [])
    kinds = [m["kind"] for m in await told(wang, app)]
    assert kinds.count("bundle_withdrawn") == 2


async def test_one_print_holds_a_receipt_for_every_case(wang: Any, bundles: BundleOffice) -> None:
    done = await bundles.submitted(wang)
    reply = await wang.get(f"/applications/bundles/{done['id']}/receipt")
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/pdf")
    with pikepdf.open(io.BytesIO(reply.content)) as pdf:
        assert len(pdf.pages) == 3


async def test_another_citizen_sees_nothing_of_a_bundle(
    wang: Any, bundles: BundleOffice, verified: Any
) -> None:
    done = await bundles.submitted(wang)
    other = await verified("李梅", "440524188001010014")
    path = f"/applications/bundles/{done['id']}"
    for reply in (
        await other.get(path),
        await other.get(f"{path}/progress"),
        await other.post(f"{path}/withdrawal", {"version": 3}),
        await other.post(f"{path}/submission", {"revision": 1, "declared_true": True}),
    ):
        assert (reply.status, reply.code) == (404, "bundle_not_found")
    assert (await other.get("/applications/bundles")).json["bundles"] == []
