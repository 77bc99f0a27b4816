from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from intents.aspects import (
    ASPECTS,
    AspectClassifier,
    bare_questions,
    examples,
    fingerprint,
    matters,
    templates,
    training_set,
)
from intents.normalise import Normaliser


def test_every_aspect_has_forty_examples_or_more() -> None:
    counts = Counter(example.aspect for example in examples())
    assert set(counts) == set(ASPECTS)
    assert min(counts.values()) >= 40, counts


def test_no_sentence_stands_under_two_aspects() -> None:
    seen: dict[str, str] = {}
    for example in examples():
        assert seen.setdefault(example.text, example.aspect) == example.aspect, example.text


def test_matters_are_taken_out_of_questions() -> None:
    bare = bare_questions()
    assert not [line for line in bare if "护照" in line or "公积金" in line]
    assert all("{}" in template for template in templates())


def test_variants_ask_the_same_about_other_matters() -> None:
    chosen = [e for e in examples() if e.text == "护照办理需要哪些材料"]
    texts, labels = training_set(chosen)
    assert set(labels) == {"materials"}
    assert len(set(texts)) > 1
    assert all(text.endswith("需要哪些材料") for text in texts)


def test_matters_are_listed_once() -> None:
    assert len(set(matters())) == len(matters())


def test_model_is_loaded_from_the_cache_without_training(
    cache: Path, understander: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr("intents.aspects._train_apart", refuse)
    ranked = AspectClassifier.load(Normaliser(), cache)("要带什么材料")
    assert ranked[0][0] == "materials"
    assert sum(chance for _, chance in ranked) == pytest.approx(1, abs=1e-3)


def test_fingerprint_follows_the_training_sentences(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.yml").write_text("nlu: []", encoding="utf-8")
    before = fingerprint()
    monkeypatch.setattr("intents.aspects.TRAINING", tmp_path)
    assert fingerprint() != before
