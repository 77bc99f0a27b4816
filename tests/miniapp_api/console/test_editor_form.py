"""The form of a guide gives back what it was given, and changes only what was changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from miniapp_api.console.editor import form
from miniapp_api.console.editor.choices import choices_of
from miniapp_api.console.rendering import environment
from miniapp_api.guides.editing.patching import load, patch
from miniapp_api.guides.handbook import load_handbook
from tests.miniapp_api.console.sent import Fields

HANDBOOK = Path(__file__).resolve().parents[3] / "handbook"
ITEMS = sorted((HANDBOOK / "items").rglob("*.yaml"))
NOTICES = sorted((HANDBOOK / "notices").glob("*.yaml"))


class _NoFaults:
    faults: tuple[Any, ...] = ()


@pytest.fixture(scope="module")
def rendered() -> Any:
    templates, choices = environment(ZoneInfo("Asia/Shanghai")), choices_of(load_handbook(HANDBOOK))

    def rendered(kind: str, values: dict[str, Any]) -> dict[str, list[str]]:
        page = templates.get_template(f"editor/_form_{kind}.html").render(
            values=values, choices=choices, preview=_NoFaults()
        )
        reader = Fields()
        reader.feed(page)
        return reader.sent

    return rendered


def test_every_guide_comes_back_from_the_form_letter_by_letter(rendered: Any) -> None:
    for kind, paths in (("items", ITEMS), ("notices", NOTICES)):
        for path in paths:
            text = path.read_text(encoding="utf-8")
            values = load(text)
            assert values is not None, path
            assert form.fits(kind, values), path  # type: ignore[arg-type]
            read = form.read(kind, rendered(kind, values), values)  # type: ignore[arg-type]
            assert patch(text, read) == text, path


def test_a_change_touches_the_lines_of_its_field_alone(rendered: Any) -> None:
    text = (HANDBOOK / "items" / "household-id" / "id-card-renewal.yaml").read_text("utf-8")
    text = text.replace("fee:\n", "# 收费看这里\nfee:\n")
    values = load(text)
    assert values
    sent = rendered("items", values)
    sent["steps.1.detail"] = ["带<b>照片</b>: # 来"]
    changed = patch(text, form.read("items", sent, values))
    old, new = text.splitlines(), changed.splitlines()
    assert yaml.safe_load(changed)["steps"][1]["detail"] == "带<b>照片</b>: # 来"
    kept = [line for line in old if line not in new]
    assert all("detail:" in line for line in kept), kept
    assert "# 收费看这里" in new


@pytest.mark.parametrize(
    ("do", "names"),
    [
        ("add:steps", ["一", "二", ""]),
        ("remove:steps.0", ["二"]),
        ("down:steps.0", ["二", "一"]),
        ("up:steps.0", ["一", "二"]),
        ("up:steps.9", ["一", "二"]),
        ("remove:steps.x", ["一", "二"]),
        ("add:name.0.x", ["一", "二"]),
        ("down:", ["一", "二"]),
        ("remove:steps.0.name.0", ["一", "二"]),
    ],
)
def test_rows_are_added_removed_and_moved(do: str, names: list[str]) -> None:
    values = {"name": "x", "steps": [{"name": "一"}, {"name": "二"}]}
    assert [step["name"] for step in form.rearrange(values, do)["steps"]] == names


def test_a_number_that_is_none_is_left_for_the_check(rendered: Any) -> None:
    values = load(ITEMS[0].read_text(encoding="utf-8"))
    assert values
    sent = rendered("items", values)
    sent["visits"], sent["review_by"] = ["两次"], ["明年"]
    read = form.read("items", sent, values)
    assert (read["visits"], read["review_by"]) == ("两次", "明年")


@pytest.mark.parametrize(
    "values",
    [
        {"materials": "户口簿"},
        {"materials": ["户口簿"]},
        {"materials": [{"name": ["x"]}]},
        {"materials": [{"when": ["x"]}]},
        {"limits": []},
        {"aliases": [["x"]]},
        {"circumstances": [{"options": [1]}]},
    ],
)
def test_what_the_form_cannot_show_is_left_to_the_yaml(values: dict[str, Any]) -> None:
    assert not form.fits("items", values)
