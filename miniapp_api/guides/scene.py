"""What the composer works with: the question (问题), the scene (场景) and the words it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from intents.working_calendar import WorkingCalendar
from miniapp_api.guides.handbook import Handbook
from miniapp_api.guides.item import Item
from miniapp_api.guides.schemas import Link, QuickReply


@dataclass(frozen=True)
class Question:
    """What is asked (问题): an aspect, the item or candidates, and what is known of the person."""

    aspect: str
    item: Item | None = None
    candidates: tuple[Item, ...] = ()
    tags: frozenset[str] = frozenset()
    options: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None


@dataclass(frozen=True)
class Scene:
    """Where and when it is asked (场景)."""

    handbook: Handbook
    now: datetime
    city: str = "沈阳市"
    hotline: str = "12345"
    hot: tuple[Item, ...] = ()

    @property
    def today(self) -> date:
        """Return the hall's date (今天)."""
        return self.now.date()

    @property
    def calendar(self) -> WorkingCalendar:
        """Return the working calendar (工作日历)."""
        return self.handbook.calendar


@dataclass(frozen=True)
class Said:
    """Words about one aspect, and the item's fields they rest on (用到的字段)."""

    text: str
    fields: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    replies: tuple[QuickReply, ...] = ()
    links: tuple[Link, ...] = ()
    missed: bool = False
