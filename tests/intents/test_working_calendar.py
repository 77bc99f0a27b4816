from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.working_calendar import CalendarDay, WorkingCalendar, calendar_from_yaml

CALENDAR = calendar_from_yaml(Path(__file__).parents[2] / "handbook" / "calendar.yaml")
ANY_DAY = st.dates()
SOME_DAY = st.dates(date(2024, 1, 1), date(2030, 12, 31))


def days_of(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += timedelta(days=1)


@pytest.mark.parametrize("year", [2025, 2026])
def test_published_years_agree_with_the_yearly_notice(year: int) -> None:
    chinese_calendar = pytest.importorskip("chinese_calendar")
    for day in days_of(year):
        assert CALENDAR.is_workday(day) == chinese_calendar.is_workday(day), day
        assert not CALENDAR.is_provisional(day)


def test_makeup_saturday_is_a_workday() -> None:
    assert CALENDAR.is_workday(date(2026, 2, 14))
    assert CALENDAR.is_workday(date(2026, 5, 9))
    assert not CALENDAR.is_workday(date(2026, 5, 10))


def test_weekday_inside_a_holiday_is_no_workday() -> None:
    assert not CALENDAR.is_workday(date(2026, 10, 6))
    assert CALENDAR.holiday_name(date(2026, 10, 6)) == "国庆节"


def test_makeup_workday_and_plain_weekend_carry_no_holiday_name() -> None:
    assert CALENDAR.holiday_name(date(2026, 10, 10)) is None
    assert CALENDAR.holiday_name(date(2026, 10, 11)) is None


def test_first_workday_after_national_day() -> None:
    assert CALENDAR.next_workday(date(2026, 10, 7)) == date(2026, 10, 8)
    assert CALENDAR.next_workday(date(2026, 10, 8), 2) == date(2026, 10, 10)


def test_zero_workdays_on_is_the_day_itself_even_on_a_holiday() -> None:
    assert CALENDAR.add_workdays(date(2026, 10, 1), 0) == date(2026, 10, 1)


def test_holiday_is_found_by_short_name_too() -> None:
    days = CALENDAR.holiday("国庆", 2026)
    assert days == CALENDAR.holiday("国庆节", 2026)
    assert (days[0], days[-1]) == (date(2026, 10, 1), date(2026, 10, 7))


def test_december_days_off_belong_to_the_next_new_year() -> None:
    rows = [CalendarDay(date(2023, 12, 31), "holiday", "元旦")]
    calendar = WorkingCalendar([*rows, CalendarDay(date(2024, 1, 1), "holiday", "元旦")], [2024])
    assert calendar.holiday("元旦", 2024) == [date(2023, 12, 31), date(2024, 1, 1)]
    assert calendar.holiday("元旦", 2023) == []


def test_unpublished_year_is_provisional_and_only_statutory_days_are_off() -> None:
    assert CALENDAR.is_provisional(date(2027, 1, 1))
    assert not CALENDAR.is_workday(date(2027, 1, 1))
    assert CALENDAR.is_workday(date(2027, 1, 4))
    assert CALENDAR.holiday("春节", 2027)[1] == date(2027, 2, 6)


@given(ANY_DAY)
def test_year_without_rows_has_weekends_only(day: date) -> None:
    calendar = WorkingCalendar()
    assert calendar.is_workday(day) == (day.weekday() < 5)
    assert calendar.is_provisional(day)
    assert calendar.holiday("国庆节", day.year) == []


@given(ANY_DAY, st.integers(-300, 300))
def test_counting_workdays_never_raises_and_never_goes_the_wrong_way(day: date, n: int) -> None:
    reached = CALENDAR.add_workdays(day, n)
    assert reached == day or (reached > day) == (n > 0)


@given(SOME_DAY, st.integers(1, 60))
def test_between_a_day_and_its_nth_next_workday_lie_exactly_n_workdays(day: date, n: int) -> None:
    reached = CALENDAR.next_workday(day, n)
    passed = [day + timedelta(days=i) for i in range(1, (reached - day).days + 1)]
    assert sum(map(CALENDAR.is_workday, passed)) == n
    assert CALENDAR.is_workday(reached)


@given(SOME_DAY, st.integers(1, 60))
def test_counting_back_returns_to_a_workday_counted_from(day: date, n: int) -> None:
    start = CALENDAR.next_workday(day)
    assert CALENDAR.add_workdays(CALENDAR.add_workdays(start, n), -n) == start
