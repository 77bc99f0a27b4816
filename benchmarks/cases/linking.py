"""Linking a sentence to service items (事项链接), over a real and over a very large catalogue."""

from __future__ import annotations

import asyncio
import gc
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from random import Random
from statistics import median, quantiles
from zoneinfo import ZoneInfo

from benchmarks.bench import Bench
from benchmarks.catalogues import import_real, invent, names_of
from benchmarks.harness import Row, benchmark, interleaved, row
from intents.catalogue import Entry, read_entries
from intents.understand import Understander

LARGE = 100_000
SENTENCES = 400
QUESTIONS = (
    "{}咋整啊", "{}都要带啥材料", "请问一下{}在哪办", "办{}多少钱", "我想问{}几天能下来",
    "{}", "明天上午能约{}不", "{}能网上办吗", "给孩子办{}怎么办",
)  # fmt: skip
FOLLOW_UPS = ("多少钱", "要带什么", "在哪办")
Milliseconds = list[float]


@benchmark("linking")
async def linking(bench: Bench) -> list[Row]:
    """Everyday questions about our own and imported items, one at a time in one thread."""
    real = await import_real(bench, bench.scratch / "linking")
    names = names_of(real)
    large = invent(names, LARGE, bench.scratch / "large.jsonl")
    rows = []
    for name, catalogue, bar in (("linking", real, 0.5), ("linking.large", large, 3.0)):
        rows += await _measure(bench, name, catalogue, bar)
        gc.collect()
    return rows


async def _measure(bench: Bench, name: str, catalogue: Path, bar: float) -> list[Row]:
    bench.step(f"{name}: building the index")
    entries = read_entries(bench.handbook, [catalogue])
    started = time.perf_counter()
    understander = await asyncio.to_thread(
        Understander.load, bench.handbook, [catalogue], bench.settings.models
    )
    built = time.perf_counter() - started
    sentences = _sentences(entries)
    link, naive = _linker(understander), _Naive(entries)
    now = datetime.now(ZoneInfo(bench.settings.city.timezone))
    for sentence in sentences:  # warm caches, as a server's are
        understander.understand(sentence, now)
    ours, floor = await interleaved(
        bench, lambda: _timed(link, sentences), lambda: _timed(naive.best, sentences)
    )
    whole = [await _timed(lambda text: understander.understand(text, now), sentences)]
    detail = f"{len(entries):,} items, index built in {built:.1f} s"
    return [
        row(name, "ms", _p50(ours), _p50(floor), at_most=bar, detail=detail),
        row(f"{name}.p95", "ms", [quantiles(found, n=20)[18] for found in ours]),
        row(f"{name}.whole", "ms", _p50(whole), detail="understand(): with aspect, time, people"),
    ]


def _sentences(entries: Sequence[Entry]) -> list[str]:
    """Half about our own items in citizens' words, half about others, some about none."""
    random = Random(11)
    ours = [alias for entry in entries if entry.local for alias in entry.aliases]
    others = [entry.name for entry in entries if not entry.local]
    about = [random.choice(ours if n % 2 else others) for n in range(SENTENCES)]
    asked = [random.choice(QUESTIONS).format(matter) for matter in about]
    return asked + list(FOLLOW_UPS) * 10


def _linker(understander: Understander) -> Callable[[str], object]:
    """The steps of understand() that find the item: normalise, content words, link."""
    normalise, content = understander.normalise, understander._content
    linker = understander._linker

    def link(text: str) -> object:
        normalised = normalise(text)
        return linker.link(normalised, content(normalised, []))

    return link


class _Naive:
    """The floor: count shared character pairs over an inverted index, as anybody would."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._postings: dict[str, list[int]] = defaultdict(list)
        for number, entry in enumerate(entries):
            for pair in {pair for name in (entry.name, *entry.aliases) for pair in _pairs(name)}:
                self._postings[pair].append(number)

    def best(self, text: str) -> list[tuple[int, int]]:
        """Return the entries that share most pairs with the text."""
        shared: Counter[int] = Counter()
        for pair in _pairs(text):
            shared.update(self._postings.get(pair, ()))
        return shared.most_common(5)


def _pairs(text: str) -> set[str]:
    return {text[n : n + 2] for n in range(len(text) - 1)}


async def _timed(work: Callable[[str], object], sentences: Sequence[str]) -> Milliseconds:
    """Return the milliseconds of every sentence."""
    found = []
    for sentence in sentences:
        started = time.perf_counter()
        work(sentence)
        found.append((time.perf_counter() - started) * 1000)
    return found


def _p50(rounds: Sequence[Milliseconds]) -> list[float]:
    return [median(found) for found in rounds]
