"""Use cases of the waiting list (候补): join, leave, and offer what comes back in fair order.

A seat that comes back while somebody waits goes to the slot's channel `waiting`, which the public
does not see. `offer` holds it for the first in line who may have it, with a deadline; when the
offer lapses, the seat goes to the next, and the one who let it lapse behind the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tortoise.exceptions import IntegrityError

from miniapp_api.appointments import rules, store, texts, waiting_store
from miniapp_api.appointments.booker import Booker
from miniapp_api.appointments.errors import (
    AlreadyWaiting,
    NothingToWaitFor,
    SeatsFree,
    WaitingNotFound,
)
from miniapp_api.appointments.limits import number_of
from miniapp_api.appointments.listing import Listing
from miniapp_api.appointments.places import Place, Places, require_open
from miniapp_api.appointments.store import Booked, SlotRow
from miniapp_api.appointments.views import facts
from miniapp_api.appointments.waiting_schemas import WaitingRequest, WaitingView
from miniapp_api.appointments.waiting_store import Waiter
from miniapp_api.guides.service import GuidesService
from miniapp_api.messages.service import MessageService
from miniapp_api.platform import idempotency
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction
from miniapp_api.platform.errors import Refusal, ValidationFailed

LONGEST = 31  # days
MOST_OFFERS = 2
LEAST_NOTICE = timedelta(minutes=10)  # between the offer's end and the visit


class WaitingService:
    """Keeps the waiting list."""

    def __init__(
        self,
        guides: GuidesService,
        clock: Clock,
        places: Places,
        listing: Listing,
        messages: MessageService,
        offer_minutes: int,
    ) -> None:
        self._guides = guides
        self._clock = clock
        self._places = places
        self._listing = listing
        self._messages = messages
        self._offer_time = timedelta(minutes=offer_minutes)
        self.returned = asyncio.Event()  # set when seats came back: house-keeping offers them

    def wake(self) -> None:
        """Ask house-keeping to offer returned seats now."""
        self.returned.set()

    # -- what citizens do ------------------------------------------------------------------------

    async def join(self, who: Booker, asked: WaitingRequest, key: str) -> WaitingView:
        """Join; raise NothingToWaitFor, SeatsFree, AlreadyWaiting or a limit."""
        place = await self._places.of(asked.item, asked.hall)
        now = self._clock.now()
        first, last = max(asked.first, now.date()), asked.last
        if last < asked.first or (last - first).days >= LONGEST:
            raise ValidationFailed("日期范围不对", fields=["first", "last"])
        span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        if all(place.closed(day, now) for day in span):
            raise NothingToWaitFor()
        waiter = _new_waiter(who, asked, place, now)
        view = await self._view(waiter)
        name = idempotency.Key(who.citizen, "wait", key)
        if kept := await idempotency.kept(name):
            return WaitingView.model_validate(kept)
        if await self._listing.free(place, first, last, asked.channel):
            raise SeatsFree()
        request = [asked.item, asked.hall, str(asked.first), str(asked.last), str(who.grant)]
        try:
            async with transaction() as connection:
                if earlier := await idempotency.earlier(connection, name, request, view):
                    return WaitingView.model_validate(earlier)
                await waiting_store.join(connection, waiter)
        except IntegrityError as error:
            if getattr(error.__cause__, "constraint_name", None) == "waiting_one_live":
                raise AlreadyWaiting() from None
            raise
        return view

    async def mine(self, citizen: UUID) -> list[WaitingView]:
        """Return a citizen's places."""
        return [await self._view(waiter) for waiter in await waiting_store.mine(citizen)]

    async def leave(self, citizen: UUID, id: UUID) -> WaitingView:
        """Leave; an offered seat is dropped by cancelling its hold. Raise WaitingNotFound."""
        async with transaction() as connection:
            waiter = await waiting_store.lock_mine(connection, id, citizen)
            if waiter is None or waiter.status == "offered":
                raise WaitingNotFound()
            if waiter.status == "waiting":
                await waiting_store.set_status(connection, id, "left")
        return await self._view(waiter, status="left")

    # -- what happens to an offered seat, in the transaction of the booking ------------------------

    async def booked(self, connection: store.Connection, id: UUID) -> None:
        """The offer was confirmed."""
        await waiting_store.set_status(connection, id, "booked")

    async def declined(self, connection: store.Connection, id: UUID) -> None:
        """The offer was dropped by its citizen."""
        await waiting_store.set_status(connection, id, "left")

    async def lapsed(
        self, connection: store.Connection, ids: Sequence[UUID], now: datetime
    ) -> None:
        """Offers were not confirmed in time."""
        for waiter in await waiting_store.set_lapsed(connection, ids, now, MOST_OFFERS):
            ended = waiter.status == "ended"
            kind = "waiting_ended" if ended else "waiting_lapsed"
            await self._tell(connection, waiter, kind, now, why=texts.OFFERS_LAPSED)

    # -- keeping house ---------------------------------------------------------------------------

    async def offer(self) -> int:
        """Offer returned seats in fair order and return how many were offered.

        What nobody may have goes to everybody.
        """
        self.returned.clear()
        offered = 0
        for row in await waiting_store.returned():
            while await self._offer_seat(row):
                offered += 1
        return offered

    async def end_past(self) -> int:
        """End the places whose days are over."""
        now = self._clock.now()
        async with transaction() as connection:
            ended = await waiting_store.end_past(connection, now.date())
            for waiter in ended:
                await self._tell(connection, waiter, "waiting_ended", now, why=texts.DAYS_OVER)
        return len(ended)

    async def _offer_seat(self, row: Mapping[str, Any]) -> bool:
        """Offer one seat of a slot; False when it has none left for the waiting list."""
        now = self._clock.now()
        until = min(now + self._offer_time, row["starts_at"] - LEAST_NOTICE)
        day = row["starts_at"].astimezone(now.tzinfo).date()
        if until > now:
            try:
                for waiter in await waiting_store.candidates(row["hall"], row["queue"], day):
                    if await self._offer_to(waiter, row["id"], until, now):
                        return True
            except _Gone:
                return False  # what comes back from now on is for the first in line again
        async with transaction() as connection:
            await store.lock_slots(connection, [row["id"]])
            await waiting_store.release(connection, row["id"])
        return False

    async def _offer_to(self, waiter: Waiter, slot: int, until: datetime, now: datetime) -> bool:
        """Hold a seat for one who waits; False when he may not have it. Raise _Gone."""
        try:
            place = await self._places.of(waiter.item, waiter.hall)
            run = await self._places.run(slot, place)
            booked = _offered(waiter, run, until, now)
            async with transaction() as connection:
                await waiting_store.lock_line(connection, waiter.hall, waiter.queue)
                await store.lock_person(connection, waiter.principal)
                if not await waiting_store.lock_waiting(connection, waiter.id):
                    return False
                slots = [each.id for each in run]
                locked = await store.lock_slots(connection, slots)
                nth = await number_of(connection, booked, place.plan, now)
                require_open(locked, slots, place, now)
                channels = ["waiting"] if len(run) == 1 else ["waiting", waiter.channel, "pool"]
                booked = booked.numbered(nth)
                if not await store.claim(connection, booked, slots, channels, now):
                    raise _Gone() if len(run) == 1 else _TooLong()
                await waiting_store.set_offered(connection, waiter.id, booked.id)
                about = facts(booked, self._guides, now.tzinfo)
                about["deadline"] = f"{until.astimezone(now.tzinfo):%H:%M}"
                await self._messages.tell(
                    connection, waiter.citizen, "waiting_offer", about=about, due=now
                )
        except (Refusal, _TooLong, IntegrityError):
            return False  # rolled back: the next in line is asked
        return True

    async def _tell(
        self, connection: store.Connection, waiter: Waiter, kind: str, now: datetime, *, why: str
    ) -> None:
        about = {
            "item_name": self._guides.name_of(waiter.item),
            "date": waiter.first_day.isoformat(),
            "start": "",
            "why": why,
        }
        await self._messages.tell(connection, waiter.citizen, kind, about=about, due=now)

    async def _view(self, waiter: Waiter, *, status: str | None = None) -> WaitingView:
        status = status or waiter.status
        return WaitingView(
            id=waiter.id,
            status=status,  # type: ignore[arg-type]
            item=waiter.item,
            item_name=self._guides.name_of(waiter.item),
            hall=waiter.hall,
            first=waiter.first_day,
            last=waiter.last_day,
            ahead=await waiting_store.ahead_of(waiter) if status == "waiting" else 0,
            appointment=waiter.appointment_id,
        )


class _Gone(Exception):
    """The seat was taken meanwhile: roll back."""


class _TooLong(Exception):
    """A slot that the visit takes as well is full: roll back."""


def _new_waiter(who: Booker, asked: WaitingRequest, place: Place, now: datetime) -> Waiter:
    return Waiter(
        id=uuid4(),
        citizen=who.citizen,
        principal=who.principal,
        grant_id=who.grant,
        organisation=who.organisation,
        attendee=who.attendee,
        hall=place.hall.id,
        queue=place.queue.id,
        item=asked.item,
        channel=asked.channel,
        first_day=asked.first,
        last_day=asked.last,
        status="waiting",
        position_at=now,
        offers=0,
        appointment_id=None,
        created_at=now,
    )


def _offered(waiter: Waiter, run: Sequence[SlotRow], until: datetime, now: datetime) -> Booked:
    return Booked(
        id=uuid4(),
        status="held",
        item=waiter.item,
        hall=waiter.hall,
        queue=waiter.queue,
        starts_at=run[0].starts_at,
        ends_at=run[-1].ends_at,
        attendee=waiter.attendee,
        reference=rules.new_reference(),
        hold_expires_at=until,
        slot_id=run[0].id,
        citizen=waiter.citizen,
        principal=waiter.principal,
        grant_id=waiter.grant_id,
        organisation=waiter.organisation,
        channel=waiter.channel,
        day=run[0].starts_at.astimezone(now.tzinfo).date(),
        nth=1,
        document_index=None,
        waiting_id=waiter.id,
        materials_ready=False,
    )
