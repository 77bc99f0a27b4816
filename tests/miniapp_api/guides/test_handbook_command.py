"""`shenban handbook` at an editor's terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from miniapp_api.commands.handbook import app
from tests.miniapp_api.guides.factories import FOREIGN_ROW, HANDBOOK, item_values, write_item

runner = CliRunner()


def run(*arguments: Any) -> Any:
    return runner.invoke(app, [str(argument) for argument in arguments])


def test_check_of_a_sound_handbook_exits_with_0(folder: Path) -> None:
    result = run("check", folder, "--write-schema")
    assert result.exit_code == 0, result.output
    assert "事项" in result.output
    assert (folder / "schema.json").read_bytes() == (HANDBOOK / "schema.json").read_bytes()


def test_check_exits_with_1_and_names_file_and_line(folder: Path) -> None:
    path = write_item(folder, item_values(type="x"))
    result = run("check", folder)
    assert result.exit_code == 1
    assert f"{path}:6" in result.output.replace("\n", "")


def test_check_speaks_json(folder: Path) -> None:
    write_item(folder, item_values(type="x"))
    told = json.loads(run("check", folder, "--json").output)
    assert (told["errors"], told["items"]) == (1, 0)
    assert told["faults"][0]["code"] == "wrong_value"


def test_import_prints_what_it_did_and_is_idempotent(tmp_path: Path) -> None:
    source = tmp_path / "catalogue.jsonl"
    source.write_bytes(orjson.dumps(FOREIGN_ROW) + b"\nbroken\n")
    first = run("import", source, "--into", tmp_path / "out")
    again = run("import", source, "--into", tmp_path / "out")
    assert first.exit_code == again.exit_code == 0, first.output
    assert "收下 1 项(新增 1" in first.output
    assert "第 2 行" in first.output
    assert "未变 1" in again.output
    assert "没有变化" in again.output


def test_import_speaks_json(tmp_path: Path) -> None:
    source = tmp_path / "catalogue.jsonl"
    source.write_bytes(orjson.dumps(FOREIGN_ROW))
    told = json.loads(run("import", source, "--into", tmp_path / "out", "--json").output)
    assert (told["taken"], told["refused"], told["catalogue"]) == (1, 0, "guangdong")


@pytest.mark.parametrize("name", ["missing.jsonl", "odd.xlsx", "unknown.jsonl"])
def test_import_of_an_unusable_file_says_why_and_exits_with_2(tmp_path: Path, name: str) -> None:
    if name != "missing.jsonl":
        (tmp_path / name).write_text('{"a": 1}\n', encoding="utf-8")
    result = run("import", tmp_path / name, "--into", tmp_path / "out")
    assert result.exit_code == 2
    assert result.output.strip()
    assert not (tmp_path / "out").exists()


def test_show_says_what_a_citizen_would_be_told() -> None:
    result = run("show", "身份证丢了", "--aspect", "fee")
    assert result.exit_code == 0, result.output
    assert "居民身份证丢失补领" in result.output
    assert "40元" in result.output


def test_show_refuses_an_unknown_aspect() -> None:
    result = run("show", "身份证丢了", "--aspect", "weather")
    assert result.exit_code == 2
    assert "materials" in result.output


def test_show_without_words_lists_the_themes() -> None:
    result = run("show")
    assert result.exit_code == 0
    assert "户籍身份" in result.output
