"""Joint acceptance (联合受理): the leading department acts for all, in one step or not at all."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from miniapp_api.platform.database import fetch
from tests.miniapp_api.applications.bundles.office import (
    CANCEL,
    FIRE,
    FOOD,
    MEDICAL,
    SHOP,
    SIGN,
    SURVIVOR,
    TRADER,
    BundleOffice,
    told,
)
from tests.miniapp_api.applications.conftest import Office, picture

PURPOSE = "?purpose=handling"


@pytest.fixture
def bundles() -> BundleOffice:
    return BundleOffice()


@pytest.fixture
async def lead(staff: Any) -> Any:
    return await staff("clerk", departments=("public-security",))


@pytest.fixture
async def done(wang: Any, bundles: BundleOffice) -> dict[str, Any]:
    return await bundles.submitted(wang)


def case_of(done: dict[str, Any], item: str) -> str:
    return next(str(case["id"]) for case in done["cases"] if case["item"] == item)


async def test_a_department_does_not_pre_review_its_part_before(
    wang: Any, bundles: BundleOffice, done: Any, office: Office, staff: Any, lead: Any
) -> None:
    social = await staff("clerk", departments=("social-insurance",))
    for clerk, item in ((social, SURVIVOR), (lead, CANCEL)):
        path = f"/applications/desk/cases/{case_of(done, item)}"
        refused = await clerk.post(f"{path}/claim")
        assert (refused.status, refused.code) == (409, "awaits_joint_acceptance")
        assert refused.json["bundle"] == done["id"]
    await bundles.claim(lead, done["id"])
    own = case_of(done, CANCEL)
    assert (await office.act(lead, own, 2, "accept")).code == "awaits_joint_acceptance"
    handed = await lead.post(f"/applications/desk/cases/{own}/hand-over", {"to": done["id"]})
    assert handed.code == "awaits_joint_acceptance"
    assert set((await bundles.states(wang, done["id"])).values()) == {"pre_review"}


async def test_a_clerk_sees_of_which_bundle_his_case_is_part(
    bundles: BundleOffice, done: Any, staff: Any, lead: Any
) -> None:
    social = await staff("clerk", departments=("social-insurance",))
    path = f"/applications/desk/cases/{case_of(done, SURVIVOR)}{PURPOSE}"
    shown = (await social.get(path)).json["bundle"]
    assert (shown["id"], shown["number"]) == (done["id"], done["number"])
    assert (shown["name"], shown["accepted"]) == ("公民身后一件事", False)
    claimed = await bundles.claim(lead, done["id"])
    accepted = await bundles.act(lead, done["id"], claimed["version"], "accept")
    assert accepted.status == 200, accepted.text
    assert (await social.get(path)).json["bundle"]["accepted"] is True


async def test_only_the_lead_or_who_covers_all_acts_for_all(
    bundles: BundleOffice, done: Any, staff: Any
) -> None:
    social = await staff("clerk", departments=("social-insurance",))
    every = ("social-insurance", "medical-insurance-centre", "public-security")
    path = f"/applications/desk/bundles/{done['id']}"
    for reply in (
        await social.get(path + PURPOSE),
        await social.post(f"{path}/claim"),
        await bundles.act(social, done["id"], 3, "accept"),
    ):
        assert (reply.status, reply.code) == (403, "not_the_lead")
    assert (await social.get("/applications/desk/bundles")).json["bundles"] == []
    universal = await staff("clerk", departments=every)
    assert (await bundles.accepted(universal, done["id"]))["joint"] is True


async def test_of_two_clerks_one_has_the_bundle(
    bundles: BundleOffice, done: Any, staff: Any, clock: Any
) -> None:
    clerks = [await staff("clerk", departments=("public-security",)) for _ in range(5)]
    path = f"/applications/desk/bundles/{done['id']}/claim"
    replies = await asyncio.gather(*(clerk.post(path) for clerk in clerks))
    assert sorted(r.status for r in replies) == [200] + [409] * 4
    assert {r.code for r in replies if r.status == 409} == {"already_claimed"}
    rows = await fetch("SELECT count(DISTINCT assigned_to) AS n FROM application")
    assert rows[0]["n"] == 1
    holder = clerks[[r.status for r in replies].index(200)]
    other = next(clerk for clerk in clerks if clerk is not holder)
    assert (await bundles.act(other, done["id"], 6, "accept")).code == "not_claimed"
    clock.advance(timedelta(minutes=31))
    assert (await bundles.act(holder, done["id"], 6, "accept")).code == "lease_expired"
    assert (await bundles.accepted(other, done["id"]))["joint"] is True


async def test_a_bundle_put_back_is_free_for_a_colleague(
    bundles: BundleOffice, done: Any, lead: Any, staff: Any
) -> None:
    claimed = await bundles.claim(lead, done["id"])
    path = f"/applications/desk/bundles/{done['id']}/claim"
    assert (await lead.call("DELETE", path)).status == 204
    assert (await lead.call("DELETE", path)).code == "not_claimed"
    late = await bundles.act(lead, done["id"], claimed["version"], "accept")
    assert late.code == "not_claimed"
    colleague = await staff("clerk", departments=("public-security",))
    await bundles.accepted(colleague, done["id"])


async def test_what_is_missing_over_all_is_said_once_and_completed_once(
    wang: Any, bundles: BundleOffice, done: Any, lead: Any, app: Any
) -> None:
    id = done["id"]
    claimed = await bundles.claim(lead, id)
    desk = (await lead.get(f"/applications/desk/bundles/{id}{PURPOSE}")).json
    cancel = next(m for m in desk["members"] if m["item"] == CANCEL)
    death = next(m["key"] for m in cancel["materials"] if "死亡医学证明" in m["name"])
    missing = [
        {"name": death, "problem": "unclear"},
        {"name": "hospital", "problem": "missing", "words": "请写全称"},
    ]
    sent = await bundles.act(
        lead, id, claimed["version"], "request_correction", missing=missing, note="请补"
    )
    assert sent.status == 200, sent.text
    assert set((await bundles.states(wang, id)).values()) == {"correction"}
    kinds = [m["kind"] for m in await told(wang, app)]
    assert kinds.count("bundle_correction") == 1
    assert kinds.count("case_correction") == 0
    assert (await lead.post(f"/applications/desk/bundles/{id}/claim")).code == "bundle_with_citizen"
    assert (await lead.get("/applications/desk/bundles")).json["bundles"] == []

    progress = await bundles.progress(wang, id)
    named = {each["name"]: each for each in progress["missing"]}
    assert set(named) == {death, "hospital"}
    assert set(named[death]["items"]) == {CANCEL, SURVIVOR, MEDICAL}
    assert named["hospital"]["items"] == [MEDICAL]
    body: dict[str, Any] = {
        "version": progress["version"],
        "answers": {"hospital": "沈阳市第一医院"},
    }
    path = f"/applications/bundles/{id}"
    refused = await wang.post(f"{path}/correction", body)
    assert refused.code == "correction_incomplete"
    assert [m["name"] for m in refused.json["missing"]] == [death]
    handed = await wang.call("POST", f"{path}/corrections/{death}/files?name=x.jpg", data=picture())
    assert handed.status == 200, handed.text
    rows = await fetch(
        "SELECT count(*) AS n, count(DISTINCT blob) AS b FROM attachment WHERE round = 1"
    )
    assert rows == [{"n": 3, "b": 1}]
    corrected = await wang.post(f"{path}/correction", body)
    assert corrected.status == 200, corrected.text
    assert {m["state"] for m in corrected.json["members"]} == {"submitted"}

    again = await bundles.claim(lead, id)
    second = await bundles.act(
        lead, id, again["version"], "request_correction", missing=missing, note="再补"
    )
    assert second.code == "action_not_allowed"
    accepted = await bundles.act(lead, id, again["version"], "accept")
    assert {m["state"] for m in accepted.json["members"]} == {"accepted"}


async def test_who_misses_nothing_waits_for_the_others(
    wang: Any, bundles: BundleOffice, done: Any, lead: Any
) -> None:
    id = done["id"]
    claimed = await bundles.claim(lead, id)
    missing = [{"name": "matter", "problem": "missing", "items": [SURVIVOR]}]
    await bundles.act(lead, id, claimed["version"], "request_correction", missing=missing)
    states = await bundles.states(wang, id)
    assert states == {CANCEL: "pre_review", SURVIVOR: "correction", MEDICAL: "pre_review"}
    progress = await bundles.progress(wang, id)
    body = {"version": progress["version"], "answers": {"matter": "补充说明"}}
    done_ = await wang.post(f"/applications/bundles/{id}/correction", body)
    assert done_.status == 200, done_.text
    await bundles.accepted(lead, id)
    assert set((await bundles.states(wang, id)).values()) == {"accepted"}


@pytest.mark.parametrize(
    "missing", [[], [{"name": "shoe_size", "problem": "missing"}]], ids=["nothing", "unknown"]
)
async def test_a_notice_that_names_nothing_of_the_form_is_refused(
    bundles: BundleOffice, done: Any, lead: Any, missing: list[Any]
) -> None:
    claimed = await bundles.claim(lead, done["id"])
    reply = await bundles.act(
        lead, done["id"], claimed["version"], "request_correction", missing=missing
    )
    assert reply.code == "correction_empty"


async def test_one_is_refused_with_a_reason_while_the_others_are_accepted(
    wang: Any, bundles: BundleOffice, done: Any, lead: Any, app: Any
) -> None:
    id = done["id"]
    claimed = await bundles.claim(lead, id)
    silent = await bundles.act(
        lead, id, claimed["version"], "accept", refused=[{"item": MEDICAL, "reason": " "}]
    )
    assert silent.code == "validation_failed"
    unknown = await bundles.act(
        lead, id, claimed["version"], "accept", refused=[{"item": "no-item", "reason": "x"}]
    )
    assert unknown.code == "bundle_member_unknown"
    assert set((await bundles.states(wang, id)).values()) == {"pre_review"}
    await bundles.accepted(lead, id, refused=[{"item": MEDICAL, "reason": "账户已经注销"}])
    states = await bundles.states(wang, id)
    assert states == {CANCEL: "accepted", SURVIVOR: "accepted", MEDICAL: "refused"}
    view = (await wang.get(f"/applications/{case_of(done, MEDICAL)}")).json
    assert view["steps"][-1]["note"] == "账户已经注销"
    kinds = [m["kind"] for m in await told(wang, app)]
    assert (kinds.count("bundle_accepted"), kinds.count("case_refused")) == (1, 1)


async def test_acceptance_and_withdrawal_at_once_leave_nothing_half(
    wang: Any, bundles: BundleOffice, lead: Any
) -> None:
    for _ in range(4):
        id = (await bundles.submitted(wang))["id"]
        version = (await bundles.claim(lead, id))["version"]
        withdrawal = wang.post(f"/applications/bundles/{id}/withdrawal", {"version": version})
        accepted, withdrawn = await asyncio.gather(
            bundles.act(lead, id, version, "accept"), withdrawal
        )
        assert sorted((accepted.status, withdrawn.status)) == [200, 409]
        expected = "accepted" if accepted.status == 200 else "withdrawn"
        assert set((await bundles.states(wang, id)).values()) == {expected}


async def test_acceptance_and_the_withdrawal_of_one_at_once_leave_nothing_half(
    wang: Any, bundles: BundleOffice, lead: Any
) -> None:
    for _ in range(4):
        done = await bundles.submitted(wang)
        id, case = done["id"], case_of(done, SURVIVOR)
        version = (await bundles.claim(lead, id))["version"]
        accepted, withdrawn = await asyncio.gather(
            bundles.act(lead, id, version, "accept"),
            wang.post(f"/applications/{case}/withdrawal", {"version": 2}),
        )
        assert sorted((accepted.status, withdrawn.status)) == [200, 409]
        states = await bundles.states(wang, id)
        if accepted.status == 200:
            assert set(states.values()) == {"accepted"}
        else:
            assert (accepted.code, states[SURVIVOR]) == ("bundle_changed", "withdrawn")
            assert {states[CANCEL], states[MEDICAL]} == {"pre_review"}


async def test_acceptance_of_what_has_changed_is_refused(
    wang: Any, bundles: BundleOffice, done: Any, lead: Any
) -> None:
    version = (await bundles.claim(lead, done["id"]))["version"]
    body = {"version": version, "items": [MEDICAL]}
    await wang.post(f"/applications/bundles/{done['id']}/withdrawal", body)
    stale = await bundles.act(lead, done["id"], version, "accept")
    assert (stale.code, stale.json["version"]) == ("bundle_changed", version + 1)


async def test_every_case_tells_in_the_audit_trail_who_read_and_accepted_it(
    bundles: BundleOffice, done: Any, lead: Any
) -> None:
    desk = (await lead.get(f"/applications/desk/bundles/{done['id']}?purpose=quality")).json
    file = next(f["id"] for m in desk["members"][1]["materials"] for f in m["files"])
    path = f"/applications/desk/bundles/{done['id']}/files/{file}"
    assert (await lead.get(path)).code == "validation_failed"
    assert (await lead.get(f"{path}?purpose=handling")).status == 200
    await bundles.accepted(lead, done["id"])
    rows = await fetch(
        "SELECT subject, action, detail ->> 'purpose' AS why FROM audit_entry ORDER BY id"
    )
    said = [(row["subject"], row["action"], row["why"]) for row in rows]
    for case in done["cases"]:
        assert (f"case:{case['id']}", "case.read", "quality") in said
        assert (f"case:{case['id']}", "case.joint_accept", None) in said
    assert (f"case:{case_of(done, SURVIVOR)}", "case.file_read", "handling") in said
    assert (f"bundle:{done['id']}", "bundle.accept", None) in said


# -- what waits for another (后置事项) ----------------------------------------------------------


@pytest.fixture
async def shop(wang: Any, bundles: BundleOffice) -> dict[str, Any]:
    return await bundles.submitted(wang, SHOP, chosen=[FIRE, SIGN])


@pytest.fixture
async def market(staff: Any) -> Any:
    return await staff("clerk", departments=("market-regulation",))


async def test_who_waits_is_not_acted_upon(
    bundles: BundleOffice, shop: Any, market: Any, office: Office
) -> None:
    await bundles.accepted(market, shop["id"])
    case = case_of(shop, FOOD)
    claimed = await office.claim(market, case)  # to read it: there is nothing to do yet
    assert claimed["state"] == "waiting"
    early = await office.act(market, case, claimed["version"], "accept")
    assert early.code == "action_not_allowed"


async def test_when_the_first_is_denied_the_others_go_on_but_are_not_accepted(
    wang: Any, bundles: BundleOffice, shop: Any, market: Any, office: Office
) -> None:
    await bundles.accepted(market, shop["id"])
    await office.go(market, case_of(shop, TRADER), "start_review", "propose", "deny")
    await office.go(market, case_of(shop, TRADER), "deliver")  # what is delivered is the denial
    case = case_of(shop, FOOD)
    claimed = await office.claim(market, case)
    refused = await office.act(market, case, claimed["version"], "accept")
    assert (refused.status, refused.code) == (409, "awaits_predecessor")
    assert refused.json["items"] == [TRADER]
    over = await office.act(market, case, claimed["version"], "refuse", note="没有营业执照")
    assert over.json["state"] == "refused"


async def test_who_builds_on_a_refused_one_is_refused_with_it(
    wang: Any, bundles: BundleOffice, shop: Any, market: Any
) -> None:
    id = shop["id"]
    version = (await bundles.claim(market, id))["version"]
    first = [{"item": TRADER, "reason": "材料不符合要求"}]
    half = await bundles.act(market, id, version, "accept", refused=first)
    assert (half.code, half.json["items"]) == ("awaits_predecessor", [TRADER])
    assert set((await bundles.states(wang, id)).values()) == {"pre_review"}
    others = [{"item": item, "reason": "没有营业执照"} for item in (FOOD, FIRE, SIGN)]
    whole = await bundles.act(market, id, version, "accept", refused=[*first, *others])
    assert {m["state"] for m in whole.json["members"]} == {"refused"}


async def test_taking_the_first_back_sets_the_others_going(
    wang: Any, bundles: BundleOffice, shop: Any, market: Any, app: Any
) -> None:
    await bundles.accepted(market, shop["id"])
    progress = await bundles.progress(wang, shop["id"])
    path = f"/applications/bundles/{shop['id']}/withdrawal"
    reply = await wang.post(path, {"version": progress["version"], "items": [TRADER]})
    states = {m["item"]: m["state"] for m in reply.json["members"]}
    assert states == {
        TRADER: "withdrawn", FOOD: "submitted", FIRE: "submitted", SIGN: "submitted",
    }  # fmt: skip


async def test_taking_the_whole_back_sets_nobody_going(
    wang: Any, bundles: BundleOffice, shop: Any, market: Any, app: Any
) -> None:
    await bundles.accepted(market, shop["id"])
    progress = await bundles.progress(wang, shop["id"])
    path = f"/applications/bundles/{shop['id']}/withdrawal"
    reply = await wang.post(path, {"version": progress["version"]})
    assert {m["state"] for m in reply.json["members"]} == {"withdrawn"}
    assert "bundle_resumed" not in [m["kind"] for m in await told(wang, app)]


async def test_granting_and_taking_back_at_once_leave_nobody_stuck(
    wang: Any, bundles: BundleOffice, market: Any, office: Office
) -> None:
    for _ in range(3):
        shop = await bundles.submitted(wang, SHOP, chosen=[FIRE])
        id = shop["id"]
        await bundles.accepted(market, id)
        case = case_of(shop, TRADER)
        moved = await office.go(market, case, "start_review", "propose")
        version = (await bundles.progress(wang, id))["version"]
        granted, withdrawn = await asyncio.gather(
            office.act(market, case, moved["version"], "grant"),
            wang.post(f"/applications/bundles/{id}/withdrawal", {"version": version}),
        )
        states = await bundles.states(wang, id)
        assert sorted((granted.status, withdrawn.status)) == [200, 409], (
            granted.text,
            withdrawn.text,
        )
        if granted.status == 200:
            assert states == {TRADER: "granted", FOOD: "submitted", FIRE: "submitted"}
        else:
            assert set(states.values()) == {"withdrawn"}
