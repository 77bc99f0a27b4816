"""Where the clocks of a made-up case stand (办理时限), as `steps.py` sets them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from functools import cache
from typing import Protocol

from miniapp_api.applications import rules
from miniapp_api.applications.case_store import Dates
from miniapp_api.applications.rules import Clock, Pause
from miniapp_api.guides.item import Limits
from miniapp_api.guides.terms import DayUnit


class Calendar(Protocol):
    """Knows working days (工作日)."""

    def is_workday(self, day: date) -> bool:
        """Tell whether a day is one."""

    def add_workdays(self, day: date, count: int) -> date:
        """Return the day so many working days later."""


@dataclass(frozen=True)
class Timed:
    """A step, as far as the clocks care."""

    at: datetime
    action: str


class Clocks:
    """Sets clocks; the same question, asked of a million cases, is answered once."""

    def __init__(self, calendar: Calendar, percents: tuple[int, int], zone: tzinfo | None) -> None:
        self._is_workday = calendar.is_workday
        self._percents = percents
        self._zone = zone
        self._running = cache(self._run)
        self._looked_at = cache(lambda day: calendar.add_workdays(day, rules.ACCEPTANCE_DAYS))
        self._delivered = cache(lambda day: calendar.add_workdays(day, rules.DELIVERY_DAYS))

    def after(self, limits: Limits | None, steps: Sequence[Timed]) -> Dates:
        """Return where the clocks stand after the steps."""
        dates = Dates(self._looked_at(self._day(steps[0].at)))
        pauses: tuple[Pause, ...] = ()
        for step in steps[1:]:
            today = self._day(step.at)
            match step.action:
                case "accept":
                    dates = self._set(dates, limits, today, ())
                case "begin_special":
                    pauses = (*pauses, Pause(today))
                    dates = self._set(dates, limits, dates.accepted_on or today, pauses)
                case "end_special":
                    pauses = (*pauses[:-1], Pause(pauses[-1].start, today))
                    dates = self._set(dates, limits, dates.accepted_on or today, pauses)
                case "correct":
                    dates = replace(dates, act_by=self._looked_at(today))
                case "request_correction":
                    dates = replace(dates, act_by=today + timedelta(days=rules.CORRECTION_DAYS))
                case "grant" | "deny":
                    dates = replace(dates, act_by=self._delivered(today))
        return dates

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()

    def _set(
        self, dates: Dates, limits: Limits | None, accepted: date, pauses: tuple[Pause, ...]
    ) -> Dates:
        promised, statutory = (limits.promised, limits.statutory) if limits else (None, None)
        working = not limits or limits.statutory_unit is DayUnit.WORKING
        found = self._running(accepted, promised, statutory, working, pauses)
        return replace(found, act_by=found.due_on or dates.act_by)

    def _run(
        self,
        accepted: date,
        promised: int | None,
        statutory: int | None,
        working: bool,
        pauses: tuple[Pause, ...],
    ) -> Dates:
        """Return the days of a promise and of the law; `act_by` is for the caller to set."""
        law = None
        if statutory is not None:
            law = rules.due(Clock(accepted, statutory, working, pauses), self._is_workday)
        days = promised if promised is not None else statutory
        if days is None:
            return Dates(accepted, accepted, statutory_on=law)
        clock = Clock(accepted, days, promised is not None or working, pauses)
        yellow, red = (rules.warning_day(clock, self._is_workday, p) for p in self._percents)
        return Dates(
            accepted, accepted, yellow, red, rules.due(clock, self._is_workday), law
        )  # fmt: skip
