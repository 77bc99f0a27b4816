"""Use cases of schedules (排班): open slots, pool them, and change a hall's plan with a preview."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from uuid import UUID

from miniapp_api.appointments import closure_store, plan_store, schedule_store, store
from miniapp_api.appointments import plan as days
from miniapp_api.appointments.displacing import Displaced, Displacer, undisturbed
from miniapp_api.appointments.errors import PlanChanged, PlanInvalid
from miniapp_api.appointments.plan import Plan, PlannedSlot, WindowsClosed
from miniapp_api.appointments.plan_faults import faults_of
from miniapp_api.appointments.plan_schemas import PlanBody
from miniapp_api.appointments.planned import Planned
from miniapp_api.appointments.plans import Plans
from miniapp_api.appointments.schedule_schemas import (
    DayChange,
    PlanChange,
    PlanView,
    QueueWeek,
)
from miniapp_api.appointments.schedule_store import FutureSlot
from miniapp_api.appointments.weeks import week_of
from miniapp_api.appointments.window_closures import add_seats, remove_seats
from miniapp_api.guides.places import Hall
from miniapp_api.guides.service import GuidesService
from miniapp_api.platform import audit
from miniapp_api.platform.audit import Actor
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction

DAY = timedelta(days=1)
BEYOND = 1  # working days opened before their release, so that 放号 itself writes nothing
CHUNK = 500  # slots that are locked at a time by house-keeping
CHANGED = "排班调整"


@dataclass(frozen=True)
class Difference:
    """What a new plan does to the slots to come."""

    added: list[PlannedSlot] = field(default_factory=list)
    removed: list[FutureSlot] = field(default_factory=list)
    resized: list[tuple[FutureSlot, int]] = field(default_factory=list)  # with seats wanted
    retimed: list[tuple[int, datetime, datetime]] = field(default_factory=list)

    def days(self, zone: tzinfo | None) -> list[DayChange]:
        """Return what changes by day and queue, in their order."""
        changes: dict[tuple[date, str], Counter[str]] = defaultdict(Counter)

        def count(kind: str, slot: PlannedSlot | FutureSlot, seats: int) -> None:
            changed = changes[slot.starts_at.astimezone(zone).date(), slot.queue]
            changed[kind] += 1
            changed["seats"] += seats

        for planned in self.added:
            count("added", planned, planned.seats)
        for slot in self.removed:
            count("removed", slot, -slot.capacity)
        for slot, wanted in self.resized:
            count("resized", slot, wanted - slot.capacity)
        kinds = ("added", "removed", "resized", "seats")
        return [
            DayChange(date=day, queue=queue, **{kind: counts[kind] for kind in kinds})
            for (day, queue), counts in sorted(changes.items(), key=lambda each: each[0])
        ]


class ScheduleService:
    """Keeps the slots in step with the halls' plans."""

    def __init__(
        self,
        guides: GuidesService,
        clock: Clock,
        plans: Plans,
        planned: Planned,
        displacer: Displacer,
    ) -> None:
        self._guides = guides
        self._clock = clock
        self._plans = plans
        self._planned = planned
        self._displacer = displacer
        self._opened: dict[str, tuple[date, int]] = {}  # today and plan version, by hall

    # -- keeping house ---------------------------------------------------------------------------

    async def open_slots(self) -> int:
        """Create the slots of every hall up to the horizon; return how many were new."""
        return sum([await self._open_hall(hall) for hall in self._guides.halls()])

    async def _open_hall(self, hall: Hall) -> int:
        plan, now, count = await self._plans.of(hall.id), self._clock.now(), 0
        if self._opened.get(hall.id) == (now.date(), plan.version):
            return 0
        known = await schedule_store.known_days(hall.id, _midnight(now))
        coming = self._planned.coming(plan, BEYOND, now, ())
        dates = sorted({_day(slot, now) for slot in coming} - known)
        if dates:
            async with transaction() as connection:
                await plan_store.lock_hall(connection, hall.id)  # closures are added under it
                closed = await self._planned.windows_closed(connection, hall.id, now)
                planned = [
                    s for s in self._planned.on(plan, dates, now, closed) if s.starts_at > now
                ]
                count = await self._create(connection, plan, planned)
        self._opened[hall.id] = (now.date(), plan.version)
        return count

    async def _create(
        self, connection: store.Connection, plan: Plan, planned: Sequence[PlannedSlot]
    ) -> int:
        new = await schedule_store.open_slots(connection, plan.hall, planned)
        seats = [
            (new[slot.queue, slot.starts_at], channel, number)
            for slot in planned
            if (slot.queue, slot.starts_at) in new
            for channel, number in days.split(slot.seats, plan.rules.channels).items()
        ]
        await schedule_store.allot(connection, seats)
        await closure_store.cover(connection, list(new.values()))
        return len(new)

    async def pool(self) -> int:
        """Make what is left of the coming day common to all channels when its time has come."""
        return sum([await self._pool_hall(hall) for hall in self._guides.halls()])

    async def _pool_hall(self, hall: Hall) -> int:
        plan, now = await self._plans.of(hall.id), self._clock.now()
        queues = [queue.id for queue in self._guides.queues(hall.id)]
        calendar, pooled = self._guides.calendar, 0
        coming = days.working_days(plan, queues, now.date(), calendar)
        near = zip(range(plan.rules.pool_working_days_before + 1), coming, strict=False)
        for day in [now.date(), *(day for _, day in near)]:
            if days.pooled_at(plan, queues, day, calendar, now) > now:
                continue
            start = datetime.combine(day, time(0), now.tzinfo)
            slots = await schedule_store.to_pool(hall.id, start, start + DAY)
            for some in (slots[i : i + CHUNK] for i in range(0, len(slots), CHUNK)):
                async with transaction() as connection:
                    await store.lock_slots(connection, some)
                    await schedule_store.pool_slots(connection, some, now)
            pooled += len(slots)
        return pooled

    # -- the manager's plan ----------------------------------------------------------------------

    async def view(self, hall: str) -> PlanView:
        """Return the plan in force."""
        plan = await self._plans.of(hall)
        return PlanView(hall=hall, version=plan.version, plan=PlanBody.of(plan))

    async def week(self, hall: str, first: date) -> list[QueueWeek]:
        """Return every queue's seven days from `first` on, as the plan in force has them."""
        plan = await self._plans.of(hall)
        return week_of(plan, self._guides.queues(hall), first, self._guides.calendar)

    async def preview(self, hall: str, body: PlanBody) -> PlanChange:
        """Say what a plan would change, and which bookings it would displace; change nothing."""
        plan = self._checked(hall, body, (await self._plans.of(hall)).version + 1)
        now = self._clock.now()
        slots = await schedule_store.future(None, hall, now)
        closed = await self._planned.windows_closed(None, hall, now)
        difference = self._difference(plan, slots, now, closed)
        gone = [slot.id for slot in difference.removed]
        displaced = await schedule_store.bookings_in(None, gone)
        return self._change(plan, difference, self._displacer.shown(displaced))

    async def apply(self, hall: str, body: PlanBody, expected_version: int, by: UUID) -> PlanChange:
        """Put a plan in force: all of it, or nothing; raise PlanInvalid or PlanChanged.

        A booking never loses its seat to a smaller number of seats; one whose slot is gone is
        displaced, kept, and its citizen told at once.
        """
        plan = self._checked(hall, body, expected_version + 1)
        change = await undisturbed(lambda: self._apply(plan, body, expected_version, by))
        await self._plans.refresh()
        return change

    async def _apply(
        self, plan: Plan, body: PlanBody, expected_version: int, by: UUID
    ) -> PlanChange:
        hall, now = plan.hall, self._clock.now()
        async with transaction() as connection:
            if await plan_store.lock_hall(connection, hall) != expected_version:
                raise PlanChanged()
            content = body.model_dump(mode="json")
            await plan_store.insert(connection, hall, plan.version, content, by, now)
            coming = await schedule_store.future(connection, hall, now)
            await self._displacer.lock(connection, [slot.id for slot in coming])
            slots = await schedule_store.future(connection, hall, now)
            closed = await self._planned.windows_closed(connection, hall, now)
            difference = self._difference(plan, slots, now, closed)
            await self._create(connection, plan, difference.added)
            await self._resize(connection, plan, difference)
            displaced = await self._remove(connection, hall, difference.removed, now)
            change = self._change(plan, difference, displaced)
            detail = change.model_dump(mode="json", exclude={"days", "displaced"})
            detail["displaced"] = len(displaced)
            actor = Actor("staff", by)
            await audit.record(
                connection, actor, "plan.changed", f"hall:{hall}", hall=hall, detail=detail, at=now
            )
        return change

    async def _resize(
        self, connection: store.Connection, plan: Plan, difference: Difference
    ) -> None:
        await schedule_store.set_release(connection, difference.retimed)
        for slot, wanted in difference.resized:
            if wanted < slot.capacity:
                await remove_seats(connection, plan, slot, wanted)
                continue
            await add_seats(connection, plan, slot, wanted - slot.capacity)

    async def _remove(
        self,
        connection: store.Connection,
        hall: str,
        removed: Sequence[FutureSlot],
        now: datetime,
    ) -> list[Displaced]:
        if not removed:
            return []
        ids = [slot.id for slot in removed]
        deleted = await schedule_store.delete_slots(connection, ids)
        kept = [slot for slot in removed if slot.id not in deleted]
        if not kept:
            return []
        span = (min(s.starts_at for s in kept), max(s.ends_at for s in kept))
        closure = await closure_store.add(connection, hall, None, None, span, CHANGED, None, now)
        slots = [slot.id for slot in kept]
        await closure_store.close(connection, slots, closure)
        rows = await schedule_store.bookings_in(connection, slots)
        return await self._displacer.displace(connection, rows, CHANGED, now)

    def _difference(
        self,
        plan: Plan,
        slots: Sequence[FutureSlot],
        now: datetime,
        closed: Sequence[WindowsClosed],
    ) -> Difference:
        planned = {
            (s.queue, s.starts_at): s for s in self._planned.coming(plan, BEYOND, now, closed)
        }
        found = Difference()
        for slot in slots:
            wanted = planned.pop((slot.queue, slot.starts_at), None)
            if wanted is None or (wanted.ends_at != slot.ends_at and slot.taken):
                if slot.closure_id is None:
                    found.removed.append(slot)
                continue
            seats = max(wanted.seats, slot.taken)
            if seats != slot.capacity:
                found.resized.append((slot, seats))
            if (wanted.released_at, wanted.ends_at) != (slot.released_at, slot.ends_at):
                found.retimed.append((slot.id, wanted.released_at, wanted.ends_at))
        found.added.extend(planned.values())
        return found

    def check(self, hall: str, body: PlanBody) -> None:
        """Raise PlanInvalid, with everything that is wrong with a plan."""
        queues = [queue.id for queue in self._guides.queues(hall)]
        faults = faults_of(body, queues, self._clock.now().date())
        if faults:
            raise PlanInvalid(faults[0].message, faults=[fault.shown() for fault in faults])

    def _checked(self, hall: str, body: PlanBody, version: int) -> Plan:
        self.check(hall, body)
        return body.plan(hall, version)

    def _change(self, plan: Plan, difference: Difference, displaced: list[Displaced]) -> PlanChange:
        return PlanChange(
            version=plan.version,
            slots_added=len(difference.added),
            slots_removed=len(difference.removed),
            slots_resized=len(difference.resized),
            days=difference.days(self._clock.now().tzinfo),
            displaced=[each.shown for each in displaced],
        )


def _midnight(now: datetime) -> datetime:
    return datetime.combine(now.date(), time(0), now.tzinfo)


def _day(slot: PlannedSlot, now: datetime) -> date:
    return slot.starts_at.astimezone(now.tzinfo).date()
