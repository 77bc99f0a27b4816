"""Tables (对照表) of the language rules, as text files that can be edited without code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_HERE = Path(__file__).parent


def read_lines(name: str) -> Iterator[str]:
    """The lines of a table without comments and blanks."""
    for line in (_HERE / name).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line


def read_rows(name: str) -> Iterator[tuple[str, str]]:
    """The two tab-separated columns of a table."""
    for line in read_lines(name):
        left, right = line.split("\t")[:2]
        yield left, right
