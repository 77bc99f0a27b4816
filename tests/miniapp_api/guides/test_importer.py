"""Every row of a foreign catalogue is taken or refused with a reason; nothing is lost silently."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest

from miniapp_api.guides.catalogue import read_catalogue
from miniapp_api.guides.importer import ImportReport, import_file, summary
from miniapp_api.guides.item import ImportedItem
from miniapp_api.guides.mapping import MappingError, find_mapping, load_mapping
from tests.miniapp_api.guides.factories import FOREIGN_ROW, HANDBOOK

MAPPINGS = HANDBOOK / "mappings"
DAY = date(2026, 3, 1)


def rows(*changes: dict[str, Any]) -> bytes:
    """Rows with these changes, codes C001, C002, ….."""
    lines = [
        orjson.dumps(FOREIGN_ROW | {"code": f"C{number:03}"} | change)
        for number, change in enumerate(changes, 1)
    ]
    return b"\n".join(lines) + b"\n"


class Desk:
    """Imports bytes again and again into one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mapping = load_mapping(MAPPINGS / "guangdong.yaml")

    def take(self, content: bytes, day: date = DAY, **options: Any) -> ImportReport:
        source = self.folder / "source.jsonl"
        source.write_bytes(content)
        return import_file(source, self.mapping, self.folder / "out", day, **options)

    @property
    def path(self) -> Path:
        return self.folder / "out" / "guangdong.jsonl"

    @property
    def items(self) -> dict[str, ImportedItem]:
        return {item.code: item for item in read_catalogue(self.path)}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_second_import_changes_nothing(desk: Desk) -> None:
    first = desk.take(rows({}, {}))
    written = desk.path.stat().st_mtime_ns
    second = desk.take(rows({}, {}), date(2026, 5, 5))
    assert first.changes == {"added": 2}
    assert second.changes == {"unchanged": 2}
    assert not second.written
    assert desk.path.stat().st_mtime_ns == written
    assert {item.imported_on for item in desk.items.values()} == {DAY}


def test_a_changed_row_is_told_and_dated_anew(desk: Desk) -> None:
    desk.take(rows({}, {}))
    report = desk.take(rows({}, {"phone": "020-1"}), date(2026, 5, 5))
    assert report.changes == {"changed": 1, "unchanged": 1}
    assert desk.items["C002"].imported_on == date(2026, 5, 5)
    assert desk.items["C001"].imported_on == DAY


def test_a_removed_row_is_reported(desk: Desk) -> None:
    desk.take(rows({}, {}))
    report = desk.take(rows({}))
    assert report.removed == [("C002", FOREIGN_ROW["name"])]
    assert set(desk.items) == {"C001"}


def test_broken_lines_are_refused_with_their_numbers_and_the_rest_is_taken(desk: Desk) -> None:
    good = rows({}, {})
    broken = [
        b'{"code": ',
        b"\xff\xfe not utf-8",
        b'["a", "list"]',
        orjson.dumps(FOREIGN_ROW | {"code": ""}),
        orjson.dumps(FOREIGN_ROW | {"code": "C100", "name": None}),
        orjson.dumps(FOREIGN_ROW | {"code": "C101", "phone": "1" * (1 << 20)}),
        orjson.dumps(FOREIGN_ROW | {"code": "C102", "visits": "often"}),
        orjson.dumps(FOREIGN_ROW | {"code": "../../etc", "name": "x"}),
        orjson.dumps(FOREIGN_ROW | {"code": "C001"}),
    ]
    report = desk.take(good + b"\n".join(broken))
    assert len(report.taken) == 2
    assert [refused.line for refused in report.refused] == [3, 4, 5, 6, 7, 8, 9, 10, 11]
    reasons = [refused.reason for refused in report.refused]
    for reason, expected in zip(
        reasons,
        ["JSON", "UTF-8", "对象", "编码", "名称", "太长", "整数", "code", "第 1 行重复"],
        strict=True,
    ):
        assert expected in reason


def test_a_line_longer_than_any_row_is_refused_and_the_next_one_read(desk: Desk) -> None:
    report = desk.take(b'{"a": "' + b"x" * (9 << 20) + b'"}\n' + rows({}))
    assert [refused.line for refused in report.refused] == [1]
    assert [taken.line for taken in report.taken] == [2]


def test_a_file_without_one_good_row_does_not_empty_the_catalogue(desk: Desk) -> None:
    desk.take(rows({}, {}))
    report = desk.take(b"garbage\n")
    assert not report.taken
    assert not report.written
    assert len(desk.items) == 2


def test_a_code_of_ours_cannot_be_taken_again(desk: Desk) -> None:
    report = desk.take(rows({}, {}), reserved=frozenset({"C002"}))
    assert [refused.code for refused in report.refused] == ["C002"]


def test_equal_names_are_kept_and_told(desk: Desk) -> None:
    report = desk.take(rows({"name": "同名"}, {"name": "同名"}, {"name": "别的"}))
    assert report.same_names == {"同名": [1, 2]}
    assert len(report.taken) == 3


def test_what_is_not_mapped_or_was_repaired_stays_under_extra(desk: Desk) -> None:
    desk.take(rows({"url": "https://example.test/a", "legal_limit": "30(自然日)"}))
    item = desk.items["C001"]
    assert item.limits is not None
    assert item.limits.statutory is None
    assert item.extra["url"] == "https://example.test/a"
    assert item.extra["legal_limit"] == "30(自然日)"


def test_imported_items_are_flagged_as_foreign_and_not_verified(desk: Desk) -> None:
    desk.take(rows({}))
    item = desk.items["C001"]
    assert (item.catalogue, item.label, item.verified) == ("guangdong", "广东省", False)
    assert item.source.kind == "imported"
    assert item.appointment == "none"


def test_the_report_names_every_row(desk: Desk) -> None:
    desk.take(rows({}, {}) + b"broken\n")
    lines = (desk.path.parent / "reports" / "guangdong.jsonl").read_bytes().splitlines()
    told = [orjson.loads(line) for line in lines]
    assert [row["outcome"] for row in told if "line" in row] == ["added", "added", "refused"]
    assert told[-1]["taken"] == 2


def test_a_table_row_with_missing_columns_is_refused(tmp_path: Path) -> None:
    link = "http://x/?itemCode=511A-1&b=2"
    source = tmp_path / "d.tsv"
    source.write_text(
        f"dept\tmain_item\tname\tlink\n区局\t无\t甲事\t{link}\n区局\t乙事\n区局\t无\t丙事\tnolink\n",
        encoding="utf-8",
    )
    report = import_file(source, load_mapping(MAPPINGS / "sichuan.yaml"), tmp_path / "out", DAY)
    assert [taken.item.code for taken in report.taken] == ["511A-1"]
    assert [refused.line for refused in report.refused] == [3, 4]


def test_the_mapping_is_chosen_by_the_columns() -> None:
    assert find_mapping(MAPPINGS, "jsonl", frozenset(FOREIGN_ROW)).name == "guangdong"
    with pytest.raises(MappingError, match="--mapping"):
        find_mapping(MAPPINGS, "jsonl", frozenset({"id"}))


@pytest.mark.parametrize(
    "wrong",
    [
        "name: x\nfields: {}\n",
        "name: x\nlabel: x\nnote: x\nformat: jsonl\nfields: {code: {from: a}}\n",
        "name: x\nlabel: x\nnote: x\nformat: jsonl\n"
        "fields: {code: {from: a}, name: {from: b}, nonsense: {from: c}}\n",
        "name: x\nlabel: x\nnote: x\nformat: jsonl\n"
        "fields: {code: {from: a, parse: magic}, name: {from: b}}\n",
        "[1, 2",
    ],
)
def test_a_wrong_mapping_is_refused_with_its_file_name(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(wrong, encoding="utf-8")
    with pytest.raises(MappingError, match=r"mapping\.yaml"):
        load_mapping(path)


@pytest.mark.parametrize(
    ("mapping", "file", "count", "equal_names"),
    [
        ("guangdong", "guangdong_items.jsonl", 2262, 67),
        ("sichuan", "sichuan_district_items.tsv", 1135, 2),
    ],
)
def test_real_catalogues_are_taken_whole(
    shared: Path, tmp_path: Path, mapping: str, file: str, count: int, equal_names: int
) -> None:
    rule = load_mapping(MAPPINGS / f"{mapping}.yaml")
    source = shared / "items" / file
    first = import_file(source, rule, tmp_path, DAY)
    again = import_file(source, rule, tmp_path, DAY)
    assert len(first.taken) == len({taken.item.code for taken in first.taken}) == count
    assert not first.refused
    assert len(first.same_names) == equal_names
    assert again.changes == {"unchanged": count}
    assert summary(again)["written"] is False


def test_no_value_of_a_real_catalogue_is_lost(shared: Path, tmp_path: Path) -> None:
    rule = load_mapping(MAPPINGS / "guangdong.yaml")
    source = shared / "items" / "guangdong_items.jsonl"
    import_file(source, rule, tmp_path, DAY)
    items = {item.code: item for item in read_catalogue(tmp_path / "guangdong.jsonl")}
    for line in source.read_bytes().splitlines():
        row = orjson.loads(line)
        kept = orjson.dumps(items[row["code"]].model_dump(mode="json")).decode()
        for name, value in row.items():
            assert value is None or _kept(value, kept), name


def _kept(value: Any, kept: str) -> bool:
    """A list of materials is kept name by name, everything else as it was."""
    pieces = value if isinstance(value, list) else [value]
    return all(orjson.dumps(piece).decode() in kept for piece in pieces)
