"""`python -m benchmarks [--only NAME] [--list]`: run, print the table, write latest.json."""

from __future__ import annotations

import argparse
import os
import time
import traceback
import warnings
from contextlib import ExitStack

import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks import report
from benchmarks.bench import CASES, Bench, scratch_installation
from benchmarks.harness import CannotRunError, Case, Row, Skipped, discover

console = Console()


def main() -> int:
    """Run the chosen benchmarks; non-zero only when one could not run."""
    warnings.filterwarnings("ignore", category=SyntaxWarning)  # of jieba's old source
    cases = discover()
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=sorted(cases), help="run this benchmark alone")
    parser.add_argument("--cases", type=int, default=CASES, help="size of the seeded database")
    parser.add_argument("--list", action="store_true", help="print the names and stop")
    arguments = parser.parse_args()
    if arguments.list:
        console.print("\n".join(cases), highlight=False)
        return 0
    chosen = {arguments.only: cases[arguments.only]} if arguments.only else cases
    load_before = os.getloadavg()[0]
    rows, failed = measure(chosen, arguments.cases)
    report.write(rows)
    report.show(rows, console, load_before)
    for name, reason in failed.items():
        console.print(f"[bold red]{name} could not run:[/]")
        console.print(reason, markup=False, highlight=False)
    return 1 if failed else 0


def measure(cases: dict[str, Case], seeded: int = CASES) -> tuple[list[Row], dict[str, str]]:
    """Run benchmarks one after the other on one scratch installation, with visible progress."""
    rows: list[Row] = []
    failed: dict[str, str] = {}
    columns = (TextColumn("{task.description}"), BarColumn(20), MofNCompleteColumn())
    progress = Progress(*columns, TimeElapsedColumn(), console=console, refresh_per_second=2)
    with ExitStack() as stack:
        task = progress.add_task("starting PostgreSQL and Redis", total=len(cases))
        doing = ""

        def step(what: str) -> None:
            progress.update(task, description=f"{doing}: {what}")

        bench = stack.enter_context(scratch_installation(step, seeded))
        stack.enter_context(progress)  # after the stores, which show a progress of their own
        for name, case in cases.items():
            doing = name
            step("starting")
            started = time.monotonic()
            rows += _one(name, case, bench, failed)
            progress.advance(task)
            progress.console.print(f"{name}: {time.monotonic() - started:.0f} s", highlight=False)
    return rows, failed


def _one(name: str, case: Case, bench: Bench, failed: dict[str, str]) -> list[Row]:
    try:
        return uvloop.run(case(bench))
    except Skipped as reason:
        return [Row(name, None, None, None, "", None, None, f"skipped: {reason}")]
    except CannotRunError as error:
        failed[name] = str(error)
    except Exception:
        failed[name] = traceback.format_exc()
    return []


if __name__ == "__main__":
    raise SystemExit(main())
