"""A hall's plan, pure: hours, slots, release, channels, and what is wrong with a plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniapp_api.appointments.plan import (
    Opening,
    Pattern,
    Plan,
    Rules,
    SpecialDay,
    WindowsClosed,
    closed_reason,
    first_bookable,
    hours,
    planned_slots,
    pooled_at,
    released_at,
    slot_times,
    split,
    without,
    working_days,
)
from miniapp_api.appointments.plan_faults import faults_of
from miniapp_api.appointments.plan_schemas import PlanBody

MONDAY_TO_FRIDAY = frozenset(range(5))
TUESDAY = datetime(2026, 11, 24, 8, 30)


class Weekdays:
    """Monday to Friday, a holiday on a Thursday, and a Saturday that is a workday."""

    def is_workday(self, day: date) -> bool:
        return (day.weekday() < 5 and day != date(2026, 11, 26)) or day == date(2026, 12, 5)

    def holiday_name(self, day: date) -> str | None:
        return "丰收节" if day == date(2026, 11, 26) else None


class Never(Weekdays):
    def is_workday(self, day: date) -> bool:
        return False


def _opening(start: str, end: str) -> Opening:
    return Opening(time.fromisoformat(start), time.fromisoformat(end))


def _rules(**changes: Any) -> Rules:
    values: dict[str, Any] = {
        "first_working_day": 1,
        "horizon_working_days": 5,
        "slot_minutes": 30,
        "hold_minutes": 10,
        "cancel_until_minutes": 120,
        "late_minutes": 15,
        "per_person_per_day": 3,
        "per_person_per_item_per_day": 1,
        "no_shows_per_month": 2,
        "cancellations_per_month": 5,
        "suspend_days": 30,
        "remote_tickets": True,
        "release_time": time(8),
        "pool_working_days_before": 1,
        "pool_time": time(17),
        "channels": {"mini_program": 70, "web_phone": 20, "on_site": 10},
    }
    return Rules(**values | changes)


def _plan(*patterns: Pattern, special: Sequence[SpecialDay] = (), **rules: Any) -> Plan:
    common = Pattern(MONDAY_TO_FRIDAY, (_opening("09:00", "12:00"),))
    makeup = (_opening("10:00", "11:00"),)
    return Plan("h", 1, _rules(**rules), patterns or (common,), makeup, tuple(special))


def _starts(openings: Sequence[Opening]) -> list[str]:
    return [f"{o.start:%H:%M}" for o in openings]


@pytest.mark.parametrize(
    ("openings", "minutes", "starts"),
    [
        ([("12:00", "18:00")], 90, ["12:00", "13:30", "15:00", "16:30"]),
        ([("09:00", "10:10")], 30, ["09:00", "09:30"]),
        ([("09:00", "09:20")], 30, []),
        ([("23:00", "23:59")], 30, ["23:00"]),
        ([], 30, []),
    ],
)
def test_hours_are_cut_into_whole_slots(
    openings: list[tuple[str, str]], minutes: int, starts: list[str]
) -> None:
    assert _starts(slot_times([_opening(*o) for o in openings], minutes)) == starts


@pytest.mark.parametrize(
    ("opening", "breaks", "minutes", "count"),
    [
        (("12:00", "16:00"), [], 15, 16),
        (("10:00", "17:00"), [("11:00", "12:00"), ("14:00", "15:00")], 30, 10),
        (("09:00", "16:30"), [("11:30", "13:00")], 30, 12),
        (("09:00", "12:00"), [("09:00", "12:00")], 30, 0),
        (("09:00", "12:00"), [("08:00", "09:30"), ("11:45", "13:00")], 30, 4),
    ],
)
def test_breaks_take_their_slots_away(
    opening: tuple[str, str], breaks: list[tuple[str, str]], minutes: int, count: int
) -> None:
    open_hours = without([_opening(*opening)], [_opening(*b) for b in breaks])
    assert len(slot_times(open_hours, minutes)) == count


@pytest.mark.parametrize("minutes", [0, -15])
def test_a_slot_of_no_length_is_refused(minutes: int) -> None:
    with pytest.raises(ValueError, match="longer"):
        slot_times([_opening("09:00", "12:00")], minutes)


@given(
    st.times(),
    st.times(),
    st.lists(st.tuples(st.times(), st.times()), max_size=4),
    st.integers(1, 24 * 60),
)
def test_slots_are_whole_disjoint_inside_and_never_in_a_break(
    start: time, end: time, gaps: list[tuple[time, time]], minutes: int
) -> None:
    breaks = [Opening(min(g), max(g)) for g in gaps]
    slots = slot_times(without([Opening(start, end)], breaks), minutes)
    assert all(start <= s.start < s.end <= end for s in slots)
    assert all(a.end <= b.start for a, b in pairwise(slots))
    assert not any(
        s.start < gap.end and gap.start < s.end
        for s in slots
        for gap in breaks
        if gap.start < gap.end
    )


def test_a_pattern_may_hold_in_the_nth_week_only() -> None:
    second_and_fourth = Pattern(
        frozenset({5}), (_opening("09:00", "11:00"),), weeks=frozenset({2, 4})
    )
    saturdays = [date(2026, 11, day) for day in (7, 14, 21, 28)]
    assert [second_and_fourth.holds_on(day) for day in saturdays] == [False, True, False, True]


def test_a_pattern_holds_between_its_dates() -> None:
    pattern = Pattern(MONDAY_TO_FRIDAY, (), first=date(2026, 11, 24), last=date(2026, 11, 25))
    days = [date(2026, 11, day) for day in (23, 24, 25, 26)]
    assert [pattern.holds_on(day) for day in days] == [False, True, True, False]


@pytest.mark.parametrize(
    ("day", "starts"),
    [
        (date(2026, 11, 24), ["09:00"]),
        (date(2026, 11, 26), []),  # a holiday
        (date(2026, 11, 28), []),  # a weekend
        (date(2026, 12, 5), ["10:00"]),  # a Saturday that is a workday
        (date(2026, 11, 25), ["13:00"]),  # a special day
    ],
)
def test_a_queue_has_the_hours_of_its_day(day: date, starts: list[str]) -> None:
    special = SpecialDay(date(2026, 11, 25), (_opening("13:00", "15:00"),))
    assert _starts(hours(_plan(special=[special]), "q", day, Weekdays()).openings) == starts


def test_a_queue_with_a_pattern_of_its_own_leaves_the_common_one() -> None:
    own = Pattern(
        frozenset({5}), (_opening("08:00", "10:00"),), queues=frozenset({"q"}), slot_minutes=15
    )
    common = Pattern(MONDAY_TO_FRIDAY, (_opening("09:00", "12:00"),))
    plan = _plan(common, own)
    saturday, monday = date(2026, 11, 28), date(2026, 11, 30)
    assert hours(plan, "q", saturday, Weekdays()).slot_minutes == 15
    assert hours(plan, "q", monday, Weekdays()).openings == ()
    assert hours(plan, "other", saturday, Weekdays()).openings == ()


def test_slots_are_released_in_the_morning_of_the_horizons_working_day() -> None:
    """For Wednesday, December 2: 5 working days before, over a holiday, is November 24."""
    at = released_at(_plan(), ["q"], date(2026, 12, 2), Weekdays(), TUESDAY)
    assert at == datetime(2026, 11, 24, 8)


def test_what_is_left_becomes_common_the_working_day_before() -> None:
    at = pooled_at(_plan(), ["q"], date(2026, 11, 27), Weekdays(), TUESDAY)
    assert at == datetime(2026, 11, 25, 17)


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2026, 11, 23), "past"),
        (date(2026, 11, 24), "too_soon"),
        (date(2026, 11, 25), None),
        (date(2026, 11, 26), "丰收节"),
        (date(2026, 11, 28), "weekend"),
        (date(2026, 12, 2), None),
        (date(2026, 12, 3), "not_yet_released"),
        (date(2027, 3, 1), "not_yet_released"),
    ],
)
def test_a_closed_day_says_why(day: date, reason: str | None) -> None:
    assert closed_reason(_plan(), ["q"], "q", day, TUESDAY, Weekdays()) == reason


def test_a_minute_before_the_release_the_day_is_not_released() -> None:
    early = TUESDAY.replace(hour=7, minute=59)
    day = date(2026, 12, 2)
    assert closed_reason(_plan(), ["q"], "q", day, early, Weekdays()) == "not_yet_released"


def test_a_hall_may_open_the_same_day() -> None:
    plan = _plan(first_working_day=0)
    assert first_bookable(plan, ["q"], TUESDAY.date(), Weekdays()) == TUESDAY.date()


def test_a_calendar_without_workdays_ends() -> None:
    plan = _plan(Pattern(frozenset(), ()))
    assert list(working_days(plan, ["q"], date(2026, 1, 1), Never())) == []
    assert first_bookable(plan, ["q"], date(2026, 1, 1), Never()) is None


def test_planned_slots_have_the_seats_of_their_windows() -> None:
    slots = planned_slots(_plan(), {"q": (3, 2)}, date(2026, 11, 25), Weekdays(), TUESDAY)
    assert [s.starts_at.hour for s in slots] == [9, 9, 10, 10, 11, 11]
    assert {s.seats for s in slots} == {6}


def _shut(windows: str, start: str, end: str, queue: str = "q") -> WindowsClosed:
    span = (datetime.fromisoformat(f"2026-11-25T{at}") for at in (start, end))
    return WindowsClosed(queue, frozenset(windows), *span)


@pytest.mark.parametrize(
    ("closed", "seats"),
    [
        ([_shut("a", "09:30", "10:30")], [6, 4, 4, 6, 6, 6]),
        ([_shut("a", "09:45", "09:50")], [6, 4, 6, 6, 6, 6]),  # a part of a slot is all of it
        ([_shut("ab", "09:00", "10:00"), _shut("bc", "09:30", "12:00")], [2, 0, 2, 2, 2, 2]),
        ([_shut("a", "09:00", "12:00", queue="other")], [6] * 6),
        ([_shut("abcd", "00:00", "23:00")], [0] * 6),
    ],
)
def test_a_closed_window_takes_its_share_of_the_seats(
    closed: list[WindowsClosed], seats: list[int]
) -> None:
    day, queues = date(2026, 11, 25), {"q": (3, 2)}
    slots = planned_slots(_plan(), queues, day, Weekdays(), TUESDAY, closed)
    assert [slot.seats for slot in slots] == seats


@given(
    st.integers(0, 500),
    st.integers(0, 100).flatmap(
        lambda a: st.integers(0, 100 - a).map(
            lambda b: {"mini_program": a, "web_phone": b, "on_site": 100 - a - b}
        )
    ),
)
def test_channels_share_all_seats_by_percent(seats: int, channels: Any) -> None:
    shares = split(seats, channels)
    assert sum(shares.values()) == seats
    assert all(abs(shares[c] - seats * p / 100) < 1 for c, p in channels.items())


def _body(**changes: Any) -> PlanBody:
    values = PlanBody.of(_plan()).model_dump(mode="json")
    for path, value in changes.items():
        target: Any = values
        *parents, last = path.split("__")
        for parent in parents:
            target = target[int(parent) if parent.isdigit() else parent]
        target[int(last) if last.isdigit() else last] = value
    return PlanBody.model_validate(values)


def test_a_plan_goes_to_json_and_back() -> None:
    plan = _plan(
        Pattern(
            frozenset({0, 5}),
            (_opening("09:00", "12:00"),),
            breaks=(_opening("10:00", "10:30"),),
            queues=frozenset({"q"}),
            weeks=frozenset({1, 3}),
            first=date(2026, 1, 1),
            slot_minutes=15,
            seats_per_window=2,
        ),
        special=[SpecialDay(date(2026, 12, 1), (), note="搬家")],
    )
    assert PlanBody.of(plan).plan("h", 1) == plan


def test_a_good_plan_has_no_fault() -> None:
    assert faults_of(_body(), ["q"], TUESDAY.date()) == []


COMMON: dict[str, Any] = {"weekdays": ["monday"], "openings": [["09:00", "12:00"]]}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rules__slot_minutes": 0}, "rules.slot_minutes"),
        ({"rules__first_working_day": 9}, "rules.first_working_day"),
        ({"channels__on_site": 11}, "channels"),
        ({"patterns__0__openings": [["12:00", "09:00"]]}, "patterns.0.openings"),
        (
            {"patterns__0__openings": [["09:00", "12:00"], ["11:00", "13:00"]]},
            "patterns.0.openings",
        ),
        ({"patterns__0__breaks": [["12:00", "13:00"]]}, "patterns.0.breaks"),
        ({"patterns__0__weeks": [6]}, "patterns.0.weeks"),
        (
            {"patterns__0__first": "2026-12-01", "patterns__0__last": "2026-11-01"},
            "patterns.0.first",
        ),
        ({"patterns__0__slot_minutes": 0}, "patterns.0.slot_minutes"),
        ({"patterns__0__slot_minutes": 200}, "patterns.0.slot_minutes"),
        ({"patterns__0__queues": ["nowhere"]}, "patterns.0.queues"),
        ({"patterns": [COMMON, COMMON]}, "patterns.1"),
        (
            {"patterns": [COMMON | {"queues": ["q"]}, COMMON | {"queues": ["q", "p"]}]},
            "patterns.1",
        ),
        ({"special_days": [{"date": "2026-11-01", "openings": []}]}, "special_days.0.date"),
        ({"special_days": [{"date": "2026-12-01", "openings": []}] * 2}, "special_days.0"),
    ],
)
def test_an_impossible_plan_is_refused_naming_the_field(
    changes: dict[str, Any], field: str
) -> None:
    faults = faults_of(_body(**changes), ["q", "p"], TUESDAY.date())
    assert field in {fault.field for fault in faults}


@pytest.mark.parametrize(
    "patterns",
    [
        [COMMON, COMMON | {"weekdays": ["tuesday"]}],
        [COMMON | {"weeks": [1, 3]}, COMMON | {"weeks": [2, 4]}],
        [COMMON | {"last": "2026-12-31"}, COMMON | {"first": "2027-01-01"}],
        [COMMON, COMMON | {"queues": ["q"]}],
        [COMMON, COMMON | {"openings": [["13:00", "15:00"]]}],
    ],
)
def test_patterns_that_do_not_meet_are_fine(patterns: list[dict[str, Any]]) -> None:
    assert faults_of(_body(patterns=patterns), ["q"], TUESDAY.date()) == []
