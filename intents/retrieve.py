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
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from intents.tables import read_lines
from intents.terms import Terms, compact, terms

Array = npt.NDArray[Any]

QUERY_SLACK = 0.55  # cost of query weight that the surface does not cover
NAME_SLACK = 0.16  # cost of surface weight that the query does not cover
UNKNOWN = 0.4  # weight of a query term that no surface has
TOGETHER = 0.7  # part of the score that all names and aliases of an entry share in
EXACT = 0.3  # what an alias standing in the query as it is gains, of what is missing to 1
DULLNESS = 63.0  # how fast a term loses weight with the share of bare questions it occurs in
WORK = 60_000  # postings read before the commonest terms are only looked up for the leaders
LEADERS = 256
ENOUGH = 64  # strong ones, with which the weak ones are not looked at
STRONG = 0.1  # of the largest shared weight: where the leaders are usually found
_NO_ALIAS = frozenset({"", "无", "暂无", "没有", "-", "/", "null", "none"})  # "none" in portals
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
    terms: Terms
    total: float
    known: list[int]  # which of the terms the index has
    numbers: Array  # their numbers in the index
    weights: Array  # what each is worth in this query
    names: Array  # what each is worth in a surface


class _Found(NamedTuple):
    surface: int
    owner: int
    score: float
    query_coverage: float
    name_coverage: float
    exact: bool


class _Shared(NamedTuple):
    """The surfaces that share most with a query, and the weights that they share."""

    surfaces: Array
    owners: Array
    asked: Array  # as the query counts it
    named: Array  # as the surface counts it
    together: Array  # what all surfaces of the same entry share with the query, as it counts it


class _Postings:
    """Which rows have a term (倒排表), as one flat array cut at bounds."""

    def __init__(self, rows: Array, columns: Array, size: int) -> None:
        """`columns` are term numbers in ascending order, `rows` ascend within each."""
        self._rows = rows
        self._counts = np.bincount(columns, minlength=size).astype(np.int64)
        self._bounds = np.concatenate(([0], np.cumsum(self._counts))).astype(np.int64)

    def split(self, numbers: Array) -> tuple[Array, Array]:
        """Which terms are read in full, and which are too common for that."""
        counts = self._counts[numbers]
        if counts.sum() <= WORK:
            return np.arange(len(counts)), np.zeros(0, dtype=np.int64)
        order = np.argsort(counts, kind="stable")
        read = max(int(np.searchsorted(np.cumsum(counts[order]), WORK, side="right")), 1)
        return order[:read], order[read:]

    def read(self, numbers: Array) -> tuple[Array, Array]:
        """The rows of several terms, one after another, and how many each has."""
        bounds = zip(
            self._bounds[numbers].tolist(), self._bounds[numbers + 1].tolist(), strict=True
        )
        rows: Array = np.concatenate([self._rows[begin:stop] for begin, stop in bounds])
        return rows, self._counts[numbers]

    def contains(self, number: int, rows: Array) -> Array:
        """Which of the rows have the term."""
        posting = self._rows[self._bounds[number] : self._bounds[number + 1]]
        at = np.minimum(np.searchsorted(posting, rows), len(posting) - 1)
        there: Array = posting[at] == rows
        return there


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
        return [(self._ids[found.owner], found.score) for found in self._best(text, k)[1]]

    def matches(self, text: str, k: int = 5) -> list[Match]:
        """Like search, with the evidence for each entry."""
        query, found = self._best(text, k)
        if not found:
            return []
        rows, counts = self._postings.read(query.numbers)
        terms_of_rows = np.repeat(np.arange(len(counts)), counts)
        return [self._match(query, one, terms_of_rows[rows == one.surface]) for one in found]

    # -- building ---------------------------------------------------------------------------

    def _index(self) -> None:
        numbers: dict[str, int] = {}
        bases: list[float] = []
        flat: list[int] = []
        shares: list[float] = []
        sizes: list[int] = []
        for surface in self._surfaces:
            found = terms(surface)
            sizes.append(len(found.texts))
            shares += found.shares
            for text, base in zip(found.texts, found.bases, strict=True):
                number = numbers.setdefault(text, len(numbers))
                if number == len(bases):
                    bases.append(base)
                flat.append(number)
        self._numbers = numbers
        self._interest = np.asarray([self._dull.get(t, 1.0) for t in numbers], dtype=np.float32)
        self._lay_out(
            np.asarray(flat, dtype=np.int32), np.asarray(sizes, dtype=np.int64), bases, shares
        )

    def _lay_out(self, flat: Array, sizes: Array, bases: list[float], shares: list[float]) -> None:
        rows = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
        order = np.argsort(flat, kind="stable")
        surfaces, columns = rows[order], flat[order]
        owners = self._owners[surfaces]
        fresh = np.ones(len(owners), dtype=bool)  # a term that several aliases have counts once
        fresh[1:] = (owners[1:] != owners[:-1]) | (columns[1:] != columns[:-1])
        owners, owned = owners[fresh], columns[fresh]
        # One table for both: a term's surfaces, and after them its entries.
        self._postings = _joined(
            surfaces, columns, owners + np.int32(len(sizes)), owned, len(bases)
        )
        entries = np.bincount(owned, minlength=len(bases))
        size = max(len(self), 1)
        rarity = np.log1p(size / np.maximum(entries, 1)) / np.log1p(size)
        self._weights = (rarity * np.asarray(bases)).astype(np.float32)
        worth = self._weights[flat] * np.asarray(shares, dtype=np.float32)
        self._totals = np.bincount(rows, weights=worth, minlength=len(sizes)).astype(np.float32)

    # -- asking -----------------------------------------------------------------------------

    def _query(self, text: str) -> _Query:
        found = terms(text)
        numbers = [*map(self._numbers.get, found.texts)]
        known = [i for i, number in enumerate(numbers) if number is not None]
        rows = np.asarray([number for number in numbers if number is not None], dtype=np.int64)
        names = self._weights[rows] * np.asarray([found.shares[i] for i in known], np.float32)
        weights = names * self._interest[rows]
        total = float(weights.sum()) + self._missing(found, numbers)
        return _Query(found, total, known, rows, weights, names)

    def _missing(self, found: Terms, numbers: list[int | None]) -> float:
        """The weight of what the query says in words that no surface has."""
        dull = self._dull.get
        total = 0.0
        for i in [i for i, number in enumerate(numbers) if number is None]:
            text = found.texts[i]
            # Sounds and concepts are left out: their characters are here already.
            if len(text) <= 2:
                worth = min(dull(text[0], 1.0), dull(text[-1], 1.0))
                total += found.bases[i] * found.shares[i] * worth * UNKNOWN
        return total

    def _best(self, text: str, k: int) -> tuple[_Query, list[_Found]]:
        query = self._query(text)
        if not query.known or k < 1:
            return query, []
        shared = self._shared(query)
        scores, query_part, name_part = self._scores(query, shared)
        head = _descending(scores, 8 * k + 16)
        columns = (head, shared.surfaces[head], shared.owners[head], scores[head], query_part[head])
        keys, line = self._keys, query.terms.line
        best: dict[int, tuple[float, int, int, bool]] = {}  # by entry: its best surface
        rows = zip(*map(_listed, columns), strict=True)
        for seen, (at, surface, owner, score, covered) in enumerate(rows):
            if seen >= k + 10 and len(best) >= k:
                break
            key = keys[surface]
            exact = key in line and len(key) > 1
            if exact:
                score += (1 - score) * EXACT * covered
            if owner not in best or score > best[owner][0]:
                best[owner] = (score, at, surface, exact)
        ranked = sorted(best.items(), key=_rank)[:k]
        return query, [
            _Found(surface, owner, score, float(query_part[at]), float(name_part[at]), exact)
            for owner, (score, at, surface, exact) in ranked
        ]

    def _scores(self, query: _Query, shared: _Shared) -> tuple[Array, Array, Array]:
        """Score, query coverage and name coverage of each surface."""
        total = max(query.total, 1e-6)
        query_part = np.minimum(shared.asked / total, 1.0)
        name_part = np.minimum(shared.named / self._totals[shared.surfaces], 1.0)
        together = np.minimum(shared.together / total, 1.0)
        scores = (1 - TOGETHER) * _tversky(query_part, name_part) + TOGETHER * together
        return scores, query_part, name_part

    def _shared(self, query: _Query) -> _Shared:
        index, size = self._postings, len(self._surfaces)
        rare, common = index.split(query.numbers)
        rows, counts = index.read(query.numbers[rare])
        asked = np.bincount(rows, np.repeat(query.weights[rare], counts), size + len(self))
        named = np.bincount(rows, np.repeat(query.names[rare], counts), size)
        leaders = _leaders(asked[:size])
        owners = self._owners[leaders]
        both = np.concatenate((leaders, owners + size))
        asked, named = asked[both], named[leaders]
        for i in common:
            there = index.contains(query.numbers[i], both)
            asked += there * query.weights[i]
            named += there[: len(leaders)] * query.names[i]
        return _Shared(leaders, owners, asked[: len(leaders)], named, asked[len(leaders) :])

    # -- evidence ---------------------------------------------------------------------------

    def _match(self, query: _Query, found: _Found, matched: Array) -> Match:
        begin, stop = _span(query, matched)
        return Match(
            self._ids[found.owner],
            self._names[found.owner],
            found.score,
            self._surfaces[found.surface],
            begin,
            stop,
            found.exact,
            found.query_coverage,
            found.name_coverage,
        )


def _span(query: _Query, matched: Array) -> tuple[int, int]:
    """The heaviest run of matched terms, in offsets of the text; small gaps are allowed."""
    found = query.terms
    parts: list[tuple[int, int, float]] = []
    for i, weight in zip(matched.tolist(), query.weights[matched].tolist(), strict=True):
        term = query.known[i]
        parts.append((found.begins[term], found.stops[term], weight))
    solid = [part for part in parts if part[1] - part[0] > 1] or parts
    begin, stop = _heaviest_run(solid)
    return found.places[begin], found.places[stop - 1] + 1


def surfaces(entry: Mapping[str, Any]) -> list[str]:
    """The name and aliases (名称与别名) of an entry, each once; a string of aliases is split."""
    aliases = entry.get("aliases") or []
    if isinstance(aliases, str):
        aliases = re.split(r"[,，、;；|\n\t]+", aliases)
    spoken = [str(alias).strip() for alias in (entry["name"], *aliases) if alias is not None]
    kept = [spoken[0], *(alias for alias in spoken[1:] if alias not in _NO_ALIAS)]
    return [surface for surface in dict.fromkeys(kept) if surface]


def _rank(one: tuple[int, tuple[float, int, int, bool]]) -> tuple[float, int]:
    """Best first; of equals the one that was indexed first."""
    return -one[1][0], one[1][2]


def _listed(column: Array) -> list[Any]:
    values: list[Any] = column.tolist()
    return values


def _joined(surfaces: Array, columns: Array, entries: Array, owned: Array, size: int) -> _Postings:
    """One table of two that are both in order of their terms."""
    both = np.concatenate((columns, owned))
    order = np.argsort(both, kind="stable")
    return _Postings(np.concatenate((surfaces, entries))[order], both[order], size)


def _tversky(query_part: Array, name_part: Array) -> Array:
    """One over one plus the cost of what is not covered; both parts are more than nothing."""
    cost = QUERY_SLACK / query_part + NAME_SLACK / name_part - (QUERY_SLACK + NAME_SLACK)
    return np.asarray(1 / (1 + cost))


def _leaders(shared: Array) -> Array:
    """Where the shared weight is largest: all the strong ones, or about LEADERS of them."""
    touched: Array = np.flatnonzero(shared > STRONG * shared.max())
    if len(touched) < ENOUGH:
        touched = np.flatnonzero(shared > 0)
    if len(touched) <= 4 * LEADERS:
        return touched
    values = shared[touched]
    bar = np.partition(values, len(values) - LEADERS)[-LEADERS]
    best: Array = touched[values >= bar]
    return best


def _descending(scores: Array, size: int) -> Array:
    """Positions of the `size` best scores, best first."""
    worst = -scores
    if len(scores) <= size:
        return np.asarray(worst.argsort(kind="stable"))
    head = worst.argpartition(size)[:size]
    return np.asarray(head[worst[head].argsort(kind="stable")])


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
        seen.update(terms(question).texts)
    rate = DULLNESS / max(len(questions), 1)
    return {text: max(0.1, 1 / (1 + rate * count)) for text, count in seen.items()}
