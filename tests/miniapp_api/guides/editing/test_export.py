"""What was published goes back into the handbook's files, and says the same from there."""

from __future__ import annotations

import shutil
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from miniapp_api.guides.checks import check_folder
from miniapp_api.guides.editing.exporting import NoHandbook, Published, export
from miniapp_api.guides.handbook import load_handbook
from tests.miniapp_api.guides.editing.test_versions import (
    CODE,
    GUIDE,
    WHY,
    _saved,
    _step,
    approver,
    editor,
    nothing_stays_published,
)
from tests.miniapp_api.guides.factories import HANDBOOK

__all__ = ["approver", "editor", "nothing_stays_published"]  # fixtures
DAY = date(2026, 11, 24)
FILE = Path("items", "household-id", f"{CODE}.yaml")
REMARK = "# 电话由户政科核对"


def _guide(**changes: Any) -> Published:
    """The guide with some fields changed, in the next version."""
    values = yaml.safe_load((HANDBOOK / FILE).read_text(encoding="utf-8"))
    values |= {"version": values["version"] + 1, **changes}
    text = f"{REMARK}\n{yaml.safe_dump(values, allow_unicode=True)}"
    return Published("items", CODE, values["version"], text)


@pytest.fixture
def shenban(command: Any) -> Any:
    """Runs `shenban handbook …`."""
    return partial(command, "handbook")


async def test_what_is_exported_passes_the_check_and_reads_the_same(
    api: Any, app: Any, editor: Any, approver: Any, shenban: Any, tmp_path: Path
) -> None:
    begun = (await editor.post(f"{GUIDE}/versions", {})).json
    values = yaml.safe_load(begun["text"]) | {"phone": "024-11112222"}
    text = f"{REMARK}\n{yaml.safe_dump(values, allow_unicode=True)}"
    draft = await _saved(editor, begun, text)
    version = (await _step(editor, draft, "submission", why=WHY)).json
    assert (await _step(approver, version, "approval")).status == 200

    folder = tmp_path / "exported"
    code, output = await shenban("export", folder)
    assert (code, "写了 1 份" in output) == (0, True), output
    code, output = await shenban("check", folder)
    assert code == 0, output
    lain = load_handbook(HANDBOOK, published=app.ctx.settings.published)
    alone = load_handbook(folder)
    assert alone.items == lain.items
    assert alone.items[CODE].phone == "024-11112222"
    assert (alone.announcements, alone.bundles) == (lain.announcements, lain.bundles)
    assert (folder / FILE).read_text(encoding="utf-8").startswith(REMARK)
    code, output = await shenban("export", folder)
    assert (code, "写了 0 份,1 份没有变化" in output) == (0, True), output


def test_a_handbook_is_changed_in_place_and_only_where_it_must(tmp_path: Path) -> None:
    folder = tmp_path / "handbook"
    shutil.copytree(HANDBOOK, folder)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.yaml")}
    done = export(HANDBOOK, folder, [_guide(phone="024-11112222")], DAY)
    assert (done.written, done.removed, done.faults) == ([FILE], [], [])
    after = {path: path.stat().st_mtime_ns for path in folder.rglob("*.yaml")}
    assert {path for path in after if after[path] != before.get(path)} == {folder / FILE}


def test_a_guide_whose_theme_changed_moves_to_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    done = export(HANDBOOK, folder, [_guide(themes=["legal", "household-id"])], DAY)
    moved = Path("items", "legal", f"{CODE}.yaml")
    assert (done.written, done.removed) == ([moved], [FILE])
    assert (folder / moved).is_file()
    assert not (folder / FILE).exists()
    assert check_folder(folder, DAY).errors == 0


def test_a_file_of_a_higher_version_is_kept(tmp_path: Path) -> None:
    done = export(HANDBOOK, tmp_path / "out", [_guide(version=0)], DAY)
    assert (done.written, done.newer) == ([], [f"items/{CODE}"])
    assert (tmp_path / "out" / FILE).read_bytes() == (HANDBOOK / FILE).read_bytes()


def test_a_guide_that_does_not_pass_the_check_writes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    done = export(HANDBOOK, folder, [_guide(department="nobody")], DAY)
    assert done.faults
    assert {fault.file for fault in done.faults} == {str(folder / FILE)}
    assert not folder.exists()


def test_a_folder_with_something_else_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(NoHandbook):
        export(HANDBOOK, tmp_path, [_guide()], DAY)
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]
