"""Request and response shapes of a person's standing."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from miniapp_api.appointments.schemas import HallId
from miniapp_api.platform.http import Shape

AppealStatus = Literal["open", "granted", "refused"]


class StandingQuery(Shape):
    """In which hall."""

    hall: HallId = "municipal"


class StandingView(Shape):
    """A person's standing in a hall this month (预约信用); a limit of 0 is no limit."""

    hall: str
    no_shows: int
    no_shows_limit: int
    cancellations: int
    cancellations_limit: int
    suspension: UUID | None
    suspended_until: datetime | None
    appeal: AppealStatus | None


class AppealRequest(Shape):
    """Why the suspension is unjust."""

    text: Annotated[str, Field(min_length=5, max_length=500)]


class AppealView(Shape):
    """An appeal (申诉) that waits for a decision."""

    id: UUID
    cause: str
    starts_at: datetime
    ends_at: datetime
    appeal: str


class Appeals(Shape):
    """Appeals that wait for a decision."""

    appeals: list[AppealView]


class DecisionRequest(Shape):
    """Decide an appeal."""

    granted: bool
    note: Annotated[str, Field(max_length=100)] = ""
