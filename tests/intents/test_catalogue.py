from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from intents.catalogue import read_entries, signature


@pytest.fixture
def handbook(tmp_path: Path) -> Path:
    folder = tmp_path / "handbook" / "items" / "household-id"
    folder.mkdir(parents=True)
    (folder / "a.yaml").write_text(
        "code: a\nname: 甲事项\naliases:\n  - 甲\n  - 老甲\ntype: public_service\n"
        "materials:\n  - name: 身份证\n",
        encoding="utf-8",
    )
    return tmp_path / "handbook"


def _catalogue(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_items_are_read_with_their_aliases(handbook: Path) -> None:
    (entry,) = read_entries(handbook)
    assert (entry.id, entry.name, entry.aliases, entry.local) == (
        "a",
        "甲事项",
        ("甲", "老甲"),
        True,
    )


def test_handbook_wins_over_a_catalogue_with_the_same_id(handbook: Path, tmp_path: Path) -> None:
    lines = [json.dumps({"code": c, "name": n}) for c, n in (("a", "别的"), ("b", "乙"))]
    entries = read_entries(handbook, [_catalogue(tmp_path / "c.jsonl", *lines)])
    assert [(e.id, e.name, e.local) for e in entries] == [("a", "甲事项", True), ("b", "乙", False)]


def test_broken_files_and_lines_are_left_out_and_the_rest_serves(
    handbook: Path, tmp_path: Path
) -> None:
    (handbook / "items" / "household-id" / "bad.yaml").write_text("code: [", encoding="utf-8")
    (handbook / "items" / "household-id" / "none.yaml").write_text("x: 1", encoding="utf-8")
    good = json.dumps({"id": "b", "name": "乙", "aliases": "无"})
    catalogue = _catalogue(tmp_path / "c.jsonl", "{", "[]", "", good)
    assert [(e.id, e.aliases) for e in read_entries(handbook, [catalogue])] == [
        ("a", ("甲", "老甲")),
        ("b", ()),
    ]


def test_a_folder_of_catalogues_is_read_and_a_missing_one_is_empty(
    handbook: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "catalogues"
    folder.mkdir()
    _catalogue(folder / "x.jsonl", json.dumps({"id": "x", "name": "丙"}))
    ids = [e.id for e in read_entries(handbook, [folder, tmp_path / "absent"])]
    assert ids == ["a", "x"]


def test_signature_changes_with_any_file(handbook: Path) -> None:
    before = signature(handbook)
    assert signature(handbook) == before
    file = handbook / "items" / "household-id" / "a.yaml"
    os.utime(file, ns=(1, 1))
    assert signature(handbook) != before


def test_what_was_published_lies_over_the_handbook(handbook: Path, tmp_path: Path) -> None:
    published = tmp_path / "published"
    assert [e.name for e in read_entries(handbook, published=published)] == ["甲事项"]
    before = signature(handbook, published=published)
    over = published / "items" / "household-id"
    over.mkdir(parents=True)
    (over / "a.yaml").write_text("# 第2版\ncode: a\nname: 乙\naliases:\n- 新说法\n", "utf-8")
    assert [(e.name, e.aliases) for e in read_entries(handbook, published=published)] == [
        ("乙", ("新说法",))
    ]
    assert signature(handbook, published=published) != before
