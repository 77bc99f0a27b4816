"""Where and when an item can be done (办理地点与时段): by the handbook and the hall's plan."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from miniapp_api.appointments import rules, store, texts
from miniapp_api.appointments.errors import (
    BeyondHorizon,
    HallNotFound,
    NotBookable,
    SlotClosed,
    SlotNotForItem,
    SlotNotFound,
    SlotPast,
)
from miniapp_api.appointments.plan import Days, Plan
from miniapp_api.appointments.plans import Plans
from miniapp_api.appointments.store import SlotRow
from miniapp_api.guides.item import Item
from miniapp_api.guides.places import Hall, Queue
from miniapp_api.guides.service import GuidesService

DAY = timedelta(days=1)
FRESH_SECONDS = 1.0
MOST_SEEN = 10_000  # slots


@dataclass(frozen=True)
class Place:
    """A queue of a hall that serves an item, and the plan under which it works."""

    item: Item
    hall: Hall
    queue: Queue
    days: Days

    @property
    def plan(self) -> Plan:
        """The hall's plan in force."""
        return self.days.plan

    @property
    def minutes(self) -> int | None:
        """How long a visit takes, when one slot is not enough."""
        minutes = self.item.duration_minutes
        return minutes if minutes and minutes > self.plan.rules.slot_minutes else None

    def closed(self, day: date, now: datetime) -> str | None:
        """Return the code of why a day cannot be booked now, or None when it can."""
        return self.days.closed_reason(self.queue.id, day, now)


class Places:
    """Finds places and the slots of a visit."""

    def __init__(self, guides: GuidesService, plans: Plans) -> None:
        self._guides = guides
        self._plans = plans
        self._days: dict[str, Days] = {}
        self._seen: dict[int, tuple[SlotRow, float]] = {}

    async def of(self, code: str, hall_id: str) -> Place:
        """Return where an item is booked; raise ItemNotFound, NotBookable or HallNotFound."""
        for hall, queue in self.all_of(code):
            if hall.id == hall_id:
                days = await self._days_of(hall_id)
                return Place(self._guides.item(code), hall, queue, days)
        raise HallNotFound()

    async def _days_of(self, hall: str) -> Days:
        """Return a hall's days, begun anew when its plan or the calendar changed."""
        plan, calendar = await self.plan(hall), self._guides.calendar
        kept = self._days.get(hall)
        if kept is None or kept.plan != plan or kept.calendar is not calendar:
            queues = [queue.id for queue in self._guides.queues(hall)]
            kept = self._days[hall] = Days(plan, queues, calendar)
        return kept

    def all_of(self, code: str) -> list[tuple[Hall, Queue]]:
        """Return the halls that serve an item (同城通办); raise ItemNotFound or NotBookable."""
        item = self._guides.item(code)
        places = self._guides.places(item)
        if item.appointment == "none" or not places:
            raise NotBookable()
        return places

    async def plan(self, hall: str) -> Plan:
        """Return a hall's plan in force."""
        return await self._plans.of(hall)

    async def run(self, slot_id: int, place: Place) -> Sequence[SlotRow]:
        """Return the slots that a visit beginning in this one takes, or raise why it cannot."""
        slot = await self._slot(slot_id)
        if slot is None:
            raise SlotNotFound()
        if (slot.hall, slot.queue) != (place.hall.id, place.queue.id):
            raise SlotNotForItem()
        if place.minutes is None:
            return [slot]
        following = await store.read_following(slot, slot.starts_at + DAY)
        run = rules.run_from(following, 0, place.minutes)
        if run is None:
            raise SlotNotForItem(texts.TOO_SHORT)
        return run

    async def _slot(self, id: int) -> SlotRow | None:
        """Return a slot as it was a moment ago; under its lock it is judged anew."""
        seen = self._seen.get(id)
        if seen is None or time.monotonic() - seen[1] > FRESH_SECONDS:
            slot = await store.read_slot(id)
            if slot is None:
                return None
            if len(self._seen) >= MOST_SEEN:
                self._seen.clear()
            seen = self._seen[id] = (slot, time.monotonic())
        return seen[0]


def require_open(
    locked: Sequence[SlotRow], wanted: Sequence[int], place: Place, now: datetime
) -> None:
    """Judge slots as they are under the lock; raise why one cannot be booked now."""
    rows = {slot.id: slot for slot in locked}
    if not all(slot in rows for slot in wanted):
        raise SlotNotFound()  # a change of the plan removed it a moment ago
    for slot in (rows[id] for id in wanted):
        if slot.starts_at <= now:
            raise SlotPast()
        if slot.closure_id is not None:
            raise SlotClosed()
        why = place.closed(slot.starts_at.astimezone(now.tzinfo).date(), now)
        if slot.released_at > now or why == "not_yet_released":
            raise BeyondHorizon()
        if why is not None:
            raise SlotClosed(texts.reason(why))
