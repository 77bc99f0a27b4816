"""Request and response shapes of profiles and real-name verification."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from miniapp_api.platform.http import Shape


class RealNameRequest(Shape):
    """Verify one's name; `consent` is the separate consent (单独同意) to use the number."""

    name: Annotated[str, Field(min_length=1, max_length=60, examples=["王小明"])]
    id_number: Annotated[str, Field(min_length=1, max_length=40)]
    consent: Literal[True]


class FaceRequest(Shape):
    """Verify one's face, by the token of the phone's face check."""

    token: Annotated[str, Field(min_length=1, max_length=200)]
    consent: Literal[True]


class AddressRequest(Shape):
    """One's address (联系地址); null deletes it."""

    address: Annotated[str, Field(min_length=4, max_length=200)] | None


class Me(Shape):
    """Who I am, masked (个人信息): assurance 1 phone, 2 real name, 3 real name and face."""

    id: UUID
    phone_masked: str
    assurance: int
    name_masked: str | None
    id_number_masked: str | None
    address_masked: str | None
    verified_at: datetime | None
    wechat: bool
