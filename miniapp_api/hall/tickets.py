"""Use cases of tickets (取号): check-in, walk-in, from the phone, my place, leave, print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from miniapp_api.appointments.closures import ClosureService
from miniapp_api.appointments.visits import Arrival, Arriving, VisitService
from miniapp_api.guides.service import GuidesService
from miniapp_api.hall import rules, store
from miniapp_api.hall.errors import (
    ActionNotAllowed,
    HallClosed,
    HallUnknown,
    QueueUnknown,
    RemoteTicketsOff,
    TicketExists,
    TicketNotFound,
    TooManyRequeues,
)
from miniapp_api.hall.hours import HallHours
from miniapp_api.hall.schemas import Tickets, TicketView
from miniapp_api.hall.store import Connection, Ticket
from miniapp_api.platform import idempotency
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction

EXPECTED_MINUTES = 15.0  # of a service, when the handbook does not say


@dataclass(frozen=True)
class Visitor:
    """Who takes a ticket (取号人)."""

    kind: rules.Kind
    priority: rules.Priority | None = None
    citizen: UUID | None = None
    item: str | None = None
    arrival: Arrival | None = None


class TicketService:
    """Gives tickets, and tells people where they stand."""

    def __init__(
        self,
        guides: GuidesService,
        clock: Clock,
        visits: VisitService,
        closures: ClosureService,
        hours: HallHours,
        policy: rules.Policy,
    ) -> None:
        self._guides = guides
        self._clock = clock
        self._visits = visits
        self._closures = closures
        self._hours = hours
        self._policy = policy

    # -- taking a ticket -------------------------------------------------------------------------

    async def check_in(
        self,
        hall: str,
        by: Arriving,
        priority: rules.Priority | None,
        owner: UUID,
        key: str,
    ) -> Tickets:
        """Give a ticket for every booking of today; a second check-in gives the same tickets."""
        self._require_hall(hall)
        now = self._clock.now()
        name = idempotency.Key(owner, "check-in", key)
        if kept := await idempotency.kept(name):
            return Tickets.model_validate(kept)
        async with transaction() as connection:
            arrivals = await self._visits.arrive(connection, hall, by, now)
            found = [
                await self._of_arrival(connection, hall, arrival, priority, now)
                for arrival in arrivals
            ]
            shown = Tickets(tickets=[await self._view(t, connection) for t in found])
            request = [hall, [str(arrival.appointment) for arrival in arrivals]]
            if earlier := await idempotency.earlier(connection, name, request, shown):
                return Tickets.model_validate(earlier)
        return shown

    async def _of_arrival(
        self,
        connection: Connection,
        hall: str,
        arrival: Arrival,
        priority: rules.Priority | None,
        now: datetime,
    ) -> Ticket:
        existing = await store.of_appointment(connection, arrival.appointment)
        if existing:
            return existing
        visitor = Visitor("appointment", priority, arrival.citizen, arrival.item, arrival)
        return await self._new(connection, hall, arrival.queue, visitor, now)

    async def walk_in(
        self,
        hall: str,
        item: str | None,
        queue: str | None,
        priority: rules.Priority | None,
        owner: UUID,
        key: str,
    ) -> TicketView:
        """Give a ticket to somebody without a booking; raise QueueUnknown or HallClosed."""
        self._require_hall(hall)
        found = self._queue_for(hall, item) if item else queue
        if found not in {each.id for each in self._guides.queues(hall)}:
            raise QueueUnknown()
        visitor = Visitor("walk_in", priority, item=item)
        return await self._give(hall, str(found), visitor, owner, key)

    async def remote(self, hall: str, item: str, citizen: UUID, key: str) -> TicketView:
        """Give a ticket to a citizen's phone, today, in opening hours, one a queue."""
        self._require_hall(hall)
        if not await self._hours.remote_tickets(hall):
            raise RemoteTicketsOff()
        visitor = Visitor("remote", citizen=citizen, item=item)
        return await self._give(hall, self._queue_for(hall, item), visitor, citizen, key)

    async def _give(
        self, hall: str, queue: str, visitor: Visitor, owner: UUID, key: str
    ) -> TicketView:
        now = self._clock.now()
        name = idempotency.Key(owner, "ticket", key)
        if kept := await idempotency.kept(name):
            return TicketView.model_validate(kept)
        if not await self._hours.open_now(hall, queue, now):
            raise HallClosed()
        try:
            return await self._write(hall, queue, visitor, name, now)
        except _Repeated as repeated:
            return TicketView.model_validate(repeated.answer)

    async def _write(
        self, hall: str, queue: str, visitor: Visitor, name: idempotency.Key, now: datetime
    ) -> TicketView:
        async with transaction() as connection:
            if visitor.citizen:
                await store.lock_citizen(connection, visitor.citizen)
                day = now.date()
                live = await store.live_of(connection, hall, queue, day, visitor.citizen)
                if live:
                    raise TicketExists(number=live.number)
            ticket = await self._new(connection, hall, queue, visitor, now)
            view = await self._view(ticket, connection)
            request = [hall, queue, visitor.item, visitor.priority]
            if earlier := await idempotency.earlier(connection, name, request, view):
                raise _Repeated(earlier)
        return view

    async def _new(
        self, connection: Connection, hall: str, queue: str, visitor: Visitor, now: datetime
    ) -> Ticket:
        arrival = visitor.arrival
        booked_for = arrival.starts_at if arrival else None
        sequence = await store.next_number(connection, hall, queue, now.date())
        late = arrival is not None and arrival.late
        ticket = Ticket(
            id=uuid4(),
            hall=hall,
            queue=queue,
            day=now.date(),
            first_queue=queue,
            sequence=sequence,
            number=rules.number(self._guides.queue(hall, queue).prefix, sequence),
            kind=visitor.kind,
            priority=visitor.priority,
            appointment_id=arrival.appointment if arrival else None,
            citizen=visitor.citizen,
            item=visitor.item,
            status="waiting",
            arrived_at=now,
            booked_for=booked_for,
            due_at=rules.due_at(visitor.kind, now, booked_for, visitor.priority, late=late),
            window=None,
            calls=0,
            requeues=0,
            warned=False,
            called_at=None,
            started_at=None,
        )
        await store.insert(connection, ticket)
        await store.add_event(connection, ticket, "taken", None, now)
        return ticket

    # -- where people stand ----------------------------------------------------------------------

    async def mine(self, citizen: UUID) -> Tickets:
        """Return a citizen's live tickets of today, with who is ahead and how long it takes."""
        found = await store.mine(citizen, self._clock.now().date())
        return Tickets(tickets=[await self._view(ticket) for ticket in found])

    async def leave(self, citizen: UUID, id: UUID) -> TicketView:
        """Give a ticket back; raise TicketNotFound or ActionNotAllowed."""
        async with transaction() as connection:
            ticket = await store.lock(connection, id)
            if ticket is None or ticket.citizen != citizen:
                raise TicketNotFound()
            if ticket.status == "left":
                return await self._view(ticket, connection)
            status = rules.after(ticket.status, "leave")
            # A called one is in a clerk's hand, who passes it.
            if status is None or ticket.status == "called":
                raise ActionNotAllowed()
            left = replace(ticket, status=status)
            await store.change(connection, ticket, left)
            await store.add_event(connection, ticket, "left", None, self._clock.now())
        return await self._view(left)

    async def requeue(self, citizen: UUID, id: UUID) -> TicketView:
        """Queue again after having been passed (重新排队), from the phone; twice gives one place.

        Raises TicketNotFound, ActionNotAllowed or TooManyRequeues.
        """
        now = self._clock.now()
        async with transaction() as connection:
            ticket = await store.lock(connection, id)
            if ticket is None or ticket.citizen != citizen or ticket.day != now.date():
                raise TicketNotFound()
            if ticket.status == "waiting" and ticket.requeues:
                return await self._view(ticket, connection)
            again = queued_again(ticket, now)
            await store.change(connection, ticket, again)
            await store.add_event(connection, again, "requeue", None, now)
        return await self._view(again)

    async def view(self, hall: str, id: UUID) -> TicketView:
        """Return a ticket of a hall, to print it; raise TicketNotFound."""
        ticket = await store.read(id)
        if ticket is None or ticket.hall != hall:
            raise TicketNotFound()
        return await self._view(ticket)

    async def numbered(self, hall: str, number: str) -> TicketView:
        """Return today's ticket with a number, as it is written on it; raise TicketNotFound."""
        today = self._clock.now().date()
        for queue in self._guides.queues(hall):
            sequence = rules.sequence(queue.prefix, number)
            if sequence is None:
                continue
            if found := await store.numbered(hall, today, queue.id, sequence):
                return await self._view(found)
        raise TicketNotFound()

    async def close_days(self) -> int:
        """Close what is left of the days before today."""
        return len(await store.close_days(self._clock.now().date()))

    async def _view(self, ticket: Ticket, connection: Connection | None = None) -> TicketView:
        queue = self._guides.queue(ticket.hall, ticket.queue)
        ahead, estimate = 0, None
        if ticket.status == "waiting":
            others = await store.waiting(ticket.hall, ticket.queue, ticket.day, connection)
            now = self._clock.now()
            ahead = rules.ahead(ticket.as_waiting(), [t.as_waiting() for t in others], now)
            estimate = await self._estimate(ticket, ahead)
        return TicketView(
            id=ticket.id,
            number=ticket.number,
            hall=ticket.hall,
            queue=ticket.queue,
            queue_name=queue.name,
            windows=list(queue.windows),
            kind=ticket.kind,
            priority=ticket.priority,
            status=ticket.status,
            window=ticket.window,
            ahead=ahead,
            wait_minutes=estimate.minutes if estimate else None,
            wait_low=estimate.low if estimate else None,
            wait_high=estimate.high if estimate else None,
            arrived_at=ticket.arrived_at,
        )

    async def _estimate(self, ticket: Ticket, ahead: int) -> rules.Estimate | None:
        closed = await self._closures.windows_closed(ticket.hall)
        windows = await store.open_windows(ticket.hall, ticket.queue, list(closed))
        seconds = await store.services(ticket.hall, ticket.queue, ticket.day)
        return rules.estimate(ahead, windows, seconds, self._expected(ticket.hall, ticket.queue))

    def _expected(self, hall: str, queue: str) -> float:
        """Return the handbook's mean service time of a queue's items, minutes."""
        known: Sequence[int] = [
            item.duration_minutes
            for item in self._guides.items_of(hall, queue)
            if item.duration_minutes
        ]
        return sum(known) / len(known) if known else EXPECTED_MINUTES

    def _require_hall(self, hall: str) -> None:
        if hall not in {each.id for each in self._guides.halls()}:
            raise HallUnknown()

    def _queue_for(self, hall: str, code: str) -> str:
        for each, queue in self._guides.places(self._guides.item(code)):
            if each.id == hall:
                return queue.id
        raise QueueUnknown()


def queued_again(ticket: Ticket, now: datetime) -> Ticket:
    """Return a passed ticket as it waits again; raise ActionNotAllowed or TooManyRequeues."""
    status = rules.after(ticket.status, "requeue")
    if status is None:
        raise ActionNotAllowed()
    if ticket.requeues >= rules.MOST_REQUEUES:
        raise TooManyRequeues()
    return replace(
        ticket,
        status=status,
        requeues=ticket.requeues + 1,
        due_at=rules.due_again(now),
        calls=0,
        window=None,
    )


class _Repeated(Exception):
    """The key was used meanwhile: roll the second ticket back."""

    def __init__(self, answer: object) -> None:
        super().__init__()
        self.answer = answer
