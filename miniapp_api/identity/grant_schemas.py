"""Request and response shapes of booking for somebody else."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from miniapp_api.identity.rules import Relation
from miniapp_api.identity.schemas import Phone
from miniapp_api.platform.http import Shape


class ConsentCodeRequest(Shape):
    """Send a consent code to the principal's phone."""

    phone: Phone


class GrantRequest(Shape):
    """The principal's consent (代办授权): his code, or for a child the guardian's declaration."""

    relation: Relation
    label: Annotated[str, Field(min_length=1, max_length=8, examples=["妈妈"])]
    phone: Phone | None = None
    code: Annotated[str, Field(pattern=r"^\d{4,8}$")] | None = None
    guardian: bool = False
    organisation: Annotated[str, Field(min_length=18, max_length=18)] | None = None


class GrantView(Shape):
    """A consent: `id` is what a booking for that person names."""

    id: UUID
    relation: Relation
    label: str
    phone_masked: str | None
    organisation: str | None
    expires_at: datetime


class Principals(Shape):
    """For whom a citizen may book (办理人)."""

    principals: list[GrantView]


class Agents(Shape):
    """Who may book for a citizen (代办人)."""

    agents: list[GrantView]
