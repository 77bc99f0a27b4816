"""One form for a bundle (一件事): each field, question and paper once, for every member."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from miniapp_api.guides.bundles import Bundle
from miniapp_api.platform.database import fetch
from tests.miniapp_api.applications.bundles.office import (
    CANCEL,
    DEATH,
    FUNDS,
    MEDICAL,
    SHOP,
    SURVIVOR,
    BundleOffice,
    fields,
    paper,
)
from tests.miniapp_api.applications.conftest import PERMIT, picture

DEATH_PAPER = "居民死亡医学证明（推断）书"


@pytest.fixture
def bundles() -> BundleOffice:
    return BundleOffice()


async def member_drafts(citizen: Any, form: dict[str, Any]) -> dict[str, Any]:
    """Every member's own draft, as an application of its own would show it."""
    found = {}
    for member in form["members"]:
        if member["draft"]:
            reply = await citizen.get(f"/applications/drafts/{member['draft']}")
            assert reply.status == 200, reply.text
            found[member["item"]] = reply.json
    return found


async def blobs() -> set[str]:
    rows = await fetch("SELECT DISTINCT blob FROM attachment WHERE blob IS NOT NULL")
    return {row["blob"] for row in rows}


async def readable(app: Any, blob: str) -> bool:
    try:
        return bool([piece async for piece in app.ctx.intake.read(blob)])
    except Exception:
        return False


async def test_one_form_asks_every_field_once(wang: Any, bundles: BundleOffice) -> None:
    form = await bundles.start(wang)
    names = [f["name"] for section in form["sections"] for f in section["fields"]]
    assert len(names) == len(set(names))
    drafts = await member_drafts(wang, form)
    assert set(drafts) == {CANCEL, SURVIVOR, MEDICAL}
    assert set(names) == {name for draft in drafts.values() for name in fields(draft)}
    assert fields(form)["name"]["value"] == "王小明"
    assert fields(form)["name"]["source"] == "real_name"
    assert form["sections"][-1]["id"] == "matter"


async def test_each_question_and_paper_is_asked_once(wang: Any, bundles: BundleOffice) -> None:
    form = await bundles.start(wang, chosen=[SURVIVOR, MEDICAL, FUNDS])
    shared = [q for q in form["questions"] if {MEDICAL, FUNDS} <= set(q["items"])]
    assert [q["question"] for q in shared] == ["谁来办理？"]
    assert [q["id"] for q in form["questions"]].count(f"{MEDICAL}.reason") == 0  # it is a death
    death = paper(form, DEATH_PAPER)
    assert set(death["items"]) == {CANCEL, SURVIVOR, MEDICAL, FUNDS}
    drafts = await member_drafts(wang, form)
    apart = sum(len(draft["materials"]) for draft in drafts.values())
    together = sum(len(material["items"]) for material in form["materials"])
    assert together == apart > len(form["materials"])


async def test_an_answer_to_a_shared_question_reaches_every_member(
    wang: Any, bundles: BundleOffice
) -> None:
    form = await bundles.start(wang, chosen=[MEDICAL, FUNDS])
    (handler,) = [q["id"] for q in form["questions"] if q["question"] == "谁来办理？"]
    saved = await bundles.save(wang, form, options={handler: "proxy"})
    assert "授权委托书" in {m["name"] for m in saved.json["materials"]}
    drafts = await member_drafts(wang, saved.json)
    for item in (MEDICAL, FUNDS):
        chosen = {c["id"]: c["chosen"] for c in drafts[item]["circumstances"]}
        assert chosen == {"reason": "death", "handler": "proxy"}


async def test_what_is_typed_once_stands_in_every_member(wang: Any, bundles: BundleOffice) -> None:
    form = await bundles.start(wang)
    typed = {"address": "和平区太原街1号", "matter": "请尽快", "hospital": "市一院"}
    saved = await bundles.save(wang, form, answers=typed)
    assert {n: fields(saved.json)[n]["value"] for n in typed} == typed
    for item, draft in (await member_drafts(wang, saved.json)).items():
        asked = fields(draft)
        assert asked["address"]["value"] == "和平区太原街1号"
        assert asked["matter"]["source"] == "typed"
        assert ("hospital" in asked) == (item == MEDICAL)
    gone = await bundles.save(wang, saved.json, answers={"matter": None})
    for draft in (await member_drafts(wang, gone.json)).values():
        assert fields(draft)["matter"]["value"] is None


async def test_two_devices_never_write_over_each_other(wang: Any, bundles: BundleOffice) -> None:
    form = await bundles.start(wang)
    replies = await asyncio.gather(
        *(bundles.save(wang, form, answers={"matter": f"第{n}台"}) for n in range(6))
    )
    assert sorted(r.status for r in replies) == [200] + [409] * 5
    assert {r.code for r in replies if r.status == 409} == {"bundle_changed"}
    drafts = await member_drafts(wang, form)
    said = {fields(draft)["matter"]["value"] for draft in drafts.values()}
    assert len(said) == 1


async def test_beginning_again_opens_the_same_bundle(wang: Any, bundles: BundleOffice) -> None:
    begun = await asyncio.gather(*(bundles.start(wang) for _ in range(5)))
    assert len({form["id"] for form in begun}) == 1
    rows = await fetch("SELECT count(*) AS n FROM draft")
    assert rows[0]["n"] == 3
    mine = (await wang.get("/applications/bundles")).json["bundles"]
    assert [each["id"] for each in mine] == [begun[0]["id"]]
    assert (await wang.get("/applications/drafts")).json["drafts"] == []


async def test_an_upload_is_stored_once_and_stands_in_every_member(
    wang: Any, bundles: BundleOffice, app: Any
) -> None:
    form = await bundles.start(wang)
    uploaded = await bundles.upload(wang, form, paper(form, DEATH_PAPER)["key"])
    assert uploaded.status == 200, uploaded.text
    assert len(paper(uploaded.json, DEATH_PAPER)["files"]) == 1
    (blob,) = await blobs()
    rows = await fetch("SELECT count(*) AS n FROM attachment WHERE blob = $1", blob)
    assert rows[0]["n"] == 3
    drafts = await member_drafts(wang, uploaded.json)
    named = [f["name"] for d in drafts.values() for m in d["materials"] for f in m["files"]]
    assert named == ["照片.jpg"] * 3
    file = paper(uploaded.json, DEATH_PAPER)["files"][0]["id"]
    path = f"/applications/bundles/{form['id']}/files/{file}"
    shown = await wang.get(path)
    assert (shown.status, shown.headers["Content-Type"]) == (200, "image/jpeg")
    taken_out = await wang.call("DELETE", path)
    assert paper(taken_out.json, DEATH_PAPER)["files"] == []
    assert await blobs() == set()
    assert not await readable(app, blob)
    assert (await wang.call("DELETE", path)).code == "material_not_found"


async def test_who_joins_later_gets_what_was_typed_and_handed_in(
    wang: Any, bundles: BundleOffice
) -> None:
    form = await bundles.start(wang, chosen=[])
    assert [m["item"] for m in form["members"] if m["chosen"]] == [CANCEL]
    form = (await bundles.upload(wang, form, paper(form, DEATH_PAPER)["key"])).json
    form = (await bundles.save(wang, form, answers={"address": "皇姑区长江街9号"})).json
    joined = (await bundles.save(wang, form, chosen=[SURVIVOR])).json
    drafts = await member_drafts(wang, joined)
    assert fields(drafts[SURVIVOR])["address"]["value"] == "皇姑区长江街9号"
    death = next(m for m in drafts[SURVIVOR]["materials"] if m["name"] == "死亡证明")
    assert len(death["files"]) == 1
    assert paper(joined, DEATH_PAPER)["items"] == [CANCEL, SURVIVOR]


async def test_who_leaves_and_comes_back_says_what_the_others_say(
    wang: Any, bundles: BundleOffice
) -> None:
    form = await bundles.start(wang, chosen=[SURVIVOR])
    form = (await bundles.save(wang, form, answers={"matter": "先写的", "bank": "盛京银行"})).json
    form = (await bundles.save(wang, form, chosen=[])).json
    form = (await bundles.save(wang, form, answers={"matter": "后写的"})).json
    form = (await bundles.save(wang, form, chosen=[SURVIVOR])).json
    drafts = await member_drafts(wang, form)
    assert {fields(d)["matter"]["value"] for d in drafts.values()} == {"后写的"}
    assert fields(form)["bank"]["value"] == "盛京银行"


async def test_a_certificate_is_asked_for_once_for_all_members(
    wang: Any, bundles: BundleOffice
) -> None:
    form = await bundles.start(wang)
    path = f"/applications/bundles/{form['id']}/certificates"
    reply = await wang.post(path, {"authorised": True})
    assert reply.status == 200, reply.text
    outcomes = reply.json["outcomes"]
    assert outcomes["id-card"] == "covered"
    card = paper(reply.json["form"], "办理人居民身份证")
    assert card["covered"]
    assert len(card["items"]) == 3
    rows = await fetch(
        "SELECT certificate_type_no, case_id::text, count(*) AS n FROM data_ledger "
        "GROUP BY certificate_type_no, case_id"
    )
    assert {"id-card", "marriage-certificate"} <= {row["certificate_type_no"] for row in rows}
    assert {(row["case_id"], row["n"]) for row in rows} == {(form["id"], 1)}
    again = await wang.post(path, {"authorised": False})
    assert again.json["outcomes"]["id-card"] == "not_authorised"


async def test_the_pre_check_names_each_thing_once(wang: Any, bundles: BundleOffice) -> None:
    form = await bundles.start(wang)
    saved = await bundles.save(wang, form, answers={"name": "王大明"})
    check = (await wang.get(f"/applications/bundles/{form['id']}/check")).json
    found = [(f["place"], f["name"], f["code"]) for f in check["faults"]]
    assert len(found) == len(set(found))
    faults = {(f["place"], f["name"]): f for f in check["faults"]}
    assert faults["field", "name"]["code"] == "mismatch"
    assert set(faults["field", "name"]["items"]) == {CANCEL, SURVIVOR, MEDICAL}
    death = paper(form, DEATH_PAPER)["key"]
    assert set(faults["material", death]["items"]) == {CANCEL, SURVIVOR, MEDICAL}
    refused = await bundles.submit(wang, saved.json)
    assert (refused.status, refused.code) == (422, "not_ready")
    assert refused.json["faults"] == check["faults"]
    assert (await fetch("SELECT count(*) AS n FROM application"))[0]["n"] == 0


async def test_what_another_member_brings_is_not_asked_for(
    wang: Any, bundles: BundleOffice
) -> None:
    form = await bundles.filled(wang, SHOP)
    assert "营业执照" not in {m["name"] for m in form["materials"]}
    check = (await wang.get(f"/applications/bundles/{form['id']}/check")).json
    assert check == {"ready": True, "faults": []}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "", {"json": {"revision": 1, "answers": {"matter": "x"}}}),
        ("DELETE", "", {}),
        ("POST", "/submission", {"json": {"revision": 1, "declared_true": True}}),
        ("POST", "/certificates", {"json": {"authorised": True}}),
        ("POST", "/materials/{key}/files", {"data": picture()}),
        ("DELETE", "/files/7f0c7e0e-0000-4000-8000-000000000000", {}),
    ],
)
async def test_a_member_is_not_filled_in_by_itself(
    wang: Any, bundles: BundleOffice, method: str, path: str, body: dict[str, Any]
) -> None:
    form = await bundles.start(wang)
    draft = form["members"][0]["draft"]
    own = (await wang.get(f"/applications/drafts/{draft}")).json
    target = path.format(key=own["materials"][0]["key"])
    reply = await wang.call(method, f"/applications/drafts/{draft}{target}", **body)
    assert (reply.status, reply.code) == (409, "part_of_bundle")
    assert reply.json["bundle"] == form["id"]


async def test_the_same_item_can_be_applied_for_beside_the_bundle(
    wang: Any, bundles: BundleOffice
) -> None:
    alone = (await wang.post("/applications/drafts", {"item": CANCEL})).json
    form = await bundles.start(wang)
    assert alone["id"] not in {m["draft"] for m in form["members"]}
    again = (await wang.post("/applications/drafts", {"item": CANCEL})).json
    assert again["id"] == alone["id"]


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"bundle": "moving-to-mars"}, 404, "bundle_not_found"),
        ({"bundle": DEATH, "chosen": [PERMIT]}, 422, "bundle_member_unknown"),
        ({"bundle": DEATH, "options": {"x.y": "z"}}, 422, "validation_failed"),
        ({"bundle": DEATH, "options": {f"{SURVIVOR}.claimant": "dog"}}, 422, "validation_failed"),
        ({"bundle": "new-company"}, 422, "wrong_applicant"),
    ],
)
async def test_what_a_bundle_does_not_have_is_refused(
    wang: Any, asked: dict[str, Any], status: int, code: str
) -> None:
    reply = await wang.post("/applications/bundles", asked)
    assert (reply.status, reply.code) == (status, code)
    assert (await fetch("SELECT count(*) AS n FROM draft"))[0]["n"] == 0


async def test_each_fee_is_asked_for_once_and_paid_by_itself(
    wang: Any, bundles: BundleOffice, pay: Any
) -> None:
    form = await bundles.filled(wang, "going-abroad")
    fees = {m["item"]: m["fee_fen"] for m in form["members"] if m["chosen"]}
    assert fees == {"passport-first": 12_000, "hk-mo-permit": 6_000}
    path = f"/applications/bundles/{form['id']}"
    check = (await wang.get(f"{path}/check")).json
    unpaid = [(f["name"], f["items"]) for f in check["faults"] if f["code"] == "unpaid"]
    assert unpaid == [(item, [item]) for item in fees]
    assert len(check["faults"]) == 2
    for item in fees:
        draft = next(m["draft"] for m in form["members"] if m["item"] == item)
        order = (await wang.post(f"/applications/drafts/{draft}/order")).json
        assert order["amount_fen"] == fees[item]
        await pay(wang, order["id"])
    form = (await wang.get(path)).json
    assert all(member["paid"] for member in form["members"])
    assert (await bundles.submit(wang, form)).status == 200


async def test_what_was_paid_for_who_is_left_out_is_given_back(
    wang: Any, bundles: BundleOffice, pay: Any, app: Any
) -> None:
    form = await bundles.filled(wang, "going-abroad")
    for member in [m for m in form["members"] if m["chosen"]]:
        order = (await wang.post(f"/applications/drafts/{member['draft']}/order")).json
        await pay(wang, order["id"])
    form = (await bundles.save(wang, form, chosen=[])).json
    assert (await bundles.submit(wang, form)).status == 200
    refunds = await fetch("SELECT amount_fen FROM pay_refund")
    assert [refund["amount_fen"] for refund in refunds] == [6_000]


@pytest.fixture
def publish(app: Any) -> Iterator[Callable[[Bundle | None], None]]:
    """The editors publish another version of a bundle, or take it away."""
    library = app.ctx.guides._library
    before = library.shelf

    def publish(bundle: Bundle | None) -> None:
        others = {id: b for id, b in before.handbook.bundles.items() if id != DEATH}
        found = others | ({DEATH: bundle} if bundle else {})
        library.shelf = replace(before, handbook=replace(before.handbook, bundles=found))

    yield publish
    library.shelf = before


async def test_a_bundle_that_is_gone_loses_nothing_that_was_typed(
    wang: Any, bundles: BundleOffice, app: Any, publish: Any
) -> None:
    bundle = app.ctx.guides.bundle(DEATH)
    form = await bundles.start(wang)
    await bundles.save(wang, form, answers={"matter": "别丢了"})
    publish(None)
    path = f"/applications/bundles/{form['id']}"
    gone = await wang.get(path)
    assert (gone.status, gone.code) == (410, "bundle_gone")
    publish(bundle)
    assert fields((await wang.get(path)).json)["matter"]["value"] == "别丢了"


async def test_an_item_that_has_become_required_is_said_and_joins(
    wang: Any, bundles: BundleOffice, app: Any, publish: Any
) -> None:
    bundle = app.ctx.guides.bundle(DEATH)
    form = await bundles.filled(wang)
    required = [
        m.model_copy(update={"question": None}) if m.item == FUNDS else m for m in bundle.members
    ]
    publish(bundle.model_copy(update={"members": tuple(required)}))
    check = (await wang.get(f"/applications/bundles/{form['id']}/check")).json
    assert [(f["place"], f["items"]) for f in check["faults"]] == [("form", [FUNDS])]
    assert (await bundles.submit(wang, form)).code == "not_ready"
    saved = (await bundles.save(wang, form)).json
    assert FUNDS in {m["item"] for m in saved["members"] if m["chosen"]}
    assert paper(saved, DEATH_PAPER)["files"]


async def test_an_item_that_has_left_the_bundle_is_not_submitted(
    wang: Any, bundles: BundleOffice, app: Any, publish: Any
) -> None:
    bundle = app.ctx.guides.bundle(DEATH)
    form = await bundles.filled(wang)
    left = tuple(m for m in bundle.members if m.item != MEDICAL)
    publish(bundle.model_copy(update={"members": left, "same": ()}))
    shown = (await wang.get(f"/applications/bundles/{form['id']}")).json
    assert {m["item"] for m in shown["members"] if m["chosen"]} == {CANCEL, SURVIVOR}
    done = await bundles.submit(wang, shown)
    assert done.status == 200, done.text
    assert {case["item"] for case in done.json["cases"]} == {CANCEL, SURVIVOR}
    assert (await fetch("SELECT count(*) AS n FROM draft"))[0]["n"] == 2


async def test_a_discarded_bundle_leaves_nothing(wang: Any, bundles: BundleOffice) -> None:
    form = await bundles.filled(wang)
    path = f"/applications/bundles/{form['id']}"
    assert (await wang.call("DELETE", path)).status == 204
    for table in ("bundle", "bundle_member", "draft", "attachment"):
        assert (await fetch(f"SELECT count(*) AS n FROM {table}"))[0]["n"] == 0, table
    assert (await wang.get(path)).code == "bundle_not_found"


async def test_a_forgotten_bundle_goes_as_a_whole(
    wang: Any, bundles: BundleOffice, app: Any, clock: Any
) -> None:
    form = await bundles.filled(wang)
    held = await blobs()
    clock.advance(timedelta(days=app.ctx.settings.applications.draft_days + 1))
    await app.ctx.keeping.sweep()
    rows = await fetch("SELECT count(*) AS n FROM draft WHERE bundle = $1", form["id"])
    assert rows[0]["n"] == 0
    assert held
    assert [blob for blob in held if await readable(app, blob)] == []
