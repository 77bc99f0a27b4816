"""Made-up cases, on a real database: nothing in them that the real path would not have left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from datetime import timedelta
from itertools import pairwise
from random import Random
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from miniapp_api.applications import case_store, desk_store, rules
from miniapp_api.applications.case_store import Case, Event
from miniapp_api.applications.seeding import courses, filling
from miniapp_api.applications.seeding.maker import BLOCK, CLERKS, Maker, clerk_of, people_of
from miniapp_api.applications.seeding.people import company, id_of, person
from miniapp_api.applications.steps import Doer, Said
from miniapp_api.identity import rules as identity_rules
from miniapp_api.platform import database
from miniapp_api.platform.database import fetch, transaction
from tests.api import TUESDAY, ZONE

CASES = 400
SAMPLE = 60
# What the course of a case decides; the rest is its own.
DECIDED = (
    "state", "version", "since", "submitted_at", "act_by", "accepted_on", "yellow_on", "red_on",
    "due_on", "statutory_on", "corrections", "correct_until",
)  # fmt: skip


@pytest.fixture
async def connection(api: Any, settings: Any) -> AsyncIterator[Any]:
    opened = await asyncpg.connect(**database.credentials(settings.database))
    yield opened
    await opened.close()


@pytest.fixture
def maker(app: Any) -> Maker:
    return Maker(app.ctx.guides.handbook, TUESDAY, (60, 90), 30)


@pytest.fixture
def seed(app: Any, connection: Any, maker: Maker) -> Any:
    async def seed(first: int = 0, last: int = CASES) -> int:
        return await filling.fill(connection, maker, app.ctx.sealer, range(first, last))

    return seed


async def stored() -> list[Case]:
    rows = await fetch("SELECT id FROM application ORDER BY submitted_at")
    cases = [await case_store.read(row["id"]) for row in rows]
    return [case for case in cases if case]


def test_every_state_has_a_course_that_the_table_allows() -> None:
    random = Random(1)
    # Only a member of a bundle waits, and none is made up.
    assert set(courses.SHARES) == set(rules.STATE_NAMES) - {"waiting"}
    for state in courses.SHARES:
        for _ in range(200):
            assert courses.walked(courses.course(state, random))[-1][2] == state


def test_numbers_of_people_and_enterprises_are_valid() -> None:
    for number in range(2000):
        citizen = person(number)
        assert identity_rules.id_number(citizen.id_number) == citizen.id_number
        assert identity_rules.canonical_phone(citizen.phone) == citizen.phone
        firm = company(number, citizen)
        assert identity_rules.credit_code(firm.credit_code) == firm.credit_code
    assert len({person(n).id_number for n in range(2000)}) == 2000


def test_case_n_is_the_same_whenever_it_is_made(app: Any, maker: Maker) -> None:
    later = Maker(app.ctx.guides.handbook, TUESDAY + timedelta(days=3), (60, 90), 30)
    for number in range(0, CASES, 7):
        one, other = maker.case(number), later.case(number)
        assert (one.id, one.matter, one.citizen, one.answers, one.state) == (
            other.id, other.matter, other.citizen, other.answers, other.state,
        )  # fmt: skip


async def test_every_step_follows_the_table(seed: Any) -> None:
    assert await seed() == CASES
    for case in await stored():
        events = await case_store.events(case.id)
        assert [e.version for e in events] == list(range(1, case.version + 1))
        assert (events[0].action, events[0].before) == ("submit", None)
        for earlier, event in pairwise(events):
            assert event.before == earlier.after
            assert event.at > earlier.at
            after = rules.after(event.before, event.action, event.actor_kind)  # type: ignore[arg-type]
            assert event.after == after
        assert (events[-1].after, events[-1].at) == (case.state, case.since)
        assert case.since < TUESDAY


async def test_the_clocks_stand_where_the_real_steps_leave_them(
    seed: Any, app: Any, clock: Any
) -> None:
    await seed()
    cases = await stored()
    # Of every state some, and every case that was stopped, sent back or turned away.
    chosen = Random(2).sample(cases, SAMPLE)
    chosen += [c for c in cases if c.state != "archived" or c.corrections][:SAMPLE]
    for case in chosen:
        replayed = await _replayed(app, clock, case, await case_store.events(case.id))
        ours, theirs = asdict(case), asdict(replayed)
        assert {k: ours[k] for k in DECIDED} == {k: theirs[k] for k in DECIDED}


async def _replayed(app: Any, clock: Any, case: Case, events: list[Event]) -> Case:
    """Take a case anew through the real steps, at the moments of the seeded ones."""
    steps, at = app.ctx.desk._steps, events[0].at.astimezone(ZONE)
    clock.set(at)
    moved = replace(
        case, id=uuid4(), number=str(uuid4().int)[:17], state=rules.FIRST, version=1, since=at,
        act_by=steps.first_dates(at.date()), accepted_on=None, yellow_on=None, red_on=None,
        due_on=None, statutory_on=None, corrections=0, correct_until=None, assigned_to=None,
        lease_until=None,
    )  # fmt: skip
    async with transaction() as connection:
        await steps.begin(connection, moved, Doer("citizen", case.citizen))
    for event in events[1:]:
        clock.set(now := event.at.astimezone(ZONE))
        async with transaction() as connection:
            if event.actor_kind == "clerk" and event.actor:
                until = now + timedelta(minutes=30)
                await desk_store.claim(connection, moved.id, event.actor, until, now)
            doer, said = Doer(event.actor_kind, event.actor), Said(event.detail)  # type: ignore[arg-type]
            moved = await steps.take(connection, moved, event.action, doer, said)
    found = await case_store.read(moved.id)
    assert found is not None
    return found


async def test_a_case_opens_at_the_desk_and_with_its_citizen(
    seed: Any, maker: Maker, log_in: Any, staff: Any
) -> None:
    await seed()
    every = list(map(maker.case, range(CASES)))
    chosen = [m for m in every if m.state in ("review", "special")] + [
        m for m in every if m.company
    ]
    for made in {m.citizen.id: m for m in chosen}.values():  # who logs in once a minute
        clerk = await staff("clerk", departments=(made.matter.item.department or "",))
        path = f"/applications/desk/cases/{made.id}?purpose=handling"
        desk = await clerk.get(path)
        assert desk.status == 200, desk.text
        values = {f["name"]: f["value"] for s in desk.json["sections"] for f in s["fields"]}
        assert {k: v for k, v in values.items() if v is not None} == made.answers
        who = made.company.name if made.company else made.citizen.name
        assert desk.json["applicant"] == who

        citizen = await log_in(made.citizen.phone)
        shown = await citizen.get(f"/applications/{made.id}")
        assert shown.status == 200, shown.text
        assert shown.json["state"] == made.state
        assert len(shown.json["steps"]) == len(made.steps)
        listed = (await citizen.get("/applications/")).json["cases"]
        assert str(made.id) in {each["id"] for each in listed}


async def test_what_waits_is_in_the_inbox_and_is_worked_on(
    seed: Any, maker: Maker, staff: Any
) -> None:
    await seed()
    made = next(m for m in map(maker.case, range(CASES)) if m.state == "submitted")
    clerk = await staff("clerk", departments=(made.matter.item.department or "",))
    inbox = (await clerk.get("/applications/desk/cases?limit=50")).json["cases"]
    assert str(made.id) in {each["id"] for each in inbox}
    claimed = await clerk.post(f"/applications/desk/cases/{made.id}/claim")
    assert claimed.json["state"] == "pre_review"
    body = {"action": "accept", "version": claimed.json["version"]}
    moved = await clerk.post(f"/applications/desk/cases/{made.id}/actions", body)
    assert moved.json["state"] == "accepted"


async def test_what_is_personal_is_sealed_and_no_nonce_comes_twice(seed: Any, maker: Maker) -> None:
    await seed()
    sealed = [
        bytes(row["v"])
        for table, column in (
            ("application", "answers_sealed"), ("application", "applicant_sealed"),
            ("case_event", "note_sealed"), ("citizen", "phone_sealed"),
        )
        for row in await fetch(f"SELECT {column} AS v FROM {table} WHERE {column} IS NOT NULL")
    ]  # fmt: skip
    assert len(sealed) > 2 * CASES
    assert len({value[5:17] for value in sealed}) == len(sealed)
    everything = b"".join(sealed)
    for made in map(maker.case, range(CASES)):
        for personal in (made.citizen.name, made.citizen.id_number, made.citizen.phone):
            assert personal.encode() not in everything


async def test_receipt_numbers_are_valid_and_go_on(seed: Any) -> None:
    before = await case_store.next_sequence()
    await seed()
    cases = await stored()
    assert all(rules.is_receipt_number(case.number) for case in cases)
    assert all(case.number.startswith(f"{_day(case):%Y%m%d}") for case in cases)
    sequences = sorted(int(case.number[8:15]) for case in cases)
    assert sequences == list(range(before + 1, before + 1 + CASES))
    assert await case_store.next_sequence() == before + 1 + CASES


def _day(case: Case) -> Any:
    return case.submitted_at.astimezone(ZONE).date()


async def test_seeding_again_adds_exactly_what_is_missing(seed: Any, connection: Any) -> None:
    assert await seed(0, 130) == 130
    numbers = {case.id: case.number for case in await stored()}
    await connection.execute("DELETE FROM case_event WHERE application = $1", id_of("case", 7))
    await connection.execute("DELETE FROM application WHERE id = $1", id_of("case", 7))
    assert await seed(0, 300) == 171
    assert await seed(0, 300) == 0
    cases = await stored()
    assert {case.id for case in cases} == {id_of("case", n) for n in range(300)}
    kept = {case.id: case.number for case in cases if case.id in numbers}
    assert [id for id in kept if kept[id] != numbers[id]] == [id_of("case", 7)]
    (row,) = await fetch("SELECT count(*) AS n FROM citizen")
    assert row["n"] == 300 // BLOCK * len(people_of(0))
    rows = await fetch("SELECT count(*) AS n FROM case_event GROUP BY application, version")
    strays = "SELECT 1 FROM case_event e JOIN application a ON a.id = e.application AND a.hall <> "
    assert await fetch(f"{strays} coalesce(e.hall, '')") == []
    assert {row["n"] for row in rows} == {1}


async def test_two_who_seed_different_stretches_meet_in_nothing(
    app: Any, maker: Maker, settings: Any, connection: Any
) -> None:
    async def fill(first: int) -> int:
        own = await asyncpg.connect(**database.credentials(settings.database))
        try:
            return await filling.fill(own, maker, app.ctx.sealer, range(first, first + BLOCK))
        finally:
            await own.close()

    assert sum(await asyncio.gather(*(fill(n * BLOCK) for n in range(6)))) == 6 * BLOCK
    assert len({case.number for case in await stored()}) == 6 * BLOCK


async def test_a_stretch_that_fails_leaves_nothing(
    app: Any, maker: Maker, connection: Any, seed: Any
) -> None:
    await connection.execute(
        "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$;"
        "CREATE TRIGGER broken BEFORE INSERT ON case_event EXECUTE FUNCTION broken()"
    )
    try:
        with pytest.raises(asyncpg.RaiseError):
            await seed(0, BLOCK)
    finally:
        await connection.execute("DROP FUNCTION broken CASCADE")
    for table in ("application", "case_event", "citizen"):
        (row,) = await fetch(f"SELECT count(*) AS n FROM {table}")
        assert row["n"] == 0
    assert await seed(0, BLOCK) == BLOCK


async def test_real_cases_keep_their_database_to_themselves(
    seed: Any, connection: Any, verified: Any, office: Any
) -> None:
    await seed(0, BLOCK)
    await filling.require_free(connection)
    await office.submitted(await verified())
    with pytest.raises(filling.Occupied):
        await filling.require_free(connection)


def test_the_clerks_of_a_department_share_its_cases(maker: Maker) -> None:
    holders: dict[str, set[Any]] = {}
    for made in map(maker.case, range(4000)):
        if made.holder:
            holders.setdefault(made.matter.item.department or "", set()).add(made.holder)
    for department, found in holders.items():
        assert found <= {clerk_of(department, n) for n in range(CLERKS)}
    assert max(map(len, holders.values())) == CLERKS
