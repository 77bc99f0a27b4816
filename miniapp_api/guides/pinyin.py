"""Toneless pinyin (拼音) of names, for people who type sfz when they mean 身份证."""

from __future__ import annotations

from functools import lru_cache

from intents.tables import read_lines


@lru_cache(maxsize=1)
def _readings() -> dict[str, tuple[str, str]]:
    """Return the first and, where there is one, the second reading of each character."""
    first: dict[str, str] = {}
    second: dict[str, str] = {}
    for line in read_lines("pinyin.txt"):
        syllable, main, *other = line.split("\t")
        first.update(dict.fromkeys(main, syllable))
        for char in "".join(other):
            second.setdefault(char, syllable)
    return {char: (syllable, second.get(char, syllable)) for char, syllable in first.items()}


def spellings(text: str) -> tuple[str, ...]:
    """Return the ways to type a text in letters: initials by both readings, then in full.

    银行 → yx, yh, yinxing: a character of two readings (多音字) is found by the initial of either.
    """
    known = _readings()
    read = [known.get(char, (char, char)) for char in text.lower() if not char.isspace()]
    first = "".join(main[:1] for main, _ in read)
    second = "".join(other[:1] for _, other in read)
    return tuple(dict.fromkeys((first, second, "".join(main for main, _ in read))))
