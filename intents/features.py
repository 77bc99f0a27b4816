"""Sentences as sparse vectors of character grams and pairs (文本特征), with numpy alone."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from intents.normalise import fold

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

EDGE_BEGIN, EDGE_END = "\x02", "\x03"  # so that a first or last character is told from others
_PAIR = "\x06"
_PAIRED = 40  # distinct characters of a sentence that are paired, so that long ones stay cheap
FEW = 500  # sentences; below it a gram seen once is kept, for want of better
MINOR = 0.5  # weight of three-character grams and of pairs against shorter grams


def grams(text: str) -> list[str]:
    """Every run of one to three characters of the folded sentence, its edges marked."""
    line = EDGE_BEGIN + fold(text).strip() + EDGE_END
    size = len(line)
    return [line[i : i + n] for n in (1, 2, 3) for i in range(size - n + 1)]


def pairs(text: str) -> list[str]:
    """Every two distinct characters that the sentence has in any order and at any distance."""
    chars = sorted(list(dict.fromkeys(fold(text).strip()))[:_PAIRED])
    return [a + _PAIR + b for i, a in enumerate(chars) for b in chars[i + 1 :]]


class Vectoriser:
    """TF-IDF vectors (词频-逆文档频率) of length one over a vocabulary learnt once."""

    def __init__(self, vocabulary: Sequence[str], idf: Floats) -> None:
        self.vocabulary = tuple(vocabulary)
        self.idf = idf
        self._index = {term: i for i, term in enumerate(self.vocabulary)}

    @classmethod
    def learn(cls, texts: Sequence[str]) -> Vectoriser:
        """Keep the features found in at least two sentences; the minor ones weigh less."""
        seen: Counter[str] = Counter()
        for text in texts:
            seen.update({*grams(text), *pairs(text)})
        rarest = 2 if len(texts) >= FEW else 1
        kept = sorted(term for term, n in seen.items() if n >= rarest)
        idf = [_weight(term) * (math.log((1 + len(texts)) / (1 + seen[term])) + 1) for term in kept]
        return cls(kept, np.asarray(idf, dtype=np.float32))

    def plain(self) -> list[int]:
        """The numbers of the grams of one and two characters."""
        return [i for i, term in enumerate(self.vocabulary) if len(term) < 3]

    def vector(self, text: str) -> tuple[Ints, Floats]:
        """One sentence as (term numbers, weights); both empty when nothing in it is known."""
        index = self._index
        found = Counter([index[term] for term in (*grams(text), *pairs(text)) if term in index])
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


def _weight(term: str) -> float:
    return 1.0 if len(term) < 3 else MINOR
