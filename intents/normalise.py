"""Bring a sentence to one spelling (归一化): width, script, speech, fillers, numerals, typos.

Two levels: `fold` keeps every character's position (offsets stay valid), `Normaliser` may change
the length. Nothing here raises on any string, and the work is bounded by MAX_LENGTH.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache

from intents.tables import read_rows
from intents.typos import TypoFixer

MAX_LENGTH = 400  # characters; a longer message is cut, the question is rarely after them
_ROUNDS = 12  # replacements may uncover one another; the loop normally ends after two

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0, "俩": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_NUMERAL = re.compile(
    r"(?<![零〇一二两三四五六七八九十百千第星期周拜])([一二两三四五六七八九十百千零〇]+)"
    r"(?=周?岁|元|块钱|天|个月|个工作日|平米|平方米|公里|年以|周年)"
)
_PUNCTUATION = re.compile(r"[^\w%℃]+|_+")
_ERHUA = re.compile(r"(?<=[证事点本号活份会块卡照表费])儿(?![童子女媳科歌园])")
_CLAUSE = r"(?:^|(?<=\s))"
_REPEAT = re.compile(r"(.)\1{3,}")


@lru_cache(maxsize=1)
def _simplified() -> dict[int, str]:
    """Traditional → simplified (繁→简) for single characters, so that positions stay."""
    from zhconv import zhconv

    table = zhconv.getdict("zh-hans")
    pairs = {ord(k): v for k, v in table.items() if len(k) == len(v) == 1 and k != v}
    # Drop zhconv's 9 MB working set: only the single characters are of use here.
    zhconv.zhcdicts = None
    return {k: v for k, v in pairs.items() if ord(v) not in pairs}


@lru_cache(maxsize=8192)
def _fold_char(char: str) -> str:
    wide = unicodedata.normalize("NFKC", char)
    if len(wide) == 1:
        char = wide
    char = char.lower() if len(char.lower()) == 1 else char
    category = unicodedata.category(char)
    if category[0] in "CZ" or category in ("So", "Sk", "Mn", "Me"):
        return " "
    return _simplified().get(ord(char), char)


def fold(text: str) -> str:
    """Half width, simplified, lower case, emoji as spaces; as long as text[:MAX_LENGTH]."""
    return "".join(map(_fold_char, text[:MAX_LENGTH]))


def _number(match: re.Match[str]) -> str:
    total, current = 0, 0
    for char in match[1]:
        if char in _UNITS:
            total += (current or 1) * _UNITS[char]
            current = 0
        else:
            current = current * 10 + _DIGITS[char]
    return str(total + current)


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))


class Normaliser:
    """Normalises sentences and, with the same rules, the item names they are compared with."""

    def __init__(
        self, terms: Iterable[str] = (), cut: Callable[[str], list[str]] | None = None
    ) -> None:
        """Repair typos towards `terms` (领域词); `cut` splits off the ordinary words."""
        self._spoken = dict(read_rows("colloquial.tsv"))
        self._spoken_pattern = re.compile(rf"(?:{_alternatives(self._spoken)})(?!(?<=儿)童)")
        rows = [(place, word) for place, word in read_rows("fillers.tsv")]
        start = _alternatives(w for place, w in rows if place == "start")
        end = _alternatives(w for place, w in rows if place == "end")
        self._fillers = re.compile(rf"{_CLAUSE}(?:{start})+|(?:{end})+(?=\s|$)")
        self._typos = TypoFixer(terms if cut else (), cut or list)

    def __call__(self, text: str) -> str:
        """Return the normalised sentence; "" when nothing readable is left."""
        text = self.term(text)
        for _ in range(_ROUNDS):
            repaired = self._typos.fix(text)
            if repaired == text:
                break
            text = self.term(repaired)
        return text

    def term(self, text: str) -> str:
        """Normalise an item name or alias: the same, but a name is never 'repaired'."""
        text = fold(text)
        for _ in range(_ROUNDS):
            before, text = text, self._once(text)
            if text == before:
                break
        return text

    def _once(self, text: str) -> str:
        text = _REPEAT.sub(r"\1\1\1", _PUNCTUATION.sub(" ", text)).strip()
        text = self._spoken_pattern.sub(lambda m: self._spoken[m[0]], text)
        text = _NUMERAL.sub(_number, _ERHUA.sub("", text))
        text = self._fillers.sub(" ", text).strip() or text
        return " ".join(text.split())[:MAX_LENGTH].strip()
