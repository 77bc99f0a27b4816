"""What citizens may ask of us: consents, a copy, deletion, and the archive's exception."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from miniapp_api.identity.errors import ConsentMissing
from miniapp_api.identity.hooks import Kept
from miniapp_api.platform.database import fetch, transaction
from tests.miniapp_api.identity.conftest import WANG, WANG_ID

PHONE = "13912345678"
REASON = "您有1件已办结的事项，档案须保存十年"
NAME = "姓名和身份证号"


async def _id(citizen: Any) -> UUID:
    return UUID((await citizen.get("/identity/me")).json["id"])


@pytest.fixture
async def wang(verified: Any) -> Any:
    return await verified(phone=PHONE)


@pytest.fixture
def hooks(app: Any) -> Any:
    """The rooms' hooks, taken away again after the test."""
    profiles = app.ctx.profiles
    before = [dict(d) for d in (profiles.exporters, profiles.retainers, profiles.erasers)]
    yield profiles
    for hooks, old in zip(
        (profiles.exporters, profiles.retainers, profiles.erasers), before, strict=True
    ):
        hooks.clear()
        hooks.update(old)


@pytest.fixture
def archive(hooks: Any) -> None:
    async def reasons(citizen: UUID) -> list[Kept]:
        return [Kept("办件档案", REASON, needs_name=True)]

    hooks.retainer("applications", reasons)


async def test_a_consent_is_recorded_with_its_version(wang: Any) -> None:
    (consent,) = (await wang.get("/identity/me/consents")).json["consents"]
    assert (consent["purpose"], consent["withdrawn_at"]) == ("real_name", None)
    assert consent["version"]
    assert "身份证号" in consent["text"]


async def test_withdrawing_the_name_erases_it(wang: Any, app: Any) -> None:
    me = await _id(wang)
    reply = await wang.call("DELETE", "/identity/me/consents/real_name")
    assert reply.json == {"erased": [NAME], "kept": []}
    assert (await wang.get("/identity/me")).json["assurance"] == 1
    assert await app.ctx.profiles.person(me) is None
    (row,) = await fetch("SELECT name_sealed, id_number_sealed, id_index FROM profile")
    assert set(row.values()) == {None}
    again = await wang.call("DELETE", "/identity/me/consents/real_name")
    assert again.code == "consent_not_found"
    (consent,) = (await wang.get("/identity/me/consents")).json["consents"]
    assert consent["withdrawn_at"] is not None


@pytest.mark.parametrize("purpose", ["%00", "nothing", "%0A", "x" * 300])
async def test_a_consent_that_was_never_given_is_not_withdrawn(citizen: Any, purpose: str) -> None:
    reply = await citizen.call("DELETE", f"/identity/me/consents/{purpose}")
    assert (reply.status, reply.code) == (404, "consent_not_found")


async def test_a_name_that_the_archive_needs_is_kept_out_of_use(
    wang: Any, app: Any, archive: Any
) -> None:
    me = await _id(wang)
    reply = await wang.call("DELETE", "/identity/me/consents/real_name")
    assert reply.json == {"erased": [], "kept": [{"what": NAME, "reason": REASON}]}
    assert await app.ctx.profiles.person(me) is None
    assert await app.ctx.profiles.citizen_of_id_number(WANG_ID) is None
    assert (await wang.get("/identity/me")).json["name_masked"] is None
    (row,) = await fetch("SELECT * FROM profile")
    assert row["id_number_sealed"] is not None
    body = {"name": WANG, "id_number": WANG_ID, "consent": True}
    assert (await wang.post("/identity/real-name", body)).json["assurance"] == 2
    assert (await app.ctx.profiles.person(me)).name == WANG


async def test_withdrawing_the_face_keeps_the_name(wang: Any, real_name: Any) -> None:
    body = {"token": real_name.face_token(WANG_ID), "consent": True}
    await wang.post("/identity/real-name/face", body)
    assert (await wang.call("DELETE", "/identity/me/consents/face")).status == 200
    assert (await wang.get("/identity/me")).json["assurance"] == 2


async def test_other_rooms_ask_for_consents_of_their_own(citizen: Any, app: Any) -> None:
    me, rights = await _id(citizen), app.ctx.rights
    with pytest.raises(ConsentMissing):
        await rights.require_consent(me, "share:police")
    for version in ("1", "1", "2"):
        async with transaction() as connection:
            await rights.consent(connection, me, "share:police", version)
    await rights.require_consent(me, "share:police")
    found = (await citizen.get("/identity/me/consents")).json["consents"]
    assert [(c["version"], c["withdrawn_at"] is None) for c in found] == [("2", True), ("1", False)]
    await citizen.call("DELETE", "/identity/me/consents/share:police")
    with pytest.raises(ConsentMissing):
        await rights.require_consent(me, "share:police")


async def test_a_copy_is_masked_and_holds_every_rooms_part(wang: Any, hooks: Any) -> None:
    async def cases(citizen: UUID, *, masked: bool) -> Any:
        return [{"receipt": "2026-001", "citizen": str(citizen), "masked": masked}]

    hooks.exporter("applications", cases)
    reply = await wang.get("/identity/me/export")
    copy = reply.json
    assert copy["masked"] is True
    assert copy["data"]["applications"] == [
        {"receipt": "2026-001", "citizen": str(await _id(wang)), "masked": True}
    ]
    identity = copy["data"]["identity"]
    assert identity["name_masked"] == "王**"
    assert len(identity["devices"]) == len(identity["consents"]) == 1
    for secret in (WANG, WANG_ID, PHONE):
        assert secret not in reply.text


async def test_a_copy_in_full_needs_a_fresh_code(wang: Any, fresh_code: Any) -> None:
    reply = await wang.post("/identity/me/export", {"code": "000000"})
    assert (reply.status, reply.code) == (401, "code_wrong")
    code = await fresh_code(PHONE)
    reply = await wang.post("/identity/me/export", {"code": code})
    identity = reply.json["data"]["identity"]
    assert (identity["name"], identity["id_number"], identity["phone"]) == (WANG, WANG_ID, PHONE)
    again = await wang.post("/identity/me/export", {"code": code})
    assert again.code == "code_wrong"


async def test_anothers_code_proves_nothing(wang: Any, fresh_code: Any) -> None:
    code = await fresh_code("13700009999")
    assert (await wang.post("/identity/me/export", {"code": code})).code == "code_wrong"
    assert (await wang.post("/identity/me/deletion", {"code": code})).code == "code_wrong"
    assert (await wang.get("/identity/me")).status == 200


async def _delete(citizen: Any, code: str) -> Any:
    reply = await citizen.post("/identity/me/deletion", {"code": code})
    assert reply.status == 200, reply.text
    return reply.json


async def test_deletion_erases_everything_and_says_what_is_kept(
    wang: Any, api: Any, app: Any, wechat: Any, fresh_code: Any, log_in: Any
) -> None:
    me = await _id(wang)
    await wang.call("PUT", "/identity/me/address", json={"address": "沈阳市和平区南京街1号"})
    login = {"code": wechat.login_code("o-wang"), "phone_code": wechat.phone_code(PHONE)}
    other = (await api.post("/identity/wechat/sessions", login)).json
    answer = await _delete(wang, await fresh_code(PHONE))
    assert {NAME, "手机号", "地址", "微信账号"} <= set(answer["erased"])
    assert {k["what"] for k in answer["kept"]} == {"同意记录", "操作日志"}  # nothing was done
    assert all(k["reason"] for k in answer["kept"])
    for client in (wang, api.as_citizen(other["token"])):
        assert (await client.get("/identity/me")).code == "session_expired"
    refresh = {"refresh_token": other["refresh_token"]}
    assert (await api.post("/identity/sessions/refresh", refresh)).code == "refresh_invalid"
    (row,) = await fetch("SELECT * FROM citizen WHERE id = $1", me)
    assert (row["phone_index"], row["phone_masked"], row["phone_sealed"]) == (None, "", None)
    for table in ("profile", "wechat_account", "citizen_session"):
        assert await fetch(f"SELECT * FROM {table} WHERE citizen = $1", me) == []
    assert await app.ctx.profiles.phone(me) is None
    # Whoever comes back is somebody new, and may verify the same number.
    await app.ctx.redis.delete(*await app.ctx.redis.keys("limit:*"))
    back = await log_in(PHONE)
    assert await _id(back) != me
    body = {"name": WANG, "id_number": WANG_ID, "consent": True}
    assert (await back.post("/identity/real-name", body)).status == 200


async def test_the_archive_keeps_the_name_sealed_and_out_of_reach(
    wang: Any, app: Any, archive: Any, fresh_code: Any
) -> None:
    me = await _id(wang)
    answer = await _delete(wang, await fresh_code(PHONE))
    assert NAME not in answer["erased"]
    assert {"what": NAME, "reason": REASON} in answer["kept"]
    assert {"what": "办件档案", "reason": REASON} in answer["kept"]
    (row,) = await fetch("SELECT * FROM profile WHERE citizen = $1", me)
    assert row["id_number_sealed"] is not None
    assert (row["id_index"], row["address_sealed"]) == (None, None)
    assert row["restricted_at"] is not None
    assert await app.ctx.profiles.person(me) is None
    assert await app.ctx.profiles.citizen_of_id_number(WANG_ID) is None


async def test_consents_to_book_for_others_end_with_the_citizen(
    wang: Any, log_in: Any, sms: Any, fresh_code: Any, app: Any
) -> None:
    daughter = await log_in("13800000002")
    await daughter.post("/identity/principals/codes", {"phone": PHONE})
    code = sms.last[PHONE]["parameters"]["code"]
    body = {"relation": "elder", "label": "爸爸", "phone": PHONE, "code": code}
    assert (await daughter.post("/identity/principals", body, key="a")).status == 201
    await _delete(wang, await fresh_code(PHONE))
    assert (await daughter.get("/identity/principals")).json["principals"] == []
    (row,) = await fetch("SELECT * FROM proxy_grant")
    assert row["revoked_at"] is not None
    assert row["phone_masked"] is None


async def test_other_rooms_erase_in_the_same_transaction(
    wang: Any, hooks: Any, fresh_code: Any
) -> None:
    asked = []

    async def erase(connection: Any, citizen: UUID) -> None:
        asked.append(citizen)
        raise RuntimeError

    me = await _id(wang)
    hooks.eraser("chat", erase)
    reply = await wang.post("/identity/me/deletion", {"code": await fresh_code(PHONE)})
    assert (reply.status, asked) == (500, [me])
    (row,) = await fetch("SELECT erased_at, phone_sealed FROM citizen WHERE id = $1", me)
    assert row["erased_at"] is None
    assert row["phone_sealed"] is not None


async def test_who_has_nothing_but_a_phone_is_erased_too(log_in: Any, fresh_code: Any) -> None:
    citizen = await log_in(PHONE)
    answer = await _delete(citizen, await fresh_code(PHONE))
    assert "手机号" in answer["erased"]
    assert NAME not in answer["erased"]
