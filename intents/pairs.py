"""Paraphrase scoring (同义句判定): learnt from labelled pairs, one probability a pair.

Two models see different things and are averaged: boosted trees over overlaps, and a linear model
over the very words that differ, which learns that 吗 may be missing and 男 may not. The
threshold comes from out-of-fold probabilities of the training pairs alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from intents.pair_features import Rarity, Reader, Sentence, differences, numbers

Array = npt.NDArray[Any]
FOLDS = 5
FEWEST = 4 * FOLDS  # pairs; with fewer the threshold stays at one half
_SLACK = 0.2  # C of the linear model


class PairScorer:
    """Says how probable it is that two sentences mean the same. Build it with fit()."""

    def __init__(
        self, reader: Reader, rarity: Rarity, models: _Models, threshold: float, accuracy: float
    ) -> None:
        self.threshold = threshold
        self.dev_accuracy = accuracy  # out of fold, on the pairs it was built from
        self._reader = reader
        self._rarity = rarity
        self._models = models

    @classmethod
    def fit(
        cls, first: Sequence[str], second: Sequence[str], same: Sequence[int], *, seed: int = 0
    ) -> PairScorer:
        """Learn from pairs and 0 or 1; ValueError unless both labels occur."""
        labels = np.asarray(same, dtype=np.int64)
        if len({*same}) < 2:
            raise ValueError("both labels 0 and 1 are needed")
        reader = Reader()
        left, right = [reader(t) for t in first], [reader(t) for t in second]
        rarity = Rarity([*left, *right])
        dense, named = _features(left, right, rarity)
        threshold, accuracy = _threshold(dense, named, labels, seed)
        return cls(reader, rarity, _Models(dense, named, labels), threshold, accuracy)

    def probabilities(self, first: Sequence[str], second: Sequence[str]) -> Array:
        """The probability of each pair to mean the same."""
        left, right = [self._reader(t) for t in first], [self._reader(t) for t in second]
        return self._models.probabilities(*_features(left, right, self._rarity))

    def predict(self, first: Sequence[str], second: Sequence[str]) -> list[int]:
        """1 where the probability reaches the threshold, else 0."""
        return [int(p >= self.threshold) for p in self.probabilities(first, second)]


class _Models:
    def __init__(self, dense: Array, named: list[dict[str, float]], labels: Array) -> None:
        from sklearn.ensemble import HistGradientBoostingClassifier
        from sklearn.feature_extraction import DictVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.preprocessing import StandardScaler
        from threadpoolctl import threadpool_limits

        self._scale = StandardScaler().fit(dense)
        self._names = DictVectorizer(dtype=np.float32).fit(named)
        trees = HistGradientBoostingClassifier(
            max_iter=150,
            learning_rate=0.07,
            max_leaf_nodes=15,
            l2_regularization=1.0,
            early_stopping=False,
            random_state=0,
        )
        # Its threads wait for each other by spinning: on a busy machine one is many times faster.
        with threadpool_limits(limits=1):
            self._trees = trees.fit(dense, labels)
        linear = LogisticRegression(C=_SLACK, solver="liblinear", random_state=0)
        self._linear = linear.fit(self._joined(dense, named), labels)

    def probabilities(self, dense: Array, named: list[dict[str, float]]) -> Array:
        from threadpoolctl import threadpool_limits

        with threadpool_limits(limits=1):
            trees = self._trees.predict_proba(dense)[:, 1]
        linear = self._linear.predict_proba(self._joined(dense, named))[:, 1]
        mean: Array = (trees + 2 * linear) / 3
        return mean

    def _joined(self, dense: Array, named: list[dict[str, float]]) -> Any:
        from scipy.sparse import csr_matrix, hstack

        scaled = csr_matrix(0.5 * self._scale.transform(dense))
        return hstack([scaled, self._names.transform(named)]).tocsr()


def _features(
    left: Sequence[Sentence], right: Sequence[Sentence], rarity: Rarity
) -> tuple[Array, list[dict[str, float]]]:
    both = list(zip(left, right, strict=True))
    dense = np.asarray([numbers(a, b, rarity) for a, b in both], dtype=np.float64)
    return dense, [differences(a, b) for a, b in both]


def _threshold(
    dense: Array, named: list[dict[str, float]], labels: Array, seed: int
) -> tuple[float, float]:
    """The cut with the most right answers out of fold, and the share of right answers there."""
    folds = np.random.default_rng(seed).permutation(len(labels)) % FOLDS
    if len(labels) < FEWEST or any(len(set(labels[folds != f])) < 2 for f in range(FOLDS)):
        return 0.5, float("nan")
    chances = np.zeros(len(labels))
    for fold in range(FOLDS):
        inside = np.flatnonzero(folds != fold)
        outside = np.flatnonzero(folds == fold)
        models = _Models(dense[inside], [named[i] for i in inside], labels[inside])
        chances[outside] = models.probabilities(dense[outside], [named[i] for i in outside])
    cuts = np.linspace(0.3, 0.7, 81)
    shares = np.asarray([np.mean((chances >= cut) == labels) for cut in cuts])
    # The middle of the best stretch: a peak of the noise would not be met again.
    best = float(np.median(cuts[shares >= shares.max() - 0.001]))
    return best, float(np.mean((chances >= best) == labels))
