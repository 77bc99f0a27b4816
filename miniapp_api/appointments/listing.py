"""What can be booked (可约号源): halls, slots by day, and how busy the days are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from miniapp_api.appointments import rules, store, texts
from miniapp_api.appointments.places import Place, Places
from miniapp_api.appointments.schemas import Crowd, Crowds, Halls
from miniapp_api.appointments.views import day_view, hall_view, slots_by_day
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.errors import ValidationFailed

DAY = timedelta(days=1)
LONGEST_LIST = 62  # days


class Listing:
    """Lists what can be booked: what is listed can be held, what can be held is listed."""

    def __init__(
        self, places: Places, clock: Clock, sweep: Callable[[], Awaitable[int]], list_days: int
    ) -> None:
        self._places = places
        self._clock = clock
        self._sweep = sweep
        self._list_days = list_days

    async def halls(self, code: str) -> Halls:
        """Return the halls that serve an item; raise ItemNotFound or NotBookable."""
        found = [
            hall_view(hall, queue, (await self._places.plan(hall.id)).rules)
            for hall, queue in self._places.all_of(code)
        ]
        return Halls(halls=found)

    async def slots(
        self,
        code: str,
        hall_id: str,
        first: date | None,
        last: date | None,
        channel: rules.Channel = "mini_program",
    ) -> dict[str, Any]:
        """Return the free slots of every day from `first` to `last`, in the shape of `Slots`."""
        place = await self._places.of(code, hall_id)
        now = self._clock.now()
        first = first or now.date()
        last = last or first + timedelta(days=self._list_days)
        if last < first or (last - first).days >= LONGEST_LIST:
            raise ValidationFailed("日期范围不对", fields=["from", "to"])
        by_day = slots_by_day(await self.free(place, first, last, channel), now.tzinfo)
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        shown = [day_view(day, place.closed(day, now), by_day.get(day, [])) for day in days]
        return {"item": code, "hall": place.hall.id, "days": shown}

    async def free(
        self, place: Place, first: date, last: date, channel: rules.Channel
    ) -> Sequence[Any]:
        """Return the slots in which a visit can begin, days included, soonest first."""
        now = self._clock.now()
        start, end = max(_midnight(first, now), now), _midnight(last + DAY, now)
        query = (place.hall.id, place.queue.id, start, end, now, channel)
        rows = await store.list_slots(*query)
        if rows and rows[0]["id"] is None:
            await self._sweep()  # lapsed holds: their seats are free, or somebody waits for them
            rows = [row for row in await store.list_slots(*query) if row["id"] is not None]
        return rows if place.minutes is None else _beginnings(rows, place.minutes)

    async def crowds(self, code: str, hall_id: str) -> Crowds:
        """Return how busy the released days are (哪天人少)."""
        place = await self._places.of(code, hall_id)
        now = self._clock.now()
        counts = await store.count_days(place.hall.id, place.queue.id, now)
        days = [now.date() + timedelta(days=n) for n in range(self._list_days + 1)]
        shown = [_crowd(day, place.closed(day, now), counts.get(day, (0, 0))) for day in days]
        return Crowds(days=[crowd for crowd in shown if crowd.open or crowd.capacity])


def _crowd(day: date, why: str | None, count: tuple[int, int]) -> Crowd:
    taken, capacity = count
    if why is None and not capacity:
        why = "closed"
    return Crowd(
        date=day,
        weekday=texts.weekday(day),
        open=why is None,
        reason=texts.reason(why) if why else None,
        taken=taken,
        capacity=capacity,
        level=rules.crowd_level(taken, capacity),
    )


@dataclass(frozen=True)
class _Free:
    """A listed slot, as rules.run_from reads it."""

    id: int
    starts_at: datetime
    ends_at: datetime
    remaining: int


def _beginnings(rows: Sequence[Any], minutes: int) -> list[dict[str, Any]]:
    """Return the slots from which consecutive free ones cover the visit (连续时段)."""
    free = [_Free(r["id"], r["starts_at"], r["ends_at"], r["remaining"]) for r in rows]
    found = []
    for position, slot in enumerate(free):
        run = rules.run_from(free, position, minutes)
        if run:
            remaining = min(each.remaining for each in run)
            times = {"starts_at": slot.starts_at, "ends_at": run[-1].ends_at}
            found.append({"id": slot.id, **times, "remaining": remaining})
    return found


def _midnight(day: date, now: datetime) -> datetime:
    return datetime.combine(day, time(0), now.tzinfo)
