"""Every fault of the handbook is reported, with its file and line."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from miniapp_api.guides.checks import check_folder
from miniapp_api.guides.faults import Fault
from tests.miniapp_api.guides.factories import HANDBOOK, item_values, write_item, write_yaml

TODAY = date(2026, 11, 24)


def faults(folder: Path) -> list[Fault]:
    return check_folder(folder, TODAY).faults


def only(folder: Path) -> Fault:
    found = faults(folder)
    assert len(found) == 1, "\n".join(map(str, found))
    return found[0]


def line_of(path: str, text: str) -> int:
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_a_sound_handbook_has_no_faults(folder: Path) -> None:
    assert faults(folder) == []


def test_a_syntax_error_is_reported_at_its_line(folder: Path) -> None:
    path = folder / "items" / "household-id" / "broken.yaml"
    path.write_text("code: broken\nname: [unclosed\nother: 1\n", encoding="utf-8")
    fault = only(folder)
    assert (fault.code, fault.file) == ("yaml_syntax", str(path))
    assert fault.line >= 2


def test_a_file_that_is_not_utf8_is_reported_at_its_line(folder: Path) -> None:
    path = folder / "items" / "household-id" / "broken.yaml"
    path.write_bytes("code: broken\nname: 居民\n".encode("gbk"))
    assert (only(folder).code, only(folder).line) == ("not_utf8", 2)


@pytest.mark.parametrize(
    ("changes", "code", "at"),
    [
        ({"type": "licence"}, "wrong_value", "type: licence"),
        ({"visits": "一次"}, "wrong_value", "visits:"),
        ({"visits": True}, "wrong_value", "visits:"),
        ({"effective": "2026年"}, "wrong_value", "effective:"),
        ({"aliases": []}, "wrong_value", "aliases:"),
        ({"nmae": "x"}, "unknown_field", "nmae:"),
        ({"fee": {"free": "no", "text": "x"}}, "wrong_value", "free:"),
        ({"department": "nobody"}, "dangling_reference", "department: nobody"),
        ({"life_events": ["party"]}, "dangling_reference", "- party"),
        ({"related": ["no-such-item"]}, "dangling_reference", "- no-such-item"),
        ({"placeholders": ["phnoe"]}, "placeholder", "- phnoe"),
        ({"placeholders": ["limits.promise"]}, "placeholder", "- limits.promise"),
        ({"place": {"kind": "hall", "queue": "no-queue"}}, "dangling_reference", "queue: no-queue"),
        ({"place": {"kind": "outlet", "queue": None}}, "place_note", "place:"),
        ({"review_by": date(2025, 1, 1)}, "dates", "review_by:"),
        ({"fee": {"free": False, "text": "10元", "basis": None}}, "fee_basis", "fee:"),
    ],
)
def test_a_fault_is_reported_once_at_its_line(
    folder: Path, changes: dict[str, Any], code: str, at: str
) -> None:
    path = write_item(folder, item_values(**changes))
    found = [fault for fault in faults(folder) if fault.level == "error"]
    assert [(f.code, f.line) for f in found] == [(code, line_of(str(path), at))]


def test_a_missing_field_is_named(folder: Path) -> None:
    values = item_values()
    del values["phone"]
    write_item(folder, values | {"placeholders": []})
    assert "phone" in only(folder).message


def test_all_faults_of_one_file_are_reported_together(folder: Path) -> None:
    write_item(
        folder,
        item_values(type="x", visits="x", department="x", related=["xxx"], aliases=["a", "a"]),
    )
    assert {fault.code for fault in faults(folder)} == {
        "wrong_value",
        "dangling_reference",
        "repeated_alias",
    }
    assert len(faults(folder)) == 5


def test_a_misspelt_field_gets_a_suggestion(folder: Path) -> None:
    write_item(folder, item_values(condition=["x"]))
    assert "conditions" in only(folder).message


def test_a_half_width_comma_inside_braces_is_explained(folder: Path) -> None:
    path = folder / "items" / "household-id" / "test-item.yaml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("- name: 申请\n  detail: 到窗口。", "- {name: 申请, detail: 到窗口,排队。}")
    path.write_text(text, encoding="utf-8")
    assert "半角逗号" in only(folder).message


def test_materials_may_only_depend_on_options_that_exist(folder: Path) -> None:
    materials = item_values()["materials"]
    materials[1]["when"] = {"applicant": ["adult", "alien"], "planet": ["mars"]}
    write_item(folder, item_values(materials=materials))
    assert [fault.code for fault in faults(folder)] == ["dangling_when", "dangling_when"]


def test_an_unknown_certificate_is_reported(folder: Path) -> None:
    materials = item_values()["materials"]
    materials[0]["certificate"] = "golden-ticket"
    write_item(folder, item_values(materials=materials))
    assert "golden-ticket" in only(folder).message


def test_a_circumstance_has_exactly_one_default(folder: Path) -> None:
    circumstances = item_values()["circumstances"]
    circumstances[0]["options"][1]["default"] = True
    write_item(folder, item_values(circumstances=circumstances))
    assert only(folder).code == "default_option"


def test_a_code_used_twice_is_reported(folder: Path) -> None:
    write_item(folder, item_values(code="second-item", name="别的", aliases=["别的事"]))
    path = folder / "items" / "household-id" / "second-item.yaml"
    path.write_text(path.read_text().replace("code: second-item", "code: test-item"))
    assert {fault.code for fault in faults(folder)} == {"repeated_code", "file_name"}


def test_a_saying_of_two_items_is_reported(folder: Path) -> None:
    write_item(folder, item_values(code="second-item", name="别的", aliases=["办测试"]))
    assert only(folder).code == "shared_alias"


def test_an_item_belongs_in_the_folder_of_its_first_theme(folder: Path) -> None:
    path = folder / "items" / "household-id" / "test-item.yaml"
    (folder / "items" / "tax").mkdir()
    path.rename(folder / "items" / "tax" / "test-item.yaml")
    assert only(folder).code == "folder"


def test_an_overdue_review_is_a_warning(folder: Path) -> None:
    write_item(folder, item_values(review_by=date(2026, 6, 1)))
    checked = check_folder(folder, TODAY)
    assert [(f.code, f.level) for f in checked.faults] == [("overdue", "warning")]
    assert checked.errors == 0


def test_a_field_written_twice_is_reported(folder: Path) -> None:
    path = folder / "items" / "household-id" / "test-item.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "phone: '1'\n", encoding="utf-8")
    assert only(folder).code == "repeated_field"


def test_a_date_that_does_not_exist_is_reported_at_its_line(folder: Path) -> None:
    path = folder / "items" / "household-id" / "test-item.yaml"
    text = path.read_text(encoding="utf-8").replace("2026-01-01", "2026-02-30")
    path.write_text(text, encoding="utf-8")
    assert only(folder).line == line_of(str(path), "2026-02-30")


def test_the_numbers_of_departments_and_windows_are_facts(folder: Path) -> None:
    for name, key in (("departments", None), ("windows/municipal", "windows")):
        path = folder / f"{name}.yaml"
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
        (value if key is None else value[key]).pop()
        write_yaml(path, value)
    codes = [fault.code for fault in faults(folder)]
    assert codes.count("count") == 2


@pytest.mark.parametrize("junk", ["", "null\n", "- a\n- b\n", "just text\n", "1\n", "&a [*a]\n"])
def test_no_content_breaks_the_check(folder: Path, junk: str) -> None:
    names = ("departments", "windows/municipal", "calendar", "themes", "halls/municipal")
    for name in (*names, "items/household-id/test-item"):
        (folder / f"{name}.yaml").write_text(junk, encoding="utf-8")
    assert check_folder(folder, TODAY).errors >= 1


def test_a_missing_folder_is_a_fault(tmp_path: Path) -> None:
    assert only(tmp_path / "nowhere").code == "unreadable"


def test_a_wrong_mapping_is_reported_at_its_line(folder: Path) -> None:
    mapping = (HANDBOOK / "mappings" / "sichuan.yaml").read_text(encoding="utf-8")
    (folder / "mappings").mkdir()
    path = folder / "mappings" / "sichuan.yaml"
    path.write_text(mapping.replace("format: tsv", "format: xls"), encoding="utf-8")
    assert (only(folder).file, only(folder).line) == (str(path), line_of(str(path), "format:"))
