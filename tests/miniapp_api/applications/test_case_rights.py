"""A citizen's rights over his drafts and cases: a copy, what is kept and why, deletion."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniapp_api.applications.rights import mask
from miniapp_api.platform.database import fetch
from miniapp_api.platform.files.errors import StoreUnavailable
from tests.miniapp_api.applications.conftest import ANSWERS, PERMIT, Office
from tests.miniapp_api.identity.conftest import LI, LI_ID, WANG, WANG_ID, fresh_code

__all__ = ["fresh_code"]

PHONE = "13912345678"
ADDRESS = ANSWERS["residence_address"]
DEED = "real-estate-certificate-replacement"
STORED = (
    "SELECT 1 FROM draft WHERE citizen = $1 OR applicant = $1 "
    "UNION ALL SELECT 1 FROM attachment a WHERE NOT EXISTS "
    "(SELECT FROM application c WHERE c.id = a.draft) AND $1::uuid IS NOT NULL"
)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(min_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def _texts(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for each in value.values() for text in _texts(each)]
        case list():
            return [text for each in value for text in _texts(each)]
    return []


@given(VALUES)
def test_a_masked_answer_shows_one_sign_at_most(value: Any) -> None:
    assert all(len(text.rstrip("*")) <= 1 or text == "" for text in _texts(mask(value)))
    assert len(_texts(mask(value))) >= len(_texts(value))


@pytest.fixture
async def wang(verified: Any) -> Any:
    """Wang, whose phone we know."""
    return await verified(phone=PHONE)


@pytest.fixture
async def story(wang: Any, office: Office, clerk: Any, pay: Any, app: Any) -> dict[str, Any]:
    """A delivered case, its messages, and a paid draft with a file and certificates."""
    done = await office.submitted(wang)
    await office.go(
        clerk, done["id"], "accept", "start_review", "propose", "grant", "issue", "deliver"
    )
    begun = await wang.post(
        "/applications/drafts",
        {"item": PERMIT, "options": {"kind": "replacement", "ground": "house"}},
    )
    path = f"/applications/drafts/{begun.json['id']}"
    covered = (await wang.post(f"{path}/certificates", {"authorised": True})).json
    typed = {"revision": covered["draft"]["revision"], "answers": ANSWERS, "delivery": "window"}
    draft = (await wang.call("PATCH", path, json=typed)).json
    photo = next(m for m in draft["materials"] if "照片" in m["name"])
    await office.upload(wang, draft["id"], photo["key"])
    order = (await wang.post(f"{path}/order")).json["id"]
    await pay(wang, order)
    while await app.ctx.messages.drain():
        pass
    return {"done": done, "draft": draft["id"], "order": order}


async def _delete(citizen: Any, fresh_code: Any) -> dict[str, Any]:
    body = {"code": await fresh_code(PHONE)}
    reply = await citizen.post("/identity/me/deletion", body)
    assert reply.status == 200, reply.text
    answer: dict[str, Any] = reply.json
    return answer


async def test_a_copy_holds_drafts_cases_certificates_ledger_and_orders(
    wang: Any, story: dict[str, Any], fresh_code: Any
) -> None:
    reply = await wang.post("/identity/me/export", {"code": await fresh_code(PHONE)})
    data = reply.json["data"]
    (case,), (draft,) = data["applications"]["cases"], data["applications"]["drafts"]
    assert case["number"] == story["done"]["number"]
    assert case["answers"]["id_number"] == WANG_ID
    assert [s["state"] for s in case["steps"]][-1] == "delivered"
    assert {f["name"] for f in case["files"]} == {"照片.jpg"}
    assert draft["answers"]["residence_address"] == ADDRESS
    assert sum(f["certificate"] is not None for f in draft["files"]) == 2
    held = data["certificates"]
    assert {c["source"] for c in held["certificates"]} == {"issued", "fetched"}
    assert all(c["certificate_holder_name"] == WANG for c in held["certificates"])
    assert len(held["authorisations"]) == 1
    assert {e["outcome"] for e in held["ledger"]} == {"fetched"}
    (order,) = data["payments"]
    assert (order["id"], order["amount_fen"], order["refunds"]) == (story["order"], 2_000, [])


async def test_a_masked_copy_tells_nothing_to_who_borrows_the_phone(
    wang: Any, story: dict[str, Any]
) -> None:
    reply = await wang.get("/identity/me/export")
    assert {"applications", "certificates", "payments", "messages"} <= set(reply.json["data"])
    for secret in (WANG, WANG_ID, PHONE, ADDRESS, ANSWERS["employer"], "照片.jpg"):
        assert secret not in reply.text


async def test_after_deletion_no_draft_and_no_file_is_left_and_the_rest_says_why(
    wang: Any, story: dict[str, Any], fresh_code: Any, app: Any, wechat_pay: Any
) -> None:
    me = UUID((await wang.get("/identity/me")).json["id"])
    (blob,) = await fetch(
        "SELECT blob FROM attachment WHERE draft = $1 AND blob IS NOT NULL", story["draft"]
    )
    files = app.ctx.blobs
    assert [piece async for piece in files.read(blob["blob"])] != []
    answer = await _delete(wang, fresh_code)
    assert await fetch(STORED, me) == []
    kept = {each["what"]: each["reason"] for each in answer["kept"]}
    assert "档案法" in kept["办件档案（1件）"]
    assert "档案法" in kept["已签发的电子证照（1个）"]
    assert "会计法" in kept["缴费记录（1笔）"]
    assert "第六十九条" in kept["数据共享台账"]
    assert "档案法" in kept["姓名和身份证号"]
    assert {"申请草稿和上传的文件", "部门共享的证照副本", "消息"} <= set(answer["erased"])
    assert await fetch("SELECT id FROM notice WHERE citizen = $1", me) == []
    rows = await fetch("SELECT source FROM certificate WHERE holder = $1", me)
    assert [row["source"] for row in rows] == ["issued"]
    assert len(await fetch("SELECT id FROM application WHERE citizen = $1", me)) == 1
    assert len(await fetch("SELECT id FROM attachment WHERE draft = $1", story["done"]["id"])) == 3
    while await app.ctx.case_rights.delete_files():
        pass
    with pytest.raises(StoreUnavailable):
        assert [piece async for piece in files.read(blob["blob"])]


async def test_after_deletion_what_was_paid_for_a_draft_goes_back(
    wang: Any, story: dict[str, Any], fresh_code: Any, app: Any, wechat_pay: Any
) -> None:
    await _delete(wang, fresh_code)
    while await app.ctx.payments.poll():
        await wechat_pay.settled()
    (row,) = await fetch("SELECT status, refunded_fen FROM pay_order WHERE id = $1", story["order"])
    assert (row["status"], row["refunded_fen"]) == ("refunded", 2_000)


async def test_a_certificate_that_stands_in_a_case_stays_with_it(
    wang: Any, office: Office, fresh_code: Any
) -> None:
    begun = await wang.post(
        "/applications/drafts", {"item": PERMIT, "options": {"ground": "house"}}
    )
    path = f"/applications/drafts/{begun.json['id']}"
    draft = (await wang.post(f"{path}/certificates", {"authorised": True})).json["draft"]
    typed = {"revision": draft["revision"], "answers": ANSWERS, "delivery": "window"}
    draft = (await wang.call("PATCH", path, json=typed)).json
    photo = next(m for m in draft["materials"] if "照片" in m["name"])
    draft = await office.upload(wang, draft["id"], photo["key"])
    assert (await office.submit(wang, draft)).status == 200
    other = {"types": ["household-register"], "authorised": True}
    await wang.post("/certificates/fetches", other, key="k")
    answer = await _delete(wang, fresh_code)
    rows = await fetch("SELECT DISTINCT certificate_type_no AS type FROM certificate")
    assert {row["type"] for row in rows} == {"id-card", "real-estate-certificate"}
    reason = next(k["reason"] for k in answer["kept"] if k["what"] == "办件档案（1件）")
    assert "1件还在办" in reason


async def test_who_applied_for_nothing_has_nothing_kept(wang: Any, fresh_code: Any) -> None:
    answer = await _delete(wang, fresh_code)
    assert {k["what"] for k in answer["kept"]} == {"同意记录", "操作日志"}
    assert "申请草稿和上传的文件" not in answer["erased"]


async def test_what_is_filed_for_somebody_else_is_hers(
    wang: Any, office: Office, verified: Any, sms: Any, fresh_code: Any
) -> None:
    li = await verified(LI, LI_ID, phone="13700001111")
    await wang.post("/identity/principals/codes", {"phone": "13700001111"})
    code = sms.last["13700001111"]["parameters"]["code"]
    asked = {"relation": "elder", "label": "妈妈", "phone": "13700001111", "code": code}
    grant = (await wang.post("/identity/principals", asked, key="g")).json["id"]
    body = {"item": PERMIT, "principal": grant}
    begun = await wang.post("/applications/drafts", body)
    assert begun.status == 200, begun.text
    full = await wang.post("/identity/me/export", {"code": await fresh_code(PHONE)})
    (draft,) = full.json["data"]["applications"]["drafts"]
    assert draft["answers"]["name"] == "李**"
    assert LI_ID not in full.text
    hers = await li.post("/identity/me/export", {"code": await fresh_code("13700001111")})
    (draft,) = hers.json["data"]["applications"]["drafts"]
    assert draft["answers"]["id_number"] == LI_ID
    gone = {"code": await fresh_code("13700001111")}
    assert (await li.post("/identity/me/deletion", gone)).status == 200
    assert await fetch("SELECT id FROM draft") == []


async def test_submitting_and_deleting_at_once_leaves_a_whole_case_or_nothing(
    wang: Any, office: Office, fresh_code: Any
) -> None:
    draft = await office.filled(wang)
    code = await fresh_code(PHONE)
    submitted, deleted = await asyncio.gather(
        office.submit(wang, draft), wang.post("/identity/me/deletion", {"code": code})
    )
    assert deleted.status == 200, deleted.text
    cases = await fetch("SELECT id FROM application")
    assert len(cases) == (1 if submitted.status == 200 else 0)
    assert len(await fetch("SELECT id FROM attachment")) == (3 if cases else 0)
    assert await fetch("SELECT id FROM draft") == []


async def test_who_gave_a_consent_hears_that_it_was_used(
    wang: Any, office: Office, verified: Any, sms: Any, app: Any
) -> None:
    li = await verified(LI, LI_ID, phone="13700001111")
    await wang.post("/identity/principals/codes", {"phone": "13700001111"})
    code = sms.last["13700001111"]["parameters"]["code"]
    asked = {"relation": "elder", "label": "妈妈", "phone": "13700001111", "code": code}
    grant = (await wang.post("/identity/principals", asked, key="g")).json["id"]
    begun = await wang.post("/applications/drafts", {"item": PERMIT, "principal": grant})
    draft = begun.json
    typed = {"answers": ANSWERS, "delivery": "window", "revision": draft["revision"]}
    draft = (await wang.call("PATCH", f"/applications/drafts/{draft['id']}", json=typed)).json
    for material in draft["materials"]:
        if material["required"]:
            draft = await office.upload(wang, draft["id"], material["key"])
    assert (await office.submit(wang, draft)).status == 200
    while await app.ctx.messages.drain():
        pass
    hers = (await li.get("/messages/")).json["messages"]
    assert "consent_used" in {m["kind"] for m in hers}
    assert "case_submitted" not in {m["kind"] for m in hers}
    his = (await wang.get("/messages/")).json["messages"]
    assert [m["kind"] for m in his] == ["case_submitted"]
