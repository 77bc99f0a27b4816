"""The simulated day: the same people for a seed, and the same calls as the real hall."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from miniapp_api.appointments.plan import Opening
from miniapp_api.commands.simulate import opening_hours, queue_specs, run
from miniapp_api.guides.handbook import load_handbook
from miniapp_api.hall import rules
from miniapp_api.hall.simulation import (
    Assumptions,
    QueueSpec,
    Simulation,
    people_of,
    percentile,
    waits,
)
from miniapp_api.platform.database import fetch
from miniapp_api.settings import ROOT

DAY = date(2026, 11, 25)
HOURS = (Opening(time(9), time(11, 30)), Opening(time(13), time(16, 30)))
QUEUES = (QueueSpec("public-security", 3, 12, 3), QueueSpec("tax", 2, 20, 2))
ITEM = "id-card-lost-replacement"
HALL = "/hall/municipal"


def _day(policy: str = "fair", seed: int = 7, **changes: Any) -> Any:
    assumed = replace(Assumptions(), **changes)
    people = people_of(QUEUES, HOURS, 30, seed, assumed)
    simulation = Simulation(QUEUES, HOURS, rules.POLICIES[policy], DAY, assumed, seed)
    return people, simulation.run(people)


def test_the_same_seed_is_the_same_day() -> None:
    assert _day()[1] == _day()[1]
    assert _day(seed=8)[1] != _day()[1]


def test_everybody_who_came_is_served_or_was_absent_when_called() -> None:
    for policy in rules.POLICIES:
        people, day = _day(policy)
        assert len(day.served) + day.absent == len(people)


def test_nobody_is_served_before_coming_or_in_the_lunch_break() -> None:
    _, day = _day()
    assert all(each.called > each.person.arrives - 1e-6 for each in day.served)
    assert not [each for each in day.served if 150 <= each.called < 240]


def test_priority_groups_wait_less_and_appointments_less_than_walk_ins() -> None:
    _, day = _day(load=0.95)
    walk_in, booked, priority = (
        percentile(waits(day, group), 0.9) for group in ("walk_in", "appointment", "priority")
    )
    assert priority < walk_in
    assert booked < walk_in


def test_the_hall_of_the_handbook_is_simulated() -> None:
    handbook = load_handbook(ROOT / "handbook")
    queues = queue_specs(handbook)
    assert sum(queue.windows for queue in queues) == 163
    day, openings = opening_hours(handbook, date(2026, 10, 1))
    assert day == date(2026, 10, 8)  # after the holiday
    assert openings == HOURS


def test_the_command_writes_a_table_and_a_picture(tmp_path: Path) -> None:
    run(1, tmp_path)
    text = (tmp_path / "simulation.md").read_text(encoding="utf-8")
    assert text.count("\n| ") == 7
    picture = (tmp_path / "images" / "simulation.svg").read_text(encoding="utf-8")
    assert picture.startswith("<?xml")
    assert "窗口使用率" in picture


async def test_the_real_hall_calls_in_the_order_of_the_simulation(
    staff: Any, app: Any, clock: Any, api: Any
) -> None:
    """One queue, one window, walk-ins and priority groups: replayed through the real routes."""
    queues = (QueueSpec("public-security", 1, 9, 0),)
    assumed = Assumptions(load=1.1, absent_when_called=0.0, priority_share=0.3)
    morning = (Opening(time(9), time(11)),)
    people = people_of(queues, morning, 30, 3, assumed)
    day = Simulation(queues, morning, rules.FAIR, DAY, assumed, 3).run(people)
    assert len(day.calls) > 10

    kiosk, clerk = await staff("kiosk"), await staff("clerk")
    nine = datetime.combine(DAY, time(9), clock.now().tzinfo)
    window = app.ctx.guides.queue("municipal", "public-security").windows[0]
    clock.set(nine)
    await clerk.post(f"{HALL}/windows/{window}/open")
    events: list[tuple[float, int, Any]] = [(round(p.arrives, 6), 0, p) for p in people]
    events += [(round(at, 6), 1, sequence) for at, _, sequence in day.calls]
    called = []
    for at, kind, what in sorted(events, key=lambda event: event[:2]):
        clock.set(nine + timedelta(minutes=at))
        if kind == 0:
            body = {"item": ITEM} | ({"priority": what.priority} if what.priority else {})
            await kiosk.post(f"{HALL}/tickets", body, key=uuid4().hex)
        else:
            reply = await clerk.post(f"{HALL}/windows/{window}/next")
            called.append(int(reply.json["number"][-3:]))
            await clerk.post(f"{HALL}/windows/{window}/finish")
    assert called == [sequence for _, _, sequence in day.calls]
    (row,) = await fetch("SELECT count(*) n FROM ticket WHERE status = 'finished'")
    assert row["n"] == len(called)
