"""Sessions that rotate, devices, and what happens to whoever keeps a spent refresh token."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniapp_api.identity import rules, session_store
from miniapp_api.platform.database import fetch

PHONE = "13812345678"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0"
)


@pytest.fixture
def session(api: Any, fresh_code: Any) -> Any:
    """Logs in and returns the session's JSON."""

    async def session(phone: str = PHONE, agent: str = IPHONE) -> Any:
        body = {"phone": phone, "code": await fresh_code(phone)}
        reply = await api.post("/identity/sessions", body, headers={"User-Agent": agent})
        assert reply.status == 201, reply.text
        return reply.json

    return session


async def _refresh(api: Any, token: str, key: str | None = None) -> Any:
    return await api.post("/identity/sessions/refresh", {"refresh_token": token}, key=key)


async def _works(api: Any, session: Any) -> bool:
    reply = await api.as_citizen(session["token"]).get("/identity/devices")
    assert reply.status == 200 or reply.code == "session_expired"
    return bool(reply.status == 200)


async def test_a_session_is_short_and_its_refresh_token_long(session: Any) -> None:
    opened = await session()
    assert opened["expires_in"] == 30 * 60
    assert opened["refresh_expires_in"] == 168 * 3600
    assert opened["citizen"]["phone_masked"] == "138****5678"
    assert opened["token"] != opened["refresh_token"]


async def test_renewing_gives_new_tokens_of_the_same_device(api: Any, session: Any) -> None:
    first = await session()
    second = (await _refresh(api, first["refresh_token"])).json
    assert {first["token"], first["refresh_token"]}.isdisjoint(
        {second["token"], second["refresh_token"]}
    )
    assert second["citizen"] == first["citizen"]
    assert not await _works(api, first)
    devices = (await api.as_citizen(second["token"]).get("/identity/devices")).json["devices"]
    assert [d["current"] for d in devices] == [True]


async def test_an_access_token_that_expired_is_renewed(api: Any, app: Any, session: Any) -> None:
    first = await session()
    await app.ctx.redis.flushall()
    assert not await _works(api, first)
    assert await _works(api, (await _refresh(api, first["refresh_token"])).json)


async def test_a_stolen_refresh_token_ends_the_session_for_both(api: Any, session: Any) -> None:
    mine, other = await session(), await session()
    thiefs = (await _refresh(api, mine["refresh_token"])).json
    assert await _works(api, thiefs)
    reply = await _refresh(api, mine["refresh_token"])
    assert (reply.status, reply.code) == (401, "refresh_reused")
    assert not await _works(api, thiefs)
    assert (await _refresh(api, thiefs["refresh_token"])).code == "refresh_invalid"
    assert await _works(api, other)
    (entry,) = await fetch(
        "SELECT subject FROM audit_entry WHERE action = 'session.stolen' ORDER BY id DESC LIMIT 1"
    )
    assert entry["subject"] == f"session:{UUID(mine['token'].split('.')[0])}"


async def test_a_token_of_long_ago_ends_the_session_too(api: Any, session: Any) -> None:
    first = current = await session()
    for _ in range(4):
        current = (await _refresh(api, current["refresh_token"])).json
    assert (await _refresh(api, first["refresh_token"])).code == "refresh_reused"
    assert not await _works(api, current)


async def test_of_many_who_renew_at_once_one_wins_and_the_session_ends(
    api: Any, session: Any
) -> None:
    token = (await session())["refresh_token"]
    replies = await asyncio.gather(*(_refresh(api, token) for _ in range(12)))
    won = [reply for reply in replies if reply.status == 200]
    assert len(won) == 1
    assert {r.code for r in replies if r.status != 200} <= {"refresh_reused", "refresh_invalid"}
    assert "refresh_reused" in {r.code for r in replies if r.status != 200}
    assert not await _works(api, won[0].json)


async def test_who_lost_the_answer_asks_again_under_his_key(
    api: Any, session: Any, clock: Any
) -> None:
    token = (await session())["refresh_token"]
    replies = await asyncio.gather(*(_refresh(api, token, "k") for _ in range(8)))
    assert Counter(reply.status for reply in replies) == {200: 8}
    assert len({reply.text for reply in replies}) == 1
    assert await _works(api, replies[0].json)
    assert (await _refresh(api, token, "other")).code == "refresh_reused"


async def test_a_key_helps_for_a_minute_only(api: Any, session: Any, clock: Any) -> None:
    token = (await session())["refresh_token"]
    assert (await _refresh(api, token, "k")).status == 200
    clock.advance(timedelta(seconds=61))
    assert (await _refresh(api, token, "k")).code == "refresh_reused"


async def test_a_refresh_token_lapses_when_nobody_comes_back(
    api: Any, session: Any, clock: Any
) -> None:
    first = await session()
    clock.advance(timedelta(hours=167))
    second = (await _refresh(api, first["refresh_token"])).json
    clock.advance(timedelta(hours=167))
    third = (await _refresh(api, second["refresh_token"])).json
    clock.advance(timedelta(hours=169))
    assert (await _refresh(api, third["refresh_token"])).code == "refresh_invalid"


async def test_forged_tokens_neither_open_nor_end_a_session(api: Any, session: Any) -> None:
    mine = await session()
    id, generation, proof = mine["refresh_token"].split(".")
    changed = proof[:-1] + ("0" if proof[-1] != "0" else "1")
    for forged in (
        f"{id}.{generation}.{changed}",
        f"{id}.0.{proof}",
        f"{id}.2.{proof}",
        f"{uuid4().hex}.{generation}.{proof}",
        mine["token"],
        "x",
        "令牌",
    ):
        assert (await _refresh(api, forged)).code == "refresh_invalid", forged
    assert await _works(api, mine)
    assert not await _works(api, {"token": mine["refresh_token"]})
    assert not await _works(api, {"token": f"{id}.1.{proof}"})


async def test_devices_show_a_short_label_and_nothing_that_was_sent(api: Any, session: Any) -> None:
    await session(agent="Evil/1.0 13812345678")
    mine = await session()
    devices = (await api.as_citizen(mine["token"]).get("/identity/devices")).json["devices"]
    assert sorted((d["label"], d["channel"], d["current"]) for d in devices) == [
        ("iPhone · 微信", "sms", True),
        ("未知设备 · 其他", "sms", False),
    ]


async def test_one_device_is_logged_out_and_the_other_stays(api: Any, session: Any) -> None:
    lost, mine = await session(), await session()
    citizen = api.as_citizen(mine["token"])
    devices = (await citizen.get("/identity/devices")).json["devices"]
    (other,) = [d["id"] for d in devices if not d["current"]]
    assert (await citizen.call("DELETE", f"/identity/devices/{other}")).status == 204
    assert (await citizen.call("DELETE", f"/identity/devices/{other}")).code == "device_not_found"
    assert not await _works(api, lost)
    assert (await _refresh(api, lost["refresh_token"])).code == "refresh_invalid"
    assert await _works(api, mine)


async def test_nobody_logs_out_another_citizens_device(api: Any, session: Any) -> None:
    mine, theirs = await session(), await session("13700000000")
    me, them = api.as_citizen(mine["token"]), api.as_citizen(theirs["token"])
    (device,) = (await them.get("/identity/devices")).json["devices"]
    for id in (device["id"], str(uuid4()), "x"):
        assert (await me.call("DELETE", f"/identity/devices/{id}")).code == "device_not_found"
    assert await _works(api, theirs)


async def test_logging_out_everywhere_ends_every_session_at_once(api: Any, session: Any) -> None:
    mine = [await session() for _ in range(3)]
    stranger = await session("13700000000")
    citizen = api.as_citizen(mine[0]["token"])
    assert (await citizen.call("DELETE", "/identity/devices")).status == 204
    for each in mine:
        assert not await _works(api, each)
        assert (await _refresh(api, each["refresh_token"])).code == "refresh_invalid"
    assert await _works(api, stranger)


async def test_a_renewal_under_way_does_not_outlive_logging_out(
    api: Any, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """He is logged out just when his renewal has looked and found the session open."""
    mine = await session()
    citizen = api.as_citizen(mine["token"])
    read = session_store.read

    async def read_and_end(id: UUID) -> Any:
        found = await read(id)
        monkeypatch.setattr(session_store, "read", read)
        assert (await citizen.call("DELETE", "/identity/devices")).status == 204
        return found

    monkeypatch.setattr(session_store, "read", read_and_end)
    assert (await _refresh(api, mine["refresh_token"])).code == "refresh_invalid"
    for generation in (1, 2):
        token = rules.token("pepper", "access", UUID(mine["token"].split(".")[0]), generation)
        assert not await _works(api, {"token": token})


async def test_a_conversation_stops_acting_when_its_session_ends(
    api: Any, app: Any, session: Any
) -> None:
    mine = await session()
    me = UUID(mine["citizen"]["id"])
    await app.ctx.identity.bind_conversation("c" * 20, me, mine["token"])
    bot = api.as_bot("c" * 20)
    assert (await bot.get("/identity/principals")).status == 200
    assert (await bot.get("/identity/devices")).json["devices"][0]["current"] is False
    renewed = (await _refresh(api, mine["refresh_token"])).json
    assert (await bot.get("/identity/principals")).status == 200
    await api.as_citizen(renewed["token"]).call("DELETE", "/identity/sessions/current")
    assert (await bot.get("/identity/principals")).code == "login_required"


async def test_redis_and_the_database_hold_no_token(api: Any, app: Any, session: Any) -> None:
    mine = await session()
    rows = str(await fetch("SELECT * FROM citizen_session"))
    values = [await app.ctx.redis.get(k) for k in await app.ctx.redis.keys("session:*")]
    for token in (mine["token"], mine["refresh_token"]):
        assert token.rsplit(".", 1)[1] not in rows + str(values)


@given(st.text(max_size=300))
def test_any_agent_gets_a_label_of_ours(agent: str) -> None:
    label = rules.device_label(agent)
    assert len(label) <= 40
    assert label.split(" · ")[0] in {name for _, name in rules.DEVICES} | {"未知设备"}


@given(st.text(max_size=200), st.sampled_from(["access", "refresh"]))
def test_no_text_is_a_token_that_we_did_not_make(text: str, kind: Any) -> None:
    assert rules.read_token("pepper", kind, text) is None


@given(st.uuids(), st.integers(0, 999_999_999))
def test_a_token_reads_as_what_it_was_made_of(session: UUID, generation: int) -> None:
    made = rules.token("pepper", "refresh", session, generation)
    assert rules.read_token("pepper", "refresh", made) == (session, generation)
    assert rules.read_token("pepper", "access", made) is None
    assert rules.read_token("other", "refresh", made) is None
    assert rules.session_of(made) == session.hex
