"""Who a citizen is: verified by a national service of ours, kept sealed, shown masked."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniapp_api.identity import rules
from miniapp_api.identity.errors import AssuranceTooLow
from miniapp_api.platform.database import fetch
from miniapp_api.platform.sealing import SealBroken
from tests.miniapp_api.identity.conftest import LI, LI_ID, WANG, WANG_ID

PHONE = "13800138000"
BODY = {"name": WANG, "id_number": WANG_ID, "consent": True}
ADDRESS = "辽宁省沈阳市和平区南京街101号3-2-1"


async def _id(citizen: Any) -> UUID:
    return UUID((await citizen.get("/identity/me")).json["id"])


async def test_who_logged_in_is_known_by_his_phone_only(citizen: Any) -> None:
    me = (await citizen.get("/identity/me")).json
    assert me == {
        "id": me["id"],
        "phone_masked": "138****8000",
        "assurance": 1,
        "name_masked": None,
        "id_number_masked": None,
        "address_masked": None,
        "verified_at": None,
        "wechat": False,
    }


async def test_a_verified_citizen_sees_himself_masked(citizen: Any, real_name: Any) -> None:
    reply = await citizen.post("/identity/real-name", BODY)
    assert reply.status == 200, reply.text
    assert (reply.json["name_masked"], reply.json["id_number_masked"]) == (
        "王**",
        "1101**********002X",
    )
    assert reply.json["assurance"] == 2
    assert (await citizen.get("/identity/me")).json == reply.json
    assert WANG not in reply.text
    assert WANG_ID not in reply.text


async def test_other_rooms_get_the_person_in_full(citizen: Any, app: Any, real_name: Any) -> None:
    me = await _id(citizen)
    assert await app.ctx.profiles.person(me) is None
    assert await app.ctx.profiles.phone(me) == PHONE
    await citizen.call("PUT", "/identity/me/address", json={"address": ADDRESS})
    await citizen.post("/identity/real-name", BODY)
    person = await app.ctx.profiles.person(me)
    assert (person.name, person.id_number, person.phone, person.address, person.assurance) == (
        WANG,
        WANG_ID,
        PHONE,
        ADDRESS,
        2,
    )
    assert WANG_ID not in repr(person)
    assert await app.ctx.profiles.citizen_of_id_number(WANG_ID.lower()) == me
    assert await app.ctx.profiles.person(uuid4()) is None
    assert await app.ctx.profiles.phone(uuid4()) is None


async def test_names_and_numbers_are_read_in_any_writing(citizen: Any, real_name: Any) -> None:
    real_name.people["34052419800101001X"] = "买买提·艾力"
    body = {"name": " 买买提•艾力 ", "id_number": "34052419800101001ｘ", "consent": True}
    assert (await citizen.post("/identity/real-name", body)).json["assurance"] == 2


@pytest.mark.parametrize(
    ("name", "number", "code"),
    [
        (WANG, "110105194912310021", "id_number_invalid"),
        (WANG, "11010519490231002X", "id_number_invalid"),
        ("王", WANG_ID, "name_invalid"),
        ("Wang Xiaoming", WANG_ID, "name_invalid"),
        ("王·", WANG_ID, "name_invalid"),
        (LI, WANG_ID, "real_name_mismatch"),
        (WANG, "110101199003070011", "real_name_not_found"),
    ],
)
async def test_what_is_no_person_is_refused_by_name(
    citizen: Any, real_name: Any, name: str, number: str, code: str
) -> None:
    if code == "real_name_not_found":
        number = number[:17] + _check(number)
    body = {"name": name, "id_number": number, "consent": True}
    reply = await citizen.post("/identity/real-name", body)
    assert (reply.status, reply.code) == (422, code)
    assert number not in reply.text
    assert real_name.asked == (1 if code.startswith("real_name") else 0)
    assert (await citizen.get("/identity/me")).json["assurance"] == 1


def _check(number: str) -> str:
    total = sum(w * int(d) for w, d in zip(rules.ID_WEIGHTS, number, strict=False))
    return rules.ID_CHECK[total % 11]


@pytest.mark.parametrize("consent", [{}, {"consent": False}, {"consent": "true"}])
async def test_without_consent_nothing_is_asked(citizen: Any, real_name: Any, consent: Any) -> None:
    body = {"name": WANG, "id_number": WANG_ID, **consent}
    reply = await citizen.post("/identity/real-name", body)
    assert reply.code == "validation_failed"
    assert reply.json["fields"] == ["consent"]
    assert real_name.asked == 0


@pytest.mark.parametrize(
    ("mode", "code"),
    [
        ("refuse", "real_name_refused"),
        ("slow", "real_name_unavailable"),
        ("error", "real_name_unavailable"),
        ("garbage", "real_name_unavailable"),
    ],
)
async def test_a_service_that_fails_is_a_clear_refusal_and_changes_nothing(
    citizen: Any, real_name: Any, mode: str, code: str
) -> None:
    real_name.mode = mode
    reply = await citizen.post("/identity/real-name", BODY)
    assert (reply.status, reply.code) == (503, code)
    assert int(reply.headers["Retry-After"]) > 0
    assert (await citizen.get("/identity/me")).json["assurance"] == 1
    assert (await fetch("SELECT * FROM consent_record")) == []
    real_name.mode = "ok"
    assert (await citizen.post("/identity/real-name", BODY)).status == 200


async def test_a_service_that_is_not_there_is_a_clear_refusal(
    citizen: Any, app: Any, real_name: Any
) -> None:
    app.ctx.real_name.url = "http://127.0.0.1:1"
    assert (await citizen.post("/identity/real-name", BODY)).code == "real_name_unavailable"


async def test_tries_are_few_a_day(citizen: Any, log_in: Any, real_name: Any) -> None:
    wrong = {**BODY, "name": LI}
    codes = [(await citizen.post("/identity/real-name", wrong)).code for _ in range(6)]
    assert codes == ["real_name_mismatch"] * 5 + ["too_many_requests"]
    other = await log_in("13700000000")
    assert (await other.post("/identity/real-name", BODY)).code == "too_many_requests"
    assert real_name.asked == 5


async def test_a_number_belongs_to_one_citizen(verified: Any, log_in: Any) -> None:
    await verified()
    other = await log_in("13600000000")
    reply = await other.post("/identity/real-name", BODY)
    assert (reply.status, reply.code) == (409, "id_number_taken")
    assert (await other.get("/identity/me")).json["assurance"] == 1


async def test_of_two_who_verify_one_number_at_once_one_gets_it(
    log_in: Any, real_name: Any
) -> None:
    citizens = [await log_in(f"1370000000{n}") for n in range(5)]
    replies = await asyncio.gather(*(c.post("/identity/real-name", BODY) for c in citizens))
    assert Counter(r.status for r in replies) == {200: 1, 409: 4}
    assert len(await fetch("SELECT * FROM profile WHERE id_index IS NOT NULL")) == 1


async def test_one_citizen_with_two_numbers_at_once_gets_one(citizen: Any, real_name: Any) -> None:
    other = {"name": LI, "id_number": LI_ID, "consent": True}
    replies = await asyncio.gather(
        *(citizen.post("/identity/real-name", body) for body in (BODY, other))
    )
    assert sorted(r.status for r in replies) == [200, 409]


async def test_a_name_is_corrected_by_verifying_it_again(citizen: Any, real_name: Any) -> None:
    await citizen.post("/identity/real-name", BODY)
    real_name.people[WANG_ID] = "王晓明明"
    renamed = {**BODY, "name": "王晓明明"}
    assert (await citizen.post("/identity/real-name", renamed)).json["name_masked"] == "王***"
    other = {"name": LI, "id_number": LI_ID, "consent": True}
    assert (await citizen.post("/identity/real-name", other)).code == "id_number_fixed"
    assert len(await fetch("SELECT id FROM consent_record")) == 1


async def test_a_face_raises_the_assurance(citizen: Any, app: Any, real_name: Any) -> None:
    token = {"token": real_name.face_token(WANG_ID), "consent": True}
    early = await citizen.post("/identity/real-name/face", token)
    assert (early.code, early.json["level"]) == ("assurance_too_low", 2)
    await citizen.post("/identity/real-name", BODY)
    assert (await citizen.post("/identity/real-name/face", token)).json["assurance"] == 3
    assert (await citizen.post("/identity/real-name/face", token)).code == "face_mismatch"
    await app.ctx.profiles.require_assurance(await _id(citizen), 3)


async def test_another_persons_face_raises_nothing(verified: Any, real_name: Any) -> None:
    citizen = await verified()
    body = {"token": real_name.face_token(LI_ID), "consent": True}
    assert (await citizen.post("/identity/real-name/face", body)).code == "face_mismatch"
    assert (await citizen.get("/identity/me")).json["assurance"] == 2
    real_name.mode = "garbage"
    assert (await citizen.post("/identity/real-name/face", body)).code == "real_name_unavailable"


async def test_too_low_an_assurance_names_the_level(verified: Any, citizen: Any, app: Any) -> None:
    profiles = app.ctx.profiles
    nobody, wang = await _id(citizen), await _id(await verified())
    await profiles.require_assurance(nobody, 1)
    await profiles.require_assurance(wang, 2)
    for who, level, current in ((nobody, 2, 1), (nobody, 3, 1), (wang, 3, 2)):
        with pytest.raises(AssuranceTooLow) as refused:
            await profiles.require_assurance(who, level)
        assert refused.value.status == 403
        assert refused.value.extra == {"level": level, "current": current}


async def test_an_address_is_kept_masked_and_deleted(citizen: Any, app: Any) -> None:
    reply = await citizen.call("PUT", "/identity/me/address", json={"address": ADDRESS})
    assert reply.json["address_masked"] == "辽宁省沈阳市****"
    assert "101号" not in reply.text
    assert await app.ctx.profiles.address(await _id(citizen)) == ADDRESS
    reply = await citizen.call("PUT", "/identity/me/address", json={"address": None})
    assert reply.json["address_masked"] is None
    (row,) = await fetch("SELECT address_sealed FROM profile")
    assert row["address_sealed"] is None


@pytest.mark.parametrize("address", ["     ", "沈阳市\x00和平区", "沈阳市\u202e和平区", "沈阳"])
async def test_an_address_is_something_to_print(citizen: Any, address: str) -> None:
    reply = await citizen.call("PUT", "/identity/me/address", json={"address": address})
    assert (reply.code, reply.json["fields"]) == ("validation_failed", ["address"])


async def test_nobody_sees_anothers_data(verified: Any) -> None:
    wang, li = await verified(), await verified(LI, LI_ID)
    await wang.call("PUT", "/identity/me/address", json={"address": ADDRESS})
    me = str(await _id(wang))
    for path in ("/identity/me", "/identity/me/export"):
        mine, theirs = (await wang.get(path)).text, (await li.get(path)).text
        for mark in ("王**", "1101****", "辽宁省", me):
            assert mark in mine
            assert mark not in theirs


async def test_a_citizen_from_before_gets_his_phone_sealed(api: Any, app: Any, log_in: Any) -> None:
    citizen = await log_in()
    me = await _id(citizen)
    await fetch("UPDATE citizen SET phone_sealed = NULL RETURNING id")
    assert await app.ctx.profiles.phone(me) is None
    await app.ctx.redis.flushall()
    await log_in()
    assert await app.ctx.profiles.phone(me) == PHONE


async def test_sealed_data_of_one_citizen_does_not_open_as_anothers(
    verified: Any, app: Any
) -> None:
    wang, li = await _id(await verified()), await _id(await verified(LI, LI_ID))
    await fetch(
        "UPDATE profile SET name_sealed = (SELECT name_sealed FROM profile WHERE citizen = $1) "
        "WHERE citizen = $2 RETURNING citizen",
        wang,
        li,
    )
    with pytest.raises(SealBroken):
        await app.ctx.profiles.person(li)


async def test_no_table_and_no_log_line_holds_personal_data(
    api: Any,
    verified: Any,
    wechat: Any,
    real_name: Any,
    capfd: pytest.CaptureFixture[str],
    app: Any,
) -> None:
    phone = "13987654321"
    wang = await verified(phone=phone)
    await verified(LI, LI_ID)
    await wang.call("PUT", "/identity/me/address", json={"address": ADDRESS})
    body = {"code": wechat.login_code("o-wang-xiaoming"), "phone_code": wechat.phone_code(phone)}
    await api.post("/identity/wechat/sessions", body)
    token = {"token": real_name.face_token(WANG_ID), "consent": True}
    await wang.post("/identity/real-name/face", token)
    company = {"uscc": "91350100M000100Y43", "name": "沈阳好味道餐饮有限公司"}
    opened = (await wang.post("/identity/enterprises", company, key="e")).json
    offer = {"phone": "13700000000", "scopes": ["apply"]}
    path = f"/identity/enterprises/{opened['id']}/delegates"
    assert (await wang.post(path, offer, key="d")).status == 201
    await wang.get("/identity/me/export")
    stored = await _everything_stored()
    assert opened["uscc"] in stored
    logged = "".join(capfd.readouterr())
    assert '"event": "request"' in logged
    for secret in (phone, "13700000000", WANG, WANG_ID, LI, LI_ID, "南京街", "o-wang-xiaoming"):
        for text in (stored, logged):
            assert secret not in text
            assert secret.encode().hex() not in text


async def _everything_stored() -> str:
    """Return every row of every table as text; bytes as hexadecimal digits."""
    tables = await fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    parts = []
    for table in tables:
        rows = await fetch(f'SELECT t::text AS row FROM "{table["tablename"]}" t')
        parts += [row["row"] for row in rows]
    return "\n".join(parts)


async def test_the_fake_is_driven_over_http(real_name_server: Any, real_name: Any) -> None:
    _, url = real_name_server
    person = {"name": "赵六", "id_number": "11010519491231002X"}
    company = {"uscc": "u", "name": "公司", "legal_representative_id_number": "n"}
    async with aiohttp.ClientSession() as session:

        async def call(method: str, path: str, body: Any) -> tuple[int, Any]:
            async with session.request(method, url + path, json=body) as reply:
                return reply.status, await reply.json()

        assert (await call("POST", "/verify", person))[1] == {"result": "mismatch"}
        await call("PUT", "/records", {"people": [person], "enterprises": [company]})
        assert (await call("POST", "/verify", person))[1] == {"result": "match"}
        assert (await call("POST", "/enterprises/verify", company))[1] == {"result": "match"}
        token = (await call("POST", "/face-tokens", {"id_number": "x"}))[1]["token"]
        body = {"token": token, "id_number": "x"}
        assert (await call("POST", "/face", body))[1] == {"result": "match"}
        assert (await call("POST", "/face", body))[1] == {"result": "not_found"}
        assert (await call("PUT", "/behaviour", {"mode": "odd"}))[0] == 422
        assert (await call("PUT", "/behaviour", {"mode": "error"}))[0] == 200
        assert (await call("POST", "/verify", person))[0] == 500


@given(st.text(alphabet="王小明李欧阳", min_size=2, max_size=10))
def test_a_mask_shows_the_family_name_only(name: str) -> None:
    assert rules.real_name(name) == name
    assert rules.mask_name(name) == name[0] + "*" * (len(name) - 1)


@given(st.text(max_size=60))
def test_any_text_is_a_name_or_not_and_never_an_error(text: str) -> None:
    name = rules.real_name(text)
    assert name is None or (2 <= len(name) <= 50 and rules.real_name(name) == name)


@given(st.text(min_size=4, max_size=200))
def test_a_masked_address_hides_most_of_it(address: str) -> None:
    shown = rules.mask_address(address).removesuffix("****")
    assert address.startswith(shown)
    assert len(shown) <= min(6, len(address) / 3)
