"""What an agent should know of a conversation (会话上下文): pure, from what was said in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from miniapp_api.guides import payloads

LOOKED_AT = 30  # messages before the hand-over
LONGEST_QUESTION = 500
MOST_CANDIDATES = 5
CASE_PAGE = re.compile(
    r"pages/case/detail\?id=([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
)
ASKING = re.compile(
    r"^[\s，。！？,.!?]*(请|帮我|给我|我要|我想)*(转|找)?(接)?人工(服务|客服)?[\s，。！？,.!?]*$"
)


@dataclass(frozen=True)
class Context:
    """What was asked, the item, the case and the bot's last candidates."""

    question: str
    item: str | None
    case: UUID | None
    candidates: tuple[str, ...]


def asks_for_person(text: str) -> bool:
    """Tell whether a sentence says nothing but that a person is wanted (转人工)."""
    return bool(ASKING.match(text))


def context_of(said: Sequence[Mapping[str, Any]]) -> Context:
    """Read the context from messages, oldest first: each with author, text and answers."""
    latest = list(reversed(said))
    return Context(
        question=_question(latest),
        item=next(_items(latest), None),
        case=next(_cases(latest), None),
        candidates=next(_candidates(latest), ()),
    )


def _question(latest: Sequence[Mapping[str, Any]]) -> str:
    """Return what was asked last; the wish for a person is not a question of its own."""
    asked = [m["text"] for m in latest if m["author"] == "citizen" and m["text"]]
    spoken = [text for text in asked if not text.startswith("/")]
    told = next((text for text in spoken if not asks_for_person(text)), None)
    return (told or next(iter(spoken), ""))[:LONGEST_QUESTION]


def _answers(latest: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for message in latest:
        yield from reversed(message["answers"] or ())


def _items(latest: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    return (str(a["source"]["item"]) for a in _answers(latest) if a.get("source"))


def _cases(latest: Sequence[Mapping[str, Any]]) -> Iterator[UUID]:
    """Yield cases that an answer was about: one that lists several is about none of them."""
    for answer in _answers(latest):
        found = {m[1] for each in answer.get("links", ()) if (m := CASE_PAGE.match(each["page"]))}
        if len(found) == 1:
            yield UUID(found.pop())


def _candidates(latest: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    for answer in _answers(latest):
        read = (payloads.read(each["payload"]) for each in answer.get("quick_replies", ()))
        codes = [each.item for each in read if each and each.item and each.aspect == "overview"]
        if codes:
            yield tuple(codes[:MOST_CANDIDATES])
