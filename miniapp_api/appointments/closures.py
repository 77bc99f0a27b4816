"""Use cases of closures (临时停办): preview, close, lift; and whether a hall works on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from miniapp_api.appointments import closure_store, plan_store, schedule_store, store, texts
from miniapp_api.appointments import plan as days
from miniapp_api.appointments.displacing import Displacer, undisturbed
from miniapp_api.appointments.errors import (
    ClosureInPast,
    ClosureInvalid,
    ClosureNotFound,
    ClosureOverlaps,
    HallNotFound,
)
from miniapp_api.appointments.plan import Plan, WindowsClosed
from miniapp_api.appointments.planned import Planned
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
from miniapp_api.appointments.window_closures import Shrunk, WindowClosures
from miniapp_api.guides.service import GuidesService
from miniapp_api.platform import audit
from miniapp_api.platform.audit import Actor
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import Rows, transaction
from miniapp_api.platform.errors import ValidationFailed

DAY = timedelta(days=1)
MOST_DAYS = 62


@dataclass(frozen=True)
class _What:
    """What is closed: a hall, a queue, or some of its windows."""

    queue: str | None
    windows: WindowsClosed | None
    span: tuple[datetime, datetime]


class ClosureService:
    """Closes and reopens halls, queues and windows."""

    def __init__(
        self,
        guides: GuidesService,
        clock: Clock,
        plans: Plans,
        planned: Planned,
        windows: WindowClosures,
        displacer: Displacer,
    ) -> None:
        self._guides = guides
        self._clock = clock
        self._plans = plans
        self._planned = planned
        self._windows = windows
        self._displacer = displacer

    async def closures(self, hall: str) -> Closures:
        """Return closures in force and to come."""
        rows = await closure_store.of_hall(hall, self._clock.now())
        return Closures(closures=[_view(row) for row in rows])

    async def windows_closed(self, hall: str) -> dict[str, ClosureView]:
        """Return which windows are closed out of schedule now, with the closure that ends last."""
        now = self._clock.now()
        rows = await closure_store.of_windows(None, hall, now)
        began = sorted((r for r in rows if r["starts_at"] <= now), key=lambda r: r["ends_at"])
        return {window: _view(row) for row in began for window in row["windows"]}

    async def preview(self, hall: str, asked: ClosureRequest) -> ClosureChange:
        """Say which bookings a closure would displace; change nothing."""
        what = self._what(hall, asked)
        if what.windows:
            found = await self._windows.preview(hall, what.windows)
            return _change(None, found)
        slots = await schedule_store.in_span(None, hall, what.queue, *what.span)
        rows = await schedule_store.bookings_in(None, slots)
        return _change(None, Shrunk(len(slots), 0, self._displacer.shown(rows)))

    async def close(self, hall: str, asked: ClosureRequest, by: UUID) -> ClosureChange:
        """Close a hall, a queue or some windows.

        Bookings that do not fit any more are displaced and their citizens told at once.
        """
        what = self._what(hall, asked)
        return await undisturbed(lambda: self._close(hall, what, asked.reason, by))

    async def _close(self, hall: str, what: _What, reason: str, by: UUID) -> ClosureChange:
        now, names = self._clock.now(), sorted(what.windows.windows) if what.windows else None
        async with transaction() as connection:
            await plan_store.lock_hall(connection, hall)
            if await closure_store.overlaps(connection, hall, what.queue, names, *what.span):
                raise ClosureOverlaps()
            closure = await closure_store.add(
                connection, hall, what.queue, names, what.span, reason, by, now
            )
            if what.windows:
                done = await self._windows.shrink(connection, hall, what.windows, reason)
            else:
                done = await self._close_slots(connection, hall, what, closure, reason)
            detail = {
                "slots": done.slots,
                "displaced": len(done.displaced),
                "queue": what.queue,
                "windows": names or [],
            }
            await self._audit(connection, by, "closure.made", closure, hall, detail, now)
        return _change(closure, done)

    async def _close_slots(
        self, connection: store.Connection, hall: str, what: _What, closure: int, reason: str
    ) -> Shrunk:
        found = await schedule_store.in_span(connection, hall, what.queue, *what.span)
        # Somebody may have closed one of them while we waited for its lock.
        locked = await self._displacer.lock(connection, found)
        slots = [slot.id for slot in locked if slot.closure_id is None]
        await closure_store.close(connection, slots, closure)
        rows = await schedule_store.bookings_in(connection, slots)
        now = self._clock.now()
        return Shrunk(len(slots), 0, await self._displacer.displace(connection, rows, reason, now))

    async def lift(self, hall: str, id: int, by: UUID) -> Reopened:
        """Lift a closure: who was displaced and has not moved gets his time back."""
        now = self._clock.now()
        async with transaction() as connection:
            await plan_store.lock_hall(connection, hall)
            closure = await closure_store.lock(connection, id, hall)
            if closure is None or closure["ends_at"] <= now:
                raise ClosureNotFound()
            await closure_store.lift(connection, id, now)
            if closure["windows"]:
                names = ("queue", "windows", "starts_at", "ends_at")
                closed = self._planned.closed(hall, *(closure[name] for name in names))
                slots, restored = await self._windows.grow(connection, hall, closed)
            else:
                slots, restored = await self._reopen(connection, id, now)
            detail = {"slots": slots, "restored": restored}
            await self._audit(connection, by, "closure.lifted", id, hall, detail, now)
        return Reopened(slots=slots, restored=restored)

    async def _reopen(
        self, connection: store.Connection, closure: int, now: datetime
    ) -> tuple[int, int]:
        closed = await closure_store.closed_by(connection, closure)
        await store.lock_slots(connection, closed)
        slots = await closure_store.reopen(connection, closed)
        return len(slots), await self._displacer.restore(connection, slots, now)

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
        closures = await closure_store.of_hall(hall_id, now)
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

    def _what(self, hall: str, asked: ClosureRequest) -> _What:
        """Return what is closed when; raise ClosureInvalid or ClosureInPast."""
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
        if not asked.windows:
            return _What(asked.queue, None, (start, end))
        queue = self._queue_of(hall, asked.windows)
        if asked.queue not in (None, queue):
            raise ClosureInvalid(texts.NOT_OF_THE_QUEUE, fields=["windows"])
        windows = self._planned.closed(hall, queue, asked.windows, start, end)
        return _What(queue, windows, (start, end))

    def _queue_of(self, hall: str, windows: Sequence[str]) -> str:
        """Return the one queue that windows serve; raise ClosureInvalid."""
        queues = {window.number: window.queue for window in self._guides.windows(hall)}
        if unknown := sorted(set(windows) - queues.keys()):
            said = texts.NO_SUCH_WINDOWS.format(windows="、".join(unknown))
            raise ClosureInvalid(said, fields=["windows"])
        found = {queues[window] for window in windows}
        if len(found) > 1:
            raise ClosureInvalid(texts.SEVERAL_QUEUES, fields=["windows"])
        return found.pop()

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


def _view(row: Mapping[str, Any]) -> ClosureView:
    shown = {name: row[name] for name in ClosureView.model_fields}
    return ClosureView(**shown | {"windows": row["windows"] or []})


def _change(closure: int | None, done: Shrunk) -> ClosureChange:
    displaced = [each.shown for each in done.displaced]
    return ClosureChange(id=closure, slots=done.slots, seats=done.seats, displaced=displaced)
