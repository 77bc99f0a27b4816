"""The second factor of staff: enrolled, confirmed, asked for, used once, reset."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pyotp
import pytest

from miniapp_api.platform.database import fetch
from tests.api import PASSWORD


@pytest.fixture
async def clerk(api: Any, app: Any) -> Any:
    await app.ctx.staff.create("wang", "王芳", "municipal", frozenset({"clerk"}), PASSWORD)

    async def log_in(code: str | None = None) -> Any:
        body = {"login": "wang", "password": PASSWORD, **({"code": code} if code else {})}
        return await api.post("/staff/sessions", body)

    return log_in


async def _enrolled(api: Any, clock: Any, log_in: Any) -> pyotp.TOTP:
    member = api.as_staff((await log_in()).json["token"])
    totp = pyotp.TOTP((await member.post("/staff/me/totp")).json["secret"])
    code = totp.at(clock.now())
    reply = await member.post("/staff/me/totp/confirmation", {"code": code})
    assert reply.status == 204, reply.text
    clock.advance(timedelta(seconds=30))
    return totp


async def test_a_confirmed_second_factor_is_asked_for(api: Any, clock: Any, clerk: Any) -> None:
    totp = await _enrolled(api, clock, clerk)
    assert (await clerk()).code == "totp_required"
    wrong = f"{(int(totp.at(clock.now())) + 1) % 1_000_000:06d}"
    assert (await clerk(wrong)).code == "totp_wrong"
    reply = await clerk(totp.at(clock.now()))
    assert reply.status == 201
    assert reply.json["member"]["second_factor"] is True


async def test_a_code_works_once_even_for_two_at_the_same_time(
    api: Any, clock: Any, clerk: Any
) -> None:
    totp = await _enrolled(api, clock, clerk)
    code = totp.at(clock.now())
    replies = await asyncio.gather(*(clerk(code) for _ in range(4)))
    assert sorted(r.status for r in replies) == [201, 401, 401, 401]


async def test_a_phone_may_be_half_a_minute_off_and_no_more(
    api: Any, clock: Any, clerk: Any
) -> None:
    totp = await _enrolled(api, clock, clerk)
    assert (await clerk(totp.at(clock.now() + timedelta(seconds=60)))).code == "totp_wrong"
    assert (await clerk(totp.at(clock.now() + timedelta(seconds=30)))).status == 201


async def test_an_unconfirmed_secret_changes_nothing(api: Any, clerk: Any) -> None:
    member = api.as_staff((await clerk()).json["token"])
    await member.post("/staff/me/totp")
    reply = await clerk()
    assert reply.status == 201
    assert reply.json["member"]["second_factor"] is False


async def test_a_confirmed_one_is_replaced_by_an_operator_only(
    api: Any, app: Any, clock: Any, clerk: Any
) -> None:
    totp = await _enrolled(api, clock, clerk)
    member = api.as_staff((await clerk(totp.at(clock.now()))).json["token"])
    assert (await member.post("/staff/me/totp")).code == "totp_enrolled"
    await app.ctx.staff.reset_totp("wang")
    assert (await member.get("/staff/me")).code == "session_expired"
    assert (await clerk()).status == 201


async def test_the_secret_is_sealed_at_rest(api: Any, clerk: Any) -> None:
    member = api.as_staff((await clerk()).json["token"])
    secret = (await member.post("/staff/me/totp")).json["secret"]
    (row,) = await fetch("SELECT totp_sealed FROM staff_account WHERE login = 'wang'")
    assert secret.encode() not in bytes(row["totp_sealed"])
