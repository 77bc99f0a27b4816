"""The check of the handbook folder (办事手册检查): every fault, each with file and line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, RootModel, ValidationError

from miniapp_api.guides.announcements import Announcement, check_announcement
from miniapp_api.guides.bundles import Bundle
from miniapp_api.guides.check_bundles import check_bundle
from miniapp_api.guides.check_items import check_item
from miniapp_api.guides.check_references import check_references
from miniapp_api.guides.faults import Fault, explain
from miniapp_api.guides.forms import EMPTY, FormBook
from miniapp_api.guides.item import HandbookItem
from miniapp_api.guides.mapping import CatalogueMapping
from miniapp_api.guides.places import (
    Department,
    Departments,
    Hall,
    HotList,
    Named,
    NamedList,
    Windows,
    Years,
)
from miniapp_api.guides.yaml_source import Document, read_yaml

_VERSION = re.compile(r"^version:\s*(\d{1,9})\b", re.MULTILINE)


@dataclass(frozen=True)
class Filed:
    """A file of the handbook (手册文件), even one that something published lies over."""

    path: Path
    version: int


@dataclass
class Checked:
    """What a handbook folder holds, what was published over it, and the faults found."""

    folder: Path
    published: Path | None = None
    faults: list[Fault] = field(default_factory=list)
    items: list[HandbookItem] = field(default_factory=list)
    item_documents: list[Document] = field(default_factory=list)
    unusable: list[str] = field(default_factory=list)
    documents: dict[str, Document] = field(default_factory=dict)
    departments: tuple[Department, ...] = ()
    themes: tuple[Named, ...] = ()
    life_events: tuple[Named, ...] = ()
    certificates: tuple[Named, ...] = ()
    halls: tuple[Hall, ...] = ()
    windows: tuple[Windows, ...] = ()
    hot: tuple[str, ...] = ()
    forms: FormBook = EMPTY
    bundles: list[Bundle] = field(default_factory=list)
    announcements: list[Announcement] = field(default_factory=list)
    announcement_documents: list[Document] = field(default_factory=list)
    filed: dict[str, Filed] = field(default_factory=dict)  # by items/CODE or notices/ID
    calendar: Years = field(default_factory=lambda: Years({}))

    @property
    def errors(self) -> int:
        """Count the faults that are not mere warnings (错误数)."""
        return sum(fault.level == "error" for fault in self.faults)

    def root(self, path: Path) -> Path:
        """Return the folder that a file belongs to: the handbook's or that of the published."""
        inside = self.published and path.is_relative_to(self.published)
        return self.published if inside and self.published else self.folder


def check_folder(
    folder: Path,
    today: date | None = None,
    *,
    references: bool = True,
    published: Path | None = None,
) -> Checked:
    """Read and check the whole handbook.

    `today` turns overdue reviews into warnings; without `references` only the shapes are checked,
    which is what loading needs. `published` is a folder whose items and notices lie over those of
    the handbook (已发布的版本); one that cannot be read leaves the handbook's own in place.
    """
    checked = Checked(folder, published)
    if not folder.is_dir():
        checked.faults.append(Fault(str(folder), 1, "没有这个文件夹", "unreadable"))
        checked.unusable.append(str(folder))
        return checked
    _read_lists(checked)
    _read_items(checked, keep=references)
    _read_announcements(checked)
    _read_bundles(checked)
    if references:
        _check_references(checked, today)
    checked.faults.sort()
    return checked


def _check_references(checked: Checked, today: date | None) -> None:
    for document in checked.item_documents:
        checked.faults.extend(check_item(document, checked.root(document.path), today))
    checked.faults.extend(check_references(checked))
    found = {each.id: each for each in checked.announcements}
    for document in checked.announcement_documents:
        if announcement := found.get(document.value.get("id")):
            checked.faults.extend(check_announcement(checked, document, announcement, today))
    for path in sorted((checked.folder / "mappings").glob("*.yaml")):
        _read(checked, path, CatalogueMapping)


def _read_lists(checked: Checked) -> None:
    folder = checked.folder
    departments = _read(checked, folder / "departments.yaml", Departments)
    checked.departments = departments.root if departments else ()
    checked.themes = _named(checked, "themes.yaml")
    checked.life_events = _named(checked, "life_events.yaml")
    checked.certificates = _named(checked, "certificates.yaml")
    plans = [_read(checked, path, Windows) for path in sorted((folder / "windows").glob("*.yaml"))]
    checked.windows = tuple(plan for plan in plans if plan)
    checked.calendar = _read(checked, folder / "calendar.yaml", Years) or Years({})
    if (folder / "hot.yaml").exists():
        hot = _read(checked, folder / "hot.yaml", HotList)
        checked.hot = hot.root if hot else ()
    if (folder / "forms.yaml").exists():
        checked.forms = _read(checked, folder / "forms.yaml", FormBook) or EMPTY
    halls = [_read(checked, path, Hall) for path in sorted((folder / "halls").glob("*.yaml"))]
    checked.halls = tuple(hall for hall in halls if hall)
    if not halls:
        checked.faults.append(Fault(str(folder / "halls"), 1, "一个大厅也没有", "unreadable"))
        checked.unusable.append(str(folder / "halls"))


def _named(checked: Checked, name: str) -> tuple[Named, ...]:
    found = _read(checked, checked.folder / name, NamedList)
    return found.root if found else ()


def _read_items(checked: Checked, *, keep: bool) -> None:
    """Read every item; the documents, ten times as large, are kept only to be checked further."""
    for path in _uncovered(checked, "items"):
        item = _read(checked, path, HandbookItem)
        document = checked.documents.pop(_key(checked, path), None)
        if document and keep:
            checked.item_documents.append(document)
        if item:
            checked.items.append(item)
            _file(checked, f"items/{path.stem}", path, item.version)


def _read_announcements(checked: Checked) -> None:
    for path in _uncovered(checked, "notices"):
        found = _read(checked, path, Announcement)
        document = checked.documents.pop(_key(checked, path), None)
        if document and found:
            checked.announcement_documents.append(document)
            checked.announcements.append(found)
            _file(checked, f"notices/{path.stem}", path, found.version)


def _uncovered(checked: Checked, kind: str) -> Iterator[Path]:
    """Yield what was published, then the handbook's files over which nothing readable lies."""
    covered: set[str] = set()
    if checked.published:
        for path in sorted((checked.published / kind).rglob("*.yaml")):
            yield path
            if str(path) not in checked.unusable:  # it was read in the meantime
                covered.add(path.stem)
    for path in sorted((checked.folder / kind).rglob("*.y*ml")):
        if path.stem not in covered:
            yield path
        elif version := _VERSION.search(path.read_text(encoding="utf-8", errors="replace")):
            checked.filed[f"{kind}/{path.stem}"] = Filed(path, int(version[1]))


def _file(checked: Checked, key: str, path: Path, version: int) -> None:
    if checked.root(path) == checked.folder:
        checked.filed[key] = Filed(path, version)


def _read_bundles(checked: Checked) -> None:
    """Read every bundle; one that does not fit the items cannot be used, nor does it hurt them."""
    for path in sorted((checked.folder / "bundles").glob("*.y*ml")):
        bundle = _read(checked, path, Bundle)
        if bundle is None:
            continue
        faults = list(check_bundle(checked, checked.documents[_key(checked, path)], bundle))
        checked.faults.extend(faults)
        if faults:
            checked.unusable.append(str(path))
        else:
            checked.bundles.append(bundle)


def _key(checked: Checked, path: Path) -> str:
    root = checked.root(path)
    key = path.relative_to(root).as_posix()
    return key if root == checked.folder else f"published/{key}"


def _read[M: BaseModel](checked: Checked, path: Path, model: type[M]) -> M | None:
    """Read one file into its model; every fault of syntax and shape goes to the list."""
    document, faults = read_yaml(path)
    checked.faults.extend(faults)
    if document is not None:
        checked.documents[_key(checked, path)] = document
        if found := _validate(checked, document, model):
            return found
    checked.unusable.append(str(path))
    return None


def _validate[M: BaseModel](checked: Checked, document: Document, model: type[M]) -> M | None:
    """Validate a file; unknown fields are faults, but the rest of the file can still be used."""
    try:
        return model.model_validate(document.value)
    except ValidationError as error:
        checked.faults.extend(shape_faults(document, error, model))
        faults = error.errors(include_url=False)
        if any(fault["type"] != "extra_forbidden" for fault in faults):
            return None
        return model.model_validate(without(document.value, [fault["loc"] for fault in faults]))


def without(value: Any, locs: Iterable[tuple[str | int, ...]]) -> Any:
    """Return a copy of the value without the fields at these locations."""
    pruned = deepcopy(value)
    for *parents, last in locs:
        place = pruned
        for part in parents:
            place = place[part]
        del place[last]
    return pruned


def shape_faults(
    document: Document, error: ValidationError, model: type[BaseModel]
) -> Iterator[Fault]:
    """Turn pydantic's errors into faults at their lines."""
    errors = error.errors(include_url=False)
    for each in errors:
        short = each["type"] == "too_short"
        if short and any(_inside(other["loc"], each["loc"]) for other in errors):
            continue  # only because its one entry is wrong, which is reported itself
        explained = explain(each, fields_at(model, each["loc"][:-1]))
        line = document.line(each["loc"])
        yield Fault(str(document.path), line, explained.message, explained.code)


def _inside(loc: tuple[str | int, ...], parent: tuple[str | int, ...]) -> bool:
    return len(loc) > len(parent) and loc[: len(parent)] == parent


def fields_at(model: Any, loc: Iterable[str | int]) -> list[str]:
    """Return the field names (字段名) allowed at a location of the model."""
    for part in loc:
        fields = getattr(model, "model_fields", {})
        annotation = fields[part].annotation if part in fields else model
        if isinstance(model, type) and issubclass(model, RootModel):
            annotation = model.model_fields["root"].annotation
        model = _model_in(annotation)
    return list(getattr(model, "model_fields", {}))


def _model_in(annotation: Any) -> Any:
    """Return the model inside tuple[Model, ...], Model | None and the like."""
    for inner in getattr(annotation, "__args__", ()):
        found = _model_in(inner)
        if isinstance(found, type) and issubclass(found, BaseModel):
            return found
    return annotation
