"""Whether a hall gives tickets now (取号时间), by its plan."""

from __future__ import annotations

from datetime import datetime, timedelta

from miniapp_api.appointments import plan as days
from miniapp_api.appointments.plans import Plans
from miniapp_api.guides.service import GuidesService

EARLY = timedelta(minutes=30)  # tickets are given before the doors open


class HallHours:
    """Asks the plan of a hall."""

    def __init__(self, guides: GuidesService, plans: Plans) -> None:
        self._guides = guides
        self._plans = plans

    async def open_now(self, hall: str, queue: str, now: datetime) -> bool:
        """Return whether tickets are given: half an hour before the doors open until they close.

        The lunch break counts as open: who waits then is served after it.
        """
        plan = await self._plans.of(hall)
        spans = days.hours(plan, queue, now.date(), self._guides.calendar).openings
        if not spans:
            return False
        start = datetime.combine(now.date(), spans[0].start, now.tzinfo) - EARLY
        return start <= now < datetime.combine(now.date(), spans[-1].end, now.tzinfo)

    async def remote_tickets(self, hall: str) -> bool:
        """Return whether a ticket may be taken from the phone."""
        return (await self._plans.of(hall)).rules.remote_tickets
