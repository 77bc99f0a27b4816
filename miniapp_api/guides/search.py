"""Search (搜索) and suggestions (联想) over the items of one handbook."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from pypinyin import Style, lazy_pinyin

from intents.retrieve import Retriever
from miniapp_api.guides.handbook import Handbook
from miniapp_api.guides.item import Item

MOST_FOUND = 200
MOST_SUGGESTIONS = 10
LEAST_SCORE = 0.12  # below this a match shares a common word and nothing else
SHARE_OF_BEST = 0.4  # what scores less than this part of the best is not what was meant
FOREIGN = 0.9  # an equally good item of another region comes after ours
_LETTERS = re.compile(r"^[a-z0-9]+$")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True)
class Surface:
    """A name or alias (说法) of an item, ready to be matched against what is typed."""

    text: str
    key: str
    initials: str
    pinyin: str
    item: Item


class ItemSearch:
    """Finds items by a sentence, or by the first letters typed."""

    def __init__(self, handbook: Handbook) -> None:
        self._items = handbook.items
        self._retriever = Retriever(
            {"id": i.code, "name": i.name, "aliases": list(i.aliases)} for i in self._items.values()
        )
        self._surfaces = list(_surfaces(self._items.values()))

    def find(self, query: str) -> list[Item]:
        """Return the items that a query may mean (搜索), best first."""
        if _LETTERS.match(_key(query)):
            return list(self._typed(_key(query)))
        found = [(score * self._favour(code), code) for code, score in self._search(query)]
        found.sort(key=lambda pair: -pair[0])
        bar = max(LEAST_SCORE, found[0][0] * SHARE_OF_BEST) if found else 0.0
        return [self._items[code] for score, code in found if score >= bar]

    def _search(self, query: str) -> Sequence[tuple[str, float]]:
        return self._retriever.search(query, MOST_FOUND)

    def _favour(self, code: str) -> float:
        return FOREIGN if self._items[code].label else 1.0

    def suggest(self, typed: str) -> list[Surface]:
        """Return completions (联想): what starts with the typed first, then what contains it."""
        return list(islice(self._completions(_key(typed)), MOST_SUGGESTIONS))

    def _typed(self, key: str) -> Iterator[Item]:
        return (surface.item for surface in islice(self._completions(key), MOST_FOUND))

    def _completions(self, key: str) -> Iterator[Surface]:
        """Yield one surface per item, best first."""
        if not key:
            return
        letters = bool(_LETTERS.match(key))
        ranked = [
            (rank, surface.item.label is not None, len(surface.key), number)
            for number, surface in enumerate(self._surfaces)
            if (rank := _rank(surface, key, letters=letters)) is not None
        ]
        seen: set[str] = set()
        for *_, number in sorted(ranked):
            surface = self._surfaces[number]
            if surface.item.code not in seen:
                seen.add(surface.item.code)
                yield surface


def _rank(surface: Surface, key: str, *, letters: bool) -> int | None:
    """Rank a match: 0 starts with it, 1 contains it, None no match; letters match pinyin too."""
    if surface.key.startswith(key):
        return 0
    if letters and (surface.initials.startswith(key) or surface.pinyin.startswith(key)):
        return 0
    # One letter stands in every other name: only the start of a name counts for it.
    if len(key) > 1 and (key in surface.key or (letters and key in surface.initials)):
        return 1
    return None


def _surfaces(items: Iterable[Item]) -> Iterator[Surface]:
    for item in items:
        for text in dict.fromkeys((item.name, *item.aliases)):
            syllables = lazy_pinyin(text, style=Style.NORMAL)
            initials = "".join(syllable[:1] for syllable in syllables).lower()
            yield Surface(text, _key(text), initials, "".join(syllables).lower(), item)


def _key(text: str) -> str:
    return _BLANKS.sub("", text).lower()
