"""A shown code is verified once and in time; the ledger keeps who asked; savings are counted."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest

from miniapp_api.platform import audit, signing
from miniapp_api.platform.database import fetch, transaction


@pytest.fixture
async def window(app: Any) -> str:
    """The number of a window that the hall has."""
    numbers = app.ctx.guides.handbook.floor_plan("municipal").windows
    return sorted(numbers)[0]


@pytest.fixture
def verify(staff: Any, window: str) -> Any:
    """Verifies a code at a window, as a clerk."""

    async def verify(token: str, clerk: Any = None, **changes: Any) -> Any:
        clerk = clerk or await staff("clerk")
        return await clerk.post(
            "/certificates/verifications", {"token": token, "window": window, **changes}
        )

    return verify


async def _code(citizen: Any, id: Any) -> str:
    reply = await citizen.client.post(f"/certificates/{id}/codes")
    assert reply.status == 200, reply.text
    token: str = reply.json["token"]
    return token


async def test_a_window_learns_what_the_certificate_is_worth_and_no_more(
    wang: Any, issue: Any, verify: Any, window: str
) -> None:
    issued = await issue(wang)
    reply = await verify(await _code(wang, issued.brief.id))
    assert reply.status == 200, reply.text
    assert reply.json == {
        "certificate": str(issued.brief.id),
        "type_id": "residence-permit",
        "certificate_name": "居住证",
        "state": "valid",
        "certificate_holder_name": "王**",
        "certificate_issuing_authority_name": "沈阳市公安局",
        "certificate_validate_end": "2027-11-23",
    }
    (entry,) = (await wang.client.get("/certificates/ledger")).json["entries"]
    assert (entry["purpose"], entry["hall"], entry["window"], entry["outcome"]) == (
        "verification",
        "municipal",
        window,
        "valid",
    )
    (row,) = await fetch(
        "SELECT actor_kind FROM audit_entry WHERE action = 'certificate.verified' AND subject = $1",
        f"certificate:{issued.brief.id}",
    )
    assert row["actor_kind"] == "staff"


async def test_a_code_carries_the_certificate_and_nothing_of_its_holder(
    wang: Any, issue: Any
) -> None:
    issued = await issue(wang)
    token = await _code(wang, issued.brief.id)
    claims = jwt.decode(token, options={"verify_signature": False})
    assert set(claims) == {"certificate", "jti", "aud", "exp"}
    assert claims["certificate"] == str(issued.brief.id)


async def test_a_code_is_verified_once_even_by_ten_windows_at_once(
    wang: Any, issue: Any, verify: Any, staff: Any
) -> None:
    token = await _code(wang, (await issue(wang)).brief.id)
    clerk = await staff("clerk")
    replies = await asyncio.gather(*(verify(token, clerk) for _ in range(10)))
    assert Counter(reply.status for reply in replies) == {200: 1, 409: 9}
    assert (await verify(token, clerk)).code == "certificate_code_used"
    (row,) = await fetch("SELECT count(*) AS n FROM data_ledger")
    assert row["n"] == 1


async def test_a_code_is_over_after_its_time(
    wang: Any, issue: Any, verify: Any, clock: Any
) -> None:
    token = await _code(wang, (await issue(wang)).brief.id)
    clock.advance(timedelta(seconds=119))
    clerk_token = await _code(wang, (await issue(wang)).brief.id)
    clock.advance(timedelta(seconds=1))
    assert (await verify(token)).code == "qr_expired"
    assert (await verify(clerk_token)).status == 200


async def test_a_forged_code_is_refused(
    app: Any, wang: Any, issue: Any, verify: Any, clock: Any
) -> None:
    id = str((await issue(wang)).brief.id)
    token = await _code(wang, id)
    head, body, proof = token.split(".")
    until = clock.now() + timedelta(hours=1)
    claims = {"certificate": id, "jti": str(uuid4())}
    pepper = app.ctx.settings.secrets.pepper.get_secret_value()
    forged = [
        f"{head}.{body}.{'A' * len(proof)}",
        signing.sign("another secret", "certificate", claims, until),
        signing.sign(pepper, "check-in", claims, until),
        jwt.encode({**claims, "aud": "certificate", "exp": 9999999999}, "", algorithm="none"),
        "nonsense",
    ]
    for each in forged:
        assert (await verify(each)).code == "qr_forged"
    assert await fetch("SELECT id FROM data_ledger") == []


async def test_a_certificate_revoked_after_it_was_shown_is_seen_as_revoked(
    app: Any, wang: Any, issue: Any, verify: Any
) -> None:
    id = (await issue(wang)).brief.id
    token = await _code(wang, id)
    async with transaction() as connection:
        await app.ctx.certificates.revoke(connection, id, reason="吊销", actor=audit.SYSTEM)
    assert (await verify(token)).json["state"] == "revoked"
    reply = await wang.client.post(f"/certificates/{id}/codes")
    assert (reply.status, reply.code) == (409, "certificate_not_valid")


async def test_a_certificate_that_expires_while_it_is_shown_is_seen_as_expired(
    wang: Any, issue: Any, verify: Any, clock: Any
) -> None:
    id = (await issue(wang, valid_until=clock.now().date())).brief.id
    clock.set(clock.now().replace(hour=23, minute=59, second=30))
    token = await _code(wang, id)
    clock.advance(timedelta(seconds=60))
    assert (await verify(token)).json["state"] == "expired"
    assert (await wang.client.post(f"/certificates/{id}/codes")).code == "certificate_not_valid"


async def test_an_outdated_certificate_is_not_shown_before_it_is_fetched_anew(
    wang: Any, obtain: Any, clock: Any
) -> None:
    id = (await obtain(wang, "id-card"))["id-card"].id
    assert await _code(wang, id)
    clock.advance(timedelta(days=1))
    reply = await wang.client.post(f"/certificates/{id}/codes")
    assert (reply.code, reply.json["state"]) == ("certificate_not_valid", "outdated")


async def test_only_staff_with_a_second_factor_at_a_window_of_theirs_verify(
    wang: Any, issue: Any, verify: Any, staff: Any
) -> None:
    token = await _code(wang, (await issue(wang)).brief.id)
    assert (await verify(token, wang.client)).code == "forbidden"
    assert (await verify(token, await staff("auditor"))).code == "forbidden"
    without = await staff("clerk", second_factor=False)
    assert (await verify(token, without)).code == "second_factor_required"
    assert (await verify(token, window="no such")).code == "window_unknown"
    assert (await verify(token)).status == 200  # nobody of them used it up


# -- the ledger --------------------------------------------------------------------------------


async def test_the_ledger_says_who_asked_what_for_which_case(
    wang: Any, li: Any, obtain: Any, departments: Any
) -> None:
    case = uuid4()
    departments.modes["civil_affairs"] = "refuse"
    await obtain(wang, "id-card", "marriage-certificate", case=case)
    await obtain(wang, "id-card", case=case)
    entries = (await wang.client.get("/certificates/ledger")).json["entries"]
    assert [(e["type_id"], e["outcome"]) for e in entries] == [
        ("id-card", "vault"),
        ("marriage-certificate", "department_refused"),
        ("id-card", "fetched"),
    ]
    for entry in entries:
        assert (entry["case"], entry["item"]) == (str(case), "residence-permit-application")
        assert (entry["purpose"], entry["asker"]) == ("application", None)
    assert entries[2]["department_name"] == "公安"
    assert (await li.client.get("/certificates/ledger")).json == {"entries": []}


async def test_the_ledger_is_read_page_by_page(wang: Any, obtain: Any) -> None:
    for _ in range(5):
        await obtain(wang, "id-card")
    seen: list[int] = []
    page: dict[str, int] = {}
    while found := (
        await wang.client.get("/certificates/ledger", params={"limit": 2, **page})
    ).json["entries"]:
        seen += [entry["id"] for entry in found]
        page = {"before": seen[-1]}
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)


async def test_who_asks_for_somebody_else_stands_in_the_ledger_of_both(
    wang: Any, li: Any, obtain: Any
) -> None:
    await obtain(wang, "id-card", holder=li.holder, name=li.name, code=li.id_number)
    for citizen in (wang, li):
        (entry,) = (await citizen.client.get("/certificates/ledger")).json["entries"]
        assert entry["outcome"] == "fetched"
    assert (await wang.client.get("/certificates/")).json == {"certificates": []}
    assert len((await li.client.get("/certificates/")).json["certificates"]) == 1


async def test_auditors_read_the_ledger_of_their_hall_and_others_do_not(
    wang: Any, issue: Any, obtain: Any, verify: Any, staff: Any
) -> None:
    case = uuid4()
    await obtain(wang, "id-card", case=case)
    await verify(await _code(wang, (await issue(wang)).brief.id))
    path = "/certificates/desk/ledger"
    auditor, elsewhere = await staff("auditor"), await staff("auditor", hall="another")
    entries = (await auditor.get(path)).json["entries"]
    assert [entry["purpose"] for entry in entries] == ["verification", "application"]
    assert all(entry["asker"] for entry in entries)
    assert wang.name not in (await auditor.get(path)).text
    shown = (await elsewhere.get(path)).json["entries"]
    assert [entry["purpose"] for entry in shown] == ["application"]
    one = (await auditor.get(path, params={"case": str(case)})).json["entries"]
    assert [entry["case"] for entry in one] == [str(case)]
    for nobody in (wang.client, await staff("clerk"), await staff("hall_manager")):
        assert (await nobody.get(path)).status == 403


async def test_a_question_that_was_never_answered_stands_in_the_ledger_as_asked(
    app: Any, wang: Any, obtain: Any, departments: Any
) -> None:
    """As after a crash between the question and the answer."""
    departments.modes["police"] = "slow"
    task = asyncio.create_task(obtain(wang, "id-card"))
    while not departments.asked["police"]:
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    (entry,) = (await wang.client.get("/certificates/ledger")).json["entries"]
    assert entry["outcome"] == "asked"
    departments.modes["police"] = "ok"
    found = await obtain(wang, "id-card")
    assert found["id-card"].type_id == "id-card"


# -- savings -----------------------------------------------------------------------------------


async def test_savings_count_a_paper_once_a_case_and_a_trip_once_a_department(
    wang: Any, obtain: Any, departments: Any, staff: Any
) -> None:
    one, two = uuid4(), uuid4()
    for _ in range(3):
        await obtain(wang, "id-card", "driving-licence", "marriage-certificate", case=one)
    departments.modes["real_estate"] = "refuse"
    await obtain(wang, "id-card", "real-estate-certificate", "elder-card", case=two)
    await wang.client.post(
        "/certificates/fetches", {"types": ["social-security-card"], "authorised": True}, key="k"
    )  # into his own vault: no case did without a paper
    manager = await staff("hall_manager")
    counted = (await manager.get("/certificates/savings")).json
    assert (counted["cases"], counted["papers"], counted["trips"]) == (2, 4, 3)
    assert {each["type_id"]: each["papers"] for each in counted["types"]} == {
        "id-card": 2,
        "driving-licence": 1,
        "marriage-certificate": 1,
    }
    answers = {each["department"]: each for each in counted["departments"]}
    assert answers["real_estate"]["uploaded_instead"] == 1
    assert answers["civil_affairs"]["not_found"] == 1
    assert (counted["since"], counted["until"]) == ("2026-10-26", "2026-11-24")


async def test_savings_are_of_the_days_asked_for(
    wang: Any, obtain: Any, staff: Any, clock: Any
) -> None:
    await obtain(wang, "id-card")
    manager, path = await staff("hall_manager"), "/certificates/savings"
    clock.advance(timedelta(days=1))
    today = (await manager.get(path, params={"since": "2026-11-25"})).json
    assert today["papers"] == 0
    day_before = {"since": "2026-11-24", "until": "2026-11-24"}
    assert (await manager.get(path, params=day_before)).json["papers"] == 1
    wrong = {"since": "2026-11-25", "until": "2026-11-24"}
    assert (await manager.get(path, params=wrong)).code == "validation_failed"
    for odd in ({"until": "0001-01-01"}, {"since": "0001-01-01"}, {"until": "9999-12-31"}):
        assert (await manager.get(path, params=odd)).status == 422
    assert (await (await staff("clerk")).get(path)).code == "forbidden"
    assert (await wang.client.get(path)).code == "forbidden"
