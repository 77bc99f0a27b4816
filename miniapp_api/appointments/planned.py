"""The slots that a hall should have (应有号源): its plan, less the windows closed for a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.appointments import closure_store
from miniapp_api.appointments import plan as days
from miniapp_api.appointments.plan import Plan, PlannedSlot, WindowsClosed
from miniapp_api.guides.service import GuidesService


class Planned:
    """Knows the slots of a plan as they should be."""

    def __init__(self, guides: GuidesService) -> None:
        self._guides = guides

    async def windows_closed(
        self, connection: BaseDBAsyncClient | None, hall: str, since: datetime
    ) -> list[WindowsClosed]:
        """Return which windows are closed for a time that is not over at a moment."""
        return [
            self.closed(hall, row["queue"], row["windows"], row["starts_at"], row["ends_at"])
            for row in await closure_store.of_windows(connection, hall, since)
        ]

    def closed(
        self, hall: str, queue: str, windows: Sequence[str], start: datetime, end: datetime
    ) -> WindowsClosed:
        """Return windows as closed, as far as the queue still has them."""
        queues = {each.id: each.windows for each in self._guides.queues(hall)}
        return WindowsClosed(
            queue, frozenset(windows) & frozenset(queues.get(queue, ())), start, end
        )

    def on(
        self, plan: Plan, dates: Iterable[date], now: datetime, closed: Sequence[WindowsClosed]
    ) -> list[PlannedSlot]:
        """Return the slots of days."""
        queues = self._guides.queues(plan.hall)
        seats = {q.id: (len(q.windows), q.appointment_capacity_per_window_per_slot) for q in queues}
        return [
            slot
            for day in dates
            for slot in days.planned_slots(plan, seats, day, self._guides.calendar, now, closed)
        ]

    def coming(
        self, plan: Plan, beyond: int, now: datetime, closed: Sequence[WindowsClosed]
    ) -> list[PlannedSlot]:
        """Return the slots from now to so many working days beyond the horizon."""
        queues = [queue.id for queue in self._guides.queues(plan.hall)]
        horizon = plan.rules.horizon_working_days + beyond
        coming = days.working_days(plan, queues, now.date(), self._guides.calendar)
        wanted = [now.date(), *(day for _, day in zip(range(horizon), coming, strict=False))]
        return [slot for slot in self.on(plan, wanted, now, closed) if slot.starts_at > now]
