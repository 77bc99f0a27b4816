"""Measures our aspect classifier against DIET on held-out folds (分折评测).

    nice -n 10 python -m bot.measure_nlu [--folds 3] [--rounds 3] [--epochs 100] [--only ours|diet]

Both learn from the same sentences of intents/training and answer for the same held-out ones. The
numbers stand in docs/adr/0004-nlu-pipeline.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml
from sklearn.metrics import accuracy_score, f1_score

from bot.train import quiet
from intents.aspects import AspectClassifier, Example, examples
from intents.normalise import Normaliser

Predict = Callable[[str], str]
Learn = Callable[[Sequence[Example], int], Predict]

DIET = """
recipe: default.v1
assistant_id: measure
language: zh
pipeline:
  - name: JiebaTokenizer
  - name: RegexFeaturizer
  - name: LexicalSyntacticFeaturizer
  - name: CountVectorsFeaturizer
  - name: CountVectorsFeaturizer
    analyzer: char_wb
    min_ngram: 1
    max_ngram: 4
  - name: DIETClassifier
    epochs: {epochs}
    entity_recognition: false
    constrain_similarities: true
    random_seed: 1
"""


def folds(found: Sequence[Example], count: int) -> list[list[Example]]:
    """Stratified by aspect, always the same."""
    by_aspect: dict[str, list[Example]] = defaultdict(list)
    for example in found:
        by_aspect[example.aspect].append(example)
    parts: list[list[Example]] = [[] for _ in range(count)]
    for group in by_aspect.values():
        random.Random(1).shuffle(group)  # noqa: S311
        for index, example in enumerate(group):
            parts[index % count].append(example)
    return parts


def ours(train: Sequence[Example], _: int) -> Predict:
    """The library's classifier."""
    normaliser = Normaliser()
    model = AspectClassifier.train(normaliser, train)
    return lambda text: model(normaliser.term(text) or text)[0][0]


def diet(train: Sequence[Example], epochs: int) -> Predict:
    """Rasa's DIET with the usual Chinese pipeline."""
    import rasa.model_training
    from rasa.core.agent import Agent

    folder = Path(tempfile.mkdtemp())
    (folder / "config.yml").write_text(DIET.format(epochs=epochs), encoding="utf-8")
    (folder / "nlu.yml").write_text(_rasa_yaml(train), encoding="utf-8")
    model = rasa.model_training.train_nlu(
        str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder)
    )
    agent = Agent.load(model)
    loop = asyncio.new_event_loop()
    return lambda text: loop.run_until_complete(agent.parse_message(text))["intent"]["name"]


def _rasa_yaml(train: Sequence[Example]) -> str:
    groups: dict[str, list[str]] = defaultdict(list)
    for example in train:
        groups[example.aspect].append(example.text)
    nlu = [
        {"intent": aspect, "examples": "".join(f"- {text}\n" for text in texts)}
        for aspect, texts in groups.items()
    ]
    return yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True)


def measure(
    name: str, learn: Learn, parts: list[list[Example]], rounds: int, epochs: int
) -> dict[str, object]:
    """Accuracy and macro-F1 over the folds, time to train and to answer."""
    scores = []
    for index, test in enumerate(parts[:rounds]):
        train = [each for number, part in enumerate(parts) if number != index for each in part]
        scores.append(_score(learn, train, test, epochs))
        print(name, index, scores[-1], flush=True)
    mean = {key: round(sum(each[key] for each in scores) / len(scores), 4) for key in scores[0]}
    return {"name": name, "folds": len(scores), **mean}


def _score(
    learn: Learn,
    train: Sequence[Example],
    test: Sequence[Example],
    epochs: int,
) -> dict[str, float]:
    started = time.process_time()
    predict = learn(train, epochs)
    trained = time.process_time()
    guesses = [predict(example.text) for example in test]
    answered = time.process_time()
    truth = [example.aspect for example in test]
    return {
        "accuracy": float(accuracy_score(truth, guesses)),
        "macro_f1": float(f1_score(truth, guesses, average="macro")),
        "train_cpu_seconds": trained - started,
        "cpu_ms_per_sentence": (answered - trained) / len(test) * 1000,
    }


def main() -> None:
    """Prints one JSON object a method, last."""
    parser = argparse.ArgumentParser(prog="python -m bot.measure_nlu")
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3, help="folds to run, of those made")
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--only", choices=["ours", "diet"])
    chosen = parser.parse_args()
    quiet()
    parts = folds(examples(), chosen.folds)
    methods = {"ours": ours, "diet": diet}
    names = [chosen.only] if chosen.only else list(methods)
    results = [measure(name, methods[name], parts, chosen.rounds, chosen.epochs) for name in names]
    for result in results:
        print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
