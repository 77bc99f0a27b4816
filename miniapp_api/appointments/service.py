"""Use cases of appointments: list, hold, confirm, cancel, move, mine.

Capacity is a row in PostgreSQL, claimed by one conditional statement in the booking's own
transaction; PostgreSQL decides, whatever Redis or other API processes do.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from tortoise.exceptions import IntegrityError, OperationalError

from miniapp_api.appointments import rules, store, texts
from miniapp_api.appointments.errors import (
    AlreadyBooked,
    AppointmentNotFound,
    BeyondHorizon,
    HallNotFound,
    HoldExpired,
    NotAllowed,
    NotBookable,
    SlotClosed,
    SlotFull,
    SlotNotForItem,
    SlotNotFound,
    SlotPast,
    TooLateToChange,
)
from miniapp_api.appointments.schemas import (
    Appointments,
    AppointmentView,
    Attendee,
    HallRef,
    Halls,
    HallView,
    ItemRef,
)
from miniapp_api.guides.item import Item
from miniapp_api.guides.places import Hall, Queue
from miniapp_api.guides.service import GuidesService
from miniapp_api.platform import idempotency
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction
from miniapp_api.platform.errors import ValidationFailed

DAY = timedelta(days=1)
LONGEST_LIST = 62  # days
RETRIES = 3  # of a transaction that PostgreSQL asked to repeat


class AppointmentService:
    """Books the hall."""

    def __init__(self, guides: GuidesService, clock: Clock, list_days: int) -> None:
        self._guides = guides
        self._clock = clock
        self._list_days = list_days
        # What a slot is never changes, only how many seats are left: so it is read once a day.
        self._seen_slots: dict[int, store.SlotRow] = {}

    # -- reading ---------------------------------------------------------------------------------

    async def halls(self, code: str) -> Halls:
        """Return the halls that serve an item; raise ItemNotFound or NotBookable."""
        item = self._bookable_item(code)
        found = [(hall, queue) for hall, queue in self._guides.places(item)]
        return Halls(halls=[_hall_view(hall, queue) for hall, queue in found])

    async def slots(
        self, code: str, hall_id: str, first: date | None, last: date | None
    ) -> dict[str, Any]:
        """Return the free slots of every day from `first` to `last`, in the shape of `Slots`.

        Plain dicts: a month is 300 slots, and making models of them takes 25 times as long.
        """
        hall, queue = self._place(self._bookable_item(code), hall_id)
        now = self._clock.now()
        first = first or now.date()
        last = last or first + timedelta(days=self._list_days)
        if last < first or (last - first).days >= LONGEST_LIST:
            raise ValidationFailed("日期范围不对", fields=["from", "to"])
        start = max(_midnight(first, now), now)
        rows = await store.list_slots(hall.id, queue.id, start, _midnight(last + DAY, now), now)
        by_day: dict[date, list[dict[str, Any]]] = {}
        for row in rows:
            day, times = _local(row["starts_at"], row["ends_at"], now.tzinfo)
            slot = {"id": str(row["id"]), **times, "remaining": row["remaining"]}
            by_day.setdefault(day, []).append(slot)
        bookable = frozenset(self._bookable_days(hall, now.date()))
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        views = [self._day(day, now.date(), bookable, by_day.get(day, [])) for day in days]
        return {"item": code, "hall": hall.id, "days": views}

    async def mine(self, citizen: UUID, *, active: bool) -> Appointments:
        """Return a citizen's bookings, soonest first."""
        found = await store.list_mine(citizen, active, rules.ACTIVE, self._clock.now())
        return Appointments(appointments=[self._view(booked) for booked in found])

    # -- changing --------------------------------------------------------------------------------

    async def hold(
        self, citizen: UUID, slot_id: int, code: str, hall_id: str, attendee: Attendee, key: str
    ) -> AppointmentView:
        """Keep a seat for the hall's hold time.

        A newer hold of the same item replaces the citizen's older one, whose seat goes back in the
        same transaction. A repeated key gives the first answer.
        """
        hall, queue = self._place(self._bookable_item(code), hall_id)
        slot = await self._open_slot(slot_id, hall, queue)
        request = [slot_id, code, hall_id, attendee]
        try:
            return await self._hold(citizen, slot, code, hall, attendee, key, request)
        except SlotFull:
            # Perhaps only lapsed holds fill it: give their seats back and try once more.
            async with transaction() as connection:
                freed = await store.expire_lapsed(connection, self._clock.now(), slot.id)
            if not freed:
                raise
            return await self._hold(citizen, slot, code, hall, attendee, key, request)

    async def _hold(
        self,
        citizen: UUID,
        slot: store.SlotRow,
        code: str,
        hall: Hall,
        attendee: Attendee,
        key: str,
        request: list[Any],
    ) -> AppointmentView:
        now = self._clock.now()
        until = now + timedelta(minutes=hall.booking.hold_minutes)
        booked = store.Booked(
            uuid4(), "held", code, attendee, rules.new_reference(), until, slot.id,
            slot.hall, slot.queue, slot.starts_at, slot.ends_at,
        )  # fmt: skip
        view = self._view(booked)
        name = idempotency.Key(citizen, "hold", key)
        try:
            async with transaction() as connection:
                if earlier := await idempotency.earlier(connection, name, request, view):
                    return AppointmentView.model_validate(earlier)
                await self._release_older(connection, citizen, code, slot.id, now)
                if not await store.claim(connection, citizen, booked, view.date, now):
                    raise SlotFull()
        except IntegrityError as error:
            raise _translated(error) from None
        return view

    async def _release_older(
        self, connection: store.Connection, citizen: UUID, code: str, slot: int, now: datetime
    ) -> None:
        older = await store.lock_held(connection, citizen, code)
        if not older:
            return
        await store.lock_slots(connection, [slot, *(row["slot_id"] for row in older)])
        for row in older:
            await store.set_status(connection, row["id"], "cancelled", now)
            await store.give_seat(connection, row["slot_id"])

    async def confirm(self, citizen: UUID, id: UUID) -> AppointmentView:
        """Turn a hold into a booking; confirming twice gives the same answer."""
        if confirmed := await store.confirm(id, citizen, self._clock.now()):
            return self._view(confirmed)
        async with transaction() as connection:
            booked = await self._locked(connection, id, citizen)
            now = self._clock.now()
            if booked.status == "confirmed":
                return self._view(booked)
            if booked.status == "expired" or (
                booked.status == "held" and rules.hold_lapsed(booked.hold_expires_at, now)
            ):
                raise HoldExpired()
            status = self._after(booked, "confirm")
            await store.set_status(connection, id, status, now)
        return self._view(booked, status=status)

    async def cancel(self, citizen: UUID, id: UUID) -> AppointmentView:
        """Cancel a booking or drop a hold and give its seat back; twice gives the same answer."""
        async with transaction() as connection:
            booked = await self._locked(connection, id, citizen)
            if booked.status in ("cancelled", "expired"):
                return self._view(booked)
            if booked.status == "confirmed":
                self._require_changeable(booked)
            status = self._after(booked, "cancel")
            await store.set_status(connection, id, status, self._clock.now())
            await store.give_seat(connection, booked.slot_id)
        return self._view(booked, status=status)

    async def reschedule(self, citizen: UUID, id: UUID, slot_id: int, key: str) -> AppointmentView:
        """Move a booking: the new seat is taken before the old is given up, or nothing changes."""
        mine = await store.read_mine(id, citizen)
        if mine is None:
            raise AppointmentNotFound()
        hall, queue = self._place(self._bookable_item(mine.item), mine.hall)
        slot = await self._open_slot(slot_id, hall, queue)
        for attempt in range(RETRIES):
            try:
                return await self._reschedule(citizen, mine, slot, key)
            except IntegrityError as error:
                raise _translated(error) from None
            except OperationalError as error:
                if attempt == RETRIES - 1 or not _deadlocked(error):
                    raise
        raise AssertionError("the last attempt returns or raises")

    async def _reschedule(
        self, citizen: UUID, mine: store.Booked, slot: store.SlotRow, key: str
    ) -> AppointmentView:
        now = self._clock.now()
        moved = replace(
            mine,
            status="confirmed",
            slot_id=slot.id,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
        )
        view = self._view(moved)
        name = idempotency.Key(citizen, "reschedule", key)
        request = [str(mine.id), slot.id]
        async with transaction() as connection:
            if earlier := await idempotency.earlier(connection, name, request, view):
                return AppointmentView.model_validate(earlier)
            booked = await self._locked(connection, mine.id, citizen)
            self._after(booked, "reschedule")
            self._require_changeable(booked)
            if slot.id != booked.slot_id:
                await store.lock_slots(connection, [slot.id, booked.slot_id])
                await store.expire_lapsed(connection, now, slot.id)
                if not await store.take_seat(connection, slot.id):
                    raise SlotFull()
                await store.give_seat(connection, booked.slot_id)
            await store.move(connection, mine.id, slot.id, view.date, now)
        return view

    # -- keeping house ---------------------------------------------------------------------------

    async def open_slots(self) -> int:
        """Create the slots of every hall for the bookable days and return how many were new."""
        self._seen_slots.clear()
        return sum([await self._open_hall(hall) for hall in self._guides.halls()])

    async def sweep(self) -> int:
        """Expire lapsed holds, give their seats back, and return how many."""
        async with transaction() as connection:
            return await store.expire_lapsed(connection, self._clock.now())

    async def _open_hall(self, hall: Hall) -> int:
        now = self._clock.now()
        times = []
        for day in self._bookable_days(hall, now.date()):
            spans = [rules.Opening(s.start, s.end) for s in hall.spans(day, workday=True)]
            for slot in rules.slot_times(spans, hall.booking.slot_minutes):
                at = [datetime.combine(day, t, now.tzinfo) for t in (slot.start, slot.end)]
                times.append((at[0], at[1]))
        queues = self._guides.queues(hall.id)
        seats = {q.id: q.appointment_capacity_per_window_per_slot * len(q.windows) for q in queues}
        return await store.open_slots(hall.id, {q: n for q, n in seats.items() if n}, times)

    # -- small steps -----------------------------------------------------------------------------

    def _bookable_item(self, code: str) -> Item:
        item = self._guides.item(code)
        if item.appointment == "none" or not self._guides.places(item):
            raise NotBookable()
        return item

    def _place(self, item: Item, hall_id: str) -> tuple[Hall, Queue]:
        for hall, queue in self._guides.places(item):
            if hall.id == hall_id:
                return hall, queue
        raise HallNotFound()

    def _bookable_days(self, hall: Hall, today: date) -> list[date]:
        return rules.bookable_days(today, self._guides.calendar, _rules_of(hall))

    async def _open_slot(self, slot_id: int, hall: Hall, queue: Queue) -> store.SlotRow:
        """Return the slot if it can be booked now, or raise why not."""
        slot = self._seen_slots.get(slot_id) or await store.read_slot(slot_id)
        if slot is None:
            raise SlotNotFound()
        self._seen_slots[slot_id] = slot
        if (slot.hall, slot.queue) != (hall.id, queue.id):
            raise SlotNotForItem()
        now = self._clock.now()
        if slot.starts_at <= now:
            raise SlotPast()
        day = slot.starts_at.astimezone(now.tzinfo).date()
        bookable = self._bookable_days(hall, now.date())
        why = rules.closed_reason(day, now.date(), bookable, self._guides.calendar)
        if why == "not_yet_released":
            raise BeyondHorizon()
        if why is not None:
            raise SlotClosed(texts.reason(why))
        return slot

    async def _locked(self, connection: store.Connection, id: UUID, citizen: UUID) -> store.Booked:
        booked = await store.lock_mine(connection, id, citizen)
        if booked is None:
            raise AppointmentNotFound()
        return booked

    def _require_changeable(self, booked: store.Booked) -> None:
        hall = self._guides.hall(booked.hall)
        if not rules.changeable(booked.starts_at, self._clock.now(), _rules_of(hall)):
            raise TooLateToChange()

    def _after(self, booked: store.Booked, action: rules.Action) -> rules.Status:
        status = rules.after(booked.status, action)
        if status is None:
            raise NotAllowed()
        return status

    def _day(
        self, day: date, today: date, bookable: frozenset[date], slots: list[dict[str, Any]]
    ) -> dict[str, Any]:
        why = rules.closed_reason(day, today, sorted(bookable), self._guides.calendar)
        why = why or (None if slots else "full")
        return {
            "date": day,
            "weekday": texts.weekday(day),
            "open": why is None,
            "reason": texts.reason(why) if why else None,
            "slots": [] if why else slots,
        }

    def _view(self, booked: store.Booked, *, status: rules.Status | None = None) -> AppointmentView:
        zone = self._clock.now().tzinfo
        day, times = _local(booked.starts_at, booked.ends_at, zone)
        status = status or booked.status
        hall, queue = self._guides.hall(booked.hall), self._guides.queue(booked.hall, booked.queue)
        return AppointmentView(
            id=booked.id,
            status=status,
            item=ItemRef(code=booked.item, name=self._guides.name_of(booked.item)),
            hall=HallRef(id=hall.id, name=hall.name, address=hall.address),
            windows=list(queue.windows),
            date=day,
            start=times["start"],
            end=times["end"],
            attendee=booked.attendee,  # type: ignore[arg-type]
            expires_at=booked.hold_expires_at if status == "held" else None,
            reference=booked.reference if status == "confirmed" else None,
        )


@lru_cache(maxsize=4096)
def _local(
    starts_at: datetime, ends_at: datetime, zone: tzinfo | None
) -> tuple[date, dict[str, str]]:
    """Return a slot's day and its times as the hall's clock shows them."""
    start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    part = rules.part_of(start.time())
    return start.date(), {"start": f"{start:%H:%M}", "end": f"{end:%H:%M}", "part": part}


def _midnight(day: date, now: datetime) -> datetime:
    return datetime.combine(day, time(0), now.tzinfo)


def _rules_of(hall: Hall) -> rules.BookingRules:
    booking = hall.booking
    return rules.BookingRules(
        booking.first_working_day,
        booking.horizon_working_days,
        booking.slot_minutes,
        booking.hold_minutes,
        booking.cancel_until_minutes,
    )


def _hall_view(hall: Hall, queue: Queue) -> HallView:
    return HallView(
        id=hall.id,
        name=hall.name,
        address=hall.address,
        phone=hall.phone,
        queue=queue.id,
        windows=list(queue.windows),
        hours=hall.hours_note or "",
    )


def _translated(error: IntegrityError) -> Exception:
    """PostgreSQL keeps the rule of one booking a person, item and day; anything else is our bug."""
    cause = error.__cause__
    broken = getattr(cause, "constraint_name", None)
    return AlreadyBooked() if broken == "appointment_one_active" else error


def _deadlocked(error: OperationalError) -> bool:
    return isinstance(error.__cause__, asyncpg.DeadlockDetectedError)
