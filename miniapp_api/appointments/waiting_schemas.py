"""Request and response shapes of the waiting list."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from miniapp_api.appointments.schemas import CitizenChannel, Code, HallId
from miniapp_api.platform.http import Shape


class WaitingRequest(Shape):
    """Wait for a seat on a day or a range of days, both included."""

    item: Code
    hall: HallId = "municipal"
    first: date
    last: date
    channel: CitizenChannel = "mini_program"
    principal: UUID | None = None


class WaitingView(Shape):
    """A place on the waiting list (候补); `appointment` is the seat that is offered."""

    id: UUID
    status: Literal["waiting", "offered", "booked", "left", "ended"]
    item: str
    item_name: str
    hall: str
    first: date
    last: date
    ahead: int
    appointment: UUID | None


class WaitingList(Shape):
    """A citizen's places on the waiting list."""

    waiting: list[WaitingView]
