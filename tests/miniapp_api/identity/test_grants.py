"""Consents to book for others, and the numbers that are checked."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniapp_api.identity import rules

MOTHER = "13911112222"
VALID_IDS = ("11010519491231002X", "440524188001010014", "34052419800101001X")
VALID_CODES = ("91350100M000100Y43", "91110000802100433B", "11440100007482575H")


async def _code(citizen: Any, sms: Any, phone: str = MOTHER) -> str:
    reply = await citizen.post("/identity/principals/codes", {"phone": phone})
    assert reply.status == 202, reply.text
    code: str = sms.last[phone]["parameters"]["code"]
    return code


def _body(code: str, **changes: Any) -> dict[str, Any]:
    return {"relation": "elder", "label": "妈妈", "phone": MOTHER, "code": code, **changes}


async def test_a_consent_lists_on_both_sides_without_the_phone(
    citizen: Any, log_in: Any, sms: Any
) -> None:
    reply = await citizen.post("/identity/principals", _body(await _code(citizen, sms)), key="a")
    assert reply.status == 201, reply.text
    assert reply.json["phone_masked"] == "139****2222"
    assert (await citizen.get("/identity/principals")).json["principals"] == [reply.json]
    mother = await log_in(MOTHER)
    assert [a["id"] for a in (await mother.get("/identity/agents")).json["agents"]] == [
        reply.json["id"]
    ]


async def test_a_code_works_once_and_for_its_own_agent_only(
    citizen: Any, log_in: Any, sms: Any
) -> None:
    code = await _code(citizen, sms)
    thief = await log_in("13700000000")
    assert (await thief.post("/identity/principals", _body(code), key="t")).code == "code_wrong"
    assert (await citizen.post("/identity/principals", _body(code), key="a")).status == 201
    assert (await citizen.post("/identity/principals", _body(code), key="b")).code == "code_wrong"


async def test_a_log_in_code_is_no_consent(citizen: Any, api: Any, sms: Any) -> None:
    await api.post("/identity/codes", {"phone": MOTHER})
    code = sms.last[MOTHER]["parameters"]["code"]
    assert (await citizen.post("/identity/principals", _body(code), key="a")).code == "code_wrong"


async def test_a_retried_consent_is_one(citizen: Any, sms: Any) -> None:
    body = _body(await _code(citizen, sms))
    first = await citizen.post("/identity/principals", body, key="same")
    again = await citizen.post("/identity/principals", body, key="same")
    assert again.json == first.json


async def test_the_same_key_for_another_consent_is_refused(citizen: Any, sms: Any) -> None:
    body = _body(await _code(citizen, sms))
    assert (await citizen.post("/identity/principals", body, key="same")).status == 201
    for changed in (
        {**body, "label": "母亲"},
        {**body, "relation": "other"},
        {**body, "phone": "13911113333"},
        {"relation": "child", "label": "孩子", "guardian": True},
    ):
        reply = await citizen.post("/identity/principals", changed, key="same")
        assert (reply.status, reply.code) == (409, "idempotency_conflict")
    assert len((await citizen.get("/identity/principals")).json["principals"]) == 1


async def test_a_declaration_that_is_sent_many_times_at_once_is_one(citizen: Any) -> None:
    body = {"relation": "child", "label": "孩子", "guardian": True}
    replies = await asyncio.gather(
        *(citizen.post("/identity/principals", body, key="same") for _ in range(8))
    )
    assert {reply.status for reply in replies} == {201}
    assert len({reply.text for reply in replies}) == 1
    assert len((await citizen.get("/identity/principals")).json["principals"]) == 1


async def test_a_consent_is_renewed_at_the_limit(citizen: Any, app: Any, sms: Any) -> None:
    first = await citizen.post("/identity/principals", _body(await _code(citizen, sms)), key="a")
    child = {"relation": "child", "label": "孩子", "guardian": True}
    for n in range(4):
        assert (await citizen.post("/identity/principals", child, key=f"k{n}")).status == 201
    assert (await citizen.post("/identity/principals", child, key="k4")).code == (
        "too_many_principals"
    )
    await app.ctx.redis.delete(*await app.ctx.redis.keys("limit:*"))
    renewed = _body(await _code(citizen, sms), label="老妈")
    reply = await citizen.post("/identity/principals", renewed, key="b")
    assert (reply.status, reply.json["id"]) == (201, first.json["id"])


async def test_two_at_once_with_one_code_give_one_consent(citizen: Any, sms: Any) -> None:
    body = _body(await _code(citizen, sms))
    replies = await asyncio.gather(
        *(citizen.post("/identity/principals", body, key=f"k{n}") for n in range(5))
    )
    assert Counter(reply.status for reply in replies) == {201: 1, 401: 4}
    assert len((await citizen.get("/identity/principals")).json["principals"]) == 1


async def test_nobody_consents_to_himself(citizen: Any, sms: Any) -> None:
    code = await _code(citizen, sms, "13800138000")
    body = _body(code, phone="13800138000")
    assert (await citizen.post("/identity/principals", body, key="a")).code == "self_consent"


async def test_five_children_and_no_more(citizen: Any) -> None:
    body = {"relation": "child", "label": "孩子", "guardian": True}
    for n in range(5):
        assert (await citizen.post("/identity/principals", body, key=f"k{n}")).status == 201
    reply = await citizen.post("/identity/principals", body, key="k5")
    assert reply.code == "too_many_principals"


@pytest.mark.parametrize("label", ["13911112222", "妈１２３４５", "11010519"])
async def test_a_label_holds_no_number(citizen: Any, label: str) -> None:
    body = {"relation": "child", "label": label[:8], "guardian": True}
    reply = await citizen.post("/identity/principals", body, key="a")
    assert reply.code == "validation_failed"
    assert label not in reply.text


@pytest.mark.parametrize("label", ["\x00", "妈\x00妈", "妈\n妈", "\u202e妈"])
async def test_a_label_is_printable(citizen: Any, label: str) -> None:
    body = {"relation": "child", "label": label, "guardian": True}
    reply = await citizen.post("/identity/principals", body, key="a")
    assert (reply.code, reply.json["fields"]) == ("validation_failed", ["label"])


async def test_a_stranger_revokes_nothing(citizen: Any, log_in: Any, sms: Any) -> None:
    grant = (
        await citizen.post("/identity/principals", _body(await _code(citizen, sms)), key="a")
    ).json
    stranger = await log_in("13700000000")
    reply = await stranger.call("DELETE", f"/identity/principals/{grant['id']}")
    assert reply.code == "principal_not_found"
    assert (await citizen.call("DELETE", "/identity/principals/x")).code == "principal_not_found"


@pytest.mark.parametrize("number", VALID_IDS)
def test_valid_identity_numbers_are_read_in_any_writing(number: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) for c in number)
    assert rules.id_number(number.lower()) == rules.id_number(wide) == number


@given(st.sampled_from(VALID_IDS), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_wrong_character_of_an_identity_number_is_found(
    number: str, place: int, other: str
) -> None:
    changed = number[:place] + other + number[place + 1 :]
    assert (rules.id_number(changed) == changed) == (changed == number)


@pytest.mark.parametrize("number", ["", "1" * 18, "110105194913310029", "11010519491231002", "x"])
def test_what_is_no_identity_number_is_refused(number: str) -> None:
    assert rules.id_number(number) is None


@given(
    st.sampled_from(VALID_CODES),
    st.integers(0, 17),
    st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"),
)
def test_one_wrong_character_of_a_credit_code_is_found(code: str, place: int, other: str) -> None:
    changed = code[:place] + other + code[place + 1 :]
    assert (rules.credit_code(changed) == changed) == (changed == code)
