"""The table on the terminal, latest.json, and the peers' figures beside ours."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import orjson
import yaml
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks.harness import Row

HERE = Path(__file__).resolve().parent
LATEST = HERE / "latest.json"
PEERS = HERE / "peers.yaml"
VERDICTS = {True: "[green]holds[/]", False: "[bold red]MISSED[/]", None: ""}


def write(rows: Sequence[Row]) -> None:
    """Write latest.json."""
    content = orjson.dumps([row.as_json() for row in rows], option=orjson.OPT_INDENT_2)
    LATEST.write_bytes(content + b"\n")


def show(rows: Sequence[Row], console: Console, load_before: float) -> None:
    """Print the table, what fits it of the peers, and how busy the machine was."""
    table = _table("Speed: medians of rounds, ours and the bare floor interleaved")
    for heading in ("benchmark", "ours", "floor", "ratio", "unit", "bar", ""):
        numeric = heading in ("ours", "floor", "ratio")
        table.add_column(heading, justify="right" if numeric else "left", no_wrap=True)
    for row in rows:
        numbers = (_number(row.ours), _number(row.floor), _number(row.ratio))
        bar = (row.bar or "").removesuffix(row.unit).replace("<=", "≤").replace(">=", "≥")
        table.add_row(row.name, *numbers, row.unit, bar, VERDICTS[row.holds])
    console.print(table)
    for row in rows:
        if row.detail:
            console.print(f"[dim]{row.name}:[/] {escape(row.detail)}", highlight=False)
    _show_peers({row.name for row in rows}, console)
    console.print(
        f"{os.cpu_count()} cores, shared by client, servers and PostgreSQL; load average "
        f"{load_before:.1f} before, {os.getloadavg()[0]:.1f} after; {LATEST.name} written"
    )
    missed = [row.name for row in rows if row.holds is False]
    if missed:
        console.print(f"[bold red]Bars that do not hold: {', '.join(missed)}[/]")


def _show_peers(names: set[str], console: Console) -> None:
    content = yaml.safe_load(PEERS.read_text(encoding="utf-8"))
    figures = [figure for figure in content["figures"] if figure["row"] in names]
    if not figures:
        return
    table = _table("Peers, as measured before: facts, not this run")
    for heading in ("benchmark", "peer", "figure", "unit", "how"):
        table.add_column(heading, overflow="fold")
    for figure in figures:
        cells = (figure["row"], figure["peer"], str(figure["figure"]), figure["unit"])
        table.add_row(*cells, figure["how"])
    console.print(table)
    console.print(f"Source: {content['source']}", highlight=False)


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"
