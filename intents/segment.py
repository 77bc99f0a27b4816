"""Word segmentation (分词): jieba with our words and a trimmed general dictionary.

jieba's own dictionary takes about 100 MB as a Python dict; the words seen at least MIN_FREQUENCY
times in its corpus are 80,000 of 350,000 and enough for sentences said to a government hall.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

MIN_FREQUENCY = 20
_FORMAT = "1"
_HERE = Path(__file__).parent / "dictionaries"
_OWN_FREQUENCY = 3000  # heavy enough that an item's name is kept whole

with warnings.catch_warnings():  # jieba's regular expressions and pkg_resources are dated
    warnings.simplefilter("ignore")
    import jieba


def own_words() -> list[str]:
    """Words of the bundled dictionaries (自带词典): domain terms and Shenyang's places."""
    return list(_own_rows())


@lru_cache(maxsize=1)
def domain_terms() -> tuple[str, ...]:
    """The domain terms (领域词) that typos are repaired towards."""
    return tuple(_read_words(_HERE / "terms.txt"))


def _own_rows() -> Iterator[str]:
    for path in sorted(_HERE.glob("*.txt")):
        yield from _read_words(path)


def _read_words(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield line.split()[0]


def _general() -> tuple[dict[str, int], int]:
    """Frequent words of jieba's packaged dictionary, with the prefixes its lattice needs."""
    frequencies: dict[str, int] = {}
    total = 0
    source = Path(jieba.__file__).with_name("dict.txt")
    with source.open(encoding="utf-8") as lines:
        for line in lines:
            word, count, _ = line.split(" ", 2)
            frequency = int(count)
            if frequency >= MIN_FREQUENCY:
                frequencies[word] = frequency
                total += frequency
    for word in list(frequencies):
        for i in range(1, len(word)):
            frequencies.setdefault(word[:i], 0)
    return frequencies, total


def _cached_general(cache: Path | None) -> tuple[dict[str, int], int]:
    if cache is None:
        return _general()
    key = f"{jieba.__version__}-{MIN_FREQUENCY}-{_FORMAT}-{marshal.version}"
    path = cache / f"words-{hashlib.sha256(key.encode()).hexdigest()[:12]}.marshal"
    try:
        loaded: Any = marshal.loads(path.read_bytes())  # noqa: S302 our own cache folder
        return loaded[0], loaded[1]
    except (OSError, ValueError, EOFError, TypeError, IndexError):
        general = _general()
        write_atomically(path, marshal.dumps(general))
        return general


def write_atomically(path: Path, data: bytes) -> None:
    """Write a cache file (缓存) so that a reader in another process never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    Path(name).replace(path)


class Segmenter:
    """Splits sentences into words; reads are safe from several threads."""

    def __init__(self, words: Iterable[str] = (), cache: Path | None = None) -> None:
        """Load the general dictionary (from `cache` if given), our words, and `words` on top."""
        tokenizer = jieba.Tokenizer()
        tokenizer.FREQ, tokenizer.total = _cached_general(cache)
        tokenizer.initialized = True
        self._tokenizer = tokenizer
        self.add(own_words())
        self.add(words)

    def add(self, words: Iterable[str]) -> None:
        """Keep these words whole from now on."""
        frequencies = self._tokenizer.FREQ
        for word in words:
            if len(word) < 2 or frequencies.get(word, 0) >= _OWN_FREQUENCY:
                continue
            self._tokenizer.total += _OWN_FREQUENCY - frequencies.get(word, 0)
            frequencies[word] = _OWN_FREQUENCY
            for i in range(1, len(word)):
                frequencies.setdefault(word[:i], 0)

    def knows(self, word: str) -> bool:
        """Whether the word stands in a dictionary."""
        return bool(self._tokenizer.FREQ.get(word))

    def cut(self, text: str) -> list[str]:
        """Words in order, nothing lost: joining them gives the text back."""
        return list(self._tokenizer.cut(text, HMM=False))

    def tokens(self, text: str) -> list[tuple[str, int, int]]:
        """Words with their begin and stop offsets, blanks left out."""
        found, position = [], 0
        for word in self.cut(text):
            if word.strip():
                found.append((word, position, position + len(word)))
            position += len(word)
        return found
