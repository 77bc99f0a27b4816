"""Link a sentence to service items (事项链接): calibrated confidence over the Retriever's evidence.

The Retriever says how well a name and a sentence cover each other. From that, and from which words
of the sentence name something at all, a choice model (conditional logit 条件逻辑回归) makes the
probability that each item is the one meant, or that none is. Its constants come from
`python -m intents.calibrate`, which asks after real items by aliases that it has taken out of the
index, after items it has taken out altogether, and with sentences that name no matter.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import mul

from intents.catalogue import Entry
from intents.retrieve import Retriever
from intents.types import Candidate, Decision

SHOWN = 5  # candidates handed on
_SEARCHED = 8
SURE = 0.45  # from this probability on the first item is answered for
POSSIBLE = 0.2  # together, from this on the first OFFERED items are worth offering
OFFERED = 3
EXPECTED = 0.15  # the citizen was just asked which matter: so much less is enough to be sure
CLOSE = 0.6  # a runner-up with this share of the first one's probability is close: ask
FAINT = 0.05  # with familiar words even this much is worth asking back for
FAMILIAR = 0.5  # share of the naming words that our items' names use
_FAINT = 0.01  # candidates below it are not worth handing on
_LOCAL_GAIN = 0.04  # of the score: between equals, our own city's item comes first

# Words for what an office does, not for what it does it to: 火箭发射许可 is not near 施工许可.
_ACTS = frozenset(
    (
        "许可",
        "许可证",
        "备案",
        "登记",
        "审批",
        "审核",
        "证明",
        "申报",
        "认定",
        "资格",
        "注册",
        "核准",
    )
)

FEATURES = ("bias", "score", "odds", "exact", "covered", "wordless")
WEIGHTS = (-5.62, 6.1, 0.55, 1.28, 1.47, -2.19)


@dataclass(frozen=True)
class Link:
    """What a sentence is about (链接结果): items with their probabilities, and what to do."""

    items: tuple[Candidate, ...]
    decision: Decision


@dataclass(frozen=True)
class Found:
    """An item that the Retriever found, its score, and its normalised names (检索结果)."""

    id: str
    score: float
    names: tuple[str, ...]
    spoken: str  # the names in one line, to look words up in


class Linker:
    """Finds the items a normalised sentence is about, or says that it names none."""

    def __init__(
        self,
        entries: Sequence[Entry],
        normalise: Callable[[str], str],
        questions: Sequence[str] = (),
    ) -> None:
        """Index the entries by normalised names; `questions` are words that name no matter."""
        self._titles = {entry.id: entry.name for entry in entries}
        self._local = frozenset(entry.id for entry in entries if entry.local)
        self._names = {entry.id: _normalised(entry, normalise) for entry in entries}
        self._spoken = {id_: " ".join(names) for id_, names in self._names.items()}
        self._retriever = Retriever(
            [
                {"id": id_, "name": names[0], "aliases": list(names[1:])}
                for id_, names in self._names.items()
            ],
            questions=questions or None,
        )

    def link(self, text: str, content: Sequence[str], *, expect_item: bool = False) -> Link:
        """Items of a normalised sentence; content = its words that name something (实词)."""
        ranked = self.ranked(text)
        items = [
            Candidate(found.id, self._titles[found.id], round(chance, 4))
            for found, chance in zip(ranked, probabilities(text, ranked, content), strict=True)
            if chance >= _FAINT
        ]
        items.sort(key=lambda item: -item.confidence)
        chances = [item.confidence for item in items]
        familiar = max(
            _coverages([word for word in content if word not in _ACTS], ranked), default=0
        )
        decision = decide(chances, named=bool(content), expect_item=expect_item, familiar=familiar)
        return Link(tuple(items[:SHOWN]), decision)

    def ranked(self, text: str) -> list[Found]:
        """What the Retriever finds, our own city's items before equal imported ones."""
        found = [
            Found(id_, score, self._names[id_], self._spoken[id_])
            for id_, score in self._retriever.search(text, _SEARCHED)
        ]
        return sorted(found, key=self._rank, reverse=True)

    def _rank(self, found: Found) -> float:
        return found.score + (_LOCAL_GAIN if found.id in self._local else 0.0)


def probabilities(text: str, ranked: Sequence[Found], content: Sequence[str]) -> list[float]:
    """How probable each item is the one meant; what is missing to one is that none of them is."""
    weights = [math.exp(sum(map(mul, WEIGHTS, row))) for row in features(text, ranked, content)]
    total = 1.0 + sum(weights)
    return [weight / total for weight in weights]


def features(text: str, ranked: Sequence[Found], content: Sequence[str]) -> list[tuple[float, ...]]:
    """What the choice model looks at, one row an item, in the order of FEATURES."""
    return [
        (
            1.0,
            found.score,
            _odds(found.score),
            _said_exactly(text, found.names),
            covered,
            float(not content),
        )
        for found, covered in zip(ranked, _coverages(content, ranked), strict=True)
    ]


def _said_exactly(text: str, names: Sequence[str]) -> float:
    """Share of the sentence that is, word for word, a name of the item."""
    longest = max([len(name) for name in names if name in text], default=0)
    return longest / max(len(text), 1)


def _coverages(content: Sequence[str], ranked: Sequence[Found]) -> list[float]:
    """Share of the naming words, by length, that stand in each item's names."""
    size = max(sum(map(len, content)), 1)
    return [sum([len(word) for word in content if word in found.spoken]) / size for found in ranked]


def _odds(score: float) -> float:
    """Logarithm of the odds of a score, which tells 0.98 from 0.90 better than the scores do."""
    kept = min(max(score, 0.02), 0.98)
    return math.log(kept / (1 - kept))


def decide(
    chances: Sequence[float], *, named: bool, expect_item: bool, familiar: float = 0.0
) -> Decision:
    """Answer, ask back, admit not to know, or see that no matter is named.

    chances: probabilities of the items, best first; named: whether some word names anything;
    familiar: share of such words that some found item's names use.
    """
    best, second = (*chances, 0.0, 0.0)[:2]
    if best >= SURE - (EXPECTED if expect_item else 0.0) and second <= CLOSE * best:
        return "answer"
    if not (named or expect_item):
        return "none"  # only the words of the question resemble something
    total = sum(chances[:OFFERED])
    if total >= POSSIBLE or (familiar >= FAMILIAR and total >= FAINT):
        return "ask"
    return "unknown" if named else "none"


def _normalised(entry: Entry, normalise: Callable[[str], str]) -> tuple[str, ...]:
    return tuple(normalise(name) or name for name in (entry.name, *entry.aliases))
