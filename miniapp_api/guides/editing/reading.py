"""Reading a draft (读草稿): what it says, and every fault that `handbook check` would find."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from miniapp_api.guides.announcements import Announcement, check_announcement
from miniapp_api.guides.bundles import Bundle
from miniapp_api.guides.check_bundles import check_bundle
from miniapp_api.guides.check_items import check_item
from miniapp_api.guides.check_references import check_references
from miniapp_api.guides.checks import Checked, check_folder, shape_faults, without
from miniapp_api.guides.editing import limits
from miniapp_api.guides.editing.rules import Kind
from miniapp_api.guides.faults import Fault
from miniapp_api.guides.item import HandbookItem
from miniapp_api.guides.library import Library, Signature
from miniapp_api.guides.yaml_source import Document, parse_yaml

MODELS: dict[Kind, type[HandbookItem | Announcement]] = {
    "items": HandbookItem,
    "notices": Announcement,
}
IDS: dict[Kind, str] = {"items": "code", "notices": "id"}


@dataclass(frozen=True)
class DraftFault:
    """A fault of a draft (草稿错误), at its line and its field."""

    line: int
    field: str | None
    message: str
    code: str
    level: str


@dataclass(frozen=True)
class Draft:
    """A text that was read (读过的草稿): as far as it could be."""

    kind: Kind
    code: str
    values: Mapping[str, Any] | None
    content: HandbookItem | Announcement | None
    faults: tuple[DraftFault, ...]

    @property
    def is_sound(self) -> bool:
        """Tell whether nothing keeps it from being published; warnings do not."""
        return self.content is not None and all(f.level != "error" for f in self.faults)


class Reader:
    """Reads drafts against the handbook in use, which is read again only when it changed."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._known: tuple[Signature, Checked] | None = None

    def read(self, kind: Kind, code: str, text: str, today: date) -> Draft:
        """Read and check a text; it never raises, whatever the text is."""
        path = self._library.folder / kind / f"{code}.yaml"
        broken = limits.beyond(path, text)
        if broken:
            return Draft(kind, code, None, None, _placed(None, [broken]))
        document, faults = parse_yaml(path, text.encode("utf-8", "replace"))
        if document is None or not isinstance(document.value, dict):
            shapeless = Fault(str(path), 1, "应是“字段: 值”", "wrong_value")
            return Draft(kind, code, None, None, _placed(None, faults or [shapeless]))
        return self._checked(kind, code, document, faults, today)

    def _checked(
        self, kind: Kind, code: str, document: Document, faults: list[Fault], today: date
    ) -> Draft:
        content, shape = _validated(document, MODELS[kind])
        faults = [*faults, *shape]
        if document.value.get(IDS[kind]) not in (None, code):
            line = document.line((IDS[kind],))
            message = f"编码应是 {code},不能改"
            faults.append(Fault(str(document.path), line, message, "file_name"))
        known = self._handbook()
        if kind == "items":
            faults += _item_faults(known, document, content, today)
        elif isinstance(content, Announcement):
            faults += check_announcement(known, document, content, today)
        return Draft(kind, code, document.value, content, _placed(document, faults))

    def _handbook(self) -> Checked:
        """Return the handbook in use, read with its documents."""
        signature = self._library.signature
        if self._known is None or self._known[0] != signature:
            folder, published = self._library.folder, self._library.published
            self._known = signature, check_folder(folder, published=published)
        return self._known[1]


def _validated(
    document: Document, model: type[HandbookItem | Announcement]
) -> tuple[HandbookItem | Announcement | None, list[Fault]]:
    """Validate the values; unknown fields are faults, but the rest can be shown."""
    try:
        return model.model_validate(document.value), []
    except ValidationError as error:
        faults = list(shape_faults(document, error, model))
        errors = error.errors(include_url=False)
        if any(each["type"] != "extra_forbidden" for each in errors):
            return None, faults
        return model.model_validate(without(document.value, [e["loc"] for e in errors])), faults


def _item_faults(known: Checked, document: Document, content: Any, today: date) -> Iterator[Fault]:
    """Yield what the rules about one item, and those across files, say of the draft."""
    folder = document.path.parent.parent
    theme = next(iter(document.value.get("themes") or ()), "")
    path = folder / "items" / str(theme or "-") / document.path.name
    placed = dataclasses.replace(document, path=path)
    for fault in check_item(placed, folder, today):
        yield dataclasses.replace(fault, file=str(document.path))
    with_draft = _with(known, document, content)
    before = {(f.file, f.message) for f in known.faults}
    for fault in check_references(with_draft):
        if fault.file == str(document.path):
            yield fault
        elif fault.level == "error" and (fault.file, fault.message) not in before:
            where = Path(fault.file).name
            yield Fault(str(document.path), 1, f"{where}:{fault.message}", fault.code)
    if content is not None:
        yield from _bundle_faults(with_draft, document)


def _with(known: Checked, document: Document, content: Any) -> Checked:
    """Return the handbook as it would be with the draft in it, last."""
    code = document.path.stem
    documents = [each for each in known.item_documents if each.path.stem != code]
    items = [item for item in known.items if item.code != code]
    return dataclasses.replace(
        known,
        faults=[],
        bundles=[],
        items=[*items, *([content] if content else [])],
        item_documents=[*documents, document],
    )


def _bundle_faults(with_draft: Checked, document: Document) -> Iterator[Fault]:
    """Yield what the draft would break in bundles (一件事) that hold the item."""
    for name, written in with_draft.documents.items():
        if not name.startswith("bundles/"):
            continue
        try:
            bundle = Bundle.model_validate(written.value)
        except ValidationError:
            continue
        if any(member.item == document.path.stem for member in bundle.members):
            for fault in check_bundle(with_draft, written, bundle):
                message = f"一件事“{bundle.name}”:{fault.message}"
                yield Fault(str(document.path), 1, message, fault.code)


def _placed(document: Document | None, faults: list[Fault]) -> tuple[DraftFault, ...]:
    """Name the field of every fault by its line, errors first."""
    ordered = sorted(dict.fromkeys(faults), key=lambda f: (f.level != "error", f.line))
    return tuple(
        DraftFault(f.line, _field_at(document, f.line), f.message, f.code, f.level) for f in ordered
    )


def _field_at(document: Document | None, line: int) -> str | None:
    """Return the top-level field whose lines hold a line."""
    node = document.node if document else None
    found = None
    for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.start_mark.line + 1 <= line:
            found = str(key.value)
    return found
