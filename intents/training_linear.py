"""Training of the TextClassifier (训练); only this module needs scikit-learn.

One linear support vector machine over all features. Labels made by people are partly wrong, so
the sentences are first judged out of fold: a noise model (标注噪声) says with which share e of
random labels the given ones are most likely, and how probable each given label is then the true
one. That probability becomes the sentence's weight. On clean data e comes out near zero and
nothing changes. The same model yields the temperature of the probabilities.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from intents.features import Floats, Vectoriser

Array = npt.NDArray[Any]
Trained = tuple[list[str], Vectoriser, Floats, Floats, float]

SLACK = 1.0  # C of the final machine
NOISY_SLACK = 0.3  # C of the first look, which still trusts every label
FOLDS = 4
TOLERABLE = 0.02  # share of wrong labels below which every sentence counts fully
ABSENT = -1.5  # score of a label that no training sentence of a fold has
_NOISE = (0.0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
_TEMPERATURES = np.geomspace(1.0, 40.0, 30)
_UNTRIED = 4.0  # temperature when there are too few sentences to try any


def train(texts: Sequence[str], labels: Sequence[str], *, seed: int = 0) -> Trained:
    """Labels, vectoriser, weights (terms, labels), bias and temperature."""
    if len(texts) != len(labels):
        raise ValueError(f"{len(texts)} sentences but {len(labels)} labels")
    names = sorted(set(labels))
    if len(names) < 2:
        raise ValueError(f"at least two labels are needed, found {len(names)}")
    numbers = np.searchsorted(names, labels)
    vectoriser = Vectoriser.learn(texts)
    matrix = _matrix(vectoriser, texts)
    plain = matrix[:, vectoriser.plain()]  # enough for the first look, in a third of the time
    trust, temperature = _judge(plain, matrix, numbers, len(names), seed)
    weights, bias = _machine(matrix, numbers, len(names), SLACK, trust)
    return names, vectoriser, weights, bias, temperature


def _matrix(vectoriser: Vectoriser, texts: Sequence[str]) -> Any:
    from scipy.sparse import csr_matrix

    pointers, terms, values = vectoriser.rows(texts)
    return csr_matrix((values, terms, pointers), shape=(len(texts), len(vectoriser.vocabulary)))


def _judge(plain: Any, matrix: Any, numbers: Array, size: int, seed: int) -> tuple[Array, float]:
    """How far to trust each label, and the temperature of the final machine."""
    folds = np.random.default_rng(seed).permutation(len(numbers)) % FOLDS
    if len(numbers) < 4 * FOLDS or any(len(set(numbers[folds != f])) < 2 for f in range(FOLDS)):
        return np.ones(len(numbers)), _UNTRIED
    first = _out_of_fold(plain, numbers, size, NOISY_SLACK, folds, None)
    noise, temperature, trust = _noise_model(first, numbers)
    if noise < TOLERABLE:
        trust = np.ones(len(numbers))
    second = _out_of_fold(matrix, numbers, size, SLACK, folds, trust)
    noise, temperature, better = _noise_model(second, numbers)
    return (better if noise >= TOLERABLE else np.ones(len(numbers))), temperature


def _out_of_fold(
    matrix: Any, numbers: Array, size: int, slack: float, folds: Array, trust: Array | None
) -> Array:
    scores = np.zeros((len(numbers), size))
    for fold in range(FOLDS):
        inside, outside = folds != fold, folds == fold
        part = None if trust is None else trust[inside]
        weights, bias = _machine(matrix[inside], numbers[inside], size, slack, part)
        scores[outside] = matrix[outside] @ weights + bias
    return scores


def _noise_model(scores: Array, numbers: Array) -> tuple[float, float, Array]:
    """The likeliest share of random labels and temperature, and each label's chance to be right.

    p(given) = (1 - e) p(label | sentence) + e p(label), as if a share e had been drawn blindly.
    """
    chance = (np.bincount(numbers, minlength=scores.shape[1]) / len(numbers))[numbers]
    best, answer = -np.inf, (0.0, _UNTRIED, np.ones(len(numbers)))
    for temperature in _TEMPERATURES:
        given = _given(scores * temperature, numbers)
        for noise in _NOISE:
            mixed = (1 - noise) * given + noise * chance
            likelihood = float(np.log(mixed + 1e-12).mean())
            if likelihood > best:
                best = likelihood
                answer = (noise, float(temperature), (1 - noise) * given / (mixed + 1e-12))
    return answer


def _given(scores: Array, numbers: Array) -> Array:
    """The probability that each row of scores gives to its own label."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    own: Array = powers[np.arange(len(numbers)), numbers] / powers.sum(axis=1)
    return own


def _machine(
    matrix: Any, numbers: Array, size: int, slack: float, trust: Array | None
) -> tuple[Floats, Floats]:
    from sklearn.svm import LinearSVC

    model = LinearSVC(C=slack, random_state=0, max_iter=2000)
    model.fit(matrix, numbers, sample_weight=None if trust is None else np.maximum(trust, 1e-3))
    coefficients, intercept = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # scikit-learn keeps one row for two classes
        coefficients = np.vstack([-coefficients, coefficients])
        intercept = np.array([-intercept[0], intercept[0]])
    weights = np.zeros((matrix.shape[1], size), dtype=np.float32)
    bias = np.full(size, ABSENT, dtype=np.float32)
    weights[:, model.classes_] = coefficients.T
    bias[model.classes_] = intercept
    return weights, bias
