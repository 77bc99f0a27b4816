"""The working calendar (工作日历): which days the hall works, from rows of any origin."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal, Protocol

import yaml

ONE_DAY = timedelta(days=1)
SATURDAY = 5
DECEMBER = 12


class Calendar(Protocol):
    """What resolving a date needs to know of a calendar (日历)."""

    def is_workday(self, day: date) -> bool:
        """Tell whether people work on this day (是否工作日)."""

    def holiday(self, name: str, year: int) -> Sequence[date]:
        """Return the days off of a named holiday, in order; empty when they are not known."""


@dataclass(frozen=True)
class CalendarDay:
    """A day that differs from its weekday: a holiday (放假) or a make-up workday (调休上班)."""

    day: date
    kind: Literal["holiday", "workday"]
    name: str = ""


class WorkingCalendar:
    """Weekends, corrected by rows; a year that is not published is provisional and never fails."""

    def __init__(self, days: Iterable[CalendarDay] = (), published: Collection[int] = ()) -> None:
        self.days = tuple(sorted(days, key=lambda row: row.day))
        self.published = frozenset(published)
        self._by_date = {row.day: row for row in self.days}
        self._holidays: dict[tuple[str, int], list[date]] = {}
        for row in self.days:
            if row.kind == "holiday":
                key = (row.name, _festival_year(row.day))
                self._holidays.setdefault(key, []).append(row.day)

    @classmethod
    def from_mapping(cls, years: Mapping[int, Mapping[str, Any]]) -> WorkingCalendar:
        """Build from the shape of handbook/calendar.yaml: year → status, holidays, workdays."""
        rows = [row for year in years.values() for row in _rows(year)]
        published = [number for number, year in years.items() if year["status"] == "published"]
        return cls(rows, published)

    def is_workday(self, day: date) -> bool:
        """Tell whether the hall works on this day (是否工作日)."""
        row = self._by_date.get(day)
        return row.kind == "workday" if row else day.weekday() < SATURDAY

    def holiday_name(self, day: date) -> str | None:
        """Return the holiday's name (节假日名称), or None on any other day, weekends included."""
        row = self._by_date.get(day)
        return row.name if row and row.kind == "holiday" else None

    def is_provisional(self, day: date) -> bool:
        """Tell whether the yearly notice is still to come (放假安排未公布)."""
        return day.year not in self.published

    def holiday(self, name: str, year: int) -> list[date]:
        """Return the days off of 国庆节 (or 国庆) in a year, in order; empty when not known."""
        days = self._holidays.get((name, year)) or self._holidays.get((name + "节", year))
        return list(days or ())

    def next_workday(self, day: date, n: int = 1) -> date:
        """Return the n-th workday after a day (之后第 n 个工作日), the day itself not counted."""
        return nth_workday(self.is_workday, day, max(n, 1))

    def add_workdays(self, day: date, n: int) -> date:
        """Count n working days on, or back when negative; zero is the day itself."""
        return nth_workday(self.is_workday, day, n)


def calendar_from_yaml(path: Path) -> WorkingCalendar:
    """Read the editors' calendar, handbook/calendar.yaml (工作日历)."""
    with path.open(encoding="utf-8") as file:
        return WorkingCalendar.from_mapping(yaml.safe_load(file) or {})


def nth_workday(is_workday: Callable[[date], bool], day: date, n: int) -> date:
    """Walk n workdays from a day, its own day not counted; stops at the ends of the calendar."""
    left = abs(n)
    limit, step = (date.max, ONE_DAY) if n > 0 else (date.min, -ONE_DAY)
    while left and day != limit:
        day += step
        left -= is_workday(day)
    return day


def _rows(year: Mapping[str, Any]) -> list[CalendarDay]:
    """Turn one year of the file into rows."""
    holidays = [
        CalendarDay(day, "holiday", name)
        for name, days in (year.get("holidays") or {}).items()
        for day in days
    ]
    return holidays + [CalendarDay(day, "workday") for day in year.get("workdays") or ()]


def _festival_year(day: date) -> int:
    """Days off in late December belong to the next year's 元旦; nothing else falls in December."""
    return day.year + 1 if day.month == DECEMBER else day.year
