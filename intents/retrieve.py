"""A generic retriever (检索): everyday words in, the entries of a catalogue out, best first.

Every name and alias is a "surface" of its entry. Surfaces and queries become sets of character
grams, gram sounds and concepts (see terms.py); an inverted index in flat numpy arrays adds up
the weight that a query shares with each surface, and the score is the shared weight against
what either side leaves uncovered (Tversky index 特沃斯基指数), so it lies in 0..1 and can be
compared between queries. Neither jieba nor scikit-learn nor scipy is needed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from intents.tables import read_lines
from intents.terms import Term, compact, terms

Array = npt.NDArray[Any]

QUERY_SLACK = 0.55  # cost of query weight that the surface does not cover
NAME_SLACK = 0.16  # cost of surface weight that the query does not cover
UNKNOWN = 0.7  # weight of a query term that no surface has
EXACT = 0.3  # what an alias standing in the query as it is gains, of what is missing to 1
DULLNESS = 0.7  # how fast a term loses weight with each question frame it occurs in
WORK = 60_000  # postings read before the commonest terms are only looked up for the leaders
LEADERS = 256
GAP = 3  # characters between matched parts that still count as one mention


@dataclass(frozen=True)
class Match:
    """An entry found for a query, with the evidence (命中依据).

    begin and stop are offsets in the query of the part that names the entry; `exact` says
    that the name or an alias stands in the query as it is; coverages are the shares in 0..1
    of the query's weight and of the surface's weight that were matched.
    """

    id: str
    name: str
    score: float
    surface: str
    begin: int
    stop: int
    exact: bool
    query_coverage: float
    name_coverage: float


@dataclass(frozen=True)
class _Query:
    key: str
    total: float
    known: list[Term]
    numbers: Array  # of the known terms in the index
    weights: Array  # what each known term is worth in this query
    shares: Array


@dataclass(frozen=True)
class _Found:
    surface: int
    score: float
    query_coverage: float
    name_coverage: float
    exact: bool


class Retriever:
    """An index over entries with "id", "name" and optional "aliases" (list, string or null)."""

    def __init__(
        self, entries: Iterable[Mapping[str, Any]], *, questions: Iterable[str] | None = None
    ) -> None:
        """Index the entries; `questions` are sentences whose words say little about any entry."""
        self._ids: list[str] = []
        self._names: list[str] = []
        self._surfaces: list[str] = []
        owners: list[int] = []
        for entry in entries:
            spoken = surfaces(entry)
            owners += [len(self._ids)] * len(spoken)
            self._surfaces += spoken
            self._ids.append(str(entry["id"]))
            self._names.append(str(entry["name"]))
        self._owners = np.asarray(owners, dtype=np.int32)
        self._keys = [compact(surface)[0] for surface in self._surfaces]
        self._dull = _dullness(tuple(questions) if questions is not None else _frames())
        self._index()

    def __len__(self) -> int:
        return len(self._ids)

    def search(self, text: str, k: int = 5) -> list[tuple[str, float]]:
        """The k best entries as (id, score), best first; one that shares nothing is not listed."""
        return [(self._ids[self._owners[f.surface]], f.score) for f in self._best(text, k)[1]]

    def matches(self, text: str, k: int = 5) -> list[Match]:
        """Like search, with the evidence for each entry."""
        query, found = self._best(text, k)
        return [self._match(query, one) for one in found]

    # -- building ---------------------------------------------------------------------------

    def _index(self) -> None:
        numbers: dict[str, int] = {}
        bases: list[float] = []
        flat: list[int] = []
        shares: list[float] = []
        sizes: list[int] = []
        for surface in self._surfaces:
            found = terms(surface)
            sizes.append(len(found))
            for term in found:
                number = numbers.setdefault(term.text, len(numbers))
                if number == len(bases):
                    bases.append(term.base)
                flat.append(number)
                shares.append(term.share)
        self._numbers = numbers
        self._lay_out(
            np.asarray(flat, dtype=np.int32), np.asarray(sizes, dtype=np.int64), bases, shares
        )

    def _lay_out(self, flat: Array, sizes: Array, bases: list[float], shares: list[float]) -> None:
        rows = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
        order = np.argsort(flat, kind="stable")
        self._postings = rows[order]
        self._counts = np.bincount(flat, minlength=len(bases)).astype(np.int64)
        self._starts = np.concatenate(([0], np.cumsum(self._counts)))[:-1].astype(np.int64)
        self._rarity = self._rarities(flat[order])
        self._weights = self._rarity * np.asarray(bases, dtype=np.float32)
        worth = self._weights[flat] * np.asarray(shares, dtype=np.float32)
        self._totals = np.bincount(rows, weights=worth, minlength=len(sizes)).astype(np.float32)

    def _rarities(self, columns: Array) -> Array:
        """Rarity of each term in 0..1, counted over entries so that aliases do not count twice."""
        owners = self._owners[self._postings]
        fresh = np.ones(len(owners), dtype=bool)
        fresh[1:] = (owners[1:] != owners[:-1]) | (columns[1:] != columns[:-1])
        frequency = np.bincount(columns[fresh], minlength=len(self._numbers))
        size = max(len(self), 1)
        rarity = np.log1p(size / np.maximum(frequency, 1)) / np.log1p(size)
        return np.asarray(rarity, dtype=np.float32)

    # -- asking -----------------------------------------------------------------------------

    def _query(self, text: str) -> _Query:
        known: list[Term] = []
        numbers: list[int] = []
        interest: list[float] = []
        missing = 0.0
        for term in terms(text):
            worth = term.share * self._dull.get(term.text, 1.0)
            number = self._numbers.get(term.text)
            if number is None:
                missing += term.base * worth * UNKNOWN
                continue
            known.append(term)
            numbers.append(number)
            interest.append(worth)
        rows = np.asarray(numbers, dtype=np.int64)
        weights = self._weights[rows] * np.asarray(interest, dtype=np.float32)
        shares = np.asarray([term.share for term in known], dtype=np.float32)
        total = missing + float(weights.sum())
        return _Query(compact(text)[0], total, known, rows, weights, shares)

    def _best(self, text: str, k: int) -> tuple[_Query, list[_Found]]:
        query = self._query(text)
        if not query.known or k < 1:
            return query, []
        shared, named, leaders = self._shared(query)
        query_part = shared / max(query.total, 1e-6)
        name_part = np.minimum(named / np.maximum(self._totals[leaders], 1e-6), 1.0)
        scores = _tversky(query_part, name_part)
        found: list[_Found] = []
        for i in _descending(scores, 8 * k + 8):
            surface = int(leaders[i])
            exact = len(self._keys[surface]) > 1 and self._keys[surface] in query.key
            score = float(scores[i])
            if exact:
                score += (1 - score) * EXACT * float(query_part[i])
            found.append(_Found(surface, score, float(query_part[i]), float(name_part[i]), exact))
        return query, self._one_per_entry(found, k)

    def _one_per_entry(self, found: list[_Found], k: int) -> list[_Found]:
        best: dict[int, _Found] = {}
        for one in sorted(found, key=lambda f: (-f.score, f.surface)):
            best.setdefault(int(self._owners[one.surface]), one)
        return list(best.values())[:k]

    def _shared(self, query: _Query) -> tuple[Array, Array, Array]:
        """Shared weight as the query counts it, as the surface counts it, and the surfaces."""
        counts = self._counts[query.numbers]
        order = np.argsort(counts, kind="stable")
        read = max(int(np.searchsorted(np.cumsum(counts[order]), WORK, side="right")), 1)
        rare, common = order[:read], order[read:]
        postings = np.concatenate([self._posting(n) for n in query.numbers[rare]])
        size = len(self._surfaces)
        shared = np.bincount(
            postings, weights=np.repeat(query.weights[rare], counts[rare]), minlength=size
        )
        names = self._weights[query.numbers] * query.shares
        named = np.bincount(postings, weights=np.repeat(names[rare], counts[rare]), minlength=size)
        leaders = _leaders(shared)
        shared, named = shared[leaders], named[leaders]
        for i in common:
            there = _contains(self._posting(query.numbers[i]), leaders)
            shared += there * query.weights[i]
            named += there * names[i]
        return shared, named, leaders

    def _posting(self, number: int) -> Array:
        start = self._starts[number]
        return self._postings[start : start + self._counts[number]]

    # -- evidence ---------------------------------------------------------------------------

    def _match(self, query: _Query, found: _Found) -> Match:
        owner = int(self._owners[found.surface])
        begin, stop = self._span(query, found.surface)
        return Match(
            self._ids[owner],
            self._names[owner],
            found.score,
            self._surfaces[found.surface],
            begin,
            stop,
            found.exact,
            min(found.query_coverage, 1.0),
            found.name_coverage,
        )

    def _span(self, query: _Query, surface: int) -> tuple[int, int]:
        """The heaviest run of matched terms, small gaps allowed; dull words do not widen it."""
        parts: list[tuple[int, int, float]] = []
        for term, number, weight in zip(query.known, query.numbers, query.weights):
            posting = self._posting(number)
            at = int(np.searchsorted(posting, surface))
            if at < len(posting) and posting[at] == surface:
                parts.append((term.begin, term.stop, float(weight)))
        solid = [p for p in parts if p[1] - p[0] > 1] or parts
        return _heaviest_run(solid)


def surfaces(entry: Mapping[str, Any]) -> list[str]:
    """The name and aliases (名称与别名) of an entry, each once; a string of aliases is split."""
    aliases = entry.get("aliases") or []
    if isinstance(aliases, str):
        aliases = re.split(r"[,,、;;|\n\t]+", aliases)
    spoken = [str(entry["name"]), *(str(alias) for alias in aliases if alias)]
    return list(dict.fromkeys(s.strip() for s in spoken if s.strip()))


def _tversky(query_part: Array, name_part: Array) -> Array:
    cost = QUERY_SLACK * (1 / np.maximum(query_part, 1e-6) - 1)
    cost += NAME_SLACK * (1 / np.maximum(name_part, 1e-6) - 1)
    return np.asarray(1 / (1 + np.maximum(cost, 0.0)))


def _leaders(shared: Array) -> Array:
    """Where the shared weight is largest, at least LEADERS of them if so many share anything."""
    touched = np.flatnonzero(shared)
    if len(touched) <= 4 * LEADERS:
        return touched
    values = shared[touched]
    bar = np.partition(values, len(values) - LEADERS)[-LEADERS]
    return touched[values >= bar]


def _descending(scores: Array, most: int) -> Array:
    if len(scores) > most:
        head = np.argpartition(-scores, most)[:most]
        return head[np.argsort(-scores[head], kind="stable")]
    return np.argsort(-scores, kind="stable")


def _contains(posting: Array, wanted: Array) -> Array:
    at = np.minimum(np.searchsorted(posting, wanted), len(posting) - 1)
    return np.asarray(posting[at] == wanted)


def _heaviest_run(parts: list[tuple[int, int, float]]) -> tuple[int, int]:
    best, best_weight = (0, 0), -1.0
    begin = stop = 0
    weight = 0.0
    for b, s, w in sorted(parts):
        if weight and b > stop + GAP:
            begin, stop, weight = b, s, 0.0
        elif not weight:
            begin, stop = b, s
        stop, weight = max(stop, s), weight + w
        if weight > best_weight:
            best, best_weight = (begin, stop), weight
    return best


@lru_cache(maxsize=1)
def _frames() -> tuple[str, ...]:
    return tuple(read_lines("questions.txt"))


@lru_cache(maxsize=4)
def _dullness(questions: tuple[str, ...]) -> dict[str, float]:
    """How much of its weight a term keeps, by how often it occurs in bare questions."""
    seen: Counter[str] = Counter()
    for question in questions:
        seen.update({term.text for term in terms(question)})
    return {text: max(0.1, 1 / (1 + DULLNESS * count)) for text, count in seen.items()}
