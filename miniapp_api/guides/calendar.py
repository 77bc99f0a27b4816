"""Working days (工作日): what the handbook's calendar file says, weekends where it is silent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Protocol

from .places import Years

LONGEST_LIMIT = 1000  # working days; the model of limits allows no more


class WorkCalendar(Protocol):
    """Knows workdays (工作日)."""

    def is_workday(self, day: date) -> bool:
        """Tell whether offices work on this day."""


class FileCalendar:
    """The calendar of handbook/calendar.yaml (工作日历)."""

    def __init__(self, years: Years) -> None:
        listed = years.root.values()
        self._off = frozenset(_flat(days for y in listed for days in y.holidays.values()))
        self._on = frozenset(_flat(year.workdays for year in listed))
        self._published = frozenset(n for n, y in years.root.items() if y.status == "published")

    def is_workday(self, day: date) -> bool:
        """Tell whether offices work on this day; an unlisted year has weekends only."""
        return day in self._on or (day.weekday() < 5 and day not in self._off)

    def is_published(self, year: int) -> bool:
        """Tell whether the year's holiday notice (放假通知) is in the file."""
        return year in self._published


def _flat(groups: Iterable[Iterable[date]]) -> Iterable[date]:
    return (day for group in groups for day in group)


def add_workdays(start: date, count: int, calendar: WorkCalendar) -> date:
    """Return the day on which `count` working days (工作日) from the day after start are over."""
    day, left = start, min(count, LONGEST_LIMIT)
    while left > 0:
        day += timedelta(days=1)
        left -= calendar.is_workday(day)
    return day


def next_workday(day: date, calendar: WorkCalendar) -> date:
    """Return the day itself if it is a workday, else the next one."""
    while not calendar.is_workday(day):
        day += timedelta(days=1)
    return day
