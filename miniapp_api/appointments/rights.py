"""What appointments have for a citizen's rights over his data: a copy, and deletion."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.appointments import store, waiting_store
from miniapp_api.appointments.service import AppointmentService
from miniapp_api.platform.clock import Clock

CANCELLED = "还没到的预约（已取消）"
WAITING = "候补登记"
DOCUMENT = "预约里证件号的密文索引"


class BookingRights:
    """Answers for bookings; a booking says what and when, and names nobody."""

    def __init__(self, appointments: AppointmentService, clock: Clock) -> None:
        self._appointments = appointments
        self._clock = clock

    async def export(self, citizen: UUID, *, masked: bool) -> list[dict[str, Any]]:
        """Return a citizen's bookings, past and to come: they say nothing that would be masked."""
        found = await self._appointments.mine(citizen, active=False)
        return [each.model_dump(mode="json") for each in found.appointments]

    async def erase(self, connection: BaseDBAsyncClient, citizen: UUID) -> list[str]:
        """Cancel what is still to come for a citizen, and forget his number in what was.

        What he booked for others is theirs and stays.
        """
        now, erased = self._clock.now(), []
        if coming := await store.lock_coming(connection, citizen, now):
            await store.set_status(connection, coming, "cancelled", now)
            await store.lock_slots_of(connection, coming)
            await store.give_back(connection, coming, now)
            erased.append(CANCELLED)
        if await waiting_store.leave_all(connection, citizen):
            erased.append(WAITING)
        if await store.forget_documents(connection, citizen):
            erased.append(DOCUMENT)
        return erased
