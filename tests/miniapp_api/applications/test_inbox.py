"""The inbox and the list of one's own cases, against what a plain sort of all cases says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from miniapp_api.applications import desk_store, rules
from miniapp_api.applications.seeding import filling
from miniapp_api.applications.seeding.maker import Made, Maker
from miniapp_api.platform import database
from miniapp_api.platform.database import fetch
from tests.api import TUESDAY

CASES = 2_000
PAGE = 7


@pytest.fixture
async def made(api: Any, app: Any, settings: Any) -> list[Made]:
    """Seeded cases, those of which a hundred or so wait for a clerk."""
    maker = Maker(app.ctx.guides.handbook, TUESDAY, (60, 90), 30)
    connection = await asyncpg.connect(**database.credentials(settings.database))
    await filling.fill(connection, maker, app.ctx.sealer, range(CASES))
    await connection.close()
    return [maker.case(number) for number in range(CASES)]


def waiting(made: list[Made], departments: tuple[str, ...]) -> list[Made]:
    """What waits in some departments, the most urgent first."""
    found = [m for m in made if m.state in rules.OPEN and department(m) in departments]
    return sorted(found, key=lambda m: (m.dates.act_by, m.id))


def department(made: Made) -> str:
    return made.matter.item.department or ""


async def turned(client: Any, path: str) -> list[str]:
    """The ids of all pages of a list."""
    found: list[str] = []
    after = ""
    while True:
        page = (await client.get(f"{path}&limit={PAGE}{after}")).json
        found += [case["id"] for case in page["cases"]]
        if not page["next"]:
            return found
        after = f"&after={page['next']}"


@pytest.mark.parametrize("count", [1, 3, 40])
async def test_turning_the_pages_shows_every_case_once_in_order(
    made: list[Made], staff: Any, count: int
) -> None:
    departments = tuple(sorted({department(m) for m in made}))[:count]
    clerk = await staff("clerk", departments=departments)
    expected = waiting(made, departments)
    assert len(expected) > count // 3
    assert await turned(clerk, "/applications/desk/cases?") == [str(m.id) for m in expected]


@pytest.mark.parametrize("state", ["submitted", "special", "denied", "correction", "archived"])
async def test_a_state_alone_is_shown_if_a_clerk_is_waited_for(
    made: list[Made], staff: Any, state: str
) -> None:
    departments = tuple({department(m) for m in made})
    clerk = await staff("clerk", departments=departments)
    expected = [str(m.id) for m in waiting(made, departments) if m.state == state]
    assert bool(expected) == (state in rules.OPEN)
    assert await turned(clerk, f"/applications/desk/cases?state={state}") == expected


async def test_to_a_clerk_with_skills_comes_what_he_can_do(made: list[Made], staff: Any) -> None:
    departments = tuple(sorted({department(m) for m in made}))
    everything = waiting(made, departments)
    skill = everything[0].matter.item.themes[0]
    clerk = await staff("clerk", departments=departments, skills=(skill,))
    expected = [str(m.id) for m in everything if skill in m.matter.item.themes]
    assert 0 < len(expected) < len(everything)
    assert await turned(clerk, "/applications/desk/cases?") == expected
    state = everything[0].state
    of_state = [str(m.id) for m in everything if skill in m.matter.item.themes and m.state == state]
    assert await turned(clerk, f"/applications/desk/cases?state={state}") == of_state


async def test_a_window_shows_what_it_serves(made: list[Made], staff: Any, app: Any) -> None:
    departments = tuple(sorted({department(m) for m in made}))
    clerk = await staff("clerk", departments=departments)
    everything, shown = waiting(made, departments), []
    for queue in app.ctx.guides.queues("municipal"):
        served = {item.code for item in app.ctx.guides.items_of("municipal", queue.id)}
        expected = [str(m.id) for m in everything if m.matter.item.code in served]
        if expected and queue.windows:
            path = f"/applications/desk/cases?window={queue.windows[0]}"
            assert await turned(clerk, path) == expected
            shown.append(queue.id)
    assert len(shown) > 2
    assert (await clerk.get("/applications/desk/cases?window=9999")).code == "window_not_found"


async def test_what_a_colleague_hands_over_is_mine_whatever_the_skill(
    made: list[Made], staff: Any
) -> None:
    departments = tuple(sorted({department(m) for m in made}))
    case = next(m for m in waiting(made, departments) if m.state == "submitted")
    clerk = await staff("clerk", departments=departments)
    other = await staff("clerk", departments=departments, skills=("nothing-of-this",))
    path = f"/applications/desk/cases/{case.id}"
    assert (await clerk.post(f"{path}/claim")).status == 200
    to = (await other.get("/staff/me")).json["id"]
    assert (await clerk.post(f"{path}/hand-over", {"to": to, "note": ""})).status == 204
    assert await turned(other, "/applications/desk/cases?") == []
    assert await turned(other, "/applications/desk/cases?mine=true") == [str(case.id)]


async def test_mine_are_those_whose_lease_lasts(made: list[Made]) -> None:
    held = [m for m in made if m.lease_until and m.lease_until > TUESDAY]
    assert held
    clerk = held[0].holder
    mine = [m for m in held if m.holder == clerk]
    departments = [department(held[0])]
    rows = await desk_store.inbox(departments, None, clerk, TUESDAY, None, 50)
    expected = [m.id for m in waiting(made, (departments[0],)) if m in mine]
    assert [row["id"] for row in rows] == expected
    state = mine[0].state
    rows = await desk_store.inbox(departments, state, clerk, TUESDAY, None, 50)
    assert {row["id"] for row in rows} == {m.id for m in mine if m.state == state}
    later = TUESDAY + timedelta(minutes=31)
    assert await desk_store.inbox(departments, None, clerk, later, None, 50) == []


async def test_ones_cases_are_listed_the_latest_first_whoever_filed_them(
    made: list[Made], log_in: Any
) -> None:
    busiest = max({m.citizen.id for m in made}, key=lambda id: len(_of(made, id)))
    citizen = await log_in(_of(made, busiest)[0].citizen.phone)
    # Somebody else filed one of them for him.
    other = next(m for m in made if m.citizen.id != busiest and not m.company)
    await fetch("UPDATE application SET applicant = $1 WHERE id = $2", busiest, other.id)
    expected = sorted([*_of(made, busiest), other], key=lambda m: m.steps[0].at, reverse=True)
    found: list[UUID] = []
    before = ""
    while page := (await citizen.get(f"/applications/?limit=4{before}")).json["cases"]:
        found += [UUID(case["id"]) for case in page]
        before = f"&before={page[-1]['submitted_at']}".replace("+", "%2B")
    assert found == [m.id for m in expected]


def _of(made: list[Made], citizen: UUID) -> list[Made]:
    return [m for m in made if m.citizen.id == citizen]
