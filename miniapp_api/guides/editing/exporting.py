"""Putting what was published back into the handbook's files (导出手册), to be kept in git.

The files lie where the handbook has them, with the editors' own lines and comments; a folder that
is empty gets the whole handbook. Nothing is written that the check would not accept.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from miniapp_api.guides.catalogue import write_lines
from miniapp_api.guides.checks import Filed, check_folder
from miniapp_api.guides.editing import store
from miniapp_api.guides.editing.patching import load
from miniapp_api.guides.editing.rules import covers
from miniapp_api.guides.faults import Fault


class NoHandbook(Exception):
    """The folder has something in it that is no handbook."""


@dataclass(frozen=True)
class Published:
    """A published guide or notice, as its editors wrote it."""

    kind: str
    code: str
    version: int
    text: str


@dataclass
class Exported:
    """What an export did, or why it did nothing (faults); paths are those of the folder."""

    written: list[Path] = field(default_factory=list)
    removed: list[Path] = field(default_factory=list)  # of guides that have another theme now
    unchanged: int = 0
    newer: list[str] = field(default_factory=list)  # the folder has a higher version
    faults: list[Fault] = field(default_factory=list)


async def published() -> list[Published]:
    """Return all that is published, by kind and code."""
    rows = {row["id"]: row for row in await store.published()}
    texts = await store.texts(list(rows))
    found = [
        Published(row["kind"], row["code"], row["version"], texts[id])
        for id, row in rows.items()
        if id in texts
    ]
    return sorted(found, key=lambda each: (each.kind, each.code))


def export(handbook: Path, folder: Path, guides: Sequence[Published], day: date) -> Exported:
    """Write guides into a folder; an empty one gets the rest of the handbook too.

    It is all written, or with faults nothing is. Raises NoHandbook.
    """
    base = folder if (folder / "halls").is_dir() else handbook
    if base != folder and folder.exists() and any(folder.iterdir()):
        raise NoHandbook(f"{folder} 里有别的东西,请换一个空文件夹或办事手册文件夹")
    with tempfile.TemporaryDirectory(prefix="shenban-export-") as name:
        made = Path(name) / "handbook"
        shutil.copytree(base, made)
        done = _overlay(made, guides)
        checked = check_folder(made, day)
        if checked.errors:
            errors = [fault for fault in checked.faults if fault.level == "error"]
            return Exported(faults=[_moved(fault, made, folder) for fault in errors])
        if base == folder:
            for path in done.written:
                write_lines(folder / path, (made / path).read_bytes().splitlines())
            for path in done.removed:
                (folder / path).unlink()
        else:
            shutil.copytree(made, folder, dirs_exist_ok=True)
    return done


def _overlay(made: Path, guides: Sequence[Published]) -> Exported:
    """Write guides over a handbook, but for those that it has in a higher version."""
    done = Exported()
    for guide in guides:
        old = _filed(made, guide)
        if not covers(guide.version, old.version if old else None):
            done.newer.append(f"{guide.kind}/{guide.code}")
            continue
        path = _place(guide)
        text = "\n".join(guide.text.splitlines()) + "\n"
        if _lies(old, made / path, text):
            done.unchanged += 1
            continue
        if old and old.path != made / path:
            old.path.unlink()
            done.removed.append(old.path.relative_to(made))
        (made / path).parent.mkdir(parents=True, exist_ok=True)
        (made / path).write_text(text, encoding="utf-8")
        done.written.append(path)
    return done


def _filed(made: Path, guide: Published) -> Filed | None:
    """Return the handbook's own file of a guide; one without a version is as old as can be."""
    for path in (made / guide.kind).rglob(f"{guide.code}.yaml"):
        version = (load(path.read_text(encoding="utf-8-sig")) or {}).get("version")
        return Filed(path, version if isinstance(version, int) else 0)
    return None


def _place(guide: Published) -> Path:
    """Return where a guide lies in a handbook: items by their first theme."""
    values = load(guide.text) or {}
    themes = values.get("themes") or ["-"]
    folder = Path(guide.kind, str(themes[0])) if guide.kind == "items" else Path(guide.kind)
    return folder / f"{guide.code}.yaml"


def _lies(old: Filed | None, path: Path, text: str) -> bool:
    return old is not None and old.path == path and path.read_text(encoding="utf-8-sig") == text


def _moved(fault: Fault, made: Path, folder: Path) -> Fault:
    """Return a fault of the copy as one of the folder."""
    path = Path(fault.file)
    inside = path.is_relative_to(made)
    return replace(fault, file=str(folder / path.relative_to(made))) if inside else fault
