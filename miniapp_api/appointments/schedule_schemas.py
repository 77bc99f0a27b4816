"""Request and response shapes of the hall manager's room."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from miniapp_api.appointments.plan_schemas import PlanBody
from miniapp_api.appointments.schemas import ClockTime, HallId
from miniapp_api.platform.http import Shape

WindowNumber = Annotated[str, Field(min_length=1, max_length=8)]


class PlanView(Shape):
    """The plan in force; version 0 is the handbook's."""

    hall: str
    version: int
    plan: PlanBody


class PlanRequest(Shape):
    """A new plan, made from the version that the manager saw."""

    expected_version: Annotated[int, Field(ge=0, le=2**31 - 2)]
    plan: PlanBody


class DisplacedView(Shape):
    """A booking that loses its time (需改期的预约)."""

    id: UUID
    reference: str
    item_name: str
    date: str
    start: ClockTime


class DayChange(Shape):
    """What a plan changes on a queue's day; seats: how many more, or fewer, can be booked."""

    date: date
    queue: str
    added: int
    removed: int
    resized: int
    seats: int


class PlanChange(Shape):
    """What a plan changes among the slots to come."""

    version: int
    slots_added: int
    slots_removed: int
    slots_resized: int
    days: list[DayChange]
    displaced: list[DisplacedView]


class DayHours(Shape):
    """A queue's day as the plan has it; seats of a slot, all and by channel."""

    date: date
    hours: list[list[ClockTime]]
    reason: str | None
    slot_minutes: int
    slots: int
    seats: int
    channels: dict[str, int]


class QueueWeek(Shape):
    """A queue's week (一周排班)."""

    queue: str
    name: str
    windows: int
    days: list[DayHours]


class ClosureRequest(Shape):
    """Close a hall, a queue, or some of its windows for a time (临时停办); local times.

    windows: numbers, all of one queue, which need not be named then; none: all of them.
    """

    queue: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    windows: Annotated[list[WindowNumber], Field(min_length=1, max_length=200)] | None = None
    starts_at: datetime
    ends_at: datetime
    reason: Annotated[str, Field(min_length=2, max_length=100)]


class ClosureView(Shape):
    """A closure (临时停办); no queue: of the whole hall, no windows: of all of the queue's."""

    id: int
    queue: str | None
    windows: list[str]
    starts_at: datetime
    ends_at: datetime
    reason: str


class ClosureChange(Shape):
    """What a closure does, or would do.

    slots: that are closed, or have fewer seats; seats: so many fewer, of windows that are closed.
    """

    id: int | None
    slots: int
    seats: int
    displaced: list[DisplacedView]


class Reopened(Shape):
    """What lifting a closure did."""

    slots: int
    restored: int


class Closures(Shape):
    """Closures in force and to come."""

    closures: list[ClosureView]


class DaysQuery(Shape):
    """Whether a hall works (办公日), day by day, both ends included."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    hall: HallId = "municipal"
    first: date | None = Field(None, alias="from")
    last: date | None = Field(None, alias="to")


class HallDay(Shape):
    """A day of a hall: its hours, or why it is closed; `provisional`: the year is not published."""

    date: date
    weekday: str
    open: bool
    reason: str | None
    hours: list[list[ClockTime]]
    provisional: bool


class HallDays(Shape):
    """Days of a hall."""

    hall: str
    name: str
    days: list[HallDay]
