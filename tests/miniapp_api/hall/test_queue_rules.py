"""Pure rules of the queue: fairness, states, texts, estimates."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniapp_api.hall.rules import (
    FAIR,
    OVERTAKING,
    POLICIES,
    PRIORITY_BOOST,
    TRANSITIONS,
    WALK_IN_ALLOWANCE,
    Waiting,
    after,
    ahead,
    called_text,
    due_at,
    estimate,
    number,
    spoken,
)

NINE = datetime(2026, 11, 25, 9)
PRIORITIES = ("elderly", "disabled", "soldier", "pregnant")


def _minutes(minutes: int) -> datetime:
    return NINE + timedelta(minutes=minutes)


def _ticket(
    sequence: int,
    arrived: int,
    kind: Any = "walk_in",
    booked: int | None = None,
    priority: Any = None,
    *,
    late: bool = False,
) -> Waiting:
    booked_for = None if booked is None else _minutes(booked)
    at = _minutes(arrived)
    due = due_at(kind, at, booked_for, priority, late=late)
    return Waiting(UUID(int=sequence), sequence, kind, at, due, booked_for, priority)


@st.composite
def crowds(draw: Any) -> list[Waiting]:
    """A hall full of people, in the order of their numbers."""
    arrivals = sorted(draw(st.lists(st.integers(0, 240), min_size=1, max_size=25)))
    people = []
    for sequence, arrived in enumerate(arrivals):
        priority = draw(st.sampled_from((None, None, None, *PRIORITIES)))
        if draw(st.booleans()):
            booked = draw(st.integers(arrived - 40, arrived + 60))
            late = arrived > booked + 15
            people.append(_ticket(sequence, arrived, "appointment", booked, priority, late=late))
        else:
            people.append(_ticket(sequence, arrived, "walk_in", None, priority))
    return people


@given(crowds(), st.integers(0, 300))
def test_every_policy_calls_somebody_who_waits(people: list[Waiting], minute: int) -> None:
    for policy in POLICIES.values():
        for called in (0, 1):
            assert policy.choose(people, _minutes(minute), called) in people
        assert policy.choose([], _minutes(minute), 0) is None


@given(crowds(), st.integers(0, 300), st.randoms())
def test_the_choice_does_not_depend_on_the_order_of_the_rows(
    people: list[Waiting], minute: int, random: Any
) -> None:
    shuffled = list(people)
    random.shuffle(shuffled)
    for policy in POLICIES.values():
        now = _minutes(minute)
        assert policy.choose(people, now, 0) == policy.choose(shuffled, now, 0)


@given(crowds())
def test_nobody_is_overtaken_by_who_walks_in_later_than_the_bound(people: list[Waiting]) -> None:
    """No starvation: with one window and a service of five minutes, nobody who walked in is
    overtaken by anybody without a booking who came more than OVERTAKING after him."""
    waiting, now, called = list(people), NINE, 0
    while waiting:
        here = [person for person in waiting if person.arrived_at <= now]
        if not here:
            now = min(person.arrived_at for person in waiting)
            continue
        chosen = FAIR.choose(here, now, called)
        assert chosen is not None
        for other in here:
            if other.kind == "walk_in" and chosen.kind == "walk_in":
                assert chosen.arrived_at <= other.arrived_at + OVERTAKING
        waiting.remove(chosen)
        now, called = now + timedelta(minutes=5), called + 1


@given(crowds(), st.integers(0, 600))
def test_who_is_due_is_called_before_any_who_is_due_later(
    people: list[Waiting], minute: int
) -> None:
    now = _minutes(minute)
    chosen = FAIR.choose(people, now, 0)
    assert chosen is not None
    for other in people:
        if other.due_at <= now:
            assert chosen.due_at <= other.due_at


def test_an_appointment_at_its_time_goes_before_who_walked_in_shortly_before() -> None:
    walked_in, booked = _ticket(1, 50), _ticket(2, 55, "appointment", 60)
    assert FAIR.choose([walked_in, booked], _minutes(61), 0) == booked


def test_who_walked_in_long_before_goes_before_an_appointment() -> None:
    walked_in, booked = _ticket(1, 30), _ticket(2, 55, "appointment", 60)
    assert FAIR.choose([walked_in, booked], _minutes(61), 0) == walked_in


def test_an_appointment_before_its_time_lets_others_go_first() -> None:
    early, walked_in = _ticket(1, 0, "appointment", 120), _ticket(2, 10)
    assert FAIR.choose([early, walked_in], _minutes(11), 0) == walked_in
    assert FAIR.choose([early], _minutes(11), 0) == early


@pytest.mark.parametrize("priority", PRIORITIES)
def test_a_priority_group_goes_before_others_but_not_without_bound(priority: Any) -> None:
    elder = _ticket(5, 10, priority=priority)
    shortly_before, long_before = _ticket(2, 5), _ticket(1, -15)
    assert FAIR.choose([shortly_before, elder], _minutes(12), 0) == elder
    assert FAIR.choose([long_before, elder], _minutes(12), 0) == long_before
    assert PRIORITY_BOOST + WALK_IN_ALLOWANCE == OVERTAKING


def test_who_is_late_for_an_appointment_queues_like_a_walk_in_of_that_moment() -> None:
    late = _ticket(3, 60, "appointment", 30, late=True)
    assert late.due_at == _minutes(60) + WALK_IN_ALLOWANCE


@given(crowds(), st.integers(0, 300))
def test_ahead_agrees_with_the_order_of_the_calls(people: list[Waiting], minute: int) -> None:
    now, left, order = _minutes(minute), list(people), []
    while left:
        chosen = FAIR.choose(left, now, 0)
        assert chosen is not None
        order.append(chosen)
        left.remove(chosen)
    for place, person in enumerate(order):
        assert ahead(person, people, now) == place


def test_a_ticket_that_is_over_stays_over() -> None:
    assert not [status for status, _ in TRANSITIONS if status in ("finished", "left")]
    assert after("finished", "call") is None


@pytest.mark.parametrize(
    ("window", "shown", "said"),
    [
        ("003", "请A012号到3号窗口", "请，A零一二号，到，三号窗口"),
        ("010", "请A012号到10号窗口", "请，A零一二号，到，十号窗口"),
        ("021", "请A012号到21号窗口", "请，A零一二号，到，二十一号窗口"),
        ("105", "请A012号到105号窗口", "请，A零一二号，到，一百零五号窗口"),
        ("163", "请A012号到163号窗口", "请，A零一二号，到，一百六十三号窗口"),
        ("110", "请A012号到110号窗口", "请，A零一二号，到，一百一十号窗口"),
    ],
)
def test_a_call_is_shown_and_spoken(window: str, shown: str, said: str) -> None:
    assert number("A", 12) == "A012"
    assert called_text("A012", window) == shown
    assert spoken("A012", window) == said


def test_without_an_open_window_there_is_no_estimate() -> None:
    assert estimate(3, 0, [], 15) is None


def test_an_estimate_follows_todays_services() -> None:
    few = estimate(3, 2, [600.0] * 3, 15)
    many = estimate(3, 2, [600.0] * 30, 15)
    assert few is not None
    assert many is not None
    assert many.minutes == 20
    assert many.minutes < few.minutes < 30
    assert many.low <= many.minutes <= many.high


@given(st.integers(0, 50), st.integers(1, 20), st.lists(st.floats(30, 3600), max_size=50))
def test_an_estimate_lies_in_its_interval(ahead: int, windows: int, seconds: list[float]) -> None:
    found = estimate(ahead, windows, seconds, 15)
    assert found is not None
    assert 0 <= found.low <= found.minutes <= found.high
