"""A plan that begins on a day: no queue has other hours than the plan of that day says."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from miniapp_api.appointments.plan import hours
from miniapp_api.appointments.plan_schemas import PlanBody
from miniapp_api.appointments.plan_succession import succeed
from miniapp_api.guides.places import WEEKDAYS

TODAY = date(2026, 11, 24)
START = date(2026, 12, 1)
QUEUES = ("a", "b", "c")
RULES = {
    "first_working_day": 1, "horizon_working_days": 10, "slot_minutes": 30, "hold_minutes": 10,
    "cancel_until_minutes": 120, "late_minutes": 15, "per_person_per_day": 3,
    "per_person_per_item_per_day": 1, "no_shows_per_month": 2, "cancellations_per_month": 5,
    "suspend_days": 30, "remote_tickets": True, "release_time": "08:00",
    "pool_working_days_before": 1, "pool_time": "17:00",
}  # fmt: skip
CHANNELS = {"mini_program": 70, "web_phone": 20, "on_site": 10}


class EveryDay:
    """A calendar without holidays."""

    def is_workday(self, day: date) -> bool:
        return day.weekday() < 5

    def holiday_name(self, day: date) -> str | None:
        return None


def _plan(*patterns: dict[str, Any], slot_minutes: int = 30) -> PlanBody:
    rules = {**RULES, "slot_minutes": slot_minutes}
    return PlanBody.model_validate(
        {"rules": rules, "channels": CHANNELS, "patterns": list(patterns)}
    )


def _pattern(start: str = "09:00", end: str = "12:00", **more: Any) -> dict[str, Any]:
    return {"weekdays": list(WEEKDAYS), "openings": [[start, end]], **more}


def _hours(body: PlanBody, queue: str, day: date) -> Any:
    return hours(body.plan("municipal", 1), queue, day, EveryDay())


def test_the_old_hours_end_the_day_before_and_the_new_ones_begin() -> None:
    joined = succeed(_plan(_pattern()), _plan(_pattern("13:00", "16:00")), START, TODAY)
    old, new = joined.patterns
    assert (old.first, old.last) == (None, START - timedelta(days=1))
    assert (new.first, new.last) == (START, None)


def test_what_stays_as_it_is_is_written_once() -> None:
    plan = _plan(_pattern(queues=["a"]), _pattern())
    assert succeed(plan, plan, START, TODAY) == plan
    by_day = _plan(*(_pattern(queues=["a"], weekdays=[day]) for day in WEEKDAYS), _pattern())
    assert succeed(by_day, plan, START, TODAY) == plan
    changed = _plan(_pattern(queues=["a"]), _pattern(end="11:00"))
    assert succeed(plan, changed, START, TODAY).patterns[0] == plan.patterns[0]
    assert len(succeed(plan, changed, START, TODAY).patterns) == 3


def test_what_is_over_is_left_out() -> None:
    over = _pattern("07:00", "08:00", last=TODAY - timedelta(days=1))
    joined = succeed(_plan(over, _pattern()), _plan(over, _pattern()), START, TODAY)
    assert len(joined.patterns) == 1


def test_rules_and_channels_are_the_new_plans_at_once() -> None:
    joined = succeed(_plan(_pattern()), _plan(_pattern(), slot_minutes=20), START, TODAY)
    assert joined.rules.slot_minutes == 20
    assert [each.slot_minutes for each in joined.patterns] == [30, 20]


def test_a_plan_that_gets_too_long_is_refused() -> None:
    many = [_pattern(last=TODAY + timedelta(days=n)) for n in range(150)]
    fewer = [_pattern("13:00", "16:00", last=TODAY + timedelta(days=n + 10)) for n in range(150)]
    with pytest.raises(ValueError, match="200"):
        succeed(_plan(*many), _plan(*fewer), START, TODAY)


_days = st.none() | st.dates(TODAY - timedelta(days=10), TODAY + timedelta(days=20))
_patterns = st.lists(
    st.builds(
        _pattern,
        start=st.sampled_from(["08:00", "09:00", "10:00"]),
        end=st.sampled_from(["11:00", "12:00"]),
        weekdays=st.lists(st.sampled_from(WEEKDAYS), min_size=1, unique=True),
        queues=st.none() | st.lists(st.sampled_from(QUEUES), min_size=1, unique=True),
        first=_days,
        last=_days,
        slot_minutes=st.sampled_from([None, 20, 30]),
        seats_per_window=st.sampled_from([None, 1, 2]),
    ),
    min_size=1,
    max_size=4,
)
_minutes = st.sampled_from([15, 30])


@given(_patterns, _patterns, _minutes, _minutes, st.integers(0, 15))
def test_every_queue_has_on_every_day_the_hours_of_that_days_plan(
    old: list[dict[str, Any]], new: list[dict[str, Any]], was: int, becomes: int, ahead: int
) -> None:
    before, after = _plan(*old, slot_minutes=was), _plan(*new, slot_minutes=becomes)
    start = TODAY + timedelta(days=ahead)
    days = [TODAY + timedelta(days=n) for n in range(25)]
    wanted = {
        (queue, day): _hours(before if day < start else after, queue, day)
        for queue in QUEUES
        for day in days
    }
    assume(any(each.openings for each in wanted.values()))
    joined = succeed(before, after, start, TODAY)
    for (queue, day), expected in wanted.items():
        found = _hours(joined, queue, day)
        assert found.openings == expected.openings, (day, queue)
        if expected.openings:
            assert found == expected, (day, queue)
