"""Import of a foreign catalogue (导入外地目录): every row is taken or refused with a reason."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

import orjson
from pydantic import ValidationError

from miniapp_api.guides.catalogue import read_catalogue, write_lines
from miniapp_api.guides.faults import explain
from miniapp_api.guides.item import ImportedItem
from miniapp_api.guides.mapping import CatalogueMapping
from miniapp_api.guides.parsers import PARSERS, UnreadableError
from miniapp_api.guides.rows import Row, read_rows

Change = Literal["added", "changed", "unchanged"]
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Repair:
    """One field that was changed on the way in (修正)."""

    field: str
    kind: str


@dataclass(frozen=True)
class Taken:
    """A row that became an item (收下的行)."""

    line: int
    item: ImportedItem
    repairs: tuple[Repair, ...]
    change: Change


@dataclass(frozen=True)
class Refused:
    """A row that did not (退回的行), with the reason."""

    line: int
    reason: str
    code: str | None = None


@dataclass
class ImportReport:
    """What an import did (导入报告)."""

    name: str
    label: str
    taken: list[Taken] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    removed: list[tuple[str, str]] = field(default_factory=list)
    same_names: dict[str, list[int]] = field(default_factory=dict)
    written: bool = False

    @property
    def changes(self) -> Counter[str]:
        """Count items added, changed and unchanged."""
        return Counter(taken.change for taken in self.taken)

    @property
    def repairs(self) -> Counter[tuple[str, str]]:
        """Count the repairs by field and kind."""
        return Counter((r.field, r.kind) for taken in self.taken for r in taken.repairs)


class RowError(Exception):
    """A row that cannot be taken; the message is the reason."""


def convert(
    row: Row, mapping: CatalogueMapping, today: date
) -> tuple[ImportedItem, tuple[Repair, ...]]:
    """Turn one row into an item and its repairs; raise RowError with the reason."""
    if row.fault:
        raise RowError(row.fault)
    values: dict[str, Any] = orjson.loads(orjson.dumps(mapping.defaults))
    extra = {name: value for name, value in row.fields.items() if name not in mapping.columns}
    repairs: list[Repair] = []
    for path, rule in mapping.fields.items():
        for source in rule.sources:
            parsed = _parse(path, row.fields.get(source), rule.parse, rule.hints)
            repairs.extend(Repair(path, kind) for kind in parsed.repairs)
            _put(values, path, parsed.value)
            if parsed.repairs:
                # Whatever was not taken word for word stays readable as it was.
                extra[source] = row.fields.get(source)
    return _validated(values, extra, row, mapping, today), tuple(repairs)


def _parse(path: str, value: Any, parser: str, hints: Any) -> Any:
    try:
        return PARSERS[parser](value, hints)
    except UnreadableError as error:
        raise RowError(f"{path}:{error}") from None


def _put(values: dict[str, Any], path: str, value: Any) -> None:
    """Set a nested value; several sources of one list add up; nothing never replaces a default."""
    *parents, last = path.split(".")
    for parent in parents:
        values = values.setdefault(parent, {})
    if isinstance(value, tuple):
        values[last] = [*dict.fromkeys([*values.get(last, ()), *value])] if _plain(value) else value
    elif value is not None or last not in values:
        values[last] = value


def _plain(value: tuple[Any, ...]) -> bool:
    return all(isinstance(piece, str) for piece in value)


def _validated(
    values: dict[str, Any], extra: dict[str, Any], row: Row, mapping: CatalogueMapping, today: date
) -> ImportedItem:
    for path, term in (("code", "编码"), ("name", "名称")):
        if not values.get(path):
            raise RowError(f"没有{term}")
    values["aliases"] = [a for a in values.get("aliases", ()) if a != values["name"]]
    values |= {
        "from_catalogue": mapping.name,
        "from_label": mapping.label,
        "imported_on": today,
        "checksum": checksum(row.fields),
        "extra": extra,
        "source": {"kind": "imported", "note": mapping.note},
        "verified": False,
    }
    try:
        return ImportedItem.model_validate(values)
    except ValidationError as error:
        raise RowError(";".join(explain(e).message for e in error.errors())) from None


def checksum(fields: dict[str, Any]) -> str:
    """Return the checksum (校验和) of a source row."""
    canonical = orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(canonical, digest_size=8).hexdigest()


def import_file(
    path: Path,
    mapping: CatalogueMapping,
    folder: Path,
    today: date,
    *,
    reserved: frozenset[str] = frozenset(),
    progress: Progress | None = None,
) -> ImportReport:
    """Import the file into folder/<name>.jsonl, atomically; a second run changes nothing.

    `reserved` are the codes of the handbook and of other catalogues, which may not be taken again.
    """
    target = folder / f"{mapping.name}.jsonl"
    old = {item.code: item for item in read_catalogue(target)} if target.exists() else {}
    report = ImportReport(mapping.name, mapping.label)
    seen: dict[str, int] = {}
    for row in read_rows(path, mapping.format):
        _take(row, mapping, today, report, seen, old, reserved)
        if progress:
            progress(row.offset)
    report.removed = [(code, item.name) for code, item in old.items() if code not in seen]
    report.same_names = _same_names(report.taken)
    _write(report, target, old)
    return report


def _take(
    row: Row,
    mapping: CatalogueMapping,
    today: date,
    report: ImportReport,
    seen: dict[str, int],
    old: dict[str, ImportedItem],
    reserved: frozenset[str],
) -> None:
    """Add the row to the report, taken or refused."""
    try:
        item, repairs = convert(row, mapping, today)
    except RowError as refusal:
        report.refused.append(Refused(row.line, str(refusal)))
        return
    if item.code in seen or item.code in reserved:
        where = f"第 {seen[item.code]} 行" if item.code in seen else "已有的其他事项"
        report.refused.append(Refused(row.line, f"编码与{where}重复", item.code))
        return
    seen[item.code] = row.line
    item, change = _compare(item, old.get(item.code))
    report.taken.append(Taken(row.line, item, repairs, change))


def _compare(new: ImportedItem, old: ImportedItem | None) -> tuple[ImportedItem, Change]:
    """Keep the old import date of an item whose content is the same."""
    if old is None:
        return new, "added"
    dated = new.model_copy(update={"imported_on": old.imported_on})
    return (dated, "unchanged") if dated == old else (new, "changed")


def _same_names(taken: list[Taken]) -> dict[str, list[int]]:
    lines: dict[str, list[int]] = {}
    for row in taken:
        lines.setdefault(row.item.name, []).append(row.line)
    return {name: where for name, where in lines.items() if len(where) > 1}


def _write(report: ImportReport, target: Path, old: dict[str, ImportedItem]) -> None:
    """Write catalogue and report; a file without one good row never empties a catalogue."""
    changed = report.removed or report.changes["added"] or report.changes["changed"]
    if report.taken and changed:
        write_lines(target, (taken.item.as_line() for taken in report.taken))
        report.written = True
    # Beside the catalogue, in a folder of its own: the server reads every *.jsonl as a catalogue.
    write_lines(target.parent / "reports" / target.name, _report_lines(report))


def _report_lines(report: ImportReport) -> Iterator[bytes]:
    """One JSON object a row, then the removed items, then the summary."""
    for taken in report.taken:
        yield orjson.dumps(
            {
                "line": taken.line,
                "code": taken.item.code,
                "outcome": taken.change,
                "repairs": [{"field": r.field, "kind": r.kind} for r in taken.repairs],
            }
        )
    for refused in report.refused:
        line = {"line": refused.line, "code": refused.code, "outcome": "refused"}
        yield orjson.dumps(line | {"reason": refused.reason})
    for code, name in report.removed:
        yield orjson.dumps({"code": code, "name": name, "outcome": "removed"})
    for name, lines in report.same_names.items():
        yield orjson.dumps({"name": name, "lines": lines, "outcome": "same_name"})
    yield orjson.dumps(summary(report))


def summary(report: ImportReport) -> dict[str, Any]:
    """Return the report's numbers (导入汇总)."""
    return {
        "catalogue": report.name,
        "label": report.label,
        "taken": len(report.taken),
        **{change: report.changes[change] for change in ("added", "changed", "unchanged")},
        "refused": len(report.refused),
        "removed": len(report.removed),
        "same_names": len(report.same_names),
        "repairs": [
            {"field": path, "kind": kind, "count": count}
            for (path, kind), count in report.repairs.most_common()
        ],
        "written": report.written,
    }
