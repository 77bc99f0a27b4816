"""Link a sentence to service items (事项链接): calibrated confidence over the Retriever's evidence.

The Retriever says how well a name and a sentence cover each other. From that, and from how far the
runner-up is behind, a logistic model makes a probability that the item is the one meant; its
constants come from `python -m intents.calibrate`, which asks after real items by aliases that it
has taken out of the index, and after items it has taken out altogether.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from intents.catalogue import Entry
from intents.retrieve import Match, Retriever
from intents.types import Candidate, Decision

SHOWN = 5  # candidates handed on
_SEARCHED = 8
SURE = 0.62  # from this probability on the first item is answered for
POSSIBLE = 0.2  # from this on an item is worth offering
_LOCAL_GAIN = 0.04  # of the score: between equals, our own city's item comes first

# bias, score, name coverage, query coverage, exact alias, lead over the runner-up
WEIGHTS = (-5.2, 4.2, 1.0, 2.4, 1.0, 6.0)


@dataclass(frozen=True)
class Link:
    """What a sentence is about (链接结果), and where in it the best item is named."""

    items: tuple[Candidate, ...]
    decision: Decision
    begin: int = 0
    stop: int = 0


class Linker:
    """Finds the items a normalised sentence is about, or says that it names none."""

    def __init__(
        self,
        entries: Sequence[Entry],
        normalise: Callable[[str], str],
        questions: Sequence[str] = (),
    ) -> None:
        """Index the entries by normalised names; `questions` are words that name no matter."""
        self._names = {entry.id: entry.name for entry in entries}
        self._local = frozenset(entry.id for entry in entries if entry.local)
        self._retriever = Retriever(
            [_spoken(entry, normalise) for entry in entries], questions=questions or None
        )

    def link(self, text: str, content: float, *, expect_item: bool = False) -> Link:
        """Items of a normalised sentence; content is the weight of its words that name a matter."""
        matches = self._ranked(text)
        chances = probabilities(matches)
        items = tuple(
            Candidate(m.id, self._names[m.id], round(p, 4))
            for m, p in zip(matches, chances)  # noqa: B905 as long as each other
        )[:SHOWN]
        decision = decide([c.confidence for c in items], content, expect_item=expect_item)
        if decision in ("none", "unknown"):
            return Link(tuple(c for c in items if c.confidence >= POSSIBLE / 4), decision)
        return Link(items, decision, matches[0].begin, matches[0].stop)

    def _ranked(self, text: str) -> list[Match]:
        found = self._retriever.matches(text, _SEARCHED)
        return sorted(found, key=self._rank, reverse=True)

    def _rank(self, match: Match) -> float:
        return match.score + (_LOCAL_GAIN if match.id in self._local else 0.0)


def probabilities(matches: Sequence[Match]) -> list[float]:
    """How probable each match is the item meant, given the others."""
    chances = []
    for i, match in enumerate(matches):
        rival = max((m.score for j, m in enumerate(matches) if j != i), default=0.0)
        chances.append(_logistic(features(match, rival)))
    # They exclude each other, so together they cannot be more than certain.
    total = max(sum(chances), 1.0)
    return [chance / total for chance in chances]


def features(match: Match, rival: float) -> tuple[float, ...]:
    """What the logistic model looks at, in the order of WEIGHTS."""
    return (
        1.0,
        match.score,
        match.name_coverage,
        match.query_coverage,
        float(match.exact),
        match.score - rival,
    )


def _logistic(values: Sequence[float]) -> float:
    return 1 / (1 + math.exp(-sum(w * v for w, v in zip(WEIGHTS, values))))  # noqa: B905


def decide(chances: Sequence[float], content: float, *, expect_item: bool) -> Decision:
    """Answer, ask back, admit not to know, or see that no matter is named."""
    best = chances[0] if chances else 0.0
    sure = SURE - (0.12 if expect_item else 0.0)
    if content <= 0 and not expect_item:
        return "none"
    if best >= sure:
        return "answer"
    if best >= POSSIBLE:
        return "ask"
    return "unknown" if content > 0 else "none"


def _spoken(entry: Entry, normalise: Callable[[str], str]) -> dict[str, object]:
    names = [normalise(name) or name for name in (entry.name, *entry.aliases)]
    return {"id": entry.id, "name": names[0], "aliases": names[1:]}
