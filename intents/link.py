"""Link a sentence to service items (事项链接): calibrated confidence over the Retriever's evidence.

The Retriever says how well a name and a sentence cover each other. From that, from how far the
runner-up is behind, and from which words of the sentence name something at all, a logistic model
makes the probability that an item is the one meant. Its constants come from
`python -m intents.calibrate`, which asks after real items by aliases that it has taken out of the
index, after items it has taken out altogether, and with sentences that name no matter.
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
SURE = 0.6  # from this probability on the first item is answered for
POSSIBLE = 0.2  # from this on an item is worth offering
EXPECTED = 0.15  # the citizen was just asked which matter: so much less is enough to be sure
_FAINT = 0.03  # candidates below it are not worth handing on
_LOCAL_GAIN = 0.04  # of the score: between equals, our own city's item comes first

FEATURES = ("bias", "score", "odds", "name", "query", "exact", "lead", "gap", "content", "wordless")
WEIGHTS = (-5.52, 8.15, -0.2, 2.69, -5.78, -1.53, 2.56, 0.89, 1.51, -0.31)


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

    def link(self, text: str, content: Sequence[str], *, expect_item: bool = False) -> Link:
        """Items of a normalised sentence; content = its words that name something (实词)."""
        matches = self.ranked(text)
        items = tuple(
            Candidate(match.id, self._names[match.id], round(chance, 4))
            for match, chance in zip(matches, probabilities(text, matches, content), strict=True)
            if chance >= _FAINT
        )[:SHOWN]
        items = tuple(sorted(items, key=lambda item: -item.confidence))
        best = items[0].confidence if items else 0.0
        decision = decide(best, bool(content), expect_item=expect_item)
        if decision in ("none", "unknown") or not matches:
            return Link(items, decision)
        return Link(items, decision, matches[0].begin, matches[0].stop)

    def ranked(self, text: str) -> list[Match]:
        """The Retriever's matches, our own city's before equal imported ones."""
        found = self._retriever.matches(text, _SEARCHED)
        return sorted(found, key=self._rank, reverse=True)

    def _rank(self, match: Match) -> float:
        return match.score + (_LOCAL_GAIN if match.id in self._local else 0.0)


def probabilities(text: str, matches: Sequence[Match], content: Sequence[str]) -> list[float]:
    """How probable each match is the item meant, given the others."""
    chances = [_logistic(row) for row in features(text, matches, content)]
    total = max(sum(chances), 1.0)  # they exclude each other
    return [chance / total for chance in chances]


def features(
    text: str, matches: Sequence[Match], content: Sequence[str]
) -> list[tuple[float, ...]]:
    """What the logistic model looks at, one row a match, in the order of FEATURES."""
    length = sum(map(len, content))
    rows = []
    for i, match in enumerate(matches):
        rival = max((m.score for j, m in enumerate(matches) if j != i), default=0.0)
        named = text[match.begin : match.stop]
        covered = sum(len(word) for word in content if word in named)
        rows.append(
            (
                1.0,
                match.score,
                _odds(match.score),
                match.name_coverage,
                match.query_coverage,
                float(match.exact),
                match.score - rival,
                _odds(match.score) - _odds(rival),
                covered / length if length else 0.0,
                float(not length),
            )
        )
    return rows


def _odds(score: float) -> float:
    """Logarithm of the odds of a score, which tells 0.98 from 0.90 better than their difference."""
    kept = min(max(score, 0.02), 0.98)
    return math.log(kept / (1 - kept))


def _logistic(values: Sequence[float]) -> float:
    return 1 / (1 + math.exp(-sum(w * v for w, v in zip(WEIGHTS, values, strict=True))))


def decide(best: float, named: bool, *, expect_item: bool) -> Decision:
    """Answer, ask back, admit not to know, or see that no matter is named.

    best: probability of the first item; named: whether some word names anything at all.
    """
    if best >= SURE - (EXPECTED if expect_item else 0.0):
        return "answer"
    if not (named or expect_item):
        return "none"  # only the words of the question resemble something
    if best >= POSSIBLE:
        return "ask"
    return "unknown" if named else "none"


def _spoken(entry: Entry, normalise: Callable[[str], str]) -> dict[str, object]:
    names = [normalise(name) or name for name in (entry.name, *entry.aliases)]
    return {"id": entry.id, "name": names[0], "aliases": names[1:]}
