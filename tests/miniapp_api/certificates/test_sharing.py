"""Departments are asked once authorised, believed only about the right person, and may fail."""

from __future__ import annotations

import asyncio
import copy
import json
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
from aiohttp import web

from miniapp_api.certificates import fake_departments, wiring
from miniapp_api.certificates.departments import HttpDepartment, Question
from miniapp_api.certificates.errors import (
    AuthorisationUsed,
    CertificateTypeUnknown,
    DepartmentGarbled,
    DepartmentMismatch,
    DepartmentUnavailable,
)
from miniapp_api.certificates.fake_departments import COMPANY, WANG, FakeDepartments
from miniapp_api.certificates.ledger_store import Authorisation
from miniapp_api.certificates.people import Person
from miniapp_api.certificates.rules import CertificateBrief, Holder, Manual, NotFound
from miniapp_api.platform import embedded
from miniapp_api.platform.database import fetch
from tests.api import TUESDAY

FETCH = {"types": ["id-card"], "authorised": True}


async def _held(citizen: Any) -> list[dict[str, Any]]:
    held: list[dict[str, Any]] = (await citizen.client.get("/certificates/")).json["certificates"]
    return held


async def test_what_can_be_fetched_names_whom_it_is_asked_from(api: Any) -> None:
    types = (await api.get("/certificates/types")).json["types"]
    by_id = {each["type_id"]: each for each in types}
    assert by_id["id-card"] == {
        "type_id": "id-card", "name": "居民身份证", "department_name": "公安",
    }  # fmt: skip
    assert "birth-certificate" not in by_id  # no department shares it
    assert types[0]["type_id"] == "id-card"


async def _ledger() -> list[tuple[str, str]]:
    rows = await fetch("SELECT certificate_type_no AS t, outcome AS o FROM data_ledger ORDER BY id")
    return [(row["t"], row["o"]) for row in rows]


async def test_certificates_come_from_their_departments_and_stay_in_the_vault(
    wang: Any, obtain: Any, departments: FakeDepartments
) -> None:
    types = ("id-card", "real-estate-certificate", "marriage-certificate", "social-security-card")
    found = await obtain(wang, *types)
    assert list(found) == list(types)
    assert all(isinstance(each, CertificateBrief) for each in found.values())
    assert found["id-card"].name == "居民身份证"
    assert {each["type_id"] for each in await _held(wang)} == set(types)
    assert departments.asked == Counter(
        police=1, real_estate=1, civil_affairs=1, social_insurance=1
    )


async def test_an_enterprise_has_its_licence_fetched(
    wang: Any, obtain: Any, departments: FakeDepartments
) -> None:
    holder = Holder("enterprise", uuid4())
    company = {"holder": holder, "name": COMPANY[0], "code": COMPANY[1].lower()}
    found = await obtain(wang, "business-licence", "id-card", **company)
    assert isinstance(found["business-licence"], CertificateBrief)
    assert found["id-card"] == Manual("not_for_holder")
    assert await _held(wang) == []  # it is the enterprise's
    assert departments.asked == Counter(market_regulation=1)


async def test_what_is_fresh_is_not_asked_again_and_what_is_old_is(
    wang: Any, obtain: Any, departments: FakeDepartments, clock: Any
) -> None:
    first = (await obtain(wang, "id-card"))["id-card"]
    clock.advance(timedelta(hours=23, minutes=59))
    assert (await obtain(wang, "id-card"))["id-card"] == first
    assert departments.asked["police"] == 1
    clock.advance(timedelta(minutes=1))
    assert (await _held(wang))[0]["state"] == "outdated"
    again = (await obtain(wang, "id-card"))["id-card"]
    assert departments.asked["police"] == 2
    assert (again.id, again.fresh_until - first.fresh_until) == (first.id, timedelta(days=1))


async def test_a_department_that_says_something_else_replaces_what_it_said(
    wang: Any, obtain: Any, departments: FakeDepartments, clock: Any
) -> None:
    first = (await obtain(wang, "id-card"))["id-card"]
    clock.advance(timedelta(days=2))
    new = {"department": "police", "type": "id-card", "holder_name": WANG[0]}
    departments.know({**new, "holder_code": WANG[1], "content": {"住址": "搬了家"}})
    second = (await obtain(wang, "id-card"))["id-card"]
    assert second.id != first.id
    assert [UUID(each["id"]) for each in await _held(wang)] == [second.id]
    clock.advance(timedelta(days=2))
    departments.modes["police"] = "not_found"
    assert (await obtain(wang, "id-card"))["id-card"] == NotFound()
    assert await _held(wang) == []


async def test_without_authorisation_nobody_is_asked(
    wang: Any, obtain: Any, issue: Any, departments: FakeDepartments
) -> None:
    await obtain(wang, "id-card")
    ours = (await issue(wang)).brief
    types = ("id-card", "marriage-certificate", "residence-permit")
    found = await obtain(wang, *types, authorised=False)
    assert found == {
        "id-card": Manual("not_authorised"),
        "marriage-certificate": Manual("not_authorised"),
        "residence-permit": ours,
    }
    assert departments.asked == Counter(police=1)


async def test_a_type_that_nobody_shares_is_uploaded(wang: Any, obtain: Any) -> None:
    assert await obtain(wang, "birth-certificate") == {"birth-certificate": Manual("not_shared")}
    assert await _ledger() == []
    with pytest.raises(CertificateTypeUnknown):
        await obtain(wang, "pilot-licence")


@pytest.mark.parametrize(
    ("mode", "outcome"),
    [
        ("not_found", NotFound()),
        ("refuse", Manual("department_refused")),
        ("error", Manual("department_unavailable")),
        ("slow", Manual("department_unavailable")),
        ("empty", Manual("department_garbled")),
        ("garbage", Manual("department_garbled")),
        ("wrong_person", Manual("department_mismatch")),
    ],
)
async def test_a_department_that_fails_harms_nothing_and_the_others_still_answer(
    wang: Any, obtain: Any, departments: FakeDepartments, mode: str, outcome: Any
) -> None:
    departments.modes["police"] = mode
    found = await obtain(wang, "id-card", "marriage-certificate")
    assert found["id-card"] == outcome
    assert isinstance(found["marriage-certificate"], CertificateBrief)
    assert [each["type_id"] for each in await _held(wang)] == ["marriage-certificate"]
    word = outcome.reason if isinstance(outcome, Manual) else "not_found"
    assert sorted(await _ledger()) == [("id-card", word), ("marriage-certificate", "fetched")]


async def test_a_department_that_is_away_sends_the_citizen_to_the_upload(
    app: Any, settings: Any, people: Any, wang: Any, obtain: Any
) -> None:
    nowhere = {"department_url": f"http://127.0.0.1:{embedded.free_port()}"}
    wiring.connect(app, settings.certificates.model_copy(update=nowhere), people)
    assert await obtain(wang, "id-card") == {"id-card": Manual("department_unavailable")}


async def test_an_expired_certificate_of_a_department_is_uploaded_anew(
    app: Any, wang: Any, obtain: Any, departments: FakeDepartments
) -> None:
    old = {"department": "police", "type": "id-card", "holder_name": WANG[0]}
    departments.know({**old, "holder_code": WANG[1], "valid_until": "20261123"})
    assert await obtain(wang, "id-card") == {"id-card": Manual("certificate_not_valid")}
    assert await app.ctx.certificates.covering(wang.holder, ["id-card"], TUESDAY.date()) == {}
    departments.know({**old, "holder_code": WANG[1], "valid_until": "20261124"})
    assert isinstance((await obtain(wang, "id-card"))["id-card"], CertificateBrief)


# -- garbage of every kind ---------------------------------------------------------------------


GOOD = fake_departments.certificate_of(
    {
        "department": "police",
        "type": "id-card",
        "holder_name": WANG[0],
        "holder_code": WANG[1],
        "valid_from": "20200101",
        "valid_until": "99991231",
    }
)
MANGLED: dict[str, dict[str, Any]] = {
    "date_that_does_not_exist": {"certificate_issuing_authority_date": "20200230"},
    "date_as_number": {"certificate_issuing_authority_date": 20200101},
    "date_in_another_form": {"certificate_validate_end": "2030-01-01"},
    "end_before_start": {"certificate_validate_end": "20190101"},
    "number_missing": {"certificate_number": None},
    "number_as_number": {"certificate_number": 7},
    "control_characters": {"certificate_name": "身份证\x00"},
    "endless_name": {"certificate_name": "证" * 101},
    "wrong_check_character": {"certificate_identifier": GOOD["certificate_identifier"][:-1] + "!"},
    "huge_number_inside": {"extend_info": {"n": 10**40}},
    "content_is_a_list": {"extend_info": []},
    "unknown_status": {"status": "?"},
}


@pytest.fixture
async def answering(departments: Any) -> Any:
    """A department that answers whatever it is told to, byte by byte."""
    told: dict[str, Any] = {}

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(**told)

    app, port = web.Application(), embedded.free_port()
    app.router.add_post("/police/certificates/query", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    question = Question("id-card", WANG[1], WANG[0], uuid4())
    async with aiohttp.ClientSession() as session:
        police = HttpDepartment(session, f"http://127.0.0.1:{port}", "police", 2)

        async def ask(body: bytes, **more: Any) -> Any:
            told.clear()
            told.update(body=body, **more)
            return await police.query(question)

        yield ask
    await runner.cleanup()


def _found(**changes: Any) -> bytes:
    certificate = {**copy.deepcopy(GOOD), **changes}
    return json.dumps({"result": "found", "certificate": certificate}).encode()


async def test_a_good_answer_is_read_and_a_withdrawn_certificate_is_none(answering: Any) -> None:
    assert (await answering(_found())).certificate_holder_name == WANG[0]
    assert await answering(_found(status="D")) is None
    assert await answering(b'{"result": "not_found"}') is None


@pytest.mark.parametrize("name", MANGLED)
async def test_a_mangled_certificate_is_garbage(answering: Any, name: str) -> None:
    with pytest.raises(DepartmentGarbled):
        await answering(_found(**MANGLED[name]))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"<html>",
        b'{"result": "found"}',
        b'{"result": "maybe"}',
        b"[" * 100_000,
        b'{"result": "not_found", "certificate": "\xff"}',
        b" " * 300_000 + b'{"result": "not_found"}',
    ],
)
async def test_what_is_no_answer_is_garbage(answering: Any, body: bytes) -> None:
    with pytest.raises(DepartmentGarbled):
        await answering(body)


@pytest.mark.parametrize(
    "changes",
    [
        {"certificate_holder_code": "440524188001010014"},
        {"certificate_holder_name": "王晓明"},
        {"certificate_type_no": "passport"},
    ],
)
async def test_somebody_else_s_certificate_or_another_one_is_rejected(
    answering: Any, changes: dict[str, str]
) -> None:
    with pytest.raises(DepartmentMismatch):
        await answering(_found(**changes))


async def test_a_redirect_is_not_followed(answering: Any) -> None:
    with pytest.raises(DepartmentUnavailable):
        await answering(b"", status=307, headers={"Location": "http://127.0.0.1:1/"})


# -- the breaker -------------------------------------------------------------------------------


async def test_a_department_that_keeps_failing_is_left_alone_then_tried_once(
    wang: Any, obtain: Any, departments: FakeDepartments, clock: Any
) -> None:
    departments.modes["police"] = "error"
    for _ in range(3):
        await obtain(wang, "id-card")
    assert await obtain(wang, "id-card") == {"id-card": Manual("department_busy")}
    assert departments.asked["police"] == 3
    assert isinstance((await obtain(wang, "marriage-certificate"))["marriage-certificate"],
                      CertificateBrief)  # fmt: skip
    clock.advance(timedelta(seconds=31))
    assert await obtain(wang, "id-card") == {"id-card": Manual("department_unavailable")}
    assert await obtain(wang, "id-card") == {"id-card": Manual("department_busy")}
    departments.modes["police"] = "ok"
    clock.advance(timedelta(seconds=31))
    assert isinstance((await obtain(wang, "id-card"))["id-card"], CertificateBrief)


async def test_strangers_certificates_do_not_open_the_breaker(
    wang: Any, obtain: Any, departments: FakeDepartments
) -> None:
    departments.modes["police"] = "wrong_person"
    for _ in range(5):
        assert await obtain(wang, "id-card") == {"id-card": Manual("department_mismatch")}
    assert departments.asked["police"] == 5


# -- one authorisation, one use ----------------------------------------------------------------


async def test_an_authorisation_counts_once_even_if_used_ten_times_at_once(
    app: Any, wang: Any, departments: FakeDepartments
) -> None:
    sharing = app.ctx.data_sharing
    given = Authorisation(uuid4(), wang.id, wang.holder, ("id-card",), "application", None, None)
    await sharing.authorise(given)
    person = Person(wang.name, wang.id_number)
    ends = await asyncio.gather(
        *(sharing.ask(given.id, wang.id, person) for _ in range(10)), return_exceptions=True
    )
    assert Counter(type(end) for end in ends) == {dict: 1, AuthorisationUsed: 9}
    assert departments.asked["police"] == 1


async def test_an_authorisation_is_over_after_minutes_and_is_nobody_else_s(
    app: Any, wang: Any, li: Any, clock: Any, departments: FakeDepartments
) -> None:
    sharing, person = app.ctx.data_sharing, Person(wang.name, wang.id_number)
    given = Authorisation(uuid4(), wang.id, wang.holder, ("id-card",), "application", None, None)
    await sharing.authorise(given)
    with pytest.raises(AuthorisationUsed):
        await sharing.ask(given.id, li.id, person)
    clock.advance(timedelta(minutes=5))
    with pytest.raises(AuthorisationUsed):
        await sharing.ask(given.id, wang.id, person)
    assert departments.asked == Counter()


async def test_a_citizen_fetches_his_own_once_however_often_he_sends_it(
    wang: Any, departments: FakeDepartments
) -> None:
    first = await wang.client.post("/certificates/fetches", FETCH, key="same")
    assert first.status == 201, first.text
    (fetched,) = first.json["types"]
    assert (fetched["outcome"], fetched["name"]) == ("certificate", "居民身份证")
    assert (await wang.client.post("/certificates/fetches", FETCH, key="same")).json == first.json
    other = {**FETCH, "types": ["passport"]}
    reused = await wang.client.post("/certificates/fetches", other, key="same")
    assert reused.code == "idempotency_conflict"
    assert departments.asked == Counter(police=1)
    (held,) = await _held(wang)
    assert held["id"] == fetched["certificate"]


async def test_the_same_fetch_ten_times_at_once_asks_once(
    wang: Any, departments: FakeDepartments
) -> None:
    replies = await asyncio.gather(
        *(wang.client.post("/certificates/fetches", FETCH, key="same") for _ in range(10))
    )
    statuses = Counter(reply.status for reply in replies)
    assert set(statuses) <= {201, 409}
    assert statuses[201] >= 1
    assert departments.asked == Counter(police=1)
    assert (await wang.client.post("/certificates/fetches", FETCH, key="same")).status == 201


async def test_two_fetches_at_once_leave_one_certificate(
    wang: Any, departments: FakeDepartments
) -> None:
    replies = await asyncio.gather(
        *(wang.client.post("/certificates/fetches", FETCH, key=f"k{n}") for n in range(8))
    )
    assert {reply.status for reply in replies} == {201}
    assert len({reply.json["types"][0]["certificate"] for reply in replies}) == 1
    assert len(await _held(wang)) == 1


async def test_a_fetch_tells_what_has_to_be_uploaded_and_why(
    wang: Any, departments: FakeDepartments
) -> None:
    departments.modes["police"] = "garbage"
    body = {"types": ["id-card", "elder-card", "birth-certificate"], "authorised": True}
    reply = await wang.client.post("/certificates/fetches", body, key="k")
    told = {each["type_id"]: (each["outcome"], each["reason"]) for each in reply.json["types"]}
    assert told == {
        "id-card": ("manual", "department_garbled"),
        "elder-card": ("not_found", None),
        "birth-certificate": ("manual", "not_shared"),
    }


async def test_who_has_not_proved_his_name_fetches_nothing(
    citizen: Any, departments: FakeDepartments
) -> None:
    reply = await citizen.post("/certificates/fetches", FETCH, key="k")
    assert (reply.status, reply.code) == (409, "real_name_required")
    assert departments.asked == Counter()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"types": ["id-card"], "authorised": False}, "validation_failed"),
        ({"types": ["id-card"]}, "validation_failed"),
        ({"types": [], "authorised": True}, "validation_failed"),
        ({"types": ["pilot-licence"], "authorised": True}, "certificate_type_unknown"),
    ],
)
async def test_a_fetch_without_consent_or_sense_is_refused(
    wang: Any, departments: FakeDepartments, body: dict[str, Any], code: str
) -> None:
    reply = await wang.client.post("/certificates/fetches", body, key="k")
    assert (reply.status, reply.code) == (422, code)
    assert (await wang.client.post("/certificates/fetches", FETCH)).code == (
        "idempotency_key_required"
    )
    assert departments.asked == Counter()


async def test_no_name_or_number_is_logged_when_departments_fail(
    wang: Any, obtain: Any, departments: FakeDepartments, capfd: pytest.CaptureFixture[str]
) -> None:
    for mode in sorted(fake_departments.MODES - {"slow"}):
        departments.modes["police"] = mode
        await obtain(wang, "id-card", "passport")
    logged = "".join(capfd.readouterr())
    assert "department_failed" in logged
    for secret in (wang.name, wang.id_number, *fake_departments.STRANGER):
        assert secret not in logged


async def test_the_fake_is_told_over_http_how_to_behave_and_what_to_know(
    departments: FakeDepartments, wang: Any, obtain: Any
) -> None:
    base = departments.url  # type: ignore[attr-defined]
    record = {"department": "civil_affairs", "type": "elder-card"}
    person = {"holder_name": wang.name, "holder_code": wang.id_number}
    async with aiohttp.ClientSession() as session:
        for path, body, status in (
            ("/records", {**record, **person}, 200),
            ("/records", record, 422),
            ("/behaviour", {"mode": "error", "department": "police"}, 200),
            ("/behaviour", {"mode": "sulk"}, 422),
        ):
            async with session.put(base + path, json=body) as reply:
                assert reply.status == status
    found = await obtain(wang, "elder-card", "id-card")
    assert isinstance(found["elder-card"], CertificateBrief)
    assert found["id-card"] == Manual("department_unavailable")
