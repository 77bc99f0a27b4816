"""Logging in by phone and code, through the real routes, Redis and a fake gateway over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniapp_api.identity import rules
from miniapp_api.platform.database import fetch

PHONE = "13812345678"


async def test_a_code_logs_in_once(api: Any, sms: Any) -> None:
    await api.post("/identity/codes", {"phone": PHONE})
    body = {"phone": PHONE, "code": sms.last[PHONE]["parameters"]["code"]}
    first, second = await asyncio.gather(
        api.post("/identity/sessions", body), api.post("/identity/sessions", body)
    )
    assert sorted([first.status, second.status]) == [201, 401]


async def test_the_phone_is_kept_only_as_a_keyed_hash_and_a_mask(api: Any, log_in: Any) -> None:
    await log_in(PHONE)
    (row,) = await fetch("SELECT * FROM citizen")
    assert row["phone_masked"] == "138****5678"
    assert PHONE not in str(row)


async def test_the_same_phone_is_the_same_citizen(api: Any, sms: Any, app: Any) -> None:
    ids = set()
    for spelling in (PHONE, "+86 138-1234-5678", "138 1234 5678"):
        await app.ctx.redis.flushall()
        await api.post("/identity/codes", {"phone": spelling})
        code = sms.last[PHONE]["parameters"]["code"]
        reply = await api.post("/identity/sessions", {"phone": spelling, "code": code})
        ids.add(reply.json["citizen"]["id"])
    assert len(ids) == 1


async def test_five_wrong_codes_void_the_right_one(api: Any, sms: Any) -> None:
    await api.post("/identity/codes", {"phone": PHONE})
    right = sms.last[PHONE]["parameters"]["code"]
    wrong = "000000" if right != "000000" else "000001"
    for _ in range(5):
        reply = await api.post("/identity/sessions", {"phone": PHONE, "code": wrong})
        assert reply.code == "code_wrong"
    assert (await api.post("/identity/sessions", {"phone": PHONE, "code": right})).status == 401


async def test_a_second_code_within_a_minute_is_refused(api: Any) -> None:
    assert (await api.post("/identity/codes", {"phone": PHONE})).status == 202
    reply = await api.post("/identity/codes", {"phone": PHONE})
    assert reply.code == "too_many_requests"
    assert 0 < int(reply.headers["Retry-After"]) <= 60


@pytest.mark.parametrize("mode", ["error", "refuse", "slow"])
async def test_a_failing_gateway_is_a_clear_refusal(api: Any, sms: Any, mode: str) -> None:
    sms.mode = mode
    reply = await api.post("/identity/codes", {"phone": PHONE})
    assert (reply.status, reply.code) == (503, "sms_unavailable")
    assert PHONE not in reply.text


async def test_the_simulated_phone_shows_the_code_and_runs_no_script(
    api: Any, sms: Any, settings: Any
) -> None:
    await api.post("/identity/codes", {"phone": PHONE})
    code = sms.last[PHONE]["parameters"]["code"]
    async with api.session.post(
        f"{settings.sms.url}/messages",
        json={"phone": "<script>alert(1)</script>", "parameters": {"code": "<b>1</b>"}},
    ) as taken:
        assert taken.status == 202
    async with api.session.get(settings.sms.url) as shown:
        page = await shown.text()
        assert shown.headers["Content-Type"].startswith("text/html")
    assert PHONE in page
    assert f"<b>{code}</b>，5分钟内有效" in page
    assert "<script" not in page
    assert "<b>1</b>" not in page.replace(f"<b>{code}</b>", "")


async def test_logging_out_ends_the_session(citizen: Any) -> None:
    assert (await citizen.get("/appointments/")).status == 200
    assert (await citizen.call("DELETE", "/identity/sessions/current")).status == 204
    assert (await citizen.get("/appointments/")).code == "session_expired"


@pytest.mark.parametrize("token", ["", "nonsense", "x" * 5000, "令牌"])
async def test_a_token_that_is_not_ours_opens_nothing(api: Any, token: str) -> None:
    reply = await api.get(
        "/appointments/", headers={"Authorization": f"Bearer {token}".encode().decode("latin-1")}
    )
    assert reply.code in {"session_expired", "login_required"}


async def test_the_service_token_alone_is_nobody(api: Any) -> None:
    assert (await api.as_bot().get("/appointments/")).code == "login_required"


@pytest.mark.parametrize("phone", ["12345678901", "1381234567", "abcdefghijk", "+1 2025550123"])
async def test_a_number_that_is_no_mobile_is_refused(api: Any, phone: str) -> None:
    reply = await api.post("/identity/codes", {"phone": phone})
    assert reply.code in {"phone_invalid", "validation_failed"}
    assert phone not in reply.text


@given(st.text(max_size=30))
def test_any_text_is_a_phone_or_not_and_never_an_error(text: str) -> None:
    phone = rules.canonical_phone(text)
    assert phone is None or (len(phone) == 11 and phone.isascii() and phone.isdigit())


def test_full_width_digits_are_a_phone() -> None:
    assert rules.canonical_phone("138 1234-5678") == PHONE
