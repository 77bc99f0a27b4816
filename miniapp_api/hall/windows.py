"""Use cases of windows (窗口): open, call, pass, serve, transfer, finish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from tortoise.exceptions import IntegrityError

from miniapp_api.appointments.closures import ClosureService
from miniapp_api.appointments.visits import VisitService
from miniapp_api.guides.places import Window
from miniapp_api.guides.service import GuidesService
from miniapp_api.hall import rules, store, window_store
from miniapp_api.hall.errors import (
    ActionNotAllowed,
    AlreadyAtWindow,
    NobodyWaiting,
    NotAtWindow,
    NoTicketInHand,
    QueueUnknown,
    RecallLimit,
    TicketInHand,
    TicketNotFound,
    WindowClosedNow,
    WindowNotYours,
    WindowPaused,
    WindowServesNothing,
    WindowTaken,
    WindowUnknown,
)
from miniapp_api.hall.schemas import CalledTicket, Panel, WindowClosed
from miniapp_api.hall.store import Connection, Queued, Ticket
from miniapp_api.hall.tickets import queued_again
from miniapp_api.hall.window_store import Session
from miniapp_api.messages.service import MessageService
from miniapp_api.platform import audit
from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction


class WindowService:
    """Works the windows of the halls."""

    def __init__(
        self,
        guides: GuidesService,
        clock: Clock,
        visits: VisitService,
        closures: ClosureService,
        messages: MessageService,
        policy: rules.Policy,
        near_ahead: int,
    ) -> None:
        """near_ahead: so many ahead, and a citizen is told to come (前面还有3位)."""
        self._guides = guides
        self._clock = clock
        self._visits = visits
        self._closures = closures
        self._messages = messages
        self._policy = policy
        self._near_ahead = near_ahead

    # -- who works where -------------------------------------------------------------------------

    async def open(self, clerk: StaffMember, number: str) -> Panel:
        """Open a window (上岗); opening one's own again finds it as it was."""
        window = self._window(clerk.hall, number)
        if not self._guides.items_of(clerk.hall, window.queue):
            raise WindowServesNothing()
        if clerk.windows and number not in clerk.windows:
            raise WindowNotYours()
        now = self._clock.now()
        try:
            async with transaction() as connection:
                mine = await window_store.lock_session(connection, clerk.hall, number, clerk.id)
                if mine is None:
                    place = (clerk.hall, number, window.queue)
                    await window_store.open_session(connection, uuid4(), place, clerk.id, now)
                    await self._audit(connection, clerk, "window.opened", number, now)
        except IntegrityError:
            elsewhere = await window_store.of_staff(clerk.id)
            if elsewhere and elsewhere.window != number:
                raise AlreadyAtWindow(window=elsewhere.window) from None
            raise WindowTaken() from None
        return await self.panel(clerk, number)

    async def pause(self, clerk: StaffMember, number: str) -> Panel:
        """Pause (暂停): the window calls nobody."""
        return await self._set_state(clerk, number, "paused")

    async def resume(self, clerk: StaffMember, number: str) -> Panel:
        """Resume (恢复)."""
        return await self._set_state(clerk, number, "open")

    async def _set_state(self, clerk: StaffMember, number: str, state: str) -> Panel:
        async with transaction() as connection:
            session = await self._session(connection, clerk, number)
            await window_store.set_state(connection, session.id, state)
            action = "window.paused" if state == "paused" else "window.resumed"
            await self._audit(connection, clerk, action, number, self._clock.now())
        return await self.panel(clerk, number)

    async def close(self, clerk: StaffMember, number: str) -> None:
        """Leave a window (离岗); raise TicketInHand."""
        now = self._clock.now()
        async with transaction() as connection:
            session = await self._session(connection, clerk, number)
            if session.ticket_id:
                raise TicketInHand()
            await window_store.close_session(connection, session.id, now)
            await self._audit(connection, clerk, "window.closed", number, now)

    # -- calling ---------------------------------------------------------------------------------

    async def next(self, clerk: StaffMember, number: str) -> CalledTicket:
        """Call the next ticket (叫号); one that is being served is finished first.

        Raises NotAtWindow, WindowPaused, WindowClosedNow, TicketInHand, NobodyWaiting. Two windows
        of a queue that call at once get different tickets: the queue's day is locked while one
        chooses.
        """
        now, closed = self._clock.now(), await self._closed(clerk.hall, number)
        async with transaction() as connection:
            session = await self._session(connection, clerk, number)
            if session.state == "paused":
                raise WindowPaused()
            if closed:
                until = closed.until.astimezone(now.tzinfo)
                raise WindowClosedNow(rules.closed_text(closed.reason, until))
            if session.ticket_id:
                await self._finish_served(connection, session, now)
            called, waiting = await self._call(connection, session, now)
            await self._tell(connection, called, waiting, now)
        return self._called(called)

    async def _call(
        self, connection: Connection, session: Session, now: datetime
    ) -> tuple[Ticket, list[Queued]]:
        day = now.date()
        count = await window_store.lock_day(connection, session.hall, session.queue, day)
        waiting = (
            [] if count is None else await store.queue(connection, session.hall, session.queue, day)
        )
        by_id = {each.waiting.id: each for each in waiting}
        while by_id:
            tickets = [each.waiting for each in by_id.values()]
            chosen = self._policy.choose(tickets, now, count or 0)
            if chosen is None:
                break
            del by_id[chosen.id]
            # Who left a moment ago does not wait any more: the next is chosen.
            called = await window_store.call(connection, chosen.id, session, now)
            if called:
                return called, list(by_id.values())
        raise NobodyWaiting()

    async def _tell(
        self, connection: Connection, called: Ticket, waiting: Sequence[Queued], now: datetime
    ) -> None:
        """Tell the called citizen, and once those whose turn is near."""
        if called.citizen and called.window:
            about = {"number": called.number, "window": called.window.lstrip("0")}
            await self._messages.tell(connection, called.citizen, "called", about=about, due=now)
        left = [each.waiting for each in waiting]
        near = [
            (each, ahead)
            for each in waiting
            if each.citizen
            and not each.warned
            and (ahead := rules.ahead(each.waiting, left, now)) <= self._near_ahead
        ]
        if not near:
            return
        await store.set_warned(connection, [each.waiting.id for each, _ in near])
        hall_name = self._guides.hall(called.hall).name
        for each, ahead in near:
            about = {"number": each.number, "ahead": str(ahead), "hall_name": hall_name}
            assert each.citizen is not None
            await self._messages.tell(connection, each.citizen, "turn_near", about=about, due=now)

    async def recall(self, clerk: StaffMember, number: str) -> CalledTicket:
        """Call the ticket in hand again (重呼), three times at most; raise RecallLimit."""
        now = self._clock.now()
        async with transaction() as connection:
            session, ticket = await self._in_hand(connection, clerk, number)
            if ticket.calls >= rules.MOST_CALLS:
                raise RecallLimit()
            again = replace(self._after(ticket, "recall"), calls=ticket.calls + 1)
            await store.change(connection, ticket, again)
            await store.add_event(connection, again, "recall", session.window, now)
        return self._called(again)

    async def start(self, clerk: StaffMember, number: str) -> CalledTicket:
        """The person came: begin to serve (开始办理)."""
        now = self._clock.now()
        async with transaction() as connection:
            session, ticket = await self._in_hand(connection, clerk, number)
            serving = replace(self._after(ticket, "start"), started_at=now)
            await store.change(connection, ticket, serving)
            await store.add_event(connection, serving, "start", session.window, now)
        return self._called(serving)

    async def finish(self, clerk: StaffMember, number: str) -> CalledTicket:
        """The matter is done (办结)."""
        now = self._clock.now()
        async with transaction() as connection:
            session, ticket = await self._in_hand(connection, clerk, number)
            done = await self._finish(connection, session, ticket, now)
        return self._called(done)

    async def pass_(self, clerk: StaffMember, number: str) -> CalledTicket:
        """Nobody came (过号): the ticket may queue again at the reception."""
        now = self._clock.now()
        async with transaction() as connection:
            session, ticket = await self._in_hand(connection, clerk, number)
            passed = self._after(ticket, "pass")
            await self._put_down(connection, session, ticket, passed, "pass", now)
            if passed.citizen:
                await self._messages.tell(
                    connection, passed.citizen, "passed", about={"number": passed.number}, due=now
                )
            await self._audit(connection, clerk, "ticket.passed", number, now, ticket=ticket)
        return self._called(passed)

    async def hold(self, clerk: StaffMember, number: str) -> CalledTicket:
        """Put a case aside (挂起): the person fills a form, the window calls on."""
        now = self._clock.now()
        async with transaction() as connection:
            session, ticket = await self._in_hand(connection, clerk, number)
            held = self._after(ticket, "hold")
            await self._put_down(connection, session, ticket, held, "hold", now)
        return self._called(held)

    async def take(self, clerk: StaffMember, number: str, id: UUID) -> CalledTicket:
        """Take a case up again that was put aside in this queue (恢复办理)."""
        now = self._clock.now()
        async with transaction() as connection:
            session = await self._session(connection, clerk, number)
            if session.ticket_id:
                raise TicketInHand()
            ticket = await self._here(connection, session, id)
            serving = replace(self._after(ticket, "resume"), window=session.window)
            await store.change(connection, ticket, serving)
            await window_store.hold_ticket(connection, session.id, ticket.id)
            await store.add_event(connection, serving, "resume", session.window, now)
        return self._called(serving)

    async def transfer(self, clerk: StaffMember, number: str, queue: str) -> CalledTicket:
        """Send the ticket in hand to another queue (转号): it keeps its number and its due time."""
        now = self._clock.now()
        if not self._guides.items_of(clerk.hall, queue):
            raise QueueUnknown()
        async with transaction() as connection:
            session, ticket = await self._in_hand(connection, clerk, number)
            moved = replace(
                self._after(ticket, "transfer"), queue=queue, window=None, calls=0, started_at=None
            )
            await self._put_down(connection, session, ticket, moved, "transfer", now)
            await store.touch_day(connection, ticket.hall, queue, ticket.day)
            await self._audit(connection, clerk, "ticket.transferred", number, now, ticket=moved)
        return self._called(moved)

    async def requeue(self, staff: StaffMember, id: UUID) -> CalledTicket:
        """Let a passed number queue again (重新排队); raise TooManyRequeues."""
        now = self._clock.now()
        async with transaction() as connection:
            ticket = await store.lock(connection, id)
            if ticket is None or ticket.hall != staff.hall or ticket.day != now.date():
                raise TicketNotFound()
            again = queued_again(ticket, now)
            await store.change(connection, ticket, again)
            await store.add_event(connection, again, "requeue", None, now)
            await self._audit(
                connection, staff, "ticket.requeued", ticket.number, now, ticket=again
            )
        return self._called(again)

    # -- seeing ----------------------------------------------------------------------------------

    async def panel(self, clerk: StaffMember, number: str) -> Panel:
        """Return a clerk's panel; after a restart it is as it was."""
        window, now = self._window(clerk.hall, number), self._clock.now()
        session = await window_store.session_of(clerk.hall, number)
        if session is None or session.staff != clerk.id:
            raise NotAtWindow()
        ticket = await store.read(session.ticket_id) if session.ticket_id else None
        waiting = await store.waiting(clerk.hall, window.queue, now.date())
        figures = await window_store.today(clerk.hall, number, now.date())
        seconds = figures["mean_seconds"]
        return Panel(
            hall=clerk.hall,
            window=number,
            queue=window.queue,
            queue_name=self._guides.queue(clerk.hall, window.queue).name,
            state=session.state,
            closed=await self._closed(clerk.hall, number),
            ticket=self._called(ticket) if ticket else None,
            waiting=len(waiting),
            served=int(figures["served"] or 0),
            passed=int(figures["passed"] or 0),
            mean_minutes=round(seconds / 60, 1) if seconds else None,
        )

    async def where(self, clerk: StaffMember) -> str | None:
        """Return the window that a clerk works at, or None."""
        session = await window_store.of_staff(clerk.id)
        return session.window if session else None

    async def aside(self, clerk: StaffMember, number: str) -> list[CalledTicket]:
        """Return what was put aside in a window's queue (挂起): any of its windows may go on."""
        queue = self._window(clerk.hall, number).queue
        found = await window_store.aside(clerk.hall, queue, self._clock.now().date())
        return [self._called(ticket) for ticket in found]

    async def serving(self, clerk: StaffMember) -> CalledTicket:
        """Return the ticket that a clerk serves; raise NotAtWindow or NoTicketInHand."""
        session = await window_store.of_staff(clerk.id)
        if session is None:
            raise NotAtWindow()
        ticket = await store.read(session.ticket_id) if session.ticket_id else None
        if ticket is None or ticket.status != "serving":
            raise NoTicketInHand()
        return self._called(ticket)

    # -- small steps -----------------------------------------------------------------------------

    async def _closed(self, hall: str, number: str) -> WindowClosed | None:
        found = (await self._closures.windows_closed(hall)).get(number)
        return WindowClosed(reason=found.reason, until=found.ends_at) if found else None

    async def _session(self, connection: Connection, clerk: StaffMember, number: str) -> Session:
        self._window(clerk.hall, number)
        session = await window_store.lock_session(connection, clerk.hall, number, clerk.id)
        if session is None:
            raise NotAtWindow()
        return session

    async def _in_hand(
        self, connection: Connection, clerk: StaffMember, number: str
    ) -> tuple[Session, Ticket]:
        session = await self._session(connection, clerk, number)
        if session.ticket_id is None:
            raise NoTicketInHand()
        return session, await self._here(connection, session, session.ticket_id)

    async def _here(self, connection: Connection, session: Session, id: UUID) -> Ticket:
        ticket = await store.lock(connection, id)
        if ticket is None or (ticket.hall, ticket.queue) != (session.hall, session.queue):
            raise TicketNotFound()
        return ticket

    async def _finish_served(self, connection: Connection, session: Session, now: datetime) -> None:
        assert session.ticket_id is not None
        ticket = await self._here(connection, session, session.ticket_id)
        if ticket.status != "serving":
            raise TicketInHand()
        await self._finish(connection, session, ticket, now)

    async def _finish(
        self, connection: Connection, session: Session, ticket: Ticket, now: datetime
    ) -> Ticket:
        done = self._after(ticket, "finish")
        await self._put_down(connection, session, ticket, done, "finish", now)
        if ticket.appointment_id:
            await self._visits.finish(connection, ticket.appointment_id, now)
        return done

    async def _put_down(
        self,
        connection: Connection,
        session: Session,
        before: Ticket,
        after: Ticket,
        kind: str,
        now: datetime,
    ) -> None:
        finished = now if after.status == "finished" else None
        await store.change(connection, before, after, finished)
        await window_store.hold_ticket(connection, session.id, None)
        await store.add_event(connection, after, kind, session.window, now)

    def _after(self, ticket: Ticket, action: rules.Action) -> Ticket:
        status = rules.after(ticket.status, action)
        if status is None:
            raise ActionNotAllowed()
        return replace(ticket, status=status)

    def _window(self, hall: str, number: str) -> Window:
        for window in self._guides.windows(hall):
            if window.number == number:
                return window
        raise WindowUnknown()

    def _called(self, ticket: Ticket) -> CalledTicket:
        return CalledTicket(
            id=ticket.id,
            number=ticket.number,
            kind=ticket.kind,
            priority=ticket.priority,
            status=ticket.status,
            item=ticket.item,
            item_name=self._guides.name_of(ticket.item) if ticket.item else None,
            booked_for=ticket.booked_for,
            arrived_at=ticket.arrived_at,
            calls=ticket.calls,
        )

    async def _audit(
        self,
        connection: Connection,
        staff: StaffMember,
        action: str,
        window: str,
        now: datetime,
        *,
        ticket: Ticket | None = None,
    ) -> None:
        subject = f"ticket:{ticket.id}" if ticket else f"window:{window}"
        detail = {"window": window, "queue": ticket.queue} if ticket else None
        await audit.by_staff(connection, staff, action, subject, at=now, detail=detail)
