"""Enterprises: opened by the legal representative, acted for by delegates within their scopes."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniapp_api.identity import rules
from miniapp_api.platform.database import fetch
from tests.miniapp_api.identity.conftest import LI, LI_ID, WANG_ID

USCC, NAME = "91350100M000100Y43", "沈阳好味道餐饮有限公司"
COMPANY = {"uscc": USCC, "name": NAME}
DELEGATE = "13600000000"
SCOPES = ["apply", "pay", "view", "manage"]


async def _id(citizen: Any) -> UUID:
    return UUID((await citizen.get("/identity/me")).json["id"])


@pytest.fixture
async def boss(verified: Any) -> Any:
    return await verified()


@pytest.fixture
async def company(boss: Any) -> str:
    reply = await boss.post("/identity/enterprises", COMPANY, key="open")
    assert reply.status == 201, reply.text
    id: str = reply.json["id"]
    return id


@pytest.fixture
async def clerk(log_in: Any) -> Any:
    return await log_in(DELEGATE)


async def _offer(boss: Any, company: str, key: str = "k", **changes: Any) -> Any:
    body = {"phone": DELEGATE, "scopes": ["apply"], "days": 30, **changes}
    return await boss.post(f"/identity/enterprises/{company}/delegates", body, key=key)


async def _accept(clerk: Any, id: str) -> Any:
    return await clerk.post(f"/identity/delegations/{id}/accept")


async def test_the_legal_representative_opens_the_account(boss: Any, company: str) -> None:
    assert (await boss.get("/identity/enterprises")).json["enterprises"] == [
        {
            "id": company,
            "uscc": USCC,
            "name": NAME,
            "representative": True,
            "scopes": SCOPES,
            "expires_at": None,
        }
    ]


async def test_a_retried_opening_is_one(boss: Any, company: str) -> None:
    again = await boss.post("/identity/enterprises", COMPANY, key="open")
    assert again.json["id"] == company
    assert (await boss.post("/identity/enterprises", COMPANY, key="x")).json["id"] == company
    other = {"uscc": USCC, "name": "另一家公司"}
    reply = await boss.post("/identity/enterprises", other, key="open")
    assert reply.code == "idempotency_conflict"


async def test_many_openings_at_once_are_one(boss: Any) -> None:
    replies = await asyncio.gather(
        *(boss.post("/identity/enterprises", COMPANY, key=f"k{n % 3}") for n in range(9))
    )
    assert {reply.status for reply in replies} == {201}
    assert len({reply.json["id"] for reply in replies}) == 1


async def test_only_the_legal_representative_opens_it(verified: Any, citizen: Any) -> None:
    reply = await citizen.post("/identity/enterprises", COMPANY, key="a")
    assert (reply.status, reply.code, reply.json["level"]) == (403, "assurance_too_low", 2)
    li = await verified(LI, LI_ID)
    assert (await li.post("/identity/enterprises", COMPANY, key="b")).code == "not_representative"
    assert (await li.get("/identity/enterprises")).json["enterprises"] == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"uscc": "91350100M000100Y44", "name": NAME}, "organisation_invalid"),
        ({"uscc": USCC, "name": "沈阳坏味道餐饮有限公司"}, "enterprise_unknown"),
        ({"uscc": "11440100007482575H", "name": NAME}, "enterprise_unknown"),
        ({"uscc": "9135", "name": NAME}, "validation_failed"),
        ({"uscc": USCC, "name": NAME + "\x00"}, "validation_failed"),
    ],
)
async def test_what_the_regulator_does_not_know_is_refused(boss: Any, body: Any, code: str) -> None:
    assert (await boss.post("/identity/enterprises", body, key="a")).code == code
    assert await fetch("SELECT id FROM enterprise") == []


@pytest.mark.parametrize(
    ("mode", "code"),
    [
        ("refuse", "real_name_refused"),
        ("slow", "real_name_unavailable"),
        ("error", "real_name_unavailable"),
        ("garbage", "real_name_unavailable"),
    ],
)
async def test_a_regulator_that_fails_opens_nothing(
    boss: Any, real_name: Any, mode: str, code: str
) -> None:
    real_name.mode = mode
    assert (await boss.post("/identity/enterprises", COMPANY, key="a")).code == code
    real_name.mode = "ok"
    assert (await boss.post("/identity/enterprises", COMPANY, key="a")).status == 201


async def test_a_delegate_acts_only_after_he_accepted(
    boss: Any, company: str, clerk: Any, app: Any
) -> None:
    offer = (await _offer(boss, company)).json
    assert offer["phone_masked"] == "136****0000"
    me, service = await _id(clerk), app.ctx.enterprises
    assert not await service.may_act(me, UUID(company), "apply")
    assert (await clerk.get("/identity/enterprises")).json["enterprises"] == []
    (seen,) = (await clerk.get("/identity/delegations")).json["delegations"]
    assert (seen["id"], seen["name"], seen["accepted_at"]) == (offer["id"], NAME, None)
    assert (await _accept(clerk, offer["id"])).status == 204
    assert await service.may_act(me, UUID(company), "apply")
    for scope in ("pay", "view", "manage"):
        assert not await service.may_act(me, UUID(company), scope)
    (mine,) = (await clerk.get("/identity/enterprises")).json["enterprises"]
    assert (mine["scopes"], mine["representative"]) == (["apply"], False)


async def test_the_representative_may_do_everything_and_a_stranger_nothing(
    boss: Any, company: str, clerk: Any, app: Any
) -> None:
    service = app.ctx.enterprises
    for scope in SCOPES:
        assert await service.may_act(await _id(boss), UUID(company), scope)
        assert not await service.may_act(await _id(clerk), UUID(company), scope)
        assert not await service.may_act(await _id(boss), uuid4(), scope)
    assert (await service.enterprise(UUID(company))).uscc == USCC
    assert await service.enterprise(uuid4()) is None


async def test_a_delegation_ends_with_its_time(
    boss: Any, company: str, clerk: Any, app: Any, clock: Any
) -> None:
    first = (await _offer(boss, company, days=2)).json
    await _accept(clerk, first["id"])
    clock.advance(timedelta(days=2, seconds=1))
    assert not await app.ctx.enterprises.may_act(await _id(clerk), UUID(company), "apply")
    assert (await clerk.get("/identity/enterprises")).json["enterprises"] == []
    assert (await _accept(clerk, first["id"])).code == "delegation_lapsed"


async def test_a_delegate_is_revoked_or_gives_up(
    boss: Any, company: str, clerk: Any, app: Any
) -> None:
    me = await _id(clerk)
    for n, who in enumerate((boss, clerk)):
        offer = (await _offer(boss, company, key=f"k{n}")).json
        await _accept(clerk, offer["id"])
        path = f"/identity/enterprises/{company}/delegates/{offer['id']}"
        assert (await who.call("DELETE", path)).status == 204
        assert not await app.ctx.enterprises.may_act(me, UUID(company), "apply")
        assert (await who.call("DELETE", path)).code == "delegation_not_found"
        assert (await _accept(clerk, offer["id"])).code == "delegation_not_found"


async def test_other_terms_must_be_accepted_anew(
    boss: Any, company: str, clerk: Any, app: Any
) -> None:
    offer = (await _offer(boss, company)).json
    await _accept(clerk, offer["id"])
    again = (await _offer(boss, company, key="k2", scopes=["pay", "apply"])).json
    assert (again["id"], again["scopes"]) == (offer["id"], ["apply", "pay"])
    assert not await app.ctx.enterprises.may_act(await _id(clerk), UUID(company), "pay")
    await _accept(clerk, again["id"])
    assert await app.ctx.enterprises.may_act(await _id(clerk), UUID(company), "pay")


async def test_a_manager_appoints_others_but_no_managers(
    boss: Any, company: str, clerk: Any, log_in: Any
) -> None:
    await _accept(clerk, (await _offer(boss, company, scopes=["manage"])).json["id"])
    other = await log_in("13500000000")
    given = await _offer(clerk, company, phone="13500000000", scopes=["apply", "view"])
    assert given.status == 201
    reply = await _offer(clerk, company, key="m", phone="13500000000", scopes=["manage"])
    assert (reply.status, reply.code) == (403, "scope_missing")
    await _accept(other, given.json["id"])
    reply = await _offer(other, company, phone="13700000000")
    assert reply.code == "scope_missing"
    listed = await other.get(f"/identity/enterprises/{company}/delegates")
    assert len(listed.json["delegates"]) == 2
    assert "13500000000" not in listed.text


async def test_a_manager_does_not_revoke_a_manager(
    boss: Any, company: str, clerk: Any, log_in: Any
) -> None:
    other = await log_in("13500000000")
    mine = (await _offer(boss, company, scopes=["manage"])).json["id"]
    theirs = await _offer(boss, company, key="o", phone="13500000000", scopes=["manage"])
    await _accept(clerk, mine)
    await _accept(other, theirs.json["id"])
    path = f"/identity/enterprises/{company}/delegates/{mine}"
    assert (await other.call("DELETE", path)).code == "scope_missing"
    assert (await boss.call("DELETE", path)).status == 204


async def test_a_stranger_sees_and_does_nothing(
    boss: Any, company: str, clerk: Any, log_in: Any
) -> None:
    offer = (await _offer(boss, company)).json
    stranger = await log_in("13500000000")
    path = f"/identity/enterprises/{company}/delegates"
    assert (await stranger.get(path)).code == "enterprise_not_found"
    assert (await _offer(stranger, company)).code == "enterprise_not_found"
    revoked = await stranger.call("DELETE", f"{path}/{offer['id']}")
    assert revoked.code == "enterprise_not_found"
    assert (await _accept(stranger, offer["id"])).code == "delegation_not_found"
    for id in (str(uuid4()), "x"):
        assert (await boss.get(f"/identity/enterprises/{id}/delegates")).status == 404
        assert (await _accept(clerk, id)).status == 404
        assert (await boss.call("DELETE", f"{path}/{id}")).status == 404
    assert (await clerk.get(path)).code == "enterprise_not_found"


async def test_delegates_are_citizens_and_others(boss: Any, company: str) -> None:
    assert (await _offer(boss, company)).code == "delegate_unknown"
    assert (await _offer(boss, company, phone="12345678901")).code == "phone_invalid"
    assert (await _offer(boss, company, scopes=[])).code == "validation_failed"
    assert (await _offer(boss, company, scopes=["own"])).code == "validation_failed"
    assert (await _offer(boss, company, phone="13700000000")).code == "self_delegation"


async def test_a_retried_offer_is_one(boss: Any, company: str, clerk: Any) -> None:
    replies = await asyncio.gather(*(_offer(boss, company, key="same") for _ in range(6)))
    assert {reply.status for reply in replies} == {201}
    assert len({reply.text for reply in replies}) == 1
    assert (await _offer(boss, company, key="same", days=7)).code == "idempotency_conflict"


async def test_a_retried_offer_does_not_take_back_the_acceptance(
    boss: Any, company: str, clerk: Any, app: Any
) -> None:
    offer = (await _offer(boss, company)).json
    await _accept(clerk, offer["id"])
    assert (await _offer(boss, company)).json == offer
    assert await app.ctx.enterprises.may_act(await _id(clerk), UUID(company), "apply")


async def test_a_new_representative_takes_over_and_the_old_delegates_are_out(
    boss: Any, company: str, clerk: Any, verified: Any, real_name: Any, app: Any
) -> None:
    await _accept(clerk, (await _offer(boss, company)).json["id"])
    real_name.enterprises[USCC] = (NAME, LI_ID)
    li = await verified(LI, LI_ID, "13800000001")
    reply = await li.post("/identity/enterprises", COMPANY, key="new")
    assert reply.json["id"] == company
    for citizen, may in ((li, True), (boss, False), (clerk, False)):
        assert await app.ctx.enterprises.may_act(await _id(citizen), UUID(company), "view") is may
    assert not await app.ctx.enterprises.may_act(await _id(clerk), UUID(company), "apply")
    assert (await boss.get("/identity/enterprises")).json["enterprises"] == []


async def test_the_representatives_number_is_an_index_only(boss: Any, company: str) -> None:
    (row,) = await fetch("SELECT * FROM enterprise")
    assert len(row["representative_index"]) == 64
    assert WANG_ID not in str(row)


@given(
    st.frozensets(st.sampled_from(SCOPES), min_size=1),
    st.frozensets(st.sampled_from(SCOPES)),
    st.booleans(),
)
def test_nobody_but_the_representative_makes_managers(
    scopes: frozenset[str], own: frozenset[str], representative: bool
) -> None:
    may = rules.may_grant(scopes, representative=representative, own=own)
    assert may == (representative or ("manage" in own and "manage" not in scopes))
    if may and not representative:
        assert "manage" not in scopes


# -- messages ------------------------------------------------------------------------------------


async def _told(app: Any, citizen: Any) -> list[tuple[str, str]]:
    while await app.ctx.messages.drain():
        pass
    found = (await citizen.get("/messages/")).json["messages"]
    return [(m["kind"], m["text"]) for m in reversed(found)]


async def test_both_sides_hear_of_a_delegation_once(
    boss: Any, clerk: Any, company: str, app: Any
) -> None:
    offered = (await _offer(boss, company)).json
    await _offer(boss, company)  # a retry
    for _ in range(2):
        assert (await _accept(clerk, offered["id"])).status == 204
    path = f"/identity/enterprises/{company}/delegates/{offered['id']}"
    assert (await boss.call("DELETE", path)).status == 204
    theirs, ours = await _told(app, clerk), await _told(app, boss)
    assert [kind for kind, _ in theirs] == ["delegation_offered", "delegation_revoked"]
    assert [kind for kind, _ in ours] == ["delegation_accepted"]
    assert all(NAME in text for _, text in (*theirs, *ours))
    assert "2026-12-24" in theirs[0][1]
    assert all(DELEGATE not in text for _, text in ours)


async def test_whoever_offered_hears_that_it_was_given_up(
    boss: Any, clerk: Any, company: str, app: Any
) -> None:
    offered = (await _offer(boss, company)).json
    path = f"/identity/enterprises/{company}/delegates/{offered['id']}"
    assert (await clerk.call("DELETE", path)).status == 204
    assert [kind for kind, _ in await _told(app, boss)] == ["delegation_given_up"]
