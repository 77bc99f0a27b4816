"""Learn the constants of link.py: `python -m intents.calibrate HANDBOOK [CATALOGUE ...]`.

Each round hides one alias of most items and a fifth of the items altogether, indexes the rest,
and asks by the hidden names inside real question frames. Prints the WEIGHTS to copy, and how
honest the probabilities are on rounds that were not learnt from. Needs scikit-learn.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from intents import link
from intents.aspects import bare_questions, examples, templates
from intents.catalogue import Entry, read_entries
from intents.link import FEATURES, Linker, features
from intents.normalise import Normaliser
from intents.segment import Segmenter
from intents.words import ContentWords

ROUNDS = 4  # half of them with the catalogues beside the handbook
_CONSIDERED = 4  # candidates a query teaches from
_HIDDEN_ITEMS = 0.2
_HIDDEN_ALIASES = 0.7  # citizens also use the very words that the editors wrote
_IMPORTED = 250  # queries after imported items a round
_MATTERLESS = 150
_WORD = 6  # as in understand.py: longer aliases are not words


@dataclass(frozen=True)
class Case:
    """The candidates of one query (一次提问): their features, and which one was meant."""

    rows: list[tuple[float, ...]]
    right: list[bool]


def collect(entries: Sequence[Entry], seed: int) -> list[Case]:
    """Ask one round of queries with known answers."""
    chance = random.Random(seed)  # noqa: S311 not a secret
    kept, queries = _hide(entries, chance)
    normaliser, segmenter = Normaliser(), Segmenter()
    segmenter.add(w for e in kept if e.local for w in e.aliases if 2 <= len(w) <= _WORD)
    questions = [normaliser.term(question) for question in bare_questions()]
    linker = Linker(kept, normaliser.term, questions)
    content = ContentWords(segmenter, questions)
    frames = templates()
    cases = []
    for name, meant in [*queries, *_matterless(chance)]:
        framed = chance.choice(frames).format(name) if meant and chance.random() < 0.7 else name
        text = normaliser.term(framed)
        matches = linker.ranked(text)
        rows = features(text, matches, content(text))[:_CONSIDERED]
        cases.append(Case(rows, [match.id == meant for match in matches[:_CONSIDERED]]))
    return cases


def _hide(
    entries: Sequence[Entry], chance: random.Random
) -> tuple[list[Entry], list[tuple[str, str]]]:
    """The entries to index, and queries as (name, id meant); an id that is gone fits nothing."""
    kept, queries = [], []
    for entry in entries:
        if not entry.aliases:
            kept.append(entry)
            continue
        alias = chance.choice(entry.aliases)
        queries.append((alias, entry.id))
        if chance.random() > _HIDDEN_ITEMS:
            hidden = {alias} if chance.random() < _HIDDEN_ALIASES else set()
            others = tuple(other for other in entry.aliases if other not in hidden)
            kept.append(replace(entry, aliases=others))
    imported = [entry for entry in entries if not entry.aliases]
    for entry in chance.sample(imported, min(_IMPORTED, len(imported))):
        queries.append((_shortened(entry.name, chance), entry.id))
    return kept, queries


def _shortened(name: str, chance: random.Random) -> str:
    """A long official name as people quote it: some of it left out."""
    stop = chance.randint(max(4, len(name) // 2), max(4, len(name)))
    start = chance.randint(0, max(0, len(name) - stop))
    return name[start : start + stop]


def _matterless(chance: random.Random) -> Iterator[tuple[str, str]]:
    bare = bare_questions()
    beyond = [example.text for example in examples() if example.aspect == "out_of_scope"]
    for text in chance.sample(bare, _MATTERLESS) + chance.sample(beyond, len(beyond) // 2):
        yield text, ""


def fit(cases: Sequence[Case]) -> tuple[float, ...]:
    """Logistic regression over all candidates of all cases."""
    from sklearn.linear_model import LogisticRegression

    rows = np.array([row for case in cases for row in case.rows])
    right = np.array([flag for case in cases for flag in case.right])
    model = LogisticRegression(C=10.0, fit_intercept=False, max_iter=2000).fit(rows, right)
    return tuple(round(float(weight), 2) for weight in model.coef_[0])


def report(cases: Sequence[Case], weights: Sequence[float]) -> dict[str, Any]:
    """Reliability of the first candidate's probability, by tenths, and its log loss."""
    tops = []
    for case in cases:
        chances = [1 / (1 + np.exp(-np.dot(weights, row))) for row in case.rows]
        if chances:
            best = int(np.argmax(chances))
            tops.append((chances[best] / max(sum(chances), 1.0), case.right[best]))
    chances_, flags = np.array([t[0] for t in tops]), np.array([t[1] for t in tops], dtype=float)
    clipped = np.clip(chances_, 1e-4, 1 - 1e-4)
    loss = -np.mean(flags * np.log(clipped) + (1 - flags) * np.log(1 - clipped))
    bins = {}
    for low in np.arange(0, 1, 0.1):
        inside = (chances_ >= low) & (chances_ < low + 0.1 + 1e-9 * (low > 0.85))
        if inside.any():
            bins[f"{low:.1f}"] = (int(inside.sum()), round(float(flags[inside].mean()), 2))
    sure = chances_ >= link.SURE
    return {
        "log_loss": round(float(loss), 4),
        "reliability": bins,
        "answered": round(float(sure.mean()), 3),
        "right_when_answered": round(float(flags[sure].mean()), 3) if sure.any() else None,
    }


def main(arguments: Sequence[str]) -> None:
    """Print the constants and how well they hold."""
    handbook, catalogues = Path(arguments[0]), [Path(path) for path in arguments[1:]]
    alone, beside = read_entries(handbook), read_entries(handbook, catalogues)
    learnt, fresh = [], []
    for seed in range(ROUNDS):
        learnt += collect(alone if seed % 2 else beside, seed)
        fresh += collect(alone if seed % 2 else beside, ROUNDS + seed)
    weights = fit(learnt)
    print("WEIGHTS =", weights, "#", ", ".join(FEATURES))
    print("before:", report(fresh, link.WEIGHTS))
    print("after: ", report(fresh, weights))


if __name__ == "__main__":
    main(sys.argv[1:])
