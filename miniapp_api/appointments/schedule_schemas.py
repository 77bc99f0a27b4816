"""Request and response shapes of the hall manager's room."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from miniapp_api.appointments.plan_schemas import PlanBody
from miniapp_api.appointments.schemas import ClockTime, HallId
from miniapp_api.platform.http import Shape


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


class PlanChange(Shape):
    """What a plan changes among the slots to come."""

    version: int
    slots_added: int
    slots_removed: int
    slots_resized: int
    displaced: list[DisplacedView]


class ClosureRequest(Shape):
    """Close a hall or one of its queues for a time (临时停办); local times."""

    queue: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    starts_at: datetime
    ends_at: datetime
    reason: Annotated[str, Field(min_length=2, max_length=100)]


class ClosureView(Shape):
    """A closure (临时停办)."""

    id: int
    queue: str | None
    starts_at: datetime
    ends_at: datetime
    reason: str


class ClosureChange(Shape):
    """What a closure does, or would do."""

    id: int | None
    slots: int
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
