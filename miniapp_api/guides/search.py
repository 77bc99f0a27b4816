"""Search (搜索) and suggestions (联想) over the items of one handbook."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from intents.retrieve import Retriever
from miniapp_api.guides.completion import Completer
from miniapp_api.guides.handbook import Handbook
from miniapp_api.guides.item import Item
from miniapp_api.guides.pinyin import spellings

MOST_FOUND = 100
MOST_SUGGESTIONS = 10
LEAST_SCORE = 0.12  # below this a match shares a common word and nothing else
SHARE_OF_BEST = 0.5  # what scores less than this part of the best is not what was meant
FOREIGN = 0.9  # an equally good item of another region comes after ours
_LETTERS = re.compile(r"^[a-z0-9]+$")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True)
class Surface:
    """A name or alias (说法) of an item."""

    text: str
    item: Item


class ItemSearch:
    """Finds items by a sentence, or by the first letters typed."""

    def __init__(self, handbook: Handbook) -> None:
        self._items = handbook.items
        self._retriever = Retriever(
            {"id": i.code, "name": i.name, "aliases": list(i.aliases)} for i in self._items.values()
        )
        self._surfaces = list(_surfaces(self._items.values()))
        texts = [surface.text for surface in self._surfaces]
        self._written = Completer((row, _key(text)) for row, text in enumerate(texts))
        self._spelled = Completer(
            (row, spelling) for row, text in enumerate(texts) for spelling in spellings(text)
        )

    def find(self, query: str) -> list[Item]:
        """Return the items that a query may mean (搜索), best first."""
        key = _key(query)
        if _LETTERS.match(key):
            return [surface.item for surface in islice(self._completions(key), MOST_FOUND)]
        found = [
            (score * (FOREIGN if self._items[code].label else 1.0), code)
            for code, score in self._retriever.search(query, MOST_FOUND)
        ]
        found.sort(key=lambda pair: -pair[0])
        bar = max(LEAST_SCORE, found[0][0] * SHARE_OF_BEST) if found else 0.0
        return [self._items[code] for score, code in found if score >= bar]

    def suggest(self, typed: str) -> list[Surface]:
        """Return completions (联想): what starts with the typed first, then what contains it."""
        return list(islice(self._completions(_key(typed)), MOST_SUGGESTIONS))

    def _completions(self, key: str) -> Iterator[Surface]:
        """Yield one surface per item: what starts with the key, then what contains it."""
        seen: set[str] = set()
        for row in self._rows(key) if key else ():
            surface = self._surfaces[row]
            if surface.item.code not in seen:
                seen.add(surface.item.code)
                yield surface

    def _rows(self, key: str) -> Iterator[int]:
        columns = [self._written, self._spelled] if _LETTERS.match(key) else [self._written]
        yield from self._sorted(row for column in columns for row in column.starting(key))
        # One letter or character stands in every other name: only the start counts for it.
        if len(key) > 1:
            yield from self._sorted(row for column in columns for row in column.containing(key))

    def _sorted(self, rows: Iterable[int]) -> list[int]:
        """Put ours before imported ones, then short names before long ones."""
        surfaces = self._surfaces
        return sorted(
            rows, key=lambda r: (surfaces[r].item.label is not None, len(surfaces[r].text))
        )


def _surfaces(items: Iterable[Item]) -> Iterator[Surface]:
    for item in items:
        for text in dict.fromkeys((item.name, *item.aliases)):
            yield Surface(text, item)


def _key(text: str) -> str:
    return _BLANKS.sub("", text).lower()
