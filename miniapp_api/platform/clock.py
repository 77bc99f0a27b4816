"""The one clock: everything the hall says about time is in its own time zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Tells the time in the hall's time zone."""

    def now(self) -> datetime:
        """Return the current time, aware, in the hall's time zone."""


class SystemClock:
    """The machine's clock."""

    def __init__(self, timezone: str) -> None:
        self._zone = ZoneInfo(timezone)

    def now(self) -> datetime:
        """Return the current time in the hall's time zone."""
        return datetime.now(self._zone)


class ManualClock:
    """A clock that stands still until it is told to move: for tests and simulations."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock needs a time zone")
        self._now = start

    def now(self) -> datetime:
        """Return the time last set."""
        return self._now

    def set(self, moment: datetime) -> None:
        """Jump to `moment` (aware)."""
        self._now = moment.astimezone(self._now.tzinfo)

    def advance(self, step: timedelta) -> None:
        """Move by `step`, which may be negative."""
        self._now += step


def today(clock: Clock) -> date:
    """Return the hall's current date."""
    return clock.now().date()
