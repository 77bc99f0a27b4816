"""Slips of the pen and of speech recognition, made with tables that we did not write."""

from __future__ import annotations

import random
from datetime import datetime
from pathlib import Path

import pytest

from intents.catalogue import read_entries
from intents.understand import Understander

ROOT = Path(__file__).parents[2]
NOISE = ROOT.parent / "shared" / "data" / "noise"
NOW = datetime(2026, 11, 23, 10, 0)
QUERIES = 150
pytestmark = pytest.mark.skipif(
    not NOISE.is_dir(), reason="the noise tables (../shared/data/noise) are not on this machine"
)


def _alike(name: str) -> dict[str, str]:
    """Character → the characters confusable with it."""
    table: dict[str, str] = {}
    for line in (NOISE / name).read_text("utf-8").splitlines():
        char, *others = line.split()
        if len(char) == 1 and others:
            table[char] = "".join(others)
    return table


def _hits(understander: Understander, table: dict[str, str], slips: int) -> float:
    """Share of the handbook's own wordings found first after `slips` characters are mistaken."""
    chance = random.Random(1)
    spoken = [(a, e.id) for e in read_entries(ROOT / "handbook") for a in e.aliases if len(a) > 4]
    hits = 0
    for alias, item in chance.sample(spoken, QUERIES):
        letters = list(alias)
        able = [i for i, char in enumerate(letters) if char in table]
        for i in chance.sample(able, min(slips, len(able))):
            letters[i] = chance.choice(table[letters[i]])
        found = understander.understand("".join(letters) + "怎么办", NOW)
        hits += bool(found.items) and found.items[0].id == item
    return hits / QUERIES


@pytest.mark.parametrize(
    ("name", "mark"),
    [("same_pinyin.txt", 0.85), ("same_stroke.txt", 0.85), ("形近字语料库.txt", 0.8)],
)
def test_one_mistaken_character_seldom_hides_the_item(
    understander: Understander, name: str, mark: float
) -> None:
    clean, noisy = _hits(understander, {}, 0), _hits(understander, _alike(name), 1)
    print(f"{name}: clean {clean:.3f}, one slip {noisy:.3f}")
    assert noisy >= mark * clean
