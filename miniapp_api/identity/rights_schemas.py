"""Request and response shapes of a citizen's rights over his data."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from miniapp_api.platform.http import Shape


class ProofRequest(Shape):
    """A fresh SMS code to one's own phone: for what a borrowed phone must not be enough."""

    code: Annotated[str, Field(pattern=r"^\d{4,8}$")]


class ConsentView(Shape):
    """A consent, in force or withdrawn (同意记录)."""

    purpose: str
    text: str
    version: str
    given_at: datetime
    withdrawn_at: datetime | None


class Consents(Shape):
    """A citizen's consents, the latest first."""

    consents: list[ConsentView]


class KeptView(Shape):
    """What is kept although deletion was asked for, and why."""

    what: str
    reason: str


class Erasure(Shape):
    """What was erased, and what had to be kept (档案规定的例外)."""

    erased: list[str]
    kept: list[KeptView]


class Copy(Shape):
    """A copy of everything that is held of a citizen (个人信息副本), a part a room."""

    exported_at: datetime
    masked: bool
    data: dict[str, Any]
