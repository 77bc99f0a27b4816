"""The story of the README: from the question to the certificate, with everything in between."""

from __future__ import annotations

from typing import Any

import pytest

from miniapp_api.platform import audit_chain
from tests.miniapp_api.applications.conftest import ANSWERS, PERMIT, Office, picture
from tests.miniapp_api.identity.conftest import LI, LI_ID, WANG, WANG_ID

COMPANY, USCC = "沈阳好味道餐饮有限公司", "91350100M000100Y43"


@pytest.fixture
async def clerk_of(staff: Any) -> Any:
    async def clerk_of(department: str) -> Any:
        return await staff("clerk", departments=(department,))

    return clerk_of


async def test_a_citizen_gets_a_residence_permit(
    wang: Any, office: Office, clerk_of: Any, app: Any, pay: Any
) -> None:
    asked = await wang.post("/chat/messages", {"text": "居住证丢了怎么补"})
    assert asked.status == 200
    options = {"kind": "replacement", "ground": "house"}
    begun = await wang.post("/applications/drafts", {"item": PERMIT, "options": options})
    draft, path = begun.json, f"/applications/drafts/{begun.json['id']}"
    covered = await wang.post(f"{path}/certificates", {"authorised": True})
    assert covered.json["outcomes"] == {
        "id-card": "covered",
        "real-estate-certificate": "covered",
    }
    draft = covered.json["draft"]
    assert sum(m["covered"] for m in draft["materials"]) == 2
    typed = {"revision": draft["revision"], "answers": ANSWERS, "delivery": "window"}
    draft = (await wang.call("PATCH", path, json=typed)).json
    photo = next(m for m in draft["materials"] if "照片" in m["name"])
    draft = await office.upload(wang, draft["id"], photo["key"])
    check = (await wang.get(f"{path}/check")).json
    assert [f["code"] for f in check["faults"]] == ["unpaid"], check["faults"]
    order = (await wang.post(f"{path}/order")).json
    assert order["amount_fen"] == 2_000
    await pay(wang, order["id"])
    assert (await wang.get(f"{path}/check")).json["ready"] is True
    case = (await office.submit(wang, draft)).json

    clerk = await clerk_of("public-security")
    claimed = await office.claim(clerk, case["id"])
    missing = [{"name": photo["key"], "problem": "unclear"}]
    await office.act(
        clerk, case["id"], claimed["version"], "request_correction", missing=missing, note="照片糊"
    )
    while await app.ctx.messages.drain():
        pass
    told = (await wang.get("/messages/")).json["messages"]
    page = next(m["page"] for m in told if m["kind"] == "case_correction")
    id = page.partition("?id=")[2]
    view = (await wang.get(f"/applications/{id}")).json
    assert view["missing"][0]["title"] == photo["name"]
    await wang.call("POST", f"/applications/{id}/materials/{photo['key']}/files", data=picture())
    corrected = await wang.post(f"/applications/{id}/correction", {"version": view["version"]})
    assert corrected.json["state"] == "submitted"

    await office.go(clerk, id, "accept", "start_review", "propose", "grant", "issue", "deliver")
    view = (await wang.get(f"/applications/{id}")).json
    assert (view["state"], view["paid"]) == ("delivered", True)
    assert len(view["steps"]) == 11
    assert all(step["who"] and step["since"] for step in view["steps"])
    vault = (await wang.get("/certificates/")).json["certificates"]
    assert view["certificate"] in [c["id"] for c in vault]
    assert (await audit_chain.verify()).faults == []


async def test_an_enterprise_gets_a_food_licence(
    verified: Any, office: Office, clerk_of: Any, real_name: Any, app: Any
) -> None:
    boss = await verified(WANG, WANG_ID)
    body = {"uscc": USCC, "name": COMPANY}
    opened = await boss.post("/identity/enterprises", body, key="open")
    assert opened.status == 201, opened.text
    begun = await boss.post(
        "/applications/drafts",
        {"item": "food-business-licence", "enterprise": opened.json["id"]},
    )
    assert begun.status == 200, begun.text
    draft, path = begun.json, f"/applications/drafts/{begun.json['id']}"
    fields = {f["name"]: f for s in draft["sections"] for f in s["fields"]}
    assert fields["credit_code"]["value"] == USCC
    assert fields["legal_representative"]["value"] == WANG
    answers = {
        "premises_address": "沈河区中街路1号", "floor_area": 80, "staff_count": 6,
        "food_manager": "李梅",
    }  # fmt: skip
    typed = {"revision": draft["revision"], "answers": answers, "delivery": "electronic"}
    draft = (await boss.call("PATCH", path, json=typed)).json
    for material in draft["materials"]:
        if material["required"]:
            draft = await office.upload(boss, draft["id"], material["key"])
    case = (await office.submit(boss, draft)).json
    stranger = await verified(LI, LI_ID)
    refused = await stranger.post(
        "/applications/drafts",
        {"item": "food-business-licence", "enterprise": opened.json["id"]},
    )
    assert refused.code == "enterprise_forbidden"
    clerk = await clerk_of("market-regulation")
    await office.go(
        clerk, case["id"], "accept", "start_review", "begin_special", "end_special", "propose",
        "grant", "issue", "deliver",
    )  # fmt: skip
    view = (await boss.get(f"/applications/{case['id']}")).json
    assert view["state"] == "delivered"
    assert view["certificate"] is not None
