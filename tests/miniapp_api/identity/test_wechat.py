"""Logging in with WeChat, against a WeChat of ours that errs as the real one does."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from miniapp_api.identity import wechat as wechat_module
from miniapp_api.identity.citizens import PhoneInvalid
from miniapp_api.identity.errors import WeChatUnavailable
from miniapp_api.platform.database import fetch
from miniapp_api.platform.errors import Refusal

PHONE = "13812345678"
SESSION, TOKEN = "/sns/jscode2session", "/cgi-bin/stable_token"
NUMBER = "/wxa/business/getuserphonenumber"


async def _log_in(api: Any, wechat: Any, openid: str = "o-wang", phone: str | None = PHONE) -> Any:
    body = {"code": wechat.login_code(openid)}
    if phone:
        body["phone_code"] = wechat.phone_code(phone)
    return await api.post("/identity/wechat/sessions", body)


async def test_wechat_and_sms_are_the_same_citizen(api: Any, wechat: Any, log_in: Any) -> None:
    h5 = await log_in(PHONE)
    reply = await _log_in(api, wechat)
    assert reply.status == 201, reply.text
    assert reply.json["citizen"] == {
        "id": (await h5.get("/identity/me")).json["id"],
        "phone_masked": "138****5678",
    }
    devices = (await h5.get("/identity/devices")).json["devices"]
    assert {d["channel"] for d in devices} == {"sms", "wechat"}


async def test_a_known_user_needs_no_phone(api: Any, wechat: Any) -> None:
    first = await _log_in(api, wechat)
    again = await _log_in(api, wechat, phone=None)
    assert again.json["citizen"] == first.json["citizen"]
    assert wechat.counts[NUMBER] == 1


async def test_an_unknown_user_is_asked_for_his_phone(api: Any, wechat: Any) -> None:
    reply = await _log_in(api, wechat, phone=None)
    assert (reply.status, reply.code) == (422, "phone_needed")


async def test_another_phone_makes_the_user_that_phones_citizen(api: Any, wechat: Any) -> None:
    first = await _log_in(api, wechat)
    second = await _log_in(api, wechat, phone="13700000000")
    assert second.json["citizen"]["id"] != first.json["citizen"]["id"]
    assert (await _log_in(api, wechat, phone=None)).json["citizen"] == second.json["citizen"]


async def test_two_first_log_ins_at_once_make_one_account(api: Any, wechat: Any) -> None:
    replies = await asyncio.gather(*(_log_in(api, wechat) for _ in range(8)))
    assert {reply.status for reply in replies} == {201}
    assert len({reply.json["citizen"]["id"] for reply in replies}) == 1
    assert len(await fetch("SELECT id FROM wechat_account")) == 1


async def test_the_openid_is_kept_sealed(api: Any, app: Any, wechat: Any) -> None:
    reply = await _log_in(api, wechat, openid="o-secret-of-wang")
    (row,) = await fetch("SELECT * FROM wechat_account")
    assert b"o-secret-of-wang" not in bytes(row["openid_sealed"])
    assert "o-secret-of-wang" not in str(row)
    me = UUID(reply.json["citizen"]["id"])
    assert await app.ctx.wechat_log_in.openid(me) == "o-secret-of-wang"


async def test_a_code_works_once_and_for_five_minutes(api: Any, wechat: Any) -> None:
    body = {"code": wechat.login_code("o-wang"), "phone_code": wechat.phone_code(PHONE)}
    assert (await api.post("/identity/wechat/sessions", body)).status == 201
    assert (await api.post("/identity/wechat/sessions", body)).code == "wechat_code_used"
    old = {"code": wechat.login_code("o-wang")}
    wechat.now = lambda: time.time() + 301
    try:
        assert (await api.post("/identity/wechat/sessions", old)).code == "wechat_code_invalid"
    finally:
        wechat.now = time.time
    unknown = {"code": "nobody-knows-me"}
    assert (await api.post("/identity/wechat/sessions", unknown)).code == "wechat_code_invalid"


@pytest.mark.parametrize("strings", [False, True])
@pytest.mark.parametrize("path", [SESSION, NUMBER])
@pytest.mark.parametrize(
    ("errcode", "status", "code"),
    [
        (40029, 401, "wechat_code_invalid"),
        (40163, 401, "wechat_code_used"),
        (40226, 403, "wechat_user_blocked"),
        (45011, 429, "wechat_too_often"),
        (-1, 503, "wechat_unavailable"),
        (40013, 503, "wechat_unavailable"),
        (41002, 503, "wechat_unavailable"),
        (41008, 503, "wechat_unavailable"),
        (99999, 503, "wechat_unavailable"),
    ],
)
async def test_every_error_code_is_a_named_refusal(
    api: Any, wechat: Any, path: str, errcode: int, status: int, code: str, strings: bool
) -> None:
    wechat.errcodes[path].append(errcode)
    wechat.strings = strings
    reply = await _log_in(api, wechat)
    assert (reply.status, reply.code) == (status, code)
    assert (await _log_in(api, wechat)).status == 201


@pytest.mark.parametrize("mode", ["error", "slow", "garbage"])
async def test_a_wechat_that_is_away_is_a_clear_refusal(api: Any, wechat: Any, mode: str) -> None:
    wechat.mode = mode
    reply = await _log_in(api, wechat)
    assert (reply.status, reply.code) == (503, "wechat_unavailable")
    assert PHONE not in reply.text


async def test_a_wechat_that_is_not_there_is_a_clear_refusal(
    api: Any, app: Any, wechat: Any
) -> None:
    app.ctx.wechat.url = "http://127.0.0.1:1"
    assert (await _log_in(api, wechat)).code == "wechat_unavailable"


async def test_string_codes_of_success_are_success(api: Any, wechat: Any) -> None:
    wechat.strings = True
    assert (await _log_in(api, wechat)).status == 201


async def test_a_foreign_phone_is_refused(api: Any, wechat: Any) -> None:
    body = {"code": wechat.login_code(), "phone_code": wechat.phone_code("2025550123", "1")}
    assert (await api.post("/identity/wechat/sessions", body)).code == "phone_invalid"


async def test_the_app_token_is_fetched_once_for_everybody(api: Any, wechat: Any) -> None:
    await asyncio.gather(*(_log_in(api, wechat, f"o-{n}", f"1381234{n:04}") for n in range(20)))
    assert wechat.counts[TOKEN] == 1
    assert wechat.counts[NUMBER] == 20


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
async def test_a_spent_app_token_is_dropped_and_fetched_once_more(
    api: Any, app: Any, wechat: Any, errcode: int
) -> None:
    assert (await _log_in(api, wechat)).status == 201
    wechat.errcodes[NUMBER].append(errcode)
    assert (await _log_in(api, wechat)).status == 201
    assert (wechat.counts[TOKEN], wechat.counts[NUMBER]) == (2, 3)


async def test_an_app_token_that_ended_early_is_replaced(api: Any, wechat: Any) -> None:
    assert (await _log_in(api, wechat)).status == 201
    wechat.tokens = dict.fromkeys(wechat.tokens, 0.0)
    assert (await _log_in(api, wechat)).status == 201


async def test_a_token_that_is_refused_again_is_not_fetched_in_a_loop(
    api: Any, wechat: Any
) -> None:
    wechat.errcodes[NUMBER].extend([40001] * 9)
    assert (await _log_in(api, wechat)).code == "wechat_unavailable"
    assert (wechat.counts[TOKEN], wechat.counts[NUMBER]) == (2, 2)


async def test_the_token_is_never_forced(api: Any, app: Any, wechat: Any) -> None:
    forced = []
    original = app.ctx.wechat._call

    async def watched(method: str, path: str, **options: Any) -> Any:
        forced.append(options.get("json", {}).get("force_refresh"))
        return await original(method, path, **options)

    app.ctx.wechat._call = watched
    try:
        wechat.errcodes[NUMBER].append(42001)
        await _log_in(api, wechat)
    finally:
        del app.ctx.wechat._call
    assert True not in forced
    assert forced.count(False) == 2


async def test_a_user_who_asks_too_often_is_told_so(api: Any, wechat: Any) -> None:
    assert (await _log_in(api, wechat)).status == 201
    for _ in range(100):
        wechat._too_often("o-wang")
    reply = await _log_in(api, wechat, phone=None)
    assert (reply.status, reply.code) == (429, "wechat_too_often")
    assert reply.headers["Retry-After"] == "60"


async def test_the_fake_is_driven_over_http(wechat_server: Any, wechat: Any) -> None:
    _, url = wechat_server
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{url}/codes", json={"openid": "o-x"}) as reply:
            code = (await reply.json())["code"]
        behaviour = {"errcodes": {SESSION: [-1]}}
        async with session.put(f"{url}/behaviour", json=behaviour) as reply:
            assert reply.status == 200
        asked = {"appid": "a", "secret": "s", "js_code": code}
        answers = []
        for _ in range(3):
            async with session.get(url + SESSION, params=asked) as reply:
                assert reply.status == 200
                answers.append(json.loads(await reply.text()).get("errcode"))
        assert answers == [-1, None, 40163]
        async with session.get(f"{url}/counts") as reply:
            assert (await reply.json())[SESSION] == 3
        async with session.put(f"{url}/behaviour", json={"mode": "odd"}) as reply:
            assert reply.status == 422


def test_the_vector_of_a_phone_answer_is_read(shared: Path) -> None:
    vectors = json.loads((shared / "wechat_vectors.json").read_text())
    reply = vectors["get_phone_number_response"]["response"]
    assert wechat_module.phone_of(reply, "wx0") == "13123456789"
    as_string = {"phone_info": {**reply["phone_info"], "countryCode": "86"}}
    assert wechat_module.phone_of(as_string, "wx0") == "13123456789"


@pytest.mark.parametrize(
    ("info", "refusal"),
    [
        (None, WeChatUnavailable),
        ([], WeChatUnavailable),
        ({}, WeChatUnavailable),
        ({"purePhoneNumber": 1}, WeChatUnavailable),
        ({"purePhoneNumber": PHONE, "countryCode": 1}, PhoneInvalid),
        (
            {"purePhoneNumber": PHONE, "countryCode": 86, "watermark": {"appid": "wx1"}},
            WeChatUnavailable,
        ),
    ],
)
def test_a_phone_answer_that_is_none_is_refused(info: Any, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        wechat_module.phone_of({"phone_info": info}, "wx0")


@example(float("inf"))
@example(float("nan"))
@given(st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.lists(st.integers())))
def test_any_errcode_is_a_number(value: Any) -> None:
    assert isinstance(wechat_module.errcode({"errcode": value}), int)


@pytest.mark.parametrize("reply", [{}, {"errcode": 0}, {"errcode": "0"}, {"errcode": ""}])
def test_absent_zero_and_empty_codes_mean_success(reply: Any) -> None:
    assert wechat_module.errcode(reply) == 0
