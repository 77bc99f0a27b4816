"""Rows of a foreign catalogue (外地目录的行): JSONL, TSV or CSV; a broken row stops nothing."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import orjson

MAX_LINE_BYTES = 4 * 1024 * 1024
MAX_FIELD_CHARS = 20_000

Format = Literal["jsonl", "tsv", "csv"]
FORMATS: dict[str, Format] = {".jsonl": "jsonl", ".tsv": "tsv", ".csv": "csv"}


@dataclass(frozen=True)
class Row:
    """One row (行): its line in the file, and its fields or the fault that makes it unreadable."""

    line: int
    fields: dict[str, Any]
    fault: str | None = None
    offset: int = 0


def read_rows(path: Path, form: Format) -> Iterator[Row]:
    """Yield every row of the file with its line number; broken ones carry a fault."""
    rows = _json_rows(path) if form == "jsonl" else _table_rows(path, form)
    for row in rows:
        fault = row.fault or _oversized(row.fields)
        yield row if fault == row.fault else Row(row.line, {}, fault, row.offset)


def _oversized(fields: dict[str, Any]) -> str | None:
    for name, value in fields.items():
        size = len(value) if isinstance(value, str) else len(orjson.dumps(value))
        if size > MAX_FIELD_CHARS:
            return f"字段 {name[:40]} 太长({size} 字符,最多 {MAX_FIELD_CHARS})"
    return None


def _lines(path: Path) -> Iterator[tuple[int, bytes | None, int]]:
    """Yield (line number, bytes or None if over-long, bytes read so far)."""
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MAX_LINE_BYTES):
            number += 1
            whole = line.endswith(b"\n") or len(line) < MAX_LINE_BYTES
            rest = line
            while not rest.endswith(b"\n") and (rest := file.readline(MAX_LINE_BYTES)):
                whole = False
            yield number, line if whole else None, file.tell()


def _decoded(path: Path) -> Iterator[tuple[int, str, str | None, int]]:
    """Yield (line number, text, fault, offset) of every line that is not blank."""
    for number, line, offset in _lines(path):
        if line is None:
            yield number, "", f"这一行超过 {MAX_LINE_BYTES // 1024 // 1024} MB", offset
            continue
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            yield number, "", "不是 UTF-8 编码", offset
            continue
        if text.strip():
            yield number, text, None, offset


def _json_rows(path: Path) -> Iterator[Row]:
    for number, text, fault, offset in _decoded(path):
        fields: Any = {}
        if fault is None:
            try:
                fields = orjson.loads(text)
            except orjson.JSONDecodeError:
                fault = "不是正确的 JSON"
        if not isinstance(fields, dict):
            fields, fault = {}, "应是一个 JSON 对象"
        yield Row(number, fields, fault, offset)


def _table_rows(path: Path, form: Format) -> Iterator[Row]:
    header: list[str] = []
    for number, text, fault, offset in _decoded(path):
        cells = [] if fault else _cells(text, form)
        if not header and not fault:
            header = [cell.strip() for cell in cells]
        elif fault is None and len(cells) != len(header):
            yield Row(number, {}, f"应有 {len(header)} 列,实有 {len(cells)} 列", offset)
        else:
            yield Row(number, dict(zip(header, cells, strict=False)), fault, offset)


def _cells(text: str, form: Format) -> list[str]:
    if form == "tsv":
        return text.split("\t")
    # A quoted line break is not supported: line numbers in the report stay true.
    csv.field_size_limit(MAX_LINE_BYTES)
    return next(csv.reader([text]))
