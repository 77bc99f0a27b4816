"""Request and response shapes of the hall."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, model_validator

from miniapp_api.hall.rules import Kind, Priority, Status
from miniapp_api.platform.http import Shape

Code = Annotated[str, Field(min_length=1, max_length=64)]


class CheckInRequest(Shape):
    """Who is here (签到): one of the code on the phone, the phone number, the identity number."""

    qr: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    phone: Annotated[str, Field(min_length=1, max_length=20)] | None = None
    id_number: Annotated[str, Field(min_length=15, max_length=36)] | None = None
    priority: Priority | None = None

    @model_validator(mode="after")
    def _one_way(self) -> CheckInRequest:
        if sum(way is not None for way in (self.qr, self.phone, self.id_number)) != 1:
            raise ValueError("exactly one of qr, phone, id_number")
        return self


class WalkInRequest(Shape):
    """Take a ticket without a booking (现场取号): for an item, or a queue."""

    item: Code | None = None
    queue: Code | None = None
    priority: Priority | None = None

    @model_validator(mode="after")
    def _something(self) -> WalkInRequest:
        if (self.item is None) == (self.queue is None):
            raise ValueError("either item or queue")
        return self


class RemoteTicketRequest(Shape):
    """Take a ticket from the phone (手机取号)."""

    item: Code


class TicketView(Shape):
    """A ticket (排队号); waits in minutes, null while no window is open."""

    id: UUID
    number: str
    hall: str
    queue: str
    queue_name: str
    windows: list[str]
    kind: Kind
    priority: Priority | None
    status: Status
    window: str | None
    ahead: int
    wait_minutes: int | None
    wait_low: int | None
    wait_high: int | None
    arrived_at: datetime


class Tickets(Shape):
    """Tickets."""

    tickets: list[TicketView]


class TransferRequest(Shape):
    """Send a ticket to another queue (转号)."""

    queue: Code


class CalledTicket(Shape):
    """A ticket as the clerk sees it."""

    id: UUID
    number: str
    kind: Kind
    priority: Priority | None
    status: Status
    item: str | None
    item_name: str | None
    booked_for: datetime | None
    arrived_at: datetime
    calls: int


class WindowClosed(Shape):
    """Why a window is closed out of schedule (窗口停办), and until when."""

    reason: str
    until: datetime


class Panel(Shape):
    """A clerk's panel (窗口面板); while its window is closed it calls nobody."""

    hall: str
    window: str
    queue: str
    queue_name: str
    state: Literal["open", "paused"]
    closed: WindowClosed | None
    ticket: CalledTicket | None
    waiting: int
    served: int
    passed: int
    mean_minutes: float | None


class BoardCall(Shape):
    """A call as the screen shows it (叫号)."""

    id: int
    number: str
    window: str
    text: str
    spoken: str
    at: datetime


class BoardQueue(Shape):
    """How many wait in a queue."""

    queue: str
    name: str
    waiting: int


class Board(Shape):
    """What the hall's screen shows."""

    hall: str
    calls: list[BoardCall]
    queues: list[BoardQueue]


class WindowState(Shape):
    """A window in the manager's view; state: whether somebody works there.

    closed: out of schedule (停办); since: when the ticket in hand was called, or begun.
    """

    window: str
    queue: str
    state: Literal["closed", "open", "paused"]
    closed: WindowClosed | None
    staff: UUID | None
    ticket: str | None
    ticket_status: Status | None
    since: datetime | None
    served: int


class QueueState(Shape):
    """A queue in the manager's view."""

    queue: str
    name: str
    waiting: int
    longest_minutes: int | None
    served: int


class Overview(Shape):
    """The hall at a glance (大厅总览)."""

    hall: str
    windows: list[WindowState]
    queues: list[QueueState]
