"""Composite sentences (复合问句): one sentence that asks several things."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from intents.types import Understanding

# Cuts at punctuation and at the words that join two questions; a clause of one character asks
# nothing by itself.
JOINTS = re.compile(r"[,，。.;；?？!！、\s]+|还有就是|还有|另外|然后|以及|顺便|同时")
MAX_CLAUSES = 4

SOCIAL = frozenset(
    {"greet", "thanks", "goodbye", "chitchat", "affirm", "deny", "inform", "help", "stop"}
)


def clauses(text: str) -> list[str]:
    """The parts of a sentence between its joints."""
    parts = [part.strip() for part in JOINTS.split(text)]
    return [part for part in parts if len(part) > 1][:MAX_CLAUSES]


def asked(
    whole: Understanding,
    understand: Callable[[str], Understanding],
    threshold: float,
) -> list[tuple[str, float]]:
    """Every aspect the sentence asks, in its order; when not composite, the whole's own aspect.

    "多少钱,几天能下来" → fee, time_limit. Each clause must be sure by itself; greetings and bare
    names between the questions do not count.
    """
    parts = clauses(whole.text)
    own = [(whole.aspect, whole.aspect_confidence)]
    if len(parts) < 2:
        return own
    found = [understand(part) for part in parts]
    sure = [
        (each.aspect, each.aspect_confidence)
        for each in found
        if each.aspect_confidence >= threshold and each.aspect not in SOCIAL
    ]
    distinct = list(dict.fromkeys(aspect for aspect, _ in sure))
    return _composite(own, sure, distinct)


def _composite(
    own: list[tuple[str, float]], sure: Sequence[tuple[str, float]], distinct: Sequence[str]
) -> list[tuple[str, float]]:
    """Several different questions → all of them; one, when the whole was only social → that one."""
    best = {aspect: max(sure_ for name, sure_ in sure if name == aspect) for aspect in distinct}
    if len(distinct) > 1 or (len(distinct) == 1 and own[0][0] in SOCIAL - {"stop", "deny"}):
        return [(aspect, best[aspect]) for aspect in distinct]
    return own
