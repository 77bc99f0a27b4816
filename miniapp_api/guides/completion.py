"""Completion (输入联想) over thousands of names: one long string searched at C speed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

MOST_HITS = 600


class Completer:
    """Finds the rows whose keys start with, or contain, what was typed."""

    def __init__(self, rows: Iterable[tuple[int, str]]) -> None:
        """Index (row number, key) pairs; a row may have several keys."""
        pairs = [(row, key) for row, key in rows if key and "\n" not in key]
        self._rows = [row for row, _ in pairs]
        self._starts: list[int] = []
        place = 0
        for _, key in pairs:
            self._starts.append(place)
            place += len(key) + 1
        self._text = "".join(f"\n{key}" for _, key in pairs)

    def starting(self, typed: str) -> Iterator[int]:
        """Yield the rows with a key that starts with the typed (前缀)."""
        return self._hits("\n" + typed)

    def containing(self, typed: str) -> Iterator[int]:
        """Yield the rows with a key that contains the typed (包含)."""
        return self._hits(typed)

    def _hits(self, pattern: str) -> Iterator[int]:
        """Yield rows in order, each once a key; at most MOST_HITS of them."""
        found, place = 0, self._text.find(pattern)
        while place >= 0 and found < MOST_HITS:
            key = bisect_right(self._starts, place) - 1
            yield self._rows[key]
            found += 1
            # On to the next key: a second hit in the same one says nothing new.
            following = key + 1
            if following == len(self._starts):
                return
            place = self._text.find(pattern, self._starts[following])
