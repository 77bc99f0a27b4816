"""Request and response shapes of enterprises and their delegates."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from miniapp_api.identity.rules import Scope
from miniapp_api.identity.schemas import Phone
from miniapp_api.platform.http import Shape


class EnterpriseRequest(Shape):
    """Open an enterprise's account (法人账号)."""

    uscc: Annotated[str, Field(min_length=18, max_length=18, examples=["91350100M000100Y43"])]
    name: Annotated[str, Field(min_length=2, max_length=100)]


class EnterpriseView(Shape):
    """An enterprise that I may act for, and with which scopes (授权范围)."""

    id: UUID
    uscc: str
    name: str
    representative: bool
    scopes: list[Scope]
    expires_at: datetime | None


class Enterprises(Shape):
    """For which enterprises I may act."""

    enterprises: list[EnterpriseView]


class DelegateRequest(Shape):
    """Delegate somebody (企业授权): he accepts before it holds."""

    phone: Phone
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=4)]
    days: Annotated[int, Field(ge=1, le=1095)] = 365


class DelegateView(Shape):
    """A delegate (被授权人)."""

    id: UUID
    phone_masked: str
    scopes: list[Scope]
    offered_at: datetime
    accepted_at: datetime | None
    expires_at: datetime


class Delegates(Shape):
    """An enterprise's delegates."""

    delegates: list[DelegateView]


class OfferView(Shape):
    """A delegation that was offered to me (待接受的授权)."""

    id: UUID
    enterprise: UUID
    name: str
    scopes: list[Scope]
    accepted_at: datetime | None
    expires_at: datetime


class Offers(Shape):
    """Delegations of mine, accepted or not."""

    delegations: list[OfferView]
