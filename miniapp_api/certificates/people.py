"""Who a citizen is (实名信息): certificates ask identity through this Protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol
from uuid import UUID

from sanic import Sanic


@dataclass(frozen=True)
class Person:
    """A citizen whose real name is known: personal data."""

    name: str
    id_number: str


class People(Protocol):
    """Knows the citizens by their real names."""

    async def person(self, citizen: UUID) -> Person | None:
        """Return who a citizen is, None when he has not proved it."""


class Enterprises(Protocol):
    """Knows who acts for enterprises."""

    async def may_act(self, citizen: UUID, enterprise: UUID, scope: Literal["view"]) -> bool:
        """Tell whether a citizen may see what an enterprise has."""


class Profiles:
    """The people that identity knows."""

    def __init__(self, app: Sanic) -> None:
        self._app = app

    async def person(self, citizen: UUID) -> Person | None:
        """Return who a citizen is, None when he has not proved it."""
        profiles: Any = getattr(self._app.ctx, "profiles", None)
        known = await profiles.person(citizen) if profiles is not None else None
        if known is None or not known.name or not known.id_number:
            return None
        return Person(known.name, known.id_number)
