"""Word segmentation (分词): jieba with our words and a trimmed general dictionary.

jieba's own dictionary takes about 100 MB as a Python dict; the words seen at least MIN_FREQUENCY
times in its corpus are 80,000 of 350,000 and enough for sentences said to a government hall.
"""

from __future__ import annotations

import hashlib
import importlib.util
import marshal
import math
import os
import re
import sys
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

MIN_FREQUENCY = 20
_FORMAT = "2"
_General = tuple[dict[str, int], int, frozenset[str]]  # frequencies, their sum, nouns
_NOUNS = ("n", "vn", "j", "l", "i", "g")  # parts of speech (词性) that can name a thing
_BLOCKS = re.compile(r"([\u4E00-\u9FD5a-zA-Z0-9+#&\._%\-]+)")  # as jieba's, which glues these
_BREAKS = re.compile(r"(\r\n|\s)")
_LATIN = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_REMEMBERED = 64  # sentences: normalising, finding the matter and the bot cut the same one
_HERE = Path(__file__).parent / "dictionaries"
_OWN_FREQUENCY = 3000  # heavy enough that an item's name is kept whole


class _LazyEmissions(dict[str, Any]):
    """jieba's table for guessing unknown words: 60 MB and 0.4 s to read, and never asked by us.

    Whoever does segment with HMM=True in this process gets the real one, at that moment.
    """

    def __missing__(self, state: str) -> Any:
        source = Path(jieba.__file__).with_name("finalseg") / "prob_emit.py"
        spec = importlib.util.spec_from_file_location("_prob_emit", source)
        if spec is None or spec.loader is None:
            raise KeyError(state)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self.update(module.P)
        return dict(self).get(state, {})


def _postpone_emissions() -> None:
    name = "jieba.finalseg.prob_emit"
    if "jieba" not in sys.modules:
        postponed = ModuleType(name)
        postponed.__dict__["P"] = _LazyEmissions()
        sys.modules[name] = postponed


_postpone_emissions()
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


def _general() -> _General:
    """Frequent words of jieba's packaged dictionary, with the prefixes its lattice needs."""
    frequencies: dict[str, int] = {}
    nouns: set[str] = set()
    total = 0
    source = Path(jieba.__file__).with_name("dict.txt")
    with source.open(encoding="utf-8") as lines:
        for line in lines:
            word, count, kind = line.rstrip().split(" ", 2)
            frequency = int(count)
            if frequency >= MIN_FREQUENCY:
                frequencies[word] = frequency
                total += frequency
                if len(word) > 1 and kind.startswith(_NOUNS):
                    nouns.add(word)
    for word in list(frequencies):
        for i in range(1, len(word)):
            frequencies.setdefault(word[:i], 0)
    return frequencies, total, frozenset(nouns)


def _cached_general(cache: Path | None) -> _General:
    if cache is None:
        return _general()
    key = f"{jieba.__version__}-{MIN_FREQUENCY}-{_FORMAT}-{marshal.version}"
    path = cache / f"words-{hashlib.sha256(key.encode()).hexdigest()[:12]}.marshal"
    try:
        loaded: Any = marshal.loads(path.read_bytes())  # noqa: S302 our own cache folder
        return loaded[0], loaded[1], loaded[2]
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
        tokenizer.FREQ, tokenizer.total, self._nouns = _cached_general(cache)
        tokenizer.initialized = True
        self._tokenizer = tokenizer
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._split)
        self._own: set[str] = set()
        self.add(own_words())
        self.add(words)

    def add(self, words: Iterable[str]) -> None:
        """Keep these words whole from now on."""
        frequencies = self._tokenizer.FREQ
        for word in words:
            self._own.add(word)
            if len(word) < 2 or frequencies.get(word, 0) >= _OWN_FREQUENCY:
                continue
            self._tokenizer.total += _OWN_FREQUENCY - frequencies.get(word, 0)
            frequencies[word] = _OWN_FREQUENCY
            for i in range(1, len(word)):
                frequencies.setdefault(word[:i], 0)
        self._remembered.cache_clear()

    def knows(self, word: str) -> bool:
        """Whether the word stands in a dictionary."""
        return bool(self._tokenizer.FREQ.get(word))

    def may_name(self, word: str) -> bool:
        """Whether the word can name a thing: a noun, one of ours, or a word nobody listed."""
        return word in self._nouns or word in self._own or not self.knows(word)

    def cut(self, text: str) -> list[str]:
        """Words in order, nothing lost: joining them gives the text back."""
        return list(self._remembered(text))

    def tokens(self, text: str) -> list[tuple[str, int, int]]:
        """Words with their begin and stop offsets, blanks left out."""
        found, position = [], 0
        for word in self.cut(text):
            if word.strip():
                found.append((word, position, position + len(word)))
            position += len(word)
        return found

    def _split(self, text: str) -> tuple[str, ...]:
        """What jieba's cut(HMM=False) gives, at a third of its time (see the tests)."""
        words: list[str] = []
        for number, block in enumerate(_BLOCKS.split(text)):
            if number % 2:
                words += _glued(block, self._ends(block))
            elif block:
                for part in _BREAKS.split(block):
                    words += [part] if part == "\r\n" else part
        return tuple(words)

    def _ends(self, block: str) -> list[int]:
        """Where the word that begins at each character ends, on the likeliest path (最大概率)."""
        frequency, log = self._tokenizer.FREQ.get, math.log
        size, base = len(block), log(self._tokenizer.total)
        ends, scores = [0] * size, [0.0] * (size + 1)
        for begin in range(size - 1, -1, -1):
            best, end, stop = -math.inf, 0, begin + 1
            count = frequency(block[begin])
            while count is not None:
                if count and (score := log(count) - base + scores[stop]) >= best:
                    best, end = score, stop
                stop += 1
                count = frequency(block[begin:stop]) if stop <= size else None
            if not end:
                best, end = scores[begin + 1] - base, begin + 1
            ends[begin], scores[begin] = end, best
        return ends


def _glued(block: str, ends: list[int]) -> Iterator[str]:
    """The words of a block; letters and digits that stand alone become one word."""
    position, loose = 0, ""
    while position < len(block):
        word = block[position : ends[position]]
        position = ends[position]
        if word in _LATIN:
            loose += word
            continue
        if loose:
            yield loose
            loose = ""
        yield word
    if loose:
        yield loose
