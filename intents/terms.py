"""Weighted terms (检索词项) of a short text: character grams, their sounds, and concepts."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from intents.normalise import fold
from intents.tables import read_lines

# Weight of a gram by its length; one character says little, three in a row hardly more than two.
LENGTHS = {1: 0.3, 2: 1.0, 3: 0.8}
SOUND = 0.45  # two characters that sound alike, against the same two characters
SAME_MATTER = 1.6  # two different words of one concept group
COVERED = 0.5  # what is left to the grams of a word that its concept already stands for
_SOUND_MARK, _CONCEPT_MARK = "\x04", "\x05"


class Term(NamedTuple):
    """A term with its place in the text (offsets of the text as it was given)."""

    text: str
    base: float  # weight of its kind
    share: float  # less than one where a concept already stands for the word it is part of
    begin: int
    stop: int


def compact(text: str) -> tuple[str, list[int]]:
    """The letters, digits and Chinese characters of a folded text, and where each stood."""
    folded = fold(text)
    kept = [i for i, char in enumerate(folded) if char.isalnum()]
    return "".join([folded[i] for i in kept]), kept


@lru_cache(maxsize=1)
def _sounds() -> dict[str, str]:
    """First reading of each character, slurred: zh/z, ch/c, sh/s, -ng/-n, l/n are one sound."""
    sounds: dict[str, str] = {}
    for line in read_lines("pinyin.txt"):
        syllable, primary = line.split("\t")[:2]
        slurred = re.sub("ng$", "n", re.sub("^([zcs])h", r"\1", syllable))
        sounds.update(dict.fromkeys(primary, slurred))
    return sounds


@lru_cache(maxsize=1)
def _concepts() -> tuple[re.Pattern[str], dict[str, str]]:
    groups: dict[str, str] = {}
    for line in read_lines("concepts.tsv"):
        words = line.split("\t")
        for word in words:
            groups.setdefault(fold(word), _CONCEPT_MARK + words[0])
    longest_first = sorted(groups, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))), groups


def terms(text: str) -> list[Term]:
    """The distinct terms of a text, each once, at its first place."""
    line, places = compact(text)
    found: dict[str, Term] = {}
    pattern, groups = _concepts()
    spans = [(m.start(), m.end(), groups[m[0]]) for m in pattern.finditer(line)]
    inside = [0] * (len(line) + 1)
    for number, (begin, stop, group) in enumerate(spans, start=1):
        inside[begin:stop] = [number] * (stop - begin)
        if group not in found:
            end = places[stop - 1] + 1
            found[group] = Term(group, SAME_MATTER, 1 - COVERED, places[begin], end)
    for size, base in LENGTHS.items():
        for i in range(len(line) - size + 1):
            gram = line[i : i + size]
            if gram in found:
                continue
            covered = inside[i] and inside[i] == inside[i + size - 1]
            share = COVERED if covered else 1.0
            found[gram] = Term(gram, base, share, places[i], places[i + size - 1] + 1)
    _add_sounds(line, places, found)
    return list(found.values())


def _add_sounds(line: str, places: list[int], found: dict[str, Term]) -> None:
    known = _sounds()
    sounds = [known.get(char, "") for char in line]
    for i in range(len(line) - 1):
        if sounds[i] and sounds[i + 1]:
            pair = f"{_SOUND_MARK}{sounds[i]} {sounds[i + 1]}"
            if pair not in found:
                found[pair] = Term(pair, SOUND, 1.0, places[i], places[i + 1] + 1)
