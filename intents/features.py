"""Character n-grams (字符片段) as sparse vectors, built without scikit-learn or scipy."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from intents.normalise import fold

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

EDGE_BEGIN, EDGE_END = "\x02", "\x03"  # so that a first or last character is told from others


def grams(text: str, longest: int) -> list[str]:
    """Every run of 1..longest characters of the folded sentence, its edges marked."""
    line = EDGE_BEGIN + fold(text).strip() + EDGE_END
    size = len(line)
    return [line[i : i + n] for n in range(1, longest + 1) for i in range(size - n + 1)]


class Vectoriser:
    """TF-IDF vectors over a vocabulary learnt once (词频-逆文档频率); rows have length one."""

    def __init__(self, vocabulary: Sequence[str], idf: Floats, longest: int) -> None:
        self.vocabulary = tuple(vocabulary)
        self.idf = idf
        self.longest = longest
        self._index = {term: i for i, term in enumerate(self.vocabulary)}

    @classmethod
    def learn(cls, texts: Iterable[str], *, longest: int = 4, rarest: int = 2) -> Vectoriser:
        """Keep the grams found in at least `rarest` sentences (or all, if none is)."""
        seen: Counter[str] = Counter()
        count = 0
        for text in texts:
            seen.update(set(grams(text, longest)))
            count += 1
        kept = sorted(g for g, n in seen.items() if n >= rarest) or sorted(seen)
        idf = [math.log((1 + count) / (1 + seen[g])) + 1.0 for g in kept]
        return cls(kept, np.asarray(idf, dtype=np.float32), longest)

    def vector(self, text: str) -> tuple[Ints, Floats]:
        """One sentence as (term numbers, weights); both empty when no gram is known."""
        index = self._index
        found: dict[int, int] = {}
        for gram in grams(text, self.longest):
            number = index.get(gram)
            if number is not None:
                found[number] = found.get(number, 0) + 1
        terms = np.fromiter(found.keys(), dtype=np.int32, count=len(found))
        times = np.fromiter(found.values(), dtype=np.float32, count=len(found))
        weights = (1.0 + np.log(times)) * self.idf[terms]
        norm = float(np.sqrt(weights @ weights))
        return terms, (weights / norm if norm else weights).astype(np.float32)

    def rows(self, texts: Sequence[str]) -> tuple[npt.NDArray[np.int64], Ints, Floats]:
        """Sentences as the three arrays of a CSR matrix: pointers, term numbers, weights."""
        vectors = [self.vector(text) for text in texts]
        sizes = [len(terms) for terms, _ in vectors]
        pointers = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
        terms = [t for t, _ in vectors] or [np.zeros(0, np.int32)]
        weights = [w for _, w in vectors] or [np.zeros(0, np.float32)]
        return pointers, np.concatenate(terms), np.concatenate(weights)
