"""Learn the constants of link.py: `python -m intents.calibrate HANDBOOK [CATALOGUE ...]`.

`python -m intents.calibrate aspects` cross-validates the aspect classifier instead.

Each round hides one alias of many items and an eighth of the items altogether, indexes the rest,
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
from intents.aspects import AspectClassifier, bare_questions, examples, templates
from intents.catalogue import Entry, read_entries
from intents.link import FEATURES, Linker, features
from intents.normalise import Normaliser
from intents.segment import Segmenter
from intents.words import ContentWords

ROUNDS = 4  # half of them with the catalogues beside the handbook
_CONSIDERED = 8  # candidates a query teaches from
_RIDGE = 1e-4
_HIDDEN_ITEMS = 0.12
_HIDDEN_ALIASES = 0.35  # citizens also use the very words that the editors wrote
_IMPORTED = 120  # queries after imported items a round
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
    content = ContentWords(
        segmenter, questions, (name for e in kept for name in (e.name, *e.aliases))
    )
    frames = templates()
    cases = []
    for name, meant in [*queries, *_matterless(chance)]:
        framed = chance.choice(frames).format(name) if meant and chance.random() < 0.7 else name
        text = normaliser.term(framed)
        ranked = linker.ranked(text)
        rows = features(text, ranked, content(text))[:_CONSIDERED]
        cases.append(Case(rows, [found.id == meant for found in ranked[:_CONSIDERED]]))
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
    """The weights under which the right choices are most likely; a ridge keeps them small."""
    from scipy.optimize import minimize

    rows, right = _padded(cases)

    def loss(weights: Any) -> float:
        return _log_loss(rows, right, weights) + _RIDGE * float(weights @ weights)

    found = minimize(loss, np.zeros(len(FEATURES)), method="BFGS")
    return tuple(round(float(weight), 2) for weight in found.x)


def _padded(cases: Sequence[Case]) -> tuple[Any, Any]:
    """Cases as one array (cases, candidates, features); column 0 of `right` is "none of them"."""
    rows = np.full((len(cases), _CONSIDERED, len(FEATURES)), np.nan)
    right = np.zeros((len(cases), _CONSIDERED + 1))
    for i, case in enumerate(cases):
        rows[i, : len(case.rows)] = np.array(case.rows).reshape(-1, len(FEATURES))
        right[i, 1 : len(case.right) + 1] = case.right
        right[i, 0] = not any(case.right)
    return rows, right


def _chances(rows: Any, weights: Any) -> Any:
    with np.errstate(invalid="ignore"):
        utility = np.nan_to_num(rows @ np.asarray(weights), nan=-1e9)
    both = np.hstack([np.zeros((len(rows), 1)), utility])
    powers = np.exp(both - both.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _log_loss(rows: Any, right: Any, weights: Any) -> float:
    chosen = (_chances(rows, weights) * right).sum(axis=1)
    return float(-np.mean(np.log(np.maximum(chosen, 1e-9))))


def report(cases: Sequence[Case], weights: Sequence[float]) -> dict[str, Any]:
    """Reliability of the most probable item's probability, by tenths, and the log loss."""
    rows, right = _padded(cases)
    chances = _chances(rows, weights)[:, 1:]
    best = chances.argmax(axis=1)
    every = np.arange(len(cases))
    top, flags = chances[every, best], right[every, best + 1]
    bins = {}
    for low in range(10):
        inside = np.minimum((top * 10).astype(int), 9) == low
        if inside.any():
            bins[f"0.{low}"] = (int(inside.sum()), round(float(flags[inside].mean()), 2))
    sure = top >= link.SURE
    return {
        "log_loss": round(_log_loss(rows, right, weights), 4),
        "first_found_right": int(right[:, 1].sum()),
        "most_probable_right": int(flags.sum()),
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


def aspects_report(folds: int = 5) -> dict[str, Any]:
    """Accuracy and macro F1 of the aspects: no test sentence and none of its variants is learnt."""
    from sklearn.metrics import f1_score

    found = examples()
    random.Random(0).shuffle(found)  # noqa: S311 not a secret
    normaliser = Normaliser()
    truth, guesses = [], []
    for fold in range(folds):
        model = AspectClassifier.train(
            normaliser, [e for i, e in enumerate(found) if i % folds != fold]
        )
        for example in found[fold::folds]:
            truth.append(example.aspect)
            guesses.append(model(normaliser.term(example.text) or example.text)[0][0])
    right = sum(a == b for a, b in zip(truth, guesses, strict=True)) / len(truth)
    macro = float(f1_score(truth, guesses, average="macro"))
    return {"sentences": len(truth), "accuracy": round(right, 4), "macro_f1": round(macro, 4)}


if __name__ == "__main__":
    if sys.argv[1:] == ["aspects"]:
        print(aspects_report())
    else:
        main(sys.argv[1:])
