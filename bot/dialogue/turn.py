"""One turn of a citizen (一轮话), read from Rasa's latest message."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any

from bot.dialogue.choices import number

SHANGHAI = timezone(timedelta(hours=8))
PICKS = ("item", "seat", "day", "hall", "booking", "attendee", "choice")

# a clock time alone ("9点半那个") names no day
_CLOCK = re.compile(
    r"(早上|早晨|上午|中午|下午|午后|晚上|傍晚|[零〇一二两三四五六七八九十\d]|点钟|点|时|:|:|"
    r"半|刻|分|整|左右|前|后|以前|以后|之前|之后|[\s~\-到至])+"
)


@dataclass(frozen=True)
class Option:
    """Something the citizen may mean or choose (选项)."""

    id: str
    name: str


@dataclass(frozen=True)
class Span:
    """A time expression (时间表达) as the extractor gave it."""

    start: date
    end: date
    part: str | None
    at: str | None
    text: str

    @property
    def names_day(self) -> bool:
        """False for a bare clock time or part of the day."""
        return not _CLOCK.fullmatch(self.text)

    @property
    def one_day(self) -> bool:
        """True when it is one day, not a stretch such as 下周."""
        return self.start == self.end


@dataclass(frozen=True)
class Turn:
    """What the citizen said, understood."""

    text: str
    intent: str
    questions: tuple[str, ...]
    decision: str
    candidates: tuple[Option, ...]
    spans: tuple[Span, ...]
    tags: frozenset[str]
    now: datetime
    picks: Mapping[str, str] = field(default_factory=dict)

    @property
    def item(self) -> Option | None:
        """The item it surely names."""
        return self.candidates[0] if self.decision == "answer" and self.candidates else None


def read_turn(message: Mapping[str, Any]) -> Turn:
    """Builds a Turn from the tracker's latest message."""
    entities = message.get("entities") or []
    text = str(message.get("text") or "")
    picks = _picks(entities) if text.startswith("/") else {}
    bare = bool(picks) or number(text) is not None  # 第一个 names a place in a list, not an item
    intent = str((message.get("intent") or {}).get("name") or "inform")
    item = next((each for each in entities if each.get("entity") == "item"), None)
    return Turn(
        text="" if picks else text,
        intent=intent,
        questions=tuple(message.get("questions") or [intent]),
        decision="none" if bare else str(message.get("linking") or "none"),
        candidates=() if bare else _candidates(item),
        spans=tuple(_span(each["value"]) for each in entities if each.get("entity") == "time"),
        tags=frozenset(each["value"] for each in entities if each.get("entity") == "tag"),
        now=_moment(message.get("metadata") or {}),
        picks=picks,
    )


def _picks(entities: list[dict[str, Any]]) -> dict[str, str]:
    return {each["entity"]: str(each["value"]) for each in entities if each["entity"] in PICKS}


def _candidates(item: Mapping[str, Any] | None) -> tuple[Option, ...]:
    return tuple(Option(each["id"], each["name"]) for each in (item or {}).get("candidates", []))


def _span(value: Mapping[str, Any]) -> Span:
    start, end = date.fromisoformat(value["start"]), date.fromisoformat(value["end"])
    return Span(start, end, value.get("part"), value.get("at"), str(value.get("text") or ""))


def _moment(metadata: Mapping[str, Any]) -> datetime:
    try:
        now = datetime.fromisoformat(str(metadata.get("now")))
    except ValueError:
        return datetime.now(SHANGHAI)
    return now.astimezone(SHANGHAI) if now.tzinfo else now.replace(tzinfo=SHANGHAI)
