"""The editors' handbook is sound, and its schema says what the programme expects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from miniapp_api.guides.checks import check_folder
from miniapp_api.guides.handbook import load_handbook
from miniapp_api.guides.schema import handbook_schema, schema_text

HANDBOOK = Path(__file__).parents[2] / "handbook"
ITEMS = sorted((HANDBOOK / "items").rglob("*.yaml"))
BUNDLES = sorted((HANDBOOK / "bundles").glob("*.yaml"))
NOTICES = sorted((HANDBOOK / "notices").glob("*.yaml"))


def as_json(path: Path) -> Any:
    """What an editor's tool checks: the YAML as JSON, dates as text."""
    value = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return json.loads(json.dumps(value, default=str))


def test_the_handbook_has_no_fault() -> None:
    faults = check_folder(HANDBOOK).faults
    assert [f"{f.file}:{f.line}: {f.message}" for f in faults if f.level == "error"] == []


def test_the_schema_matches_the_models() -> None:
    hint = "run: shenban handbook check --write-schema"
    assert (HANDBOOK / "schema.json").read_bytes() == schema_text(), hint


def test_every_item_satisfies_the_schema() -> None:
    validator = jsonschema.Draft202012Validator(handbook_schema())
    for path in ITEMS:
        assert [e.message for e in validator.iter_errors(as_json(path))] == [], path


@pytest.mark.parametrize(
    ("name", "definition"),
    [
        ("departments.yaml", "Departments"),
        ("themes.yaml", "NamedList"),
        ("life_events.yaml", "NamedList"),
        ("certificates.yaml", "NamedList"),
        ("windows/municipal.yaml", "Windows"),
        ("hot.yaml", "HotList"),
        ("halls/municipal.yaml", "Hall"),
        *((f"bundles/{path.name}", "Bundle") for path in BUNDLES),
        *((f"notices/{path.name}", "Announcement") for path in NOTICES),
    ],
)
def test_every_list_satisfies_the_schema(name: str, definition: str) -> None:
    schema = handbook_schema()
    part = {"$defs": schema["$defs"], "$ref": f"#/$defs/{definition}"}
    assert list(jsonschema.Draft202012Validator(part).iter_errors(as_json(HANDBOOK / name))) == []


def test_the_schema_explains_every_field_in_chinese() -> None:
    schema = handbook_schema()
    for name, field in schema["properties"].items():
        assert any("\u4e00" <= char <= "\u9fff" for char in field["description"]), name
    terms = schema["$defs"]["ItemType"]
    assert len(terms["enumDescriptions"]) == len(terms["enum"])


def test_nothing_of_ours_passes_for_verified() -> None:
    handbook = load_handbook(HANDBOOK)
    assert len(handbook.own) >= 100
    assert not any(item.verified for item in handbook.own)


def test_every_theme_and_life_event_has_items() -> None:
    handbook = load_handbook(HANDBOOK)
    assert set(handbook.themes) == set(handbook.by_theme)
    assert set(handbook.life_events) == set(handbook.by_life_event)
