"""Catalogues (事项目录) to measure with: a real one of 2,262 items, and large invented ones."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from random import Random

import jieba
import orjson

from benchmarks.bench import SHENBAN, Bench
from benchmarks.harness import Skipped
from miniapp_api.settings import ROOT

jieba.setLogLevel(logging.WARNING)  # not its loading times
REAL = ROOT.parent / "shared" / "data" / "items" / "guangdong_items.jsonl"


async def import_real(bench: Bench, data: Path) -> Path:
    """Import the real catalogue into a data folder and return its file, or skip."""
    if not REAL.is_file():
        raise Skipped(f"{REAL.name} is not on this machine")
    bench.step("importing the real catalogue")
    command = [str(SHENBAN), "handbook", "import", str(REAL)]
    await bench.run(*command, SHENBAN_DATA__FOLDER=str(data))
    return next((data / "catalogues").glob("*.jsonl"))


def names_of(catalogue: Path) -> list[str]:
    """Return the names in a catalogue."""
    with catalogue.open(encoding="utf-8") as lines:
        return [orjson.loads(line)["name"] for line in lines if line.strip()]


def invent(names: Iterable[str], count: int, into: Path, seed: int = 7) -> Path:
    """Write `count` plausible items: the beginning of one real name and the end of another."""
    random = Random(seed)
    cut = [words for name in names if 4 <= len(name) <= 40 and len(words := jieba.lcut(name)) > 2]
    invented: dict[str, None] = {}
    while len(invented) < count:
        first, last = random.choice(cut), random.choice(cut)
        head, tail = random.randint(1, len(first) - 1), random.randint(1, len(last) - 1)
        invented["".join(first[:head] + last[tail:])] = None
    with into.open("wb") as file:
        for number, name in enumerate(invented):
            item = {"code": f"invented-{number}", "name": name, "aliases": []}
            file.write(orjson.dumps(item) + b"\n")
    return into
