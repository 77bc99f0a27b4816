"""One turn of a citizen (一轮话), read from Rasa's latest message."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from bot.dialogue.calendar import SHANGHAI
from bot.dialogue.choices import number

PICKS = (
    *("item", "seat", "day", "hall", "booking", "attendee", "principal"),
    *("option", "enterprise", "case"),
)

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
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def item(self) -> Option | None:
        """The item it surely names."""
        return self.candidates[0] if self.decision == "answer" and self.candidates else None


def read_turn(message: Mapping[str, Any]) -> Turn:
    """Builds a Turn from the tracker's latest message."""
    entities, text = message.get("entities") or [], str(message.get("text") or "")
    intent = str((message.get("intent") or {}).get("name") or "inform")
    command = text.startswith("/")
    said = {} if command else _said(message, entities, text)
    return Turn(
        text="" if command else text,
        intent=intent,
        questions=tuple(message.get("questions") or [intent]),
        spans=tuple(_span(each["value"]) for each in entities if each.get("entity") == "time"),
        tags=frozenset(each["value"] for each in entities if each.get("entity") == "tag"),
        now=_moment(message.get("metadata") or {}),
        **(said or _commanded(intent, entities)),
    )


def _said(message: Mapping[str, Any], entities: list[dict[str, Any]], text: str) -> dict[str, Any]:
    """What a sentence names. 第一个 names a place in a list, not an item."""
    item = next((each for each in entities if each.get("entity") == "item"), None)
    if number(text) is not None or item is None:
        decision = "none" if number(text) is not None else str(message.get("linking") or "none")
        return {"decision": decision, "candidates": ()}
    return {
        "decision": str(message.get("linking") or "none"),
        "candidates": _candidates(item),
    }


def _commanded(intent: str, entities: list[dict[str, Any]]) -> dict[str, Any]:
    """What a quick reply carries: /inform is a choice, another intent asks about its item."""
    values = {each["entity"]: str(each["value"]) for each in entities}
    if intent == "inform":
        picks = {name: values[name] for name in PICKS if name in values}
        return {"decision": "none", "candidates": (), "picks": picks}
    circumstance, _, option = values.get("option", "").partition("=")
    return {
        "decision": "answer" if "item" in values else "none",
        "candidates": (Option(values["item"], ""),) if "item" in values else (),
        "options": {circumstance: option} if option else {},
    }


def _candidates(item: Mapping[str, Any]) -> tuple[Option, ...]:
    return tuple(Option(each["id"], each["name"]) for each in item.get("candidates", []))


def _span(value: Mapping[str, Any]) -> Span:
    start, end = date.fromisoformat(value["start"]), date.fromisoformat(value["end"])
    return Span(start, end, value.get("part"), value.get("at"), str(value.get("text") or ""))


def _moment(metadata: Mapping[str, Any]) -> datetime:
    try:
        now = datetime.fromisoformat(str(metadata.get("now")))
    except ValueError:
        return datetime.now(SHANGHAI)
    return now.astimezone(SHANGHAI) if now.tzinfo else now.replace(tzinfo=SHANGHAI)
