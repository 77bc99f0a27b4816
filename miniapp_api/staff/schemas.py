"""Request and response shapes of staff."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from miniapp_api.platform.http import Shape
from miniapp_api.staff.rules import LONGEST_PASSWORD, SHORTEST_PASSWORD

TotpCode = Annotated[str, Field(pattern=r"^[0-9]{6}$")]


class TotpSecret(Shape):
    """What an authenticator app needs (动态口令密钥), shown once."""

    secret: str
    uri: str


class TotpConfirmation(Shape):
    """The first code of the app."""

    code: TotpCode


class StaffLogin(Shape):
    """Log in with an account of the hall."""

    login: Annotated[str, Field(min_length=1, max_length=40)]
    password: Annotated[str, Field(min_length=1, max_length=200)]
    code: TotpCode | None = None


class PasswordChange(Shape):
    """Put one's own password for the one that one has (改密码)."""

    old: Annotated[str, Field(min_length=1, max_length=LONGEST_PASSWORD)]
    new: Annotated[str, Field(min_length=SHORTEST_PASSWORD, max_length=LONGEST_PASSWORD)]


class StaffView(Shape):
    """A member of staff (工作人员)."""

    id: UUID
    name: str
    hall: str
    roles: list[str]
    departments: list[str]
    skills: list[str]  # themes of items; none means every one
    windows: list[str]  # that he may open; none means every one
    first_password: bool  # he must change it before anything else
    second_factor: bool


class StaffLoggedIn(Shape):
    """A staff session; `expires_in` seconds."""

    token: str
    expires_in: int
    member: StaffView
