"""The real handbook, and small ones made for one test."""

from __future__ import annotations

import shutil
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import pytest
import yaml

from miniapp_api.guides.catalogue import write_lines
from miniapp_api.guides.handbook import Handbook, load_handbook
from miniapp_api.guides.importer import import_file
from miniapp_api.guides.mapping import load_mapping
from miniapp_api.guides.scene import Scene
from tests.miniapp_api.guides.factories import (
    FOREIGN_ROW,
    HANDBOOK,
    item_values,
    write_item,
    write_yaml,
)

TUESDAY_MORNING = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A handbook with the real lists and one item."""
    copy = tmp_path / "handbook"
    (copy / "items" / "household-id").mkdir(parents=True)
    for name in ("departments", "themes", "life_events", "certificates", "calendar"):
        shutil.copy(HANDBOOK / f"{name}.yaml", copy)
    shutil.copytree(HANDBOOK / "windows", copy / "windows")
    (copy / "halls").mkdir()
    hall = yaml.safe_load((HANDBOOK / "halls" / "municipal.yaml").read_text(encoding="utf-8"))
    hall["facilities"] = [{"id": "elderly-lane", "name": "老年人优先通道", "floor": 1}]
    write_yaml(copy / "halls" / "municipal.yaml", hall)
    write_item(copy, item_values())
    return copy


@pytest.fixture
def catalogues(tmp_path: Path) -> Path:
    """A folder with one imported item."""
    source = tmp_path / "source.jsonl"
    write_lines(source, [orjson.dumps(FOREIGN_ROW)])
    mapping = load_mapping(HANDBOOK / "mappings" / "guangdong.yaml")
    import_file(source, mapping, tmp_path / "catalogues", date(2026, 3, 1))
    return tmp_path / "catalogues"


@pytest.fixture
def small(folder: Path, catalogues: Path) -> Handbook:
    """One item of ours and one imported."""
    return load_handbook(folder, catalogues)


@pytest.fixture
def scene(small: Handbook) -> Scene:
    """A Tuesday morning at the hall."""
    return Scene(small, TUESDAY_MORNING)


@pytest.fixture(scope="session")
def real() -> Handbook:
    """The editors' handbook."""
    return load_handbook(HANDBOOK)
