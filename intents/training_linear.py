"""Training of the TextClassifier (训练); only this module needs scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from intents.features import Floats, Vectoriser

SLACK = 0.3  # C of the support vector machine
FOLDS = 5
Trained = tuple[list[str], Vectoriser, Floats, Floats, float]


def train(texts: Sequence[str], labels: Sequence[str], *, seed: int = 0) -> Trained:
    """Labels, vectoriser, weights (terms, labels), bias and temperature."""
    from scipy.sparse import csr_matrix

    names = sorted(set(labels))
    if len(names) < 2:
        raise ValueError(f"at least two labels are needed, found {len(names)}")
    numbers = np.searchsorted(names, labels)
    vectoriser = Vectoriser.learn(texts)
    pointers, terms, values = vectoriser.rows(texts)
    matrix = csr_matrix((values, terms, pointers), shape=(len(texts), len(vectoriser.vocabulary)))
    temperature = _temperature(matrix, numbers, len(names), seed)
    weights, bias = _machine(matrix, numbers, len(names))
    return names, vectoriser, weights, bias, temperature


def _machine(matrix: Any, numbers: npt.NDArray[np.int64], size: int) -> tuple[Floats, Floats]:
    from sklearn.svm import LinearSVC

    model = LinearSVC(C=SLACK, random_state=0).fit(matrix, numbers)
    weights = np.zeros((matrix.shape[1], size), dtype=np.float32)
    bias = np.full(size, -1.5, dtype=np.float32)  # a label absent from this fold stays unlikely
    coefficients, intercept = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # scikit-learn keeps one row for two classes
        coefficients = np.vstack([-coefficients, coefficients])
        intercept = np.array([-intercept[0], intercept[0]])
    weights[:, model.classes_] = coefficients.T
    bias[model.classes_] = intercept
    return weights, bias


def _temperature(matrix: Any, numbers: npt.NDArray[np.int64], size: int, seed: int) -> float:
    """The scale that makes out-of-fold probabilities honest (least log loss)."""
    folds = np.random.default_rng(seed).permutation(len(numbers)) % FOLDS
    scores = np.zeros((len(numbers), size))
    for fold in range(FOLDS):
        inside, outside = folds != fold, folds == fold
        if len(set(numbers[inside])) < 2:
            return 1.0
        weights, bias = _machine(matrix[inside], numbers[inside], size)
        scores[outside] = matrix[outside] @ weights + bias
    scales = np.geomspace(0.5, 30, 60)
    losses = [_log_loss(scores * scale, numbers) for scale in scales]
    return float(scales[int(np.argmin(losses))])


def _log_loss(scores: npt.NDArray[np.float64], numbers: npt.NDArray[np.int64]) -> float:
    top = scores.max(axis=1)
    total = np.log(np.exp(scores - top[:, None]).sum(axis=1)) + top
    return float(np.mean(total - scores[np.arange(len(numbers)), numbers]))
