"""Pure rules: hours to slots, bookable days, states."""

from __future__ import annotations

from datetime import date, time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniapp_api.appointments.rules import (
    BookingRules,
    Opening,
    after,
    bookable_days,
    closed_reason,
    new_reference,
    slot_times,
)


class Weekdays:
    """Monday to Friday, and one holiday."""

    def is_workday(self, day: date) -> bool:
        return day.weekday() < 5 and day != date(2026, 11, 26)

    def holiday_name(self, day: date) -> str | None:
        return "感恩节" if day == date(2026, 11, 26) else None


def _opening(start: str, end: str) -> Opening:
    return Opening(time.fromisoformat(start), time.fromisoformat(end))


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
    slots = slot_times([_opening(*o) for o in openings], minutes)
    assert [f"{s.start:%H:%M}" for s in slots] == starts


@pytest.mark.parametrize(
    ("openings", "minutes", "count"),
    [
        ([("12:00", "16:00")], 15, 16),
        ([("10:00", "11:00"), ("12:00", "14:00"), ("15:00", "17:00")], 30, 10),
        ([("09:00", "11:30"), ("13:00", "16:30")], 30, 12),
    ],
)
def test_breaks_take_their_slots_away(
    openings: list[tuple[str, str]], minutes: int, count: int
) -> None:
    assert len(slot_times([_opening(*o) for o in openings], minutes)) == count


@pytest.mark.parametrize("minutes", [0, -15])
def test_a_slot_of_no_length_is_refused(minutes: int) -> None:
    with pytest.raises(ValueError, match="longer"):
        slot_times([_opening("09:00", "12:00")], minutes)


@given(st.times(), st.times(), st.integers(1, 24 * 60))
def test_slots_are_whole_disjoint_and_inside(start: time, end: time, minutes: int) -> None:
    slots = slot_times([Opening(start, end)], minutes)
    assert all(start <= s.start < s.end <= end for s in slots)
    assert all(a.end <= b.start for a, b in pairwise(slots))


def _rules(first: int, horizon: int) -> BookingRules:
    return BookingRules(first, horizon, 30, 10, 120)


def test_the_first_bookable_day_is_the_next_working_day() -> None:
    friday = date(2026, 11, 27)
    assert bookable_days(friday, Weekdays(), _rules(1, 2)) == [
        date(2026, 11, 30),
        date(2026, 12, 1),
    ]


def test_a_hall_may_open_the_same_day() -> None:
    tuesday = date(2026, 11, 24)
    days = bookable_days(tuesday, Weekdays(), _rules(0, 2))
    assert days == [tuesday, date(2026, 11, 25), date(2026, 11, 27)]


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 5), st.integers(1, 30))
def test_bookable_days_are_working_days_in_order(today: date, first: int, horizon: int) -> None:
    days = bookable_days(today, Weekdays(), _rules(first, horizon))
    assert days == sorted(set(days))
    assert all(Weekdays().is_workday(day) and day >= today for day in days)
    assert len(days) <= horizon + (first == 0)


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2026, 11, 23), "past"),
        (date(2026, 11, 24), "too_soon"),
        (date(2026, 11, 25), None),
        (date(2026, 11, 26), "感恩节"),
        (date(2026, 11, 28), "weekend"),
        (date(2027, 3, 1), "not_yet_released"),
    ],
)
def test_a_closed_day_says_why(day: date, reason: str | None) -> None:
    today = date(2026, 11, 24)
    bookable = bookable_days(today, Weekdays(), _rules(1, 10))
    assert closed_reason(day, today, bookable, Weekdays()) == reason


def test_a_calendar_without_workdays_ends() -> None:
    class Never(Weekdays):
        def is_workday(self, day: date) -> bool:
            return False

    assert bookable_days(date(2026, 1, 1), Never(), _rules(1, 10)) == []


@pytest.mark.parametrize("status", ["cancelled", "expired"])
@pytest.mark.parametrize("action", ["confirm", "cancel", "expire", "reschedule"])
def test_what_is_over_stays_over(status: str, action: str) -> None:
    assert after(status, action) is None  # type: ignore[arg-type]


def test_a_reference_is_easy_to_read_aloud() -> None:
    references = {new_reference() for _ in range(1000)}
    assert len(references) == 1000
    assert not set("".join(references)) & set("01OIL")
