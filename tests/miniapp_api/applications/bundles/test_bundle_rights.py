"""Bundles for others, for enterprises, and when whoever they are about goes away."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from miniapp_api.platform.database import fetch
from tests.miniapp_api.applications.bundles.office import (
    FUNDS,
    SURVIVOR,
    BundleOffice,
    fields,
    paper,
    told,
)
from tests.miniapp_api.identity.conftest import LI, LI_ID, WANG, WANG_ID, fresh_code

__all__ = ["fresh_code"]

PHONE, HERS = "13912345678", "13700001111"
COMPANY, USCC = "沈阳好味道餐饮有限公司", "91350100M000100Y43"


@pytest.fixture
def bundles() -> BundleOffice:
    return BundleOffice()


@pytest.fixture
async def wang(verified: Any) -> Any:
    """Wang, whose phone we know."""
    return await verified(WANG, WANG_ID, phone=PHONE)


@pytest.fixture
async def mother(verified: Any) -> Any:
    return await verified(LI, LI_ID, phone=HERS)


async def consent(citizen: Any, sms: Any) -> str:
    await citizen.post("/identity/principals/codes", {"phone": HERS})
    code = sms.last[HERS]["parameters"]["code"]
    asked = {"relation": "elder", "label": "妈妈", "phone": HERS, "code": code}
    return str((await citizen.post("/identity/principals", asked, key="g")).json["id"])


async def test_a_child_applies_for_the_mother(
    wang: Any, mother: Any, bundles: BundleOffice, sms: Any, app: Any
) -> None:
    done = await bundles.submitted(wang, principal=await consent(wang, sms))
    progress = await bundles.progress(mother, done["id"])
    assert (progress["applicant_masked"], progress["may"]) == ("李*", [])
    assert [each["id"] for each in (await mother.get("/applications/bundles")).json["bundles"]] == [
        done["id"]
    ]
    refused = await mother.post(f"/applications/bundles/{done['id']}/withdrawal", {"version": 3})
    assert refused.code == "bundle_not_found"  # who filed it takes it back
    assert [m["kind"] for m in await told(mother, app) if m["kind"] != "consent_granted"] == [
        "consent_used"
    ]
    assert "bundle_submitted" in [m["kind"] for m in await told(wang, app)]


async def test_who_may_not_act_any_more_does_not_go_on(
    wang: Any, mother: Any, bundles: BundleOffice, sms: Any
) -> None:
    grant = await consent(wang, sms)
    form = await bundles.filled(wang, principal=grant)
    assert (await wang.call("DELETE", f"/identity/principals/{grant}")).status == 204
    for reply in (
        await wang.get(f"/applications/bundles/{form['id']}"),
        await bundles.save(wang, form, answers={"matter": "x"}),
        await bundles.submit(wang, form),
    ):
        assert reply.status in (403, 404, 409), reply.text
    assert await fetch("SELECT id FROM application") == []


async def test_an_enterprise_opens_with_one_application(
    wang: Any, bundles: BundleOffice, real_name: Any, staff: Any
) -> None:
    opened = await wang.post("/identity/enterprises", {"uscc": USCC, "name": COMPANY}, key="open")
    assert opened.status == 201, opened.text
    form = await bundles.filled(wang, "new-company", enterprise=opened.json["id"])
    asked = fields(form)
    assert (asked["credit_code"]["value"], asked["agent_name"]["value"]) == (USCC, WANG)
    assert len(paper(form, "营业执照")["items"]) == 5
    done = await bundles.submit(wang, form)
    assert done.status == 200, done.text
    rows = await fetch("SELECT DISTINCT kind, applicant::text AS applicant FROM application")
    assert rows == [{"kind": "enterprise", "applicant": opened.json["id"]}]


async def test_a_copy_of_ones_data_holds_every_member(
    wang: Any, bundles: BundleOffice, fresh_code: Any
) -> None:
    await bundles.filled(wang, chosen=[SURVIVOR])
    copy = await wang.post("/identity/me/export", {"code": await fresh_code(PHONE)})
    drafts = copy.json["data"]["applications"]["drafts"]
    assert len(drafts) == 2
    assert all(draft["answers"]["id_number"] == WANG_ID for draft in drafts)


async def test_nothing_of_a_bundle_is_left_when_whoever_it_is_about_goes(
    wang: Any, mother: Any, bundles: BundleOffice, sms: Any, fresh_code: Any, app: Any
) -> None:
    form = await bundles.filled(wang, principal=await consent(wang, sms))
    blobs = [row["blob"] for row in await fetch("SELECT DISTINCT blob FROM attachment")]
    gone = {"code": await fresh_code(HERS)}
    assert (await mother.post("/identity/me/deletion", gone)).status == 200
    for table in ("bundle", "bundle_member", "draft", "attachment"):
        assert await fetch(f"SELECT id FROM {table}") == [], table
    assert (await wang.get(f"/applications/bundles/{form['id']}")).code == "bundle_not_found"
    assert (await bundles.submit(wang, form)).code == "bundle_not_found"
    await app.ctx.case_rights.delete_files()
    for blob in blobs:
        with pytest.raises(Exception):  # noqa: B017, PT011 - however the store says it
            assert [piece async for piece in app.ctx.intake.read(blob)]


async def test_submitting_and_deleting_at_once_leaves_all_cases_or_none(
    wang: Any, bundles: BundleOffice, fresh_code: Any
) -> None:
    form = await bundles.filled(wang)
    code = await fresh_code(PHONE)
    submitted, deleted = await asyncio.gather(
        bundles.submit(wang, form), wang.post("/identity/me/deletion", {"code": code})
    )
    assert deleted.status == 200, deleted.text
    cases = await fetch("SELECT id FROM application")
    files = await fetch("SELECT id FROM attachment")
    if submitted.status == 200:
        assert len(cases) == 3
        assert files
    else:
        assert (cases, files) == ([], [])


async def test_taking_out_while_somebody_joins_never_removes_a_file_in_use(
    wang: Any, bundles: BundleOffice, app: Any
) -> None:
    for _ in range(4):
        form = await bundles.start(wang, chosen=[])
        form = (await bundles.save(wang, form, chosen=[SURVIVOR])).json
        key = paper(form, "居民死亡医学证明（推断）书")["key"]
        form = (await bundles.upload(wang, form, key)).json
        file = paper(form, "居民死亡医学证明（推断）书")["files"][0]["id"]
        path = f"/applications/bundles/{form['id']}"
        taken, saved = await asyncio.gather(
            wang.call("DELETE", f"{path}/files/{file}"),
            bundles.save(wang, form, chosen=[SURVIVOR, FUNDS]),
        )
        assert taken.status == 200, taken.text
        assert saved.status in (200, 409), saved.text
        rows = await fetch("SELECT DISTINCT blob FROM attachment WHERE blob IS NOT NULL")
        for row in rows:
            assert [piece async for piece in app.ctx.intake.read(row["blob"])]
        drafts = await fetch("SELECT count(*) AS n FROM bundle_member WHERE chosen")
        assert drafts[0]["n"] == (3 if saved.status == 200 else 2)
        assert (await wang.call("DELETE", path)).status == 204
