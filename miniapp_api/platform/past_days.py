"""What was counted of days that are over (往日的数): it does not change, and is counted once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, timedelta

MOST = 2_000  # days of halls that a process remembers

type Count[T] = Callable[[date, date], Awaitable[Mapping[date, T]]]


class PastDays[T]:
    """Remembers a figure of past days, per hall; today is counted whenever it is asked for."""

    def __init__(self, nothing: T) -> None:
        self._nothing = nothing
        self._known: dict[tuple[str, date], T] = {}

    async def of(
        self, hall: str, first: date, last: date, today: date, count: Count[T]
    ) -> dict[date, T]:
        """Return the figure of each of some days, both included.

        count: asks the database for the days between two, both included; a day that it leaves out
        has nothing.
        """
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        over = [day for day in days if day < today and (hall, day) in self._known]
        found = {day: self._known[hall, day] for day in over}
        missing = [day for day in days if day not in found]
        if missing:
            counted = await count(missing[0], missing[-1])
            found |= {day: counted.get(day, self._nothing) for day in missing}
            if len(self._known) > MOST:
                self._known.clear()
            self._known |= {(hall, day): found[day] for day in missing if day < today}
        return {day: found[day] for day in days}
