"""The harness: benchmarks by name, interleaved rounds, rows of the result.

A new benchmark is one file in benchmarks/cases/ with

    @benchmark("name")
    async def name(bench: Bench) -> list[Row]: ...

Nothing here is a test: a bar that does not hold is printed, not raised.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import asdict, dataclass
from importlib import import_module
from pkgutil import iter_modules
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.bench import Bench

ROUNDS = 3


class CannotRunError(Exception):
    """A benchmark could not run at all: the run ends with a non-zero exit code."""


class Skipped(Exception):
    """A benchmark has nothing to measure on this machine; says why."""


@dataclass(frozen=True)
class Row:
    """A measured figure; `floor`, `ratio` (ours / floor) and `bar` are None where there is none."""

    name: str
    ours: float | None
    floor: float | None
    ratio: float | None
    unit: str
    bar: str | None
    holds: bool | None
    detail: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the row as latest.json holds it."""
        content = asdict(self)
        del content["detail"]
        return content


Case = Callable[["Bench"], Coroutine[Any, Any, list[Row]]]
CASES: dict[str, Case] = {}


def benchmark(name: str) -> Callable[[Case], Case]:
    """Register a benchmark under a name."""

    def register(case: Case) -> Case:
        if name in CASES:
            raise ValueError(f"two benchmarks are called {name}")
        CASES[name] = case
        return case

    return register


def discover() -> dict[str, Case]:
    """Import every file of benchmarks/cases and return the benchmarks in the order of names."""
    from benchmarks import cases

    for module in iter_modules(cases.__path__):
        import_module(f"{cases.__name__}.{module.name}")
    return dict(sorted(CASES.items()))


async def interleaved[T](
    bench: Bench,
    ours: Callable[[], Awaitable[T]],
    floor: Callable[[], Awaitable[T]],
    rounds: int = ROUNDS,
) -> tuple[list[T], list[T]]:
    """Measure A B A B A B, so that whatever else the machine does hits both alike."""
    both: tuple[list[T], list[T]] = ([], [])
    for number in range(1, rounds + 1):
        for title, measure, found in (("ours", ours, both[0]), ("floor", floor, both[1])):
            bench.step(f"round {number}/{rounds}, {title}")
            found.append(await measure())
    return both


def row(
    name: str,
    unit: str,
    ours: list[float],
    floor: list[float] | None = None,
    *,
    at_most: float | None = None,
    at_least: float | None = None,
    ratio_at_least: float | None = None,
    detail: str = "",
) -> Row:
    """Make a row of the rounds' medians, held to at most one bar."""
    value = median(ours)
    base = median(floor) if floor else None
    ratio = value / base if base else None
    bar, holds = None, None
    if at_most is not None:
        bar, holds = f"<= {at_most:g} {unit}", value <= at_most
    elif at_least is not None:
        bar, holds = f">= {at_least:g} {unit}", value >= at_least
    elif ratio_at_least is not None:
        bar, holds = f"ratio >= {ratio_at_least:g}", (ratio or 0.0) >= ratio_at_least
    return Row(name, _short(value), _short(base), _short(ratio), unit, bar, holds, detail)


def _short(value: float | None) -> float | None:
    """Four digits: more would claim an exactness that a shared machine does not have."""
    return None if value is None else float(f"{value:.4g}")
