"""What happens to those booked when a slot is closed (停办改期): kept, told, offered a move."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from miniapp_api.appointments import schedule_store, store
from miniapp_api.appointments.schedule_schemas import DisplacedView
from miniapp_api.appointments.store import SlotRow
from miniapp_api.appointments.views import facts
from miniapp_api.guides.service import GuidesService
from miniapp_api.messages.service import MessageService
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.errors import Unavailable

MOST_ATTEMPTS = 5


class BookedMeanwhile(Exception):
    """A booking was made while its slot's lock was waited for: roll back and begin again."""


async def undisturbed[T](change: Callable[[], Awaitable[T]]) -> T:
    """Carry out a change that locks bookings, then slots, until no new booking came between."""
    for attempt in range(MOST_ATTEMPTS):
        try:
            return await change()
        except BookedMeanwhile:
            await asyncio.sleep(0.05 * attempt)
    raise Unavailable(retry_after=5)


@dataclass(frozen=True)
class Displaced:
    """A booking that lost its time."""

    citizen: UUID
    shown: DisplacedView


class Displacer:
    """Displaces and restores bookings inside the transaction of a closure or a new plan."""

    def __init__(self, guides: GuidesService, clock: Clock, messages: MessageService) -> None:
        self._guides = guides
        self._clock = clock
        self._messages = messages

    def shown(self, rows: Sequence[Mapping[str, Any]]) -> list[Displaced]:
        """Return the confirmed bookings among live ones, as a manager sees them: no persons."""
        return [
            Displaced(row["citizen"], self._view(row))
            for row in rows
            if row["status"] == "confirmed"
        ]

    async def lock(self, connection: store.Connection, slots: Sequence[int]) -> list[SlotRow]:
        """Lock the live bookings of slots, then the slots, which come back; raise BookedMeanwhile.

        A long visit's other slots are locked too, for they get its seats back.
        """
        known = {row["id"] for row in await schedule_store.bookings_in(connection, slots)}
        await schedule_store.lock_bookings(connection, list(known))
        asked = set(slots)
        all_locked = await store.lock_slots_of(connection, list(known), slots)
        locked = [slot for slot in all_locked if slot.id in asked]
        now_there = {row["id"] for row in await schedule_store.bookings_in(connection, slots)}
        if now_there - known:
            raise BookedMeanwhile()
        return locked

    async def displace(
        self,
        connection: store.Connection,
        rows: Sequence[Mapping[str, Any]],
        reason: str,
        now: datetime,
    ) -> list[Displaced]:
        """Take live bookings out of their slots; the caller holds the locks of both.

        Confirmed ones are displaced and wait for a new time, holds are cancelled; who is already
        in the hall is served.
        """
        confirmed = [row for row in rows if row["status"] == "confirmed"]
        held = [row for row in rows if row["status"] == "held"]
        for status, some in (("displaced", confirmed), ("cancelled", held)):
            if some:
                ids = [row["id"] for row in some]
                await store.set_status(connection, ids, status, now)  # type: ignore[arg-type]
                await store.give_back(connection, ids, now)
        for row in confirmed:
            about = self._facts(row) | {"reason": reason}
            await self._tell(connection, row["citizen"], "booking_displaced", about, now)
        for row in held:
            about = self._facts(row) | {"why": reason}
            await self._tell(connection, row["citizen"], "booking_cancelled", about, now)
        return self.shown(rows)

    async def restore(
        self, connection: store.Connection, slots: Sequence[int], now: datetime
    ) -> int:
        """Give displaced bookings of reopened slots their seats back; return how many."""
        restored = 0
        for row in await schedule_store.displaced_in(connection, slots, now):
            wanted = row["slots"] or []
            taken = wanted and set(wanted) <= set(slots)
            if not taken or not await schedule_store.take_any(
                connection, row["id"], wanted, row["channel"]
            ):
                continue
            await store.set_status(connection, [row["id"]], "confirmed", now)
            about = self._facts(row)
            await self._tell(connection, row["citizen"], "booking_restored", about, now)
            restored += 1
        return restored

    async def _tell(
        self,
        connection: store.Connection,
        citizen: UUID,
        kind: str,
        about: dict[str, Any],
        now: datetime,
    ) -> None:
        await self._messages.tell(connection, citizen, kind, about=about, due=now)

    def _facts(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return facts(row, self._guides, self._clock.now().tzinfo)

    def _view(self, row: Mapping[str, Any]) -> DisplacedView:
        facts = self._facts(row)
        return DisplacedView(
            id=row["id"],
            reference=row["reference"],
            item_name=facts["item_name"],
            date=facts["date"],
            start=facts["start"],
        )
