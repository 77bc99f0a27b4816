"""How other rooms take part in a citizen's rights (个人信息权利): copy, what is kept, deletion."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient


@dataclass(frozen=True)
class Kept:
    """What a room keeps although deletion was asked for, and why, in words for the citizen.

    needs_name: it means nothing without the name, which is then kept for the archive alone.
    """

    what: str
    reason: str
    needs_name: bool = False


class Exporter(Protocol):
    """Returns what a room holds of a citizen, as JSON takes it."""

    async def __call__(self, citizen: UUID, *, masked: bool) -> Any:
        """Return it; masked: for whoever did not prove that he holds the phone."""


Retainer = Callable[[UUID], Awaitable[Sequence[Kept]]]
# Erases in the deletion's transaction, and returns what that was, in words for the citizen.
Eraser = Callable[[BaseDBAsyncClient, UUID], Awaitable[Sequence[str]]]
