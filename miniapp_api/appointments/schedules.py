"""Use cases of schedules (排班): open slots, pool them, and change a hall's plan with a preview."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from miniapp_api.appointments import plan as days
from miniapp_api.appointments import plan_store, schedule_store, store
from miniapp_api.appointments.displacing import Displaced, Displacer, undisturbed
from miniapp_api.appointments.errors import PlanChanged, PlanInvalid
from miniapp_api.appointments.plan import Plan, PlannedSlot
from miniapp_api.appointments.plan_faults import faults_of
from miniapp_api.appointments.plan_schemas import PlanBody
from miniapp_api.appointments.plans import Plans
from miniapp_api.appointments.schedule_schemas import PlanChange, PlanView
from miniapp_api.appointments.schedule_store import FutureSlot
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


class ScheduleService:
    """Keeps the slots in step with the halls' plans."""

    def __init__(
        self, guides: GuidesService, clock: Clock, plans: Plans, displacer: Displacer
    ) -> None:
        self._guides = guides
        self._clock = clock
        self._plans = plans
        self._displacer = displacer
        self._opened: dict[str, tuple[date, int]] = {}  # today and plan version, by hall

    # -- keeping house ---------------------------------------------------------------------------

    async def open_slots(self) -> int:
        """Create the slots of every hall up to the horizon; return how many were new."""
        return sum([await self._open_hall(hall) for hall in self._guides.halls()])

    async def _open_hall(self, hall: Hall) -> int:
        plan, now = await self._plans.of(hall.id), self._clock.now()
        if self._opened.get(hall.id) == (now.date(), plan.version):
            return 0
        known = await schedule_store.known_days(hall.id, _midnight(now))
        planned = [slot for slot in self._planned(plan, now) if _day(slot, now) not in known]
        async with transaction() as connection:
            count = await self._create(connection, plan, planned) if planned else 0
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
        return len(new)

    def _planned(self, plan: Plan, now: datetime) -> list[PlannedSlot]:
        """Return the slots that the plan has from now to a few days beyond the horizon."""
        queues = self._guides.queues(plan.hall)
        seats = {q.id: (len(q.windows), q.appointment_capacity_per_window_per_slot) for q in queues}
        horizon = plan.rules.horizon_working_days + BEYOND
        coming = days.working_days(plan, list(seats), now.date(), self._guides.calendar)
        wanted = [now.date(), *(day for _, day in zip(range(horizon), coming, strict=False))]
        found = [
            slot
            for day in wanted
            for slot in days.planned_slots(plan, seats, day, self._guides.calendar, now)
        ]
        return [slot for slot in found if slot.starts_at > now]

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

    async def preview(self, hall: str, body: PlanBody) -> PlanChange:
        """Say what a plan would change, and which bookings it would displace; change nothing."""
        plan = self._checked(hall, body, (await self._plans.of(hall)).version + 1)
        now = self._clock.now()
        slots = await schedule_store.future(None, hall, now)
        difference = self._difference(plan, slots, now)
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
            difference = self._difference(plan, slots, now)
            await self._create(connection, plan, difference.added)
            await self._resize(connection, plan, difference)
            displaced = await self._remove(connection, hall, difference.removed, now)
            change = self._change(plan, difference, displaced)
            detail = change.model_dump(mode="json", exclude={"displaced"})
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
                await schedule_store.remove_free(connection, slot.id, slot.capacity - wanted)
                continue
            more = wanted - slot.capacity
            shares = {"pool": more} if slot.pooled_at else days.split(more, plan.rules.channels)
            await schedule_store.allot(connection, [(slot.id, c, n) for c, n in shares.items()])

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
        closure = await schedule_store.add_closure(connection, hall, None, span, CHANGED, None, now)
        slots = [slot.id for slot in kept]
        await schedule_store.close(connection, slots, closure)
        return await self._displacer.displace(connection, slots, CHANGED, now)

    def _difference(self, plan: Plan, slots: Sequence[FutureSlot], now: datetime) -> Difference:
        planned = {(s.queue, s.starts_at): s for s in self._planned(plan, now)}
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

    def _checked(self, hall: str, body: PlanBody, version: int) -> Plan:
        queues = [queue.id for queue in self._guides.queues(hall)]
        faults = faults_of(body, queues, self._clock.now().date())
        if faults:
            raise PlanInvalid(faults[0].message, faults=[fault.shown() for fault in faults])
        return body.plan(hall, version)

    def _change(self, plan: Plan, difference: Difference, displaced: list[Displaced]) -> PlanChange:
        return PlanChange(
            version=plan.version,
            slots_added=len(difference.added),
            slots_removed=len(difference.removed),
            slots_resized=len(difference.resized),
            displaced=[each.shown for each in displaced],
        )


def _midnight(now: datetime) -> datetime:
    return datetime.combine(now.date(), time(0), now.tzinfo)


def _day(slot: PlannedSlot, now: datetime) -> object:
    return slot.starts_at.astimezone(now.tzinfo).date()
