"""What two sentences share and where they differ (句对特征): numbers, and named differences."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from intents.segment import Segmenter
from intents.terms import compact, sounds

# Words that carry what is asked rather than what it is asked of (疑问焦点).
_ASKED = "什么 怎么 哪 谁 多少 几 吗 是不是 为什么 如何 多久 多长 多大 能 可以 有"
_WANTED = "区别 意思 时候 地方 好 最 推荐 介绍 下载 歌 电影 小说 手机 图片 解释 例子"
FOCUS = tuple(f"{_ASKED} {_WANTED}".split())
_NEGATION = re.compile("[不没无非别未]")
_LATIN = re.compile(r"\d+|[a-z]+")
_LONGEST = 60  # characters compared by alignment; the tables grow with the product

Weight = Callable[[str], float]


@dataclass(frozen=True)
class Sentence:
    """A sentence taken apart once, for all its comparisons."""

    line: str
    words: list[str]
    sounds: list[str]


class Rarity:
    """Inverse document frequency of words, characters and bigrams, learnt from sentences."""

    def __init__(self, sentences: Iterable[Sentence]) -> None:
        self._seen: Counter[str] = Counter()
        self._size = 0
        for sentence in sentences:
            self._size += 1
            self._seen.update({*sentence.words, *sentence.line, *_grams(sentence.line, 2)})

    def __call__(self, term: str) -> float:
        """How much a term says; one never seen says most."""
        return math.log((self._size + 1) / (self._seen.get(term, 0) + 1)) + 0.1


class Reader:
    """Takes sentences apart (分词、注音), with one segmenter for all."""

    def __init__(self) -> None:
        self._segmenter = Segmenter()

    def __call__(self, text: str) -> Sentence:
        """The compact line, its words and its sounds."""
        line = compact(text)[0]
        known = sounds()
        return Sentence(line, self._segmenter.cut(line), [known.get(c, c) for c in line])


def numbers(a: Sentence, b: Sentence, rarity: Rarity) -> list[float]:
    """Overlaps, alignments, lengths and the weight of what differs; the order is fixed."""
    return [
        *_overlaps(a, b, rarity),
        *_alignments(a, b),
        *_remainders(a, b, rarity),
        *_focus(a.line, b.line),
    ]


def differences(a: Sentence, b: Sentence) -> dict[str, float]:
    """Named words and characters that one sentence has and the other lacks, and those shared."""
    ours, theirs = set(a.words), set(b.words)
    found: dict[str, float] = {f"word {w}": 1.0 for w in ours ^ theirs}
    found.update({f"both {w}": 0.5 for w in ours & theirs})
    found.update({f"char {c}": 1.0 for c in set(a.line) ^ set(b.line)})
    left, right = ours - theirs, theirs - ours
    if len(left) * len(right) <= 9:
        found.update({"for " + "|".join(sorted((u, v))): 1.0 for u in left for v in right})
    return found


def _overlaps(a: Sentence, b: Sentence, rarity: Rarity) -> list[float]:
    x, y = a.line, b.line
    result: list[float] = []
    for n in (1, 2, 3):
        result += _overlap(_grams(x, n), _grams(y, n), _one)
    for n in (1, 2):
        result += _overlap(_grams(x, n), _grams(y, n), rarity)
    result += _overlap(set(a.words), set(b.words), _one)
    result += _overlap(set(a.words), set(b.words), rarity)
    return result + _overlap(_sound_pairs(a), _sound_pairs(b), _one)


def _alignments(a: Sentence, b: Sentence) -> list[float]:
    x, y = a.line[:_LONGEST], b.line[:_LONGEST]
    longer, shorter = max(len(x), len(y), 1), max(min(len(x), len(y)), 1)
    common = _subsequence(x, y)
    words = _subsequence(a.words[:_LONGEST], b.words[:_LONGEST])
    return [
        common / longer,
        common / shorter,
        _substring(x, y) / shorter,
        _edits(x, y) / longer,
        _edits(a.sounds[:_LONGEST], b.sounds[:_LONGEST]) / longer,
        words / max(len(a.words), len(b.words), 1),
        abs(len(x) - len(y)),
        abs(len(x) - len(y)) / longer,
        len(x) + len(y),
        shorter,
        *(float(x[:n] == y[:n]) for n in (1, 2)),
        *(float(x[-n:] == y[-n:]) for n in (1, 2)),
        float(sorted(x) == sorted(y)),
        float(x == y),
    ]


def _remainders(a: Sentence, b: Sentence, rarity: Rarity) -> list[float]:
    """How much is left on either side when the shared words are taken away."""
    left = [rarity(w) for w in set(a.words) - set(b.words)]
    right = [rarity(w) for w in set(b.words) - set(a.words)]
    chars = [rarity(c) for c in set(a.line) ^ set(b.line)]
    shared = [rarity(w) for w in set(a.words) & set(b.words)]
    only_left, only_right = len(set(a.line) - set(b.line)), len(set(b.line) - set(a.line))
    return [
        *sorted((max(left, default=0.0), max(right, default=0.0))),
        sum(left) + sum(right),
        abs(sum(left) - sum(right)),
        float(len(left) + len(right)),
        float(min(len(left), len(right))),
        max(shared, default=0.0),
        *sorted((float(only_left), float(only_right))),
        sum(chars),
        max(chars, default=0.0),
    ]


def _focus(x: str, y: str) -> list[float]:
    """Whether negation (否定), figures or the word that carries the question differ."""
    negations = abs(len(_NEGATION.findall(x)) - len(_NEGATION.findall(y)))
    mismatches = [float((word in x) != (word in y)) for word in FOCUS]
    latin = float(_LATIN.findall(x) != _LATIN.findall(y))
    return [float(negations), latin, *mismatches, sum(mismatches)]


def _overlap(left: set[str], right: set[str], weight: Weight) -> list[float]:
    """Shared weight against the union, and against either side, the lesser share first."""
    shared = sum(map(weight, left & right))
    ours, theirs = sum(map(weight, left)), sum(map(weight, right))
    union = ours + theirs - shared
    parts = sorted((shared / ours if ours else 1.0, shared / theirs if theirs else 1.0))
    return [shared / union if union else 1.0, *parts]


def _one(_: str) -> float:
    return 1.0


def _grams(line: str, size: int) -> set[str]:
    return {line[i : i + size] for i in range(len(line) - size + 1)}


def _sound_pairs(sentence: Sentence) -> set[str]:
    said = sentence.sounds
    return {f"{said[i]} {said[i + 1]}" for i in range(len(said) - 1)}


def _places(sequence: Sequence[str]) -> dict[str, int]:
    """For each symbol, a bit for every place where it stands."""
    places: dict[str, int] = {}
    for i, symbol in enumerate(sequence):
        places[symbol] = places.get(symbol, 0) | 1 << i
    return places


def _subsequence(a: Sequence[str], b: Sequence[str]) -> int:
    """Length of the longest common subsequence (最长公共子序列), bit-parallel after Hyyrö."""
    full = (1 << len(a)) - 1
    places = _places(a)
    row = full
    for symbol in b:
        matched = row & places.get(symbol, 0)
        row = ((row + matched) | (row - matched)) & full
    return len(a) - row.bit_count()


def _substring(a: str, b: str) -> int:
    size = 0
    while not _grams(a, size + 1).isdisjoint(_grams(b, size + 1)):
        size += 1
    return size


def _edits(a: Sequence[str], b: Sequence[str]) -> int:
    """Edit distance (编辑距离), bit-parallel after Myers."""
    if not a:
        return len(b)
    full, last = (1 << len(a)) - 1, 1 << (len(a) - 1)
    places = _places(a)
    up, down, distance = full, 0, len(a)
    for symbol in b:
        equal = places.get(symbol, 0) | down
        diagonal = ((((equal & up) + up) ^ up) | equal) & full
        right = down | ~(diagonal | up) & full
        left = up & diagonal
        distance += bool(right & last) - bool(left & last)
        right, left = (right << 1 | 1) & full, left << 1 & full
        up, down = left | ~(diagonal | right) & full, right & diagonal
    return distance
