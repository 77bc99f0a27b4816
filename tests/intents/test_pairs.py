"""Facts about paraphrase scoring."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.pair_features import Rarity, Reader, _edits, _subsequence, numbers
from intents.pairs import PairScorer
from tests.intents.shared import shared

READ = Reader()
SYMBOLS = st.text(alphabet="甲乙丙丁", max_size=12)


def _plain_subsequence(a: str, b: str) -> int:
    if not a or not b:
        return 0
    if a[-1] == b[-1]:
        return _plain_subsequence(a[:-1], b[:-1]) + 1
    return max(_plain_subsequence(a[:-1], b), _plain_subsequence(a, b[:-1]))


def _plain_edits(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        above, row = row, [i]
        for j, y in enumerate(b):
            row.append(min(above[j + 1] + 1, row[j] + 1, above[j] + (x != y)))
    return row[-1]


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="甲乙丙", max_size=7), st.text(alphabet="甲乙丙", max_size=7))
def test_bit_parallel_subsequence_equals_the_textbook_one(a: str, b: str) -> None:
    assert _subsequence(a, b) == _plain_subsequence(a, b)


@given(SYMBOLS, SYMBOLS)
def test_bit_parallel_edit_distance_equals_the_textbook_one(a: str, b: str) -> None:
    assert _edits(a, b) == _plain_edits(a, b)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_two_strings_can_be_compared_in_either_order(a: str, b: str) -> None:
    left, right = READ(a), READ(b)
    rarity = Rarity([left, right])
    assert len(numbers(left, right, rarity)) == len(numbers(right, left, rarity))


def test_one_label_only_is_refused() -> None:
    with pytest.raises(ValueError, match="both labels"):
        PairScorer.fit(["甲"], ["乙"], [1])


def test_paraphrases_are_told_from_others_on_pairs_not_trained_on() -> None:
    lines = shared("matching/lcqmc_dev.txt").read_text("utf-8").splitlines()
    random.Random(3).shuffle(lines)
    rows = [line.split("\t") for line in lines[:2000]]
    first, second = [r[0] for r in rows], [r[1] for r in rows]
    same = [int(r[2]) for r in rows]
    model = PairScorer.fit(first[:1500], second[:1500], same[:1500])
    guesses = model.predict(first[1500:], second[1500:])
    right = sum(g == s for g, s in zip(guesses, same[1500:], strict=True))
    assert right / 500 > 0.78  # best single overlap with its best threshold: 0.70
    assert 0.3 <= model.threshold <= 0.7
