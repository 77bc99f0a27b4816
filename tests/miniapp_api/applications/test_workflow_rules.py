"""The workflow's table and its clocks."""

from __future__ import annotations

from datetime import date, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniapp_api.applications import rules
from miniapp_api.applications.rules import Clock, Pause

START = date(2026, 11, 24)  # a Tuesday
STATES, ACTIONS, ACTORS = (get_args(t) for t in (rules.State, rules.Action, rules.Actor))


def weekday(day: date) -> bool:
    return day.weekday() < 5


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("actor", ACTORS)
def test_no_path_leaves_the_table(
    state: rules.State, action: rules.Action, actor: rules.Actor
) -> None:
    allowed = action in rules.actions(state, actor)
    try:
        reached = rules.after(state, action, actor)
    except rules.NotAllowed:
        assert not allowed
    else:
        assert allowed
        assert reached in rules.STATE_NAMES


def test_every_state_can_be_reached_and_every_case_can_end() -> None:
    reached, ends = {rules.FIRST}, {"archived"}
    for _ in STATES:
        reached |= {t.after for t in rules.TABLE.values() if t.before & reached}
        ends |= {b for t in rules.TABLE.values() if t.after in ends for b in t.before}
    assert reached == set(STATES) == ends


def test_what_is_missing_is_said_once() -> None:
    assert "request_correction" in rules.actions("pre_review", "clerk", corrections=0)
    assert "request_correction" not in rules.actions("pre_review", "clerk", corrections=1)


@pytest.mark.parametrize(
    ("days", "pauses", "expected"),
    [
        (0, (), START),
        (1, (), date(2026, 11, 25)),
        (4, (), date(2026, 11, 30)),  # over a weekend
        (4, (Pause(date(2026, 11, 25), date(2026, 11, 27)),), date(2026, 12, 2)),
        (4, (Pause(date(2026, 11, 25)),), None),
    ],
)
def test_due_days(days: int, pauses: tuple[Pause, ...], expected: date | None) -> None:
    assert rules.due(Clock(START, days, pauses=pauses), weekday) == expected


def test_calendar_days_count_weekends() -> None:
    assert rules.due(Clock(START, 15, working=False), weekday) == date(2026, 12, 9)


@st.composite
def clocks(draw: st.DrawFn) -> Clock:
    pauses, day = [], START
    for _ in range(draw(st.integers(0, 4))):
        start = day + timedelta(days=draw(st.integers(0, 10)))
        day = start + timedelta(days=draw(st.integers(0, 10)))
        pauses.append(Pause(start, day))
    return Clock(START, draw(st.integers(0, 30)), draw(st.booleans()), tuple(pauses))


@given(clock=clocks(), days=st.lists(st.integers(0, 120), min_size=2, max_size=2))
def test_a_clock_never_runs_backwards(clock: Clock, days: list[int]) -> None:
    earlier, later = (START + timedelta(days=n) for n in sorted(days))
    assert rules.used(clock, weekday, earlier) <= rules.used(clock, weekday, later)


@given(clock=clocks(), n=st.integers(0, 120))
def test_what_was_used_and_what_was_paused_add_up(clock: Clock, n: int) -> None:
    today = START + timedelta(days=n)
    free = Clock(clock.accepted, clock.days, clock.working)
    span = [START + timedelta(days=i) for i in range(1, n + 1)]
    paused = [d for d in span if any(p.covers(d) for p in clock.pauses)]
    stopped = sum(weekday(d) if clock.working else 1 for d in paused)
    assert rules.used(clock, weekday, today) + stopped == rules.used(free, weekday, today)


@given(clock=clocks())
def test_the_limit_is_used_up_on_its_due_day_and_not_before(clock: Clock) -> None:
    due = rules.due(clock, weekday)
    assert due is not None
    assert rules.used(clock, weekday, due) == clock.days
    if clock.days:
        assert rules.used(clock, weekday, due - timedelta(days=1)) == clock.days - 1


@given(clock=clocks(), pause=st.integers(0, 20))
def test_a_pause_never_brings_the_due_day_forward(clock: Clock, pause: int) -> None:
    longer = Clock(
        clock.accepted, clock.days, clock.working,
        (*clock.pauses, Pause(START, START + timedelta(days=pause))),
    )  # fmt: skip
    first, second = rules.due(clock, weekday), rules.due(longer, weekday)
    assert first is not None
    assert second is not None
    assert first <= second


@given(clock=clocks())
def test_the_lights_come_in_order(clock: Clock) -> None:
    yellow, red = (rules.warning_day(clock, weekday, percent) for percent in (60, 90))
    due = rules.due(clock, weekday)
    assert yellow is not None
    assert red is not None
    assert due is not None
    assert yellow <= red <= due
    seen = [rules.colour(START + timedelta(days=n), yellow, red) for n in range(120)]
    assert seen == sorted(seen, key=["green", "yellow", "red"].index)


@given(n=st.integers(0, 10**12), place=st.integers(0, 16), digit=st.integers(1, 9))
def test_a_slip_in_a_receipt_number_shows(n: int, place: int, digit: int) -> None:
    number = rules.receipt_number(START, n)
    assert rules.is_receipt_number(number)
    wrong = str((int(number[place]) + digit) % 10)
    assert not rules.is_receipt_number(number[:place] + wrong + number[place + 1 :])
