"""Request and response shapes of acceptance on the spot (现场受理)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from miniapp_api.applications.rules import State
from miniapp_api.applications.schemas import MaterialKey, Options, SaveDraft
from miniapp_api.guides.item import AnyCode
from miniapp_api.platform.http import Shape


class OpenWalkIn(Shape):
    """Whose card lies on the counter, and for what; the ticket's item unless another is named.

    phone, code: to be linked to the person, with the code that the phone received.
    """

    name: Annotated[str, Field(min_length=1, max_length=60)]
    id_number: Annotated[str, Field(min_length=15, max_length=40)]
    item: AnyCode | None = None
    options: Options = Field(default_factory=dict)
    uscc: Annotated[str, Field(max_length=40)] | None = None
    phone: Annotated[str, Field(max_length=20)] | None = None
    code: Annotated[str, Field(max_length=10)] | None = None


class AcceptWalkIn(SaveDraft):
    """Accept (现场受理): what was typed since, and which originals were seen on paper."""

    papers: Annotated[list[MaterialKey], Field(max_length=50)] = Field(default_factory=list)


class AcceptedWalkIn(Shape):
    """A case that was accepted on the spot; the clerk has it."""

    id: UUID
    number: str
    state: State
    state_name: str
    version: int
    due_on: date | None
    lease_until: datetime | None
