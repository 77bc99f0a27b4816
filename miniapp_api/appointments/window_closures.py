"""What closing some windows of a queue (窗口停办) does to its slots, and opening them again.

A slot loses the closed windows' share of its seats. When more is booked than fits, the last to
book give way: they are displaced as by any closure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from miniapp_api.appointments import plan as days
from miniapp_api.appointments import schedule_store, store
from miniapp_api.appointments.displacing import Displaced, Displacer
from miniapp_api.appointments.plan import Plan, WindowsClosed
from miniapp_api.appointments.planned import Planned
from miniapp_api.appointments.plans import Plans
from miniapp_api.appointments.schedule_store import FutureSlot
from miniapp_api.appointments.yielding import Taken, giving_way
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import Rows

DAY = timedelta(days=1)
GIVE_WAY = ("held", "confirmed")


@dataclass(frozen=True)
class Shrunk:
    """What closing windows does, or would do; seats: how many fewer there are."""

    slots: int
    seats: int
    displaced: list[Displaced]


class WindowClosures:
    """Takes the share of closed windows out of the slots, and puts it back."""

    def __init__(self, plans: Plans, planned: Planned, clock: Clock, displacer: Displacer) -> None:
        self._plans = plans
        self._planned = planned
        self._clock = clock
        self._displacer = displacer

    async def preview(self, hall: str, asked: WindowsClosed) -> Shrunk:
        """Say what closing would do; change nothing."""
        now = self._clock.now()
        already = await self._planned.windows_closed(None, hall, now)
        slots = await schedule_store.of_queue(
            None, hall, asked.queue, asked.starts_at, asked.ends_at
        )
        wanted = self._wanted(await self._plans.of(hall), slots, [*already, asked], now)
        rows = await schedule_store.bookings_in(None, list(wanted))
        leaving = _leaving(rows, slots, wanted)
        return Shrunk(len(wanted), _fewer(slots, wanted), self._displacer.shown(leaving))

    async def shrink(
        self, connection: store.Connection, hall: str, asked: WindowsClosed, reason: str
    ) -> Shrunk:
        """Take the seats out of the slots; the closure is written, the hall is locked.

        Raises BookedMeanwhile.
        """
        now, plan = self._clock.now(), await self._newest(hall)
        span = (asked.starts_at, asked.ends_at)
        found = await schedule_store.of_queue(connection, hall, asked.queue, *span)
        await self._displacer.lock(connection, [slot.id for slot in found])
        slots = await schedule_store.of_queue(connection, hall, asked.queue, *span)
        closed = await self._planned.windows_closed(connection, hall, now)
        wanted = self._wanted(plan, slots, closed, now)
        rows = await schedule_store.bookings_in(connection, list(wanted))
        leaving = _leaving(rows, slots, wanted)
        displaced = await self._displacer.displace(connection, leaving, reason, now)
        for slot in slots:
            if slot.id in wanted and slot.capacity > wanted[slot.id]:
                await remove_seats(connection, plan, slot, wanted[slot.id])
        return Shrunk(len(wanted), _fewer(slots, wanted), displaced)

    async def grow(
        self, connection: store.Connection, hall: str, opened: WindowsClosed
    ) -> tuple[int, int]:
        """Put the seats back; return how many slots have them and how many bookings.

        The closure is lifted, the hall is locked.
        """
        now, plan = self._clock.now(), await self._newest(hall)
        # A long visit of which only a part was closed has slots beside it.
        span = (opened.starts_at - DAY, opened.ends_at + DAY)
        found = await schedule_store.of_queue(connection, hall, opened.queue, *span)
        await store.lock_slots(connection, [slot.id for slot in found])
        slots = await schedule_store.of_queue(connection, hall, opened.queue, *span)
        closed = await self._planned.windows_closed(connection, hall, now)
        touched = [s for s in slots if opened.covers(s.queue, s.starts_at, s.ends_at)]
        wanted = self._wanted(plan, touched, closed, now)
        grown = 0
        for slot in touched:
            more = wanted.get(slot.id, 0) - slot.capacity
            if more > 0:
                await add_seats(connection, plan, slot, more)
                grown += 1
        standing = [slot.id for slot in slots if slot.closure_id is None]
        return grown, await self._displacer.restore(connection, standing, now)

    async def _newest(self, hall: str) -> Plan:
        """Return the plan in force now that nobody else can change it."""
        await self._plans.refresh()
        return await self._plans.of(hall)

    def _wanted(
        self,
        plan: Plan,
        slots: Sequence[FutureSlot],
        closed: Sequence[WindowsClosed],
        now: datetime,
    ) -> dict[int, int]:
        """Return how many seats slots should have, by id.

        A slot that has begun keeps its seats, unless none of its windows is left: its people are
        on their way, and the other windows serve them.
        """
        dates = sorted({slot.starts_at.astimezone(now.tzinfo).date() for slot in slots})
        planned = {
            (each.queue, each.starts_at): each.seats
            for each in self._planned.on(plan, dates, now, closed)
        }
        found = {}
        for slot in slots:
            seats = planned.get((slot.queue, slot.starts_at))
            if seats is not None and (slot.starts_at > now or not seats):
                found[slot.id] = seats
        return found


async def add_seats(connection: store.Connection, plan: Plan, slot: FutureSlot, more: int) -> None:
    """Add seats to a slot: to every channel its share, or to all once the day is pooled."""
    shares = {"pool": more} if slot.pooled_at else days.split(more, plan.rules.channels)
    await schedule_store.allot(connection, [(slot.id, c, n) for c, n in shares.items()])


async def remove_seats(
    connection: store.Connection, plan: Plan, slot: FutureSlot, wanted: int
) -> None:
    """Remove free seats of a slot until there are as many as wanted, or none is free."""
    shares = {str(c): n for c, n in days.split(wanted, plan.rules.channels).items()}
    await schedule_store.remove_free(connection, slot.id, slot.capacity - wanted, shares)


def _leaving(
    rows: Rows, slots: Sequence[FutureSlot], wanted: Mapping[int, int]
) -> list[Mapping[str, Any]]:
    """Return the bookings that must give way."""
    excess = {slot.id: slot.taken - wanted[slot.id] for slot in slots if slot.id in wanted}
    candidates = [
        Taken(row["id"], row["status"] == "held", row["created_at"], frozenset(row["slots"]))
        for row in rows
        if row["status"] in GIVE_WAY
    ]
    chosen = {each.id for each in giving_way(candidates, excess)}
    return [row for row in rows if row["id"] in chosen]


def _fewer(slots: Sequence[FutureSlot], wanted: Mapping[int, int]) -> int:
    return sum(max(0, slot.capacity - wanted.get(slot.id, slot.capacity)) for slot in slots)
