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
    sounding = _sound_pairs(line)
    texts = [group for _, _, group in concepts]
    begins, stops = [begin for begin, _, _ in concepts], [stop for _, stop, _ in concepts]
    bases, shares = [SAME_MATTER] * len(concepts), [1 - COVERED] * len(concepts)
    for length, base in LENGTHS.items():
        count = max(size - length + 1, 0)
        texts += [line[i : i + length] for i in range(count)]
        begins += range(count)
        stops += range(length, length + count)
        bases += [base] * count
        shares += _shares(inside, length) if concepts else [1.0] * count
    texts += [pair for _, pair in sounding]
    begins += [i for i, _ in sounding]
    stops += [i + 2 for i, _ in sounding]
    bases += [SOUND] * len(sounding)
    shares += [1.0] * len(sounding)
    return _distinct(Terms(line, places, texts, bases, shares, begins, stops))


def _shares(inside: list[int], length: int) -> list[float]:
    """What is left to each gram, by the words that its first and last character are part of."""
    return [
        (COVERED if left else 1.0) if left == right else STRADDLING
        for left, right in zip(inside, inside[length - 1 :])  # noqa: B905 the last begin no gram
    ]


def _distinct(found: Terms) -> Terms:
    """Each term once, at its first place."""
    first: dict[str, int] = {}
    for i, text in enumerate(found.texts):
        first.setdefault(text, i)
    if len(first) == len(found.texts):
        return found
    kept = [*first.values()]
    return Terms(
        found.line,
        found.places,
        [*first],
        [found.bases[i] for i in kept],
        [found.shares[i] for i in kept],
        [found.begins[i] for i in kept],
        [found.stops[i] for i in kept],
    )


def _concept_spans(line: str) -> tuple[list[tuple[int, int, str]], list[int]]:
    """Words of a concept group in the line, and for each character the number of its word."""
    concepts = _concepts()
    spans: list[tuple[int, int, str]] = []
    inside = [0] * len(line)
    free = 0  # where the next word may begin
    for begin, char in enumerate(line):
        for word, group in concepts.get(char, ()) if begin >= free else ():
            if line.startswith(word, begin):
                free = begin + len(word)
                spans.append((begin, free, group))
                inside[begin:free] = [len(spans)] * len(word)
                break
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
def _concepts() -> dict[str, list[tuple[str, str]]]:
    """Words and their groups by first character, longest first: faster than one big pattern."""
    groups: dict[str, str] = {}
    for line in read_lines("concepts.tsv"):
        words = line.split("\t")
        for word in words:
            groups.setdefault(fold(word), _CONCEPT_MARK + words[0])
    concepts: dict[str, list[tuple[str, str]]] = {}
    for word in sorted(groups, key=len, reverse=True):
        concepts.setdefault(word[0], []).append((word, groups[word]))
    return concepts
