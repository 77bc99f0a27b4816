"""Use cases of a citizen's bookings: list, hold, confirm, cancel, move, mine.

Capacity is a row in PostgreSQL, claimed by one conditional statement in the booking's own
transaction; PostgreSQL decides, whatever Redis or other API processes do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from weakref import WeakValueDictionary

from tortoise.exceptions import IntegrityError

from miniapp_api.appointments import rules, store
from miniapp_api.appointments.booker import Booker
from miniapp_api.appointments.errors import (
    AlreadyBooked,
    AppointmentNotFound,
    HoldExpired,
    MaterialsNotReady,
    NotAllowed,
    SlotFull,
    TooLateToChange,
)
from miniapp_api.appointments.limits import number_of
from miniapp_api.appointments.places import Place, Places, require_open
from miniapp_api.appointments.schemas import Appointments, AppointmentView
from miniapp_api.appointments.shedding import SeatGlances
from miniapp_api.appointments.standing import StandingService
from miniapp_api.appointments.store import Booked, SlotRow
from miniapp_api.appointments.views import appointment_view, facts
from miniapp_api.appointments.waiting import WaitingService
from miniapp_api.guides.service import GuidesService
from miniapp_api.messages.service import MessageService
from miniapp_api.platform import idempotency
from miniapp_api.platform.audit import Actor, record
from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.batching import Batched
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction


@dataclass(frozen=True)
class Wish:
    """What is to be held."""

    slot: int
    item: str
    hall: str
    channel: rules.Channel


class AppointmentService:
    """Books the hall."""

    def __init__(
        self,
        guides: GuidesService,
        clock: Clock,
        places: Places,
        waiting: WaitingService,
        standing: StandingService,
        messages: MessageService,
    ) -> None:
        self._guides = guides
        self._clock = clock
        self._places = places
        self._waiting = waiting
        self._standing = standing
        self._messages = messages
        self._glances = SeatGlances(clock)
        self._kept = Batched(idempotency.kept_many)
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def mine(self, citizen: UUID, *, active: bool) -> Appointments:
        """Return a citizen's bookings, and those others made for him, soonest first."""
        found = await store.list_mine(citizen, active, self._clock.now())
        return Appointments(appointments=[self._view(booked) for booked in found])

    async def one(self, citizen: UUID, id: UUID) -> AppointmentView:
        """Return one booking of a citizen; raise AppointmentNotFound."""
        booked = await store.read_mine(id, citizen)
        if booked is None:
            raise AppointmentNotFound()
        return self._view(booked)

    # -- changing --------------------------------------------------------------------------------

    async def hold(self, who: Booker, wish: Wish, key: str) -> AppointmentView:
        """Keep a seat for the hall's hold time.

        A newer hold of the same item replaces the citizen's older one, whose seat goes back in the
        same transaction. A repeated key gives the first answer.
        """
        place = await self._places.of(wish.item, wish.hall)
        run = await self._places.run(wish.slot, place)
        slots = [slot.id for slot in run]
        turn = self._turns.setdefault(slots[0], asyncio.Lock())
        while not await self._glances.hopeless(slots, wish.channel):
            # One at a time a slot and process: its row's lock is waited for here, where waiting
            # costs no connection, and who has waited looks again before he tries.
            waited = turn.locked()
            async with turn:
                if not waited:
                    return await self._hold_or_sweep(who, wish, place, run, key)
        name = idempotency.Key(who.citizen, "hold", key)
        if kept := await self._kept.get(name):
            return AppointmentView.model_validate(kept.answer_to(_request(who, wish)))
        require_open(run, slots, place, self._clock.now())
        raise SlotFull()

    async def _hold_or_sweep(
        self, who: Booker, wish: Wish, place: Place, run: Sequence[SlotRow], key: str
    ) -> AppointmentView:
        try:
            return await self._hold(who, wish, place, run, key)
        except (SlotFull, AlreadyBooked):
            # Perhaps only lapsed holds stand in the way: give their seats back and try once more.
            if not await self.sweep():
                raise
            return await self._hold(who, wish, place, run, key)

    async def _hold(
        self, who: Booker, wish: Wish, place: Place, run: Sequence[SlotRow], key: str
    ) -> AppointmentView:
        now = self._clock.now()
        booked = _new_hold(who, wish, place, run, now)
        view = self._view(booked)
        slots = [slot.id for slot in run]
        name = idempotency.Key(who.citizen, "hold", key)
        request = _request(who, wish)
        try:
            async with transaction() as connection:
                if earlier := await idempotency.earlier(connection, name, request, view):
                    return AppointmentView.model_validate(earlier)
                await store.lock_person(connection, who.principal)
                older = await store.lock_older(connection, who.principal, wish.item, who.citizen)
                locked = await store.lock_slots_of(connection, older, slots)
                if older:
                    await store.set_status(connection, older, "cancelled", now)
                    await store.give_back(connection, older, now)
                nth = await number_of(connection, booked, place.plan, now)
                require_open(locked, slots, place, now)
                booked = booked.numbered(nth)
                if not await store.claim(connection, booked, slots, [wish.channel, "pool"], now):
                    raise SlotFull()
        except IntegrityError as error:
            raise _translated(error) from None
        if older:
            self._waiting.wake()
        return view

    async def book_at_desk(
        self, staff: StaffMember, who: Booker, wish: Wish, key: str
    ) -> AppointmentView:
        """Book at once for a citizen at the desk or on the telephone (代约).

        He was asked there and then: nothing is left for him to confirm.
        """
        held = await self.hold(who, wish, f"{staff.id.hex[:12]}:{key}"[:64])
        async with transaction() as connection:
            actor, subject = Actor("staff", staff.id), f"appointment:{held.id}"
            now = self._clock.now()
            await record(
                connection, actor, "appointment.desk_booked", subject, hall=staff.hall, at=now
            )
        return await self.confirm(who.citizen, held.id, ready=True)

    async def confirm(self, citizen: UUID, id: UUID, *, ready: bool = False) -> AppointmentView:
        """Turn a hold into a booking; confirming twice gives the same answer.

        ready: whether the citizen says that the materials are ready.
        """
        async with transaction() as connection:
            now = self._clock.now()
            confirmed = await store.confirm(connection, id, citizen, ready, now)
            if confirmed is None:
                return await self._confirmed_before(connection, id, citizen, now)
            if not ready and self._guides.materials_check(confirmed.item) == "required":
                raise MaterialsNotReady(item=confirmed.item)
            if confirmed.waiting_id:
                await self._waiting.booked(connection, confirmed.waiting_id)
            await self._messages.tell(
                connection,
                confirmed.citizen,
                "booking_confirmed",
                about=facts(confirmed, self._guides, now.tzinfo),
                due=now,
                key=f"confirmed:{id}",
            )
        return self._view(confirmed)

    async def _confirmed_before(
        self, connection: store.Connection, id: UUID, citizen: UUID, now: datetime
    ) -> AppointmentView:
        booked = await self._locked(connection, id, citizen)
        if booked.status == "confirmed":
            return self._view(booked)
        if booked.status in ("expired", "held"):
            raise HoldExpired()
        raise NotAllowed()

    async def cancel(self, citizen: UUID, id: UUID) -> AppointmentView:
        """Cancel a booking or drop a hold and give its seat back; twice gives the same answer."""
        now = self._clock.now()
        async with transaction() as connection:
            booked = await self._locked(connection, id, citizen)
            if booked.status in ("cancelled", "expired"):
                return self._view(booked)
            if booked.status == "confirmed":
                await self._require_changeable(booked)
            status = self._after(booked, "cancel")
            counts = booked.status == "confirmed"
            await store.set_status(connection, [id], status, now, counted=counts)
            await store.lock_slots_of(connection, [id])
            await store.give_back(connection, [id], now)
            if booked.waiting_id and booked.status == "held":
                await self._waiting.declined(connection, booked.waiting_id)
            if counts:
                await self._standing.after_cancellation(
                    connection, booked.principal, booked.hall, now
                )
        self._waiting.wake()
        return self._view(booked, status=status)

    async def reschedule(self, citizen: UUID, id: UUID, slot_id: int, key: str) -> AppointmentView:
        """Move a booking: the new seat is taken before the old is given up, or nothing changes."""
        mine = await store.read_mine(id, citizen)
        if mine is None:
            raise AppointmentNotFound()
        place = await self._places.of(mine.item, mine.hall)
        run = await self._places.run(slot_id, place)
        try:
            return await self._reschedule(citizen, mine, place, run, key)
        except (SlotFull, AlreadyBooked):
            if not await self.sweep():
                raise
            return await self._reschedule(citizen, mine, place, run, key)

    async def _reschedule(
        self, citizen: UUID, mine: Booked, place: Place, run: Sequence[SlotRow], key: str
    ) -> AppointmentView:
        now = self._clock.now()
        day = run[0].starts_at.astimezone(now.tzinfo).date()
        when = {"starts_at": run[0].starts_at, "ends_at": run[-1].ends_at, "day": day}
        moved = replace(mine, status="confirmed", slot_id=run[0].id, **when)  # type: ignore[arg-type]
        view = self._view(moved)
        name = idempotency.Key(citizen, "reschedule", key)
        async with transaction() as connection:
            request = [str(mine.id), run[0].id]
            if earlier := await idempotency.earlier(connection, name, request, view):
                return AppointmentView.model_validate(earlier)
            await store.lock_person(connection, mine.principal)
            booked = await self._locked(connection, mine.id, citizen)
            self._after(booked, "reschedule")
            if booked.status == "confirmed":
                await self._require_changeable(booked)
            nth = booked.nth
            if day != booked.day:
                nth = await number_of(connection, moved, place.plan, now)
            await self._change_seats(connection, moved.numbered(nth), place, run, now)
        self._waiting.wake()
        return view

    async def _change_seats(
        self,
        connection: store.Connection,
        moved: Booked,
        place: Place,
        run: Sequence[SlotRow],
        now: datetime,
    ) -> None:
        """Take the new seats, then give back the old; a slot in both keeps its seat."""
        held = set(await store.slots_of(connection, [moved.id]))
        wanted = [slot.id for slot in run]
        locked = await store.lock_slots(connection, [*held, *wanted])
        require_open(locked, wanted, place, now)
        take = [slot for slot in wanted if slot not in held]
        if not await store.move(connection, moved, take, [moved.channel, "pool"], now):
            raise SlotFull()
        if left := held - set(wanted):
            await store.give_back(connection, [moved.id], now, only=list(left))

    # -- keeping house ---------------------------------------------------------------------------

    async def sweep(self) -> int:
        """Expire lapsed holds, give their seats back, and return how many."""
        now = self._clock.now()
        async with transaction() as connection:
            lapsed = await store.lock_lapsed(connection, now)
            if not lapsed:
                return 0
            ids = [row["id"] for row in lapsed]
            await store.lock_slots_of(connection, ids)
            await store.set_status(connection, ids, "expired", now)
            offers = [row["waiting_id"] for row in lapsed if row["waiting_id"]]
            if offers:
                await self._waiting.lapsed(connection, offers, now)
            await store.give_back(connection, ids, now)
        self._waiting.wake()
        return len(lapsed)

    # -- small steps -----------------------------------------------------------------------------

    async def _locked(self, connection: store.Connection, id: UUID, citizen: UUID) -> Booked:
        booked = await store.lock_mine(connection, id, citizen)
        if booked is None:
            raise AppointmentNotFound()
        return booked

    async def _require_changeable(self, booked: Booked) -> None:
        until = (await self._places.plan(booked.hall)).rules.cancel_until_minutes
        if not rules.changeable(booked.starts_at, self._clock.now(), until):
            raise TooLateToChange()

    def _after(self, booked: Booked, action: rules.Action) -> rules.Status:
        status = rules.after(booked.status, action)
        if status is None:
            raise NotAllowed()
        return status

    def _view(self, booked: Booked, *, status: rules.Status | None = None) -> AppointmentView:
        return appointment_view(booked, self._guides, self._clock.now().tzinfo, status=status)


def _request(who: Booker, wish: Wish) -> list[Any]:
    """Return what tells this hold from another under the same key."""
    return [wish.slot, wish.item, wish.hall, wish.channel, str(who.grant)]


def _new_hold(
    who: Booker, wish: Wish, place: Place, run: Sequence[SlotRow], now: datetime
) -> Booked:
    return Booked(
        id=uuid4(),
        status="held",
        item=wish.item,
        hall=place.hall.id,
        queue=place.queue.id,
        starts_at=run[0].starts_at,
        ends_at=run[-1].ends_at,
        attendee=who.attendee,
        reference=rules.new_reference(),
        hold_expires_at=now + timedelta(minutes=place.plan.rules.hold_minutes),
        slot_id=run[0].id,
        citizen=who.citizen,
        principal=who.principal,
        grant_id=who.grant,
        organisation=who.organisation,
        channel=wish.channel,
        day=run[0].starts_at.astimezone(now.tzinfo).date(),
        nth=1,
        document_index=who.document_index,
        waiting_id=None,
        materials_ready=False,
    )


def _translated(error: IntegrityError) -> Exception:
    """PostgreSQL keeps the number of a person's bookings; anything else is our bug."""
    broken = getattr(error.__cause__, "constraint_name", None)
    return AlreadyBooked() if broken == "appointment_one_live" else error
