"""The hall's figures (大厅数据): who came when, and how long people waited."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from math import ceil, floor

from miniapp_api.guides.service import GuidesService
from miniapp_api.hall import figures_store
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.past_days import PastDays

type Waits = dict[str, array[int]]  # seconds, by queue


@dataclass(frozen=True)
class HalfHour:
    """How many took a ticket in half an hour of a day, and how many of them had booked."""

    at: datetime
    arrived: int
    booked: int


@dataclass(frozen=True)
class Wait:
    """How long a queue's people waited until they were called, in minutes."""

    queue: str
    name: str
    called: int
    median: float
    p90: float


class HallFigures:
    """Counts a hall's days."""

    def __init__(self, guides: GuidesService, clock: Clock) -> None:
        self._guides = guides
        self._clock = clock
        self._waits: PastDays[Waits] = PastDays({})

    async def arrivals(self, hall: str, day: date) -> list[HalfHour]:
        """Return the half hours of a day in which somebody came."""
        zone = self._clock.now().tzinfo
        midnight = datetime.combine(day, time(0), zone)
        rows = await figures_store.arrivals(hall, day, midnight)
        return [HalfHour(row["at"].astimezone(zone), row["arrived"], row["booked"]) for row in rows]

    async def waits(self, hall: str, first: date, last: date) -> list[Wait]:
        """Return the waits of every queue over some days, both included; the longest first."""
        today = self._clock.now().date()
        days = await self._waits.of(hall, first, last, today, partial(_waits, hall))
        by_queue: dict[str, list[int]] = defaultdict(list)
        for waits in days.values():
            for queue, seconds in waits.items():
                by_queue[queue].extend(seconds)
        names = {queue.id: queue.name for queue in self._guides.queues(hall)}
        found = [
            Wait(
                queue=queue,
                name=names.get(queue, queue),
                called=len(seconds),
                median=_minutes(ranked := sorted(seconds), 0.5),
                p90=_minutes(ranked, 0.9),
            )
            for queue, seconds in by_queue.items()
        ]
        return sorted(found, key=lambda wait: (-wait.p90, wait.queue))


async def _waits(hall: str, first: date, last: date) -> dict[date, Waits]:
    found: dict[date, Waits] = defaultdict(dict)
    for row in await figures_store.waits(hall, first, last):
        found[row["day"]][row["queue"]] = array("I", row["seconds"])
    return found


def _minutes(ranked: Sequence[int], share: float) -> float:
    """Return what that share of the sorted seconds does not exceed, in minutes."""
    place = share * (len(ranked) - 1)
    below = ranked[floor(place)]
    return round((below + (ranked[ceil(place)] - below) * (place - floor(place))) / 60, 1)
