"""Window numbers as people write them (窗口号): 1-10、25; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

SEPARATORS = re.compile(r"[\s,，、;；]+")
RANGE = re.compile(r"(\d{1,3})\s*[-~－—至到]\s*(\d{1,3})")
WIDTH = 3


def read(typed: str) -> list[str]:
    """Return the numbers that are meant, each once, in order; what is no number stays as it is."""
    found: set[str] = set()
    for part in filter(None, SEPARATORS.split(RANGE.sub(r"\1-\2", typed))):
        first, dash, last = part.partition("-")
        if dash and first.isdecimal() and last.isdecimal():
            found.update(f"{n:0{WIDTH}}" for n in range(int(first), int(last) + 1))
        else:
            found.add(part.zfill(WIDTH) if part.isdecimal() else part)
    return sorted(found)


def written(numbers: Sequence[str]) -> str:
    """Return numbers as short as people write them: 001-010、025."""
    runs: list[list[str]] = []
    for number in sorted(numbers):
        if runs and _follows(runs[-1][-1], number):
            runs[-1].append(number)
        else:
            runs.append([number])
    return "、".join(run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _follows(one: str, other: str) -> bool:
    return one.isdecimal() and other.isdecimal() and int(other) == int(one) + 1
