"""Request and response shapes of identity."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from miniapp_api.platform.http import Shape

Phone = Annotated[str, Field(min_length=11, max_length=20, examples=["13800138000"])]


class CodeRequest(Shape):
    """Ask for an SMS code (短信验证码)."""

    phone: Phone


class CodeSent(Shape):
    """A code is on its way; both times in seconds."""

    expires_in: int
    retry_after: int


class SessionRequest(Shape):
    """Log in with the code."""

    phone: Phone
    code: Annotated[str, Field(pattern=r"^\d{4,8}$")]


class CitizenView(Shape):
    """What a citizen sees of himself."""

    id: UUID
    phone_masked: str
