"""Request and response shapes of appointments."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from miniapp_api.appointments.rules import Channel, Level, Part, Status
from miniapp_api.platform.http import Shape

Code = Annotated[str, Field(min_length=1, max_length=64, examples=["id-card-lost-replacement"])]
HallId = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$", examples=["municipal"])]
SlotId = Annotated[str, Field(pattern=r"^[0-9]{1,18}$")]
Attendee = Literal["self", "child", "elder", "spouse", "other", "employee"]
CitizenChannel = Literal["mini_program", "web_phone"]
Phone = Annotated[str, Field(min_length=1, max_length=20, examples=["13800138000"])]
ClockTime = Annotated[str, Field(pattern=r"^\d\d:\d\d$", examples=["09:30"])]


class HallQuery(Shape):
    """Which halls serve an item."""

    item: Code


class HallView(Shape):
    """A hall (大厅) that serves an item, and where in it."""

    id: str
    name: str
    address: str
    phone: str
    queue: str
    windows: list[str]
    hours: str
    hold_minutes: int
    cancel_until_minutes: int = Field(description="cancel or move so long before, at the latest")
    remote_tickets: bool = Field(description="whether tickets are given to phones (手机取号)")


class Halls(Shape):
    """Halls that serve an item."""

    halls: list[HallView]


class SlotQuery(Shape):
    """Slots of an item in a hall between two days, both included."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    item: Code
    hall: HallId = "municipal"
    first: date | None = Field(None, alias="from")
    last: date | None = Field(None, alias="to")
    channel: CitizenChannel = "mini_program"


class CrowdQuery(Shape):
    """How busy the days are for an item in a hall."""

    item: Code
    hall: HallId = "municipal"


class Crowd(Shape):
    """How busy a day is (人多人少); taken and capacity count seats still to come."""

    date: date
    weekday: str
    open: bool
    reason: str | None
    taken: int
    capacity: int
    level: Level


class Crowds(Shape):
    """How busy the released days are."""

    days: list[Crowd]


class SlotView(Shape):
    """A slot (号源时段) with free seats."""

    id: str
    start: ClockTime
    end: ClockTime
    part: Part
    remaining: int


class Day(Shape):
    """A day: its free slots, or why there are none."""

    date: date
    weekday: str
    open: bool
    reason: str | None
    slots: list[SlotView]


class Slots(Shape):
    """Free slots by day."""

    item: str
    hall: str
    days: list[Day]


class HoldRequest(Shape):
    """Keep a seat for a while.

    principal: the consent (代办授权) under which the citizen books for somebody else.
    id_number: the identity number of who comes, for check-in by card; kept as a keyed hash only.
    """

    slot: SlotId
    item: Code
    hall: HallId = "municipal"
    channel: CitizenChannel = "mini_program"
    principal: UUID | None = None
    id_number: Annotated[str, Field(min_length=15, max_length=36)] | None = None


class DeskRequest(Shape):
    """Book for a citizen at the desk or on the telephone (代约)."""

    phone: Phone
    slot: SlotId
    item: Code
    hall: HallId = "municipal"


class ConfirmRequest(Shape):
    """Turn a hold into a booking."""

    materials_ready: bool = False


class RescheduleRequest(Shape):
    """Move a booking to another slot."""

    slot: SlotId


class MineQuery(Shape):
    """My bookings; `active` leaves out what is over."""

    active: bool = True


class ItemRef(Shape):
    """An item by code and name."""

    code: str
    name: str


class HallRef(Shape):
    """A hall by id, with what a citizen needs to get there."""

    id: str
    name: str
    address: str


class AppointmentView(Shape):
    """A citizen's booking (预约)."""

    id: UUID
    status: Status
    item: ItemRef
    hall: HallRef
    windows: list[str]
    date: date
    start: ClockTime
    end: ClockTime
    attendee: Attendee
    principal: UUID | None
    channel: Channel
    materials_check: Literal["reminder", "required"]
    materials_ready: bool
    offered: bool
    expires_at: datetime | None
    reference: str | None


class Appointments(Shape):
    """A citizen's bookings, soonest first."""

    appointments: list[AppointmentView]
