"""The cases' figures (办件数据): accepted, decided, overdue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from miniapp_api.applications import figures_store
from miniapp_api.guides.service import GuidesService
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import Rows
from miniapp_api.platform.past_days import PastDays

DAY = timedelta(days=1)


@dataclass(frozen=True)
class CaseDay:
    """How many cases were accepted and decided on a day."""

    day: date
    accepted: int
    decided: int


@dataclass(frozen=True)
class Overdue:
    """How many cases of a department should have been decided before today."""

    department: str
    cases: int


class CaseFigures:
    """Counts a hall's cases."""

    def __init__(self, guides: GuidesService, clock: Clock) -> None:
        self._guides = guides
        self._clock = clock
        self._decided: PastDays[int] = PastDays(0)

    async def days(self, hall: str, first: date, last: date) -> list[CaseDay]:
        """Return what was accepted and decided on each of some days, both included."""
        accepted = _by_day(await figures_store.accepted(hall, first, last))
        today = self._clock.now().date()

        async def count(first: date, last: date) -> dict[date, int]:
            since, until = self._midnight(first), self._midnight(last + DAY)
            return _by_day(await figures_store.decided(hall, since, until))

        decided = await self._decided.of(hall, first, last, today, count)
        return [CaseDay(day, accepted.get(day, 0), cases) for day, cases in decided.items()]

    async def overdue(self, hall: str) -> list[Overdue]:
        """Return the departments with overdue cases, those with most first."""
        rows = await figures_store.overdue(hall, self._clock.now().date())
        names = self._guides.handbook.departments
        return [
            Overdue(
                names[each].name if (each := row["department"]) in names else each, row["cases"]
            )
            for row in rows
        ]

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(0), self._clock.now().tzinfo)


def _by_day(rows: Rows) -> dict[date, int]:
    return {row["day"]: row["cases"] for row in rows}
