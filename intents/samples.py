"""Read the files of the evaluation (评测文件), refusing with the line what cannot be used."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any


class BadFileError(Exception):
    """A file that cannot be used; the message names it, the line and what is wrong."""

    def __init__(self, path: Path, fault: str, line: int | None = None) -> None:
        where = f"{path}, line {line}" if line else str(path)
        super().__init__(f"{where}: {fault}")


def read_table(
    path: Path, columns: Sequence[str], *, optional: Sequence[str] = ()
) -> list[dict[str, str]]:
    """Rows of a tab-separated file with a header; `optional` columns may hold nothing."""
    lines = _lines(path)
    header = [name.strip() for name in next(lines, (1, ""))[1].split("\t")]
    missing = [name for name in columns if name not in header]
    if missing:
        raise BadFileError(path, f"no column {', '.join(missing)}; the header has {header}", 1)
    rows = []
    for number, line in lines:
        cells = [cell.strip() for cell in line.split("\t")]
        row = dict.fromkeys(optional, "") | dict(zip(header, cells, strict=False))
        empty = [name for name in columns if not row.get(name) and name not in optional]
        if empty:
            raise BadFileError(path, f"nothing in column {', '.join(empty)}", number)
        rows.append({name: row[name] for name in columns})
    if not rows:
        raise BadFileError(path, "no rows under the header")
    return rows


def read_pairs(path: Path) -> list[tuple[str, str, int]]:
    """Sentence pairs with 0 or 1 (句对), by tabs, no header."""
    rows = []
    for number, line in _lines(path):
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) != 3 or cells[2] not in ("0", "1"):
            raise BadFileError(path, "expected two sentences and 0 or 1, by tabs", number)
        rows.append((cells[0], cells[1], int(cells[2])))
    if not rows:
        raise BadFileError(path, "empty")
    return rows


def read_entries(path: Path) -> list[dict[str, Any]]:
    """Catalogue entries (目录条目): one JSON object a line with id, name and maybe aliases."""
    entries: list[dict[str, Any]] = []
    seen: dict[str, int] = {}
    for number, line in _lines(path):
        entry = _entry(path, line, number)
        key = entry["id"] = str(entry["id"])
        if key in seen:
            raise BadFileError(path, f"id {key} is also on line {seen[key]}", number)
        seen[key] = number
        entries.append(entry)
    if not entries:
        raise BadFileError(path, "empty")
    return entries


def _entry(path: Path, line: str, number: int) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError as error:
        raise BadFileError(path, f"not JSON: {error}", number) from None
    if not isinstance(entry, dict):
        raise BadFileError(path, "not a JSON object", number)
    missing = [field for field in ("id", "name") if not str(entry.get(field) or "").strip()]
    if missing:
        raise BadFileError(path, f"no {' and no '.join(missing)}", number)
    aliases = entry.get("aliases")
    texts = aliases if isinstance(aliases, list) else [aliases]
    if not all(alias is None or isinstance(alias, str) for alias in texts):
        raise BadFileError(path, "aliases must be a list of strings, a string or null", number)
    return entry


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Numbered lines that hold something, without their ends."""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFileError(path, f"not UTF-8 at byte {error.start}") from None
    except OSError as error:
        raise BadFileError(path, error.strerror or "cannot be read") from None
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, line.rstrip("\r")
