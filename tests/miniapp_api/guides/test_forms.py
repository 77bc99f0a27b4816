"""forms.yaml: every online item has a form, and a slip of an editor is found with its line."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import yaml

from miniapp_api.guides.checks import check_folder
from miniapp_api.guides.handbook import Handbook, load_handbook
from miniapp_api.guides.item import Item
from miniapp_api.guides.tailoring import choose, fees
from miniapp_api.settings import ROOT


@pytest.fixture(scope="module")
def handbook() -> Handbook:
    return load_handbook(ROOT / "handbook")


def test_every_online_item_has_a_form_of_its_own_matter(handbook: Handbook) -> None:
    online = [item for item in handbook.own if handbook.applies_online(item)]
    assert len(online) > 150
    for item in online:
        for kind, first in (("person", "applicant"), ("enterprise", "enterprise")):
            blocks = [id for id, _ in handbook.forms.blocks_of(item, kind)]  # type: ignore[arg-type]
            assert blocks[0] == first
            assert len(blocks) > 1, item.code


def _fee(item: Item, **options: str) -> int:
    return sum(rule.amount_fen for rule in fees(item, choose(item, options)))


def test_the_fee_follows_the_circumstances(handbook: Handbook) -> None:
    permit = handbook.items["residence-permit-application"]
    assert _fee(permit, kind="first") == 0
    assert _fee(permit, kind="replacement") == 2_000
    assert _fee(handbook.items["passport-first"]) == 12_000


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("blocks", "applicant", "fields"), ["name", "shoe_size"], "没有这个表单项:shoe_size"),
        (("themes", "weather"), ["matter"], "没有这个主题:weather"),
        (("themes", "tax"), ["taxes"], "没有这个分组:taxes"),
        (("items", "nothing"), {"blocks": ["matter"]}, "没有这个事项:nothing"),
        (
            ("items", "residence-permit-application", "when", "employment"),
            {"ground": ["jobs"]},
            "没有这个选项:jobs",
        ),
    ],
)
def test_a_dangling_reference_is_a_fault(
    tmp_path: Path, path: tuple[str, ...], value: Any, message: str
) -> None:
    folder = tmp_path / "handbook"
    copytree(ROOT / "handbook", folder)
    book = yaml.safe_load((folder / "forms.yaml").read_text())
    place = book
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    (folder / "forms.yaml").write_text(yaml.safe_dump(book, allow_unicode=True))
    assert message in [fault.message for fault in check_folder(folder).faults]


def test_a_field_that_is_no_schema_is_a_fault(tmp_path: Path) -> None:
    folder = tmp_path / "handbook"
    copytree(ROOT / "handbook", folder)
    text = (folder / "forms.yaml").read_text().replace("type: string, maxLength: 500", "type: word")
    (folder / "forms.yaml").write_text(text)
    assert any(fault.file.endswith("forms.yaml") for fault in check_folder(folder).faults)
