"""Repair spelling slips (错别字) towards the words of the domain, by sound and by shape.

A character is only ever replaced when the result is a domain term and the evidence is more than
one edit: the wrong character sounds or looks like the right one, and it does not belong to an
ordinary word. Knows nothing of particular mistakes; the tables hold characters, not sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from intents.tables import read_lines

_LONGEST = 6  # characters of a term that is worth indexing
_MASK = "\0"
_PRIVATE = 0xE000  # one private-use letter a syllable, so that windows of sound are slices
# Characters that carry grammar: a lone one is nearly always meant as it stands.
_GRAMMAR = frozenset(
    "的了着过吗呢吧啊我你他她它们是在有不没无要想能会可以就都也还再又和跟与给把被让对从到去来上下"
    "里这那哪什么怎几多少个张本份次天年月日号点分元块钱一二三四五六七八九十百千万两第办补换改查领"
    "取开交带用拿问说看得很太好大小人家男女新旧老孩父母爸妈谁为因所而且或但将由等及其于之前后内外"
    "中时候完成做弄整"
)


@lru_cache(maxsize=1)
def _sounds() -> tuple[dict[int, str], dict[str, frozenset[str]]]:
    """A letter for a character's first reading, and all its readings, slurred as pronounced."""
    letters: dict[str, str] = {}
    first: dict[int, str] = {}
    every: dict[str, set[str]] = {}
    for line in read_lines("pinyin.txt"):
        syllable, primary, secondary = line.split("\t")
        sound = _slur(syllable)
        letter = letters.setdefault(sound, chr(_PRIVATE + len(letters)))
        first.update((ord(char), letter) for char in primary)
        for char in primary + secondary:
            every.setdefault(char, set()).add(sound)
    return first, {char: frozenset(s) for char, s in every.items()}


def _slur(syllable: str) -> str:
    """Flat tongue and one nasal: zh/z, ch/c, sh/s and -ng/-n are one sound to a typist."""
    if syllable[:2] in ("zh", "ch", "sh"):
        syllable = syllable[0] + syllable[2:]
    return syllable[:-1] if syllable.endswith("ng") else syllable


@lru_cache(maxsize=1)
def _shapes() -> dict[str, frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for group in read_lines("shapes.txt"):
        for char in group:
            groups.setdefault(char, set()).update(group)
    return {char: frozenset(group) for char, group in groups.items()}


def alike(a: str, b: str) -> bool:
    """Whether two characters sound (音近) or look (形近) alike."""
    every = _sounds()[1]
    return bool(every.get(a, frozenset()) & every.get(b, frozenset())) or b in _shapes().get(a, ())


class TypoFixer:
    """Finds windows of a sentence that are one domain term but for confusable characters."""

    def __init__(self, terms: Iterable[str], cut: Callable[[str], list[str]]) -> None:
        """Index the terms; `cut` splits a sentence into words, unknown ones into characters."""
        self._cut = cut
        self._terms = {t for t in terms if 2 <= len(t) <= _LONGEST and not t.isascii()}
        self._masked: dict[str, list[str]] = {}
        self._spoken: dict[str, list[str]] = {}
        self._pairs: set[str] = set()  # sounds that follow each other in some term
        for term in sorted(self._terms):
            for i in range(len(term)):
                self._masked.setdefault(_mask(term, i), []).append(term)
            sound = _pronounce(term)
            self._pairs.update(sound[i : i + 2] for i in range(len(term) - 1))
            if len(term) > 2:
                self._spoken.setdefault(sound, []).append(term)

    def fix(self, text: str) -> str:
        """Return the sentence with its confusable slips repaired."""
        if not self._terms or not text:
            return text
        scan = _Scan(text, _pronounce(text), self._cut(text))
        for start, stop in scan.words:
            if stop - start > 2 and text[start:stop] not in self._terms:
                self._same_sound(scan, start, stop)
        for at in sorted(scan.loose):
            if at not in scan.replaced:
                self._around(scan, at)
        return "".join(scan.replaced.get(i, char) for i, char in enumerate(text))

    def _around(self, scan: _Scan, at: int) -> None:
        """Try the windows that cover a loose character, longest first."""
        text = scan.text
        shortest = 4 if text[at] in _GRAMMAR else 2
        low, high = self._reach(scan.sound, at)
        for length in range(min(_LONGEST, high - low), shortest - 1, -1):
            for start in range(max(low, at - length + 1), min(at, high - length) + 1):
                window = text[start : start + length]
                if window in self._terms:
                    return
                term = self._one_slip(window, at - start) or self._several(scan, window, start)
                if term and (length > 2 or {start, start + 1} <= scan.loose):
                    scan.replace(start, term)
                    return

    def _reach(self, sound: str, at: int) -> tuple[int, int]:
        """How far a term around `at` may reach: but for that character it sounds like the text."""
        low, high = max(at - 1, 0), min(at + 2, len(sound))
        while low > 0 and sound[low - 1 : low + 1] in self._pairs:
            low -= 1
        while high < len(sound) and sound[high - 1 : high + 1] in self._pairs:
            high += 1
        return low, high

    def _one_slip(self, window: str, at: int) -> str | None:
        for term in self._masked.get(_mask(window, at), ()):
            if alike(window[at], term[at]):
                return term
        return None

    def _several(self, scan: _Scan, window: str, start: int) -> str | None:
        for term in self._spoken.get(scan.sound[start : start + len(window)], ()):
            wrong = [start + i for i, char in enumerate(window) if char != term[i]]
            if len(wrong) == 1 or scan.loose.issuperset(wrong):
                return term
        return None

    def _same_sound(self, scan: _Scan, start: int, stop: int) -> None:
        """An ordinary word of three or more characters that sounds exactly like a term: 身分证."""
        word = scan.text[start:stop]
        for term in self._spoken.get(scan.sound[start:stop], ()):
            if sum(a != b for a, b in zip(word, term)) == 1:  # noqa: B905 as long as each other
                scan.replace(start, term)
                return


class _Scan:
    """One sentence under repair: its sounds, its words, and what has been replaced so far."""

    def __init__(self, text: str, sound: str, words: list[str]) -> None:
        self.text, self.sound = text, sound
        self.replaced: dict[int, str] = {}
        self.words: list[tuple[int, int]] = []
        position = 0
        for word in words:
            self.words.append((position, position + len(word)))
            position += len(word)
        self.loose = {
            start
            for start, stop in self.words
            if stop - start == 1 and ("\u4e00" <= text[start] <= "\u9fff")
        }

    def replace(self, start: int, term: str) -> None:
        """Write the term over the sentence from `start` on."""
        self.replaced.update((start + i, char) for i, char in enumerate(term))


def _mask(text: str, at: int) -> str:
    return text[:at] + _MASK + text[at + 1 :]


def _pronounce(text: str) -> str:
    return text.translate(_sounds()[0])
