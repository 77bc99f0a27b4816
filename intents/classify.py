"""A generic sentence classifier (文本分类): trained with scikit-learn, run with numpy alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from intents.features import Floats, Vectoriser

FORMAT = 2  # of the saved files; a file of another format is refused, not misread


class TextClassifier:
    """Sentence → label with calibrated probabilities. Build it with fit() or load()."""

    def __init__(
        self,
        labels: Sequence[str],
        vectoriser: Vectoriser,
        weights: Floats,
        bias: Floats,
        temperature: float,
    ) -> None:
        self.labels = tuple(labels)
        self._vectoriser = vectoriser
        self._weights = weights  # (terms, labels)
        self._bias = bias
        self._temperature = temperature

    @classmethod
    def fit(cls, texts: Sequence[str], labels: Sequence[str], *, seed: int = 0) -> TextClassifier:
        """Learn from sentences and their labels; ValueError if fewer than two labels."""
        from intents.training_linear import train

        return cls(*train(texts, labels, seed=seed))

    def predict_proba(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Probabilities, one row a sentence, in the order of self.labels; rows sum to one."""
        scores = np.empty((len(texts), len(self.labels)))
        for row, text in enumerate(texts):
            terms, values = self._vectoriser.vector(text)
            scores[row] = values @ self._weights[terms] + self._bias
        return softmax(scores * self._temperature)

    def predict(self, texts: Sequence[str]) -> list[str]:
        """The most probable label of each sentence."""
        return [self.labels[i] for i in self.predict_proba(texts).argmax(axis=1)]

    def save(self, path: Path) -> None:
        """Write <path>.npz and <path>.json; readable by any Python and numpy we support."""
        path.parent.mkdir(parents=True, exist_ok=True)
        vectoriser = self._vectoriser
        np.savez(
            path.with_suffix(".npz"), weights=self._weights, bias=self._bias, idf=vectoriser.idf
        )
        head: dict[str, Any] = {
            "format": FORMAT,
            "labels": self.labels,
            "temperature": self._temperature,
            "vocabulary": vectoriser.vocabulary,
        }
        path.with_suffix(".json").write_text(json.dumps(head, ensure_ascii=False), "utf-8")

    @classmethod
    def load(cls, path: Path) -> TextClassifier:
        """Read what save() wrote; ValueError if the files are of another format."""
        head = json.loads(path.with_suffix(".json").read_text("utf-8"))
        if head.get("format") != FORMAT:
            raise ValueError(f"{path.name}: format {head.get('format')}, expected {FORMAT}")
        with np.load(path.with_suffix(".npz"), allow_pickle=False) as arrays:
            vectoriser = Vectoriser(head["vocabulary"], arrays["idf"])
            return cls(
                head["labels"], vectoriser, arrays["weights"], arrays["bias"], head["temperature"]
            )


def softmax(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Scores → probabilities, row by row, without overflow."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: npt.NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return result
