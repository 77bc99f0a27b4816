"""Weighted terms (检索词项) of a short text: character grams, their sounds, and concepts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from intents.normalise import fold
from intents.tables import read_lines

# Chosen on aliases left out of the handbook's index and on everyday questions (see tests).
LENGTHS = {1: 0.5, 2: 1.0}  # weight of a gram by its length; longer ones made results worse
SOUND = 0.2  # two characters that sound alike, against the same two characters
SAME_MATTER = 2.4  # two different words of one concept group
COVERED = 0.3  # what is left to the grams of a word that its concept already stands for
STRADDLING = 0.3  # what is left to a gram that reaches from such a word into the next
_SOUND_MARK, _CONCEPT_MARK = "\x04", "\x05"


@dataclass(frozen=True)
class Terms:
    """The distinct terms of a text, column by column, each at its first place.

    bases: the weight of its kind; shares: less than one where a concept already stands for the
    word it is part of; begins and stops: offsets in `line`; places: where each character of
    `line` stood in the text as it was given.
    """

    line: str
    places: list[int]
    texts: list[str]
    bases: list[float]
    shares: list[float]
    begins: list[int]
    stops: list[int]


def compact(text: str) -> tuple[str, list[int]]:
    """The letters, digits and Chinese characters of a folded text, and where each stood."""
    folded = fold(text)
    places = [i for i, char in enumerate(folded) if char.isalnum()]
    return "".join([folded[i] for i in places]), places


def terms(text: str) -> Terms:
    """Take a text apart into its terms."""
    line, places = compact(text)
    size = len(line)
    concepts, inside = _concept_spans(line)
    rows = [(group, SAME_MATTER, 1 - COVERED, begin, stop) for begin, stop, group in concepts]
    for length, base in LENGTHS.items():
        for i in range(size - length + 1):
            stop = i + length
            left, right = inside[i], inside[stop - 1]
            share = 1.0 if left == right == 0 else COVERED if left == right else STRADDLING
            rows.append((line[i:stop], base, share, i, stop))
    rows += [(pair, SOUND, 1.0, i, i + 2) for i, pair in _sound_pairs(line)]
    first = {row[0]: row for row in reversed(rows)}
    columns = [list(column) for column in zip(*first.values(), strict=True)] or [[], [], [], [], []]
    return Terms(line, places, *columns)


def _concept_spans(line: str) -> tuple[list[tuple[int, int, str]], list[int]]:
    """Words of a concept group in the line, and for each character the number of its word."""
    pattern, groups = _concepts()
    spans = [(m.start(), m.end(), groups[m[0]]) for m in pattern.finditer(line)]
    inside = [0] * len(line)
    for number, (begin, stop, _) in enumerate(spans, start=1):
        inside[begin:stop] = [number] * (stop - begin)
    return spans, inside


def _sound_pairs(line: str) -> list[tuple[int, str]]:
    known = sounds()
    said = [known.get(char) for char in line]
    return [(i, f"{_SOUND_MARK}{a} {b}") for i, (a, b) in enumerate(pairwise(said)) if a and b]


@lru_cache(maxsize=1)
def sounds() -> dict[str, str]:
    """First reading (拼音) of each character, slurred: zh/z, ch/c, sh/s and -ng/-n are one."""
    readings: dict[str, str] = {}
    for line in read_lines("pinyin.txt"):
        syllable, primary = line.split("\t")[:2]
        slurred = re.sub("ng$", "n", re.sub("^([zcs])h", r"\1", syllable))
        readings.update(dict.fromkeys(primary, slurred))
    return readings


@lru_cache(maxsize=1)
def _concepts() -> tuple[re.Pattern[str], dict[str, str]]:
    groups: dict[str, str] = {}
    for line in read_lines("concepts.tsv"):
        words = line.split("\t")
        for word in words:
            groups.setdefault(fold(word), _CONCEPT_MARK + words[0])
    longest_first = sorted(groups, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))), groups
