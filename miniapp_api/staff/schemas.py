"""Request and response shapes of staff."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field

from miniapp_api.platform.http import Shape

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


class StaffView(Shape):
    """A member of staff (工作人员)."""

    id: UUID
    name: str
    hall: str
    roles: list[str]
    departments: list[str]
    skills: list[str]  # themes of items; none means every one
    second_factor: bool


class StaffLoggedIn(Shape):
    """A staff session; `expires_in` seconds."""

    token: str
    expires_in: int
    member: StaffView


class AuditQuery(Shape):
    """A page of the audit trail, newest first, older than the entry `before`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    before: Annotated[int, Field(ge=1, le=2**62)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class AuditEntryView(Shape):
    """An entry of the audit trail (审计日志); of the actors only staff are named."""

    id: int
    at: datetime
    actor_kind: str
    actor: UUID | None
    actor_name: str | None
    action: str
    subject: str
    hall: str | None
    detail: dict[str, Any]


class AuditEntries(Shape):
    """Entries of the audit trail, newest first."""

    entries: list[AuditEntryView]
