"""Use cases of closures (临时停办): preview, close, lift; and whether a hall works on a day."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from miniapp_api.appointments import plan as days
from miniapp_api.appointments import plan_store, schedule_store, store, texts
from miniapp_api.appointments.displacing import Displacer, undisturbed
from miniapp_api.appointments.errors import (
    ClosureInPast,
    ClosureInvalid,
    ClosureNotFound,
    ClosureOverlaps,
    HallNotFound,
)
from miniapp_api.appointments.plan import Plan
from miniapp_api.appointments.plans import Plans
from miniapp_api.appointments.schedule_schemas import (
    ClosureChange,
    ClosureRequest,
    Closures,
    ClosureView,
    HallDay,
    HallDays,
    Reopened,
)
from miniapp_api.guides.service import GuidesService
from miniapp_api.platform import audit
from miniapp_api.platform.audit import Actor
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import Rows, transaction
from miniapp_api.platform.errors import ValidationFailed

DAY = timedelta(days=1)
MOST_DAYS = 62


class ClosureService:
    """Closes and reopens halls and queues."""

    def __init__(
        self, guides: GuidesService, clock: Clock, plans: Plans, displacer: Displacer
    ) -> None:
        self._guides = guides
        self._clock = clock
        self._plans = plans
        self._displacer = displacer

    async def closures(self, hall: str) -> Closures:
        """Return closures in force and to come."""
        rows = await schedule_store.list_closures(hall, self._clock.now())
        names = ClosureView.model_fields
        shown = [ClosureView(**{k: v for k, v in row.items() if k in names}) for row in rows]
        return Closures(closures=shown)

    async def preview(self, hall: str, asked: ClosureRequest) -> ClosureChange:
        """Say which bookings a closure would displace; change nothing."""
        start, end = self._span(hall, asked)
        slots = await schedule_store.in_span(None, hall, asked.queue, start, end)
        rows = await schedule_store.bookings_in(None, slots)
        shown = [each.shown for each in self._displacer.shown(rows)]
        return ClosureChange(id=None, slots=len(slots), displaced=shown)

    async def close(self, hall: str, asked: ClosureRequest, by: UUID) -> ClosureChange:
        """Close a hall or a queue: its bookings are displaced and their citizens told at once."""
        span = self._span(hall, asked)
        return await undisturbed(lambda: self._close(hall, asked, span, by))

    async def _close(
        self, hall: str, asked: ClosureRequest, span: tuple[datetime, datetime], by: UUID
    ) -> ClosureChange:
        (start, end), now = span, self._clock.now()
        async with transaction() as connection:
            await plan_store.lock_hall(connection, hall)
            if await schedule_store.overlaps(connection, hall, asked.queue, start, end):
                raise ClosureOverlaps()
            closure = await schedule_store.add_closure(
                connection, hall, asked.queue, (start, end), asked.reason, by, now
            )
            found = await schedule_store.in_span(connection, hall, asked.queue, start, end)
            # Somebody may have closed one of them while we waited for its lock.
            locked = await self._displacer.lock(connection, found)
            slots = [slot.id for slot in locked if slot.closure_id is None]
            await schedule_store.close(connection, slots, closure)
            displaced = await self._displacer.displace(connection, slots, asked.reason, now)
            detail = {"slots": len(slots), "displaced": len(displaced), "queue": asked.queue}
            await self._audit(connection, by, "closure.made", closure, hall, detail, now)
        shown = [each.shown for each in displaced]
        return ClosureChange(id=closure, slots=len(slots), displaced=shown)

    async def lift(self, hall: str, id: int, by: UUID) -> Reopened:
        """Lift a closure: who was displaced and has not moved gets his time back."""
        now = self._clock.now()
        async with transaction() as connection:
            closure = await schedule_store.lock_closure(connection, id, hall)
            if closure is None or closure["ends_at"] <= now:
                raise ClosureNotFound()
            slots = await schedule_store.closed_by(connection, id)
            await store.lock_slots(connection, slots)
            await schedule_store.reopen(connection, slots)
            await schedule_store.lift(connection, id, now)
            restored = await self._displacer.restore(connection, slots, now)
            detail = {"slots": len(slots), "restored": restored}
            await self._audit(connection, by, "closure.lifted", id, hall, detail, now)
        return Reopened(slots=len(slots), restored=restored)

    async def hall_days(self, hall_id: str, first: date | None, last: date | None) -> HallDays:
        """Say on which days a hall works (明天大厅上班吗); raise HallNotFound."""
        hall = next((hall for hall in self._guides.halls() if hall.id == hall_id), None)
        if hall is None:
            raise HallNotFound()
        now = self._clock.now()
        first = first or now.date()
        last = last or first
        if last < first or (last - first).days >= MOST_DAYS:
            raise ValidationFailed("日期范围不对", fields=["from", "to"])
        plan = await self._plans.of(hall_id)
        closures = await schedule_store.list_closures(hall_id, now)
        whole = [row for row in closures if row["queue"] is None]
        count = (last - first).days + 1
        shown = [self._hall_day(plan, first + timedelta(days=n), whole, now) for n in range(count)]
        return HallDays(hall=hall.id, name=hall.name, days=shown)

    def _hall_day(self, plan: Plan, day: date, closures: Rows, now: datetime) -> HallDay:
        calendar = self._guides.calendar
        queues = [queue.id for queue in self._guides.queues(plan.hall)]
        spans = sorted(
            {
                (f"{o.start:%H:%M}", f"{o.end:%H:%M}")
                for queue in queues
                for o in days.hours(plan, queue, day, calendar).openings
            }
        )
        reason = None
        if not spans:
            reason = texts.reason(days.why_closed(plan, queues[0] if queues else "", day, calendar))
        midnight = datetime.combine(day, time(0), now.tzinfo)
        for row in closures:
            if row["starts_at"] < midnight + DAY and row["ends_at"] > midnight:
                reason, spans = str(row["reason"]), []
        return HallDay(
            date=day,
            weekday=texts.weekday(day),
            open=bool(spans),
            reason=reason,
            hours=[list(span) for span in spans],
            provisional=calendar.is_provisional(day),
        )

    def _span(self, hall: str, asked: ClosureRequest) -> tuple[datetime, datetime]:
        now = self._clock.now()
        start, end = (
            moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)
            for moment in (asked.starts_at, asked.ends_at)
        )
        if end <= start:
            raise ClosureInvalid()
        if start < now - timedelta(minutes=1):
            raise ClosureInPast()
        known = [queue.id for queue in self._guides.queues(hall)]
        if asked.queue is not None and asked.queue not in known:
            raise ClosureInvalid(texts.NO_SUCH_QUEUE, fields=["queue"])
        return start, end

    async def _audit(
        self,
        connection: store.Connection,
        by: UUID,
        action: str,
        closure: int,
        hall: str,
        detail: dict[str, Any],
        now: datetime,
    ) -> None:
        actor, subject = Actor("staff", by), f"closure:{closure}"
        await audit.record(connection, actor, action, subject, hall=hall, detail=detail, at=now)
