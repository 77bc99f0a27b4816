"""Facts about the generic classifier."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.classify import TextClassifier, softmax
from intents.features import Vectoriser
from tests.intents.shared import ROOT, shared, table

TEXTS = [
    f"{verb}{thing}{end}"
    for verb in ("我要", "想", "帮我")
    for thing in ("苹果", "香蕉", "梨")
    for end in ("", "吧", "啊", "谢谢")
] + [
    f"{verb}{thing}{end}"
    for verb in ("取消", "不要", "退掉")
    for thing in ("苹果", "香蕉", "梨")
    for end in ("", "吧", "啊", "谢谢")
]
LABELS = ["买"] * 36 + ["退"] * 36


@pytest.fixture(scope="module")
def model() -> TextClassifier:
    return TextClassifier.fit(TEXTS, LABELS)


def test_unseen_sentence_gets_the_label_of_its_kind(model: TextClassifier) -> None:
    assert model.predict(["我要一个西瓜", "西瓜不要了"]) == ["买", "退"]


def test_wording_in_traditional_or_full_width_characters_changes_nothing(
    model: TextClassifier,
) -> None:
    plain, other = model.predict_proba(["帮我退掉abc苹果吧", "幫我退掉ＡＢＣ蘋果吧"])
    assert np.allclose(plain, other)


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=300))
def test_any_string_gets_probabilities_that_sum_to_one(model: TextClassifier, text: str) -> None:
    row = model.predict_proba([text])[0]
    assert np.isclose(row.sum(), 1.0)
    assert (row >= 0).all()


def test_no_sentences_give_no_rows(model: TextClassifier) -> None:
    assert model.predict_proba([]).shape == (0, 2)
    assert model.predict([]) == []


def test_saved_model_answers_as_before(model: TextClassifier, tmp_path: Path) -> None:
    model.save(tmp_path / "deep" / "aspects")
    loaded = TextClassifier.load(tmp_path / "deep" / "aspects")
    assert loaded.labels == model.labels
    assert np.array_equal(loaded.predict_proba(TEXTS), model.predict_proba(TEXTS))


def test_saved_model_of_another_format_is_refused(model: TextClassifier, tmp_path: Path) -> None:
    model.save(tmp_path / "aspects")
    head = tmp_path / "aspects.json"
    head.write_text(head.read_text("utf-8").replace('"format": ', '"format": 9'), "utf-8")
    with pytest.raises(ValueError, match="format"):
        TextClassifier.load(tmp_path / "aspects")


def test_loading_and_asking_needs_neither_scikit_learn_nor_scipy(
    model: TextClassifier, tmp_path: Path
) -> None:
    model.save(tmp_path / "aspects")
    code = (
        "import sys, pathlib\n"
        "from intents.classify import TextClassifier\n"
        f"TextClassifier.load(pathlib.Path({str(tmp_path / 'aspects')!r})).predict(['我要苹果'])\n"
        "print([m for m in ('sklearn', 'scipy', 'jieba') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_one_label_only_is_refused() -> None:
    with pytest.raises(ValueError, match="two labels"):
        TextClassifier.fit(["甲", "乙"], ["同", "同"])


def test_two_sentences_are_enough_to_tell_them_apart() -> None:
    assert TextClassifier.fit(["你好", "再见"], ["a", "b"]).predict(["你好", "再见"]) == ["a", "b"]


def test_training_twice_gives_the_same_model(model: TextClassifier) -> None:
    again = TextClassifier.fit(TEXTS, LABELS)
    assert np.array_equal(again.predict_proba(TEXTS), model.predict_proba(TEXTS))


def test_wrong_labels_at_random_do_little_harm() -> None:
    path = shared("intents/smp2017_train.tsv")
    rows, held_out = table(path), table(shared("intents/smp2017_develop.tsv"))
    rng = random.Random(5)
    names = sorted({label for _, label in rows})
    noisy = [rng.choice(names) if rng.random() < 0.3 else label for _, label in rows]
    model = TextClassifier.fit([text for text, _ in rows], noisy)
    assert _accuracy(model, held_out) > 0.80  # a plain machine stays below 0.77 on these labels


def test_domains_are_told_apart_better_than_by_the_reference_machine() -> None:
    """SMP2017: the reference (char TF-IDF and linear SVM) has 0.894 on the test half."""
    rows, held_out = (
        table(shared("intents/smp2017_train.tsv")),
        table(shared("intents/smp2017_develop.tsv")),
    )
    begin = time.process_time()
    model = TextClassifier.fit([r[0] for r in rows], [r[1] for r in rows])
    assert time.process_time() - begin < 30
    assert _accuracy(model, held_out) > 0.91
    _check_calibration(model, held_out)


def test_long_message_costs_little_more_than_a_short_one(model: TextClassifier) -> None:
    begin = time.process_time()
    for _ in range(20):
        model.predict(["".join(chr(0x4E00 + i) for i in range(10_000))])
    assert (time.process_time() - begin) / 20 < 0.02


def _accuracy(model: TextClassifier, rows: list[list[str]]) -> float:
    guesses = model.predict([row[0] for row in rows])
    return sum(g == row[1] for g, row in zip(guesses, rows, strict=True)) / len(rows)


def _check_calibration(model: TextClassifier, rows: list[list[str]]) -> None:
    """Mean confidence and accuracy must agree within seven points."""
    chances = model.predict_proba([row[0] for row in rows])
    assert abs(chances.max(axis=1).mean() - _accuracy(model, rows)) < 0.07


@given(st.lists(st.floats(-500, 500), min_size=2, max_size=6))
def test_softmax_keeps_the_order_and_does_not_overflow(scores: list[float]) -> None:
    row = softmax(np.asarray([scores]))[0]
    assert np.isclose(row.sum(), 1.0)
    assert row.argmax() == np.asarray(scores).argmax() or np.isclose(
        row.max(), row[int(np.asarray(scores).argmax())]
    )


def test_vectors_have_length_one_and_know_only_their_vocabulary() -> None:
    vectoriser = Vectoriser.learn(["办身份证", "办护照", "换驾照"])
    terms, weights = vectoriser.vector("办护照")
    assert np.isclose(weights @ weights, 1.0, atol=1e-5)
    assert max(Counter(terms.tolist()).values()) == 1
    assert vectoriser.vector("xyz")[0].size <= 2  # the marked edges alone
