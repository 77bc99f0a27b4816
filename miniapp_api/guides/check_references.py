"""Rules across files (文件之间的规则): what is referred to exists, and nothing is said twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from miniapp_api.guides.check_forms import check_forms
from miniapp_api.guides.check_items import entries, fault
from miniapp_api.guides.check_lists import dangling, ids_in, known_in, repeated_ids
from miniapp_api.guides.check_windows import check_windows, window_count, window_files
from miniapp_api.guides.faults import Fault
from miniapp_api.guides.yaml_source import Document, Loc

if TYPE_CHECKING:
    from miniapp_api.guides.checks import Checked

_LISTS = ("departments.yaml", "themes.yaml", "life_events.yaml", "certificates.yaml")


def check_references(checked: Checked) -> Iterator[Fault]:
    """Check duplicates, dangling references and the counts that are facts of the hall."""
    for name in _LISTS:
        yield from repeated_ids(checked.documents.get(name), ())
    yield from check_windows(checked)
    yield from _halls(checked)
    yield from _codes(checked.item_documents)
    yield from _shared_aliases(checked.item_documents)
    yield from _item_references(checked)
    yield from _hot(checked)
    yield from check_forms(checked)


def _halls(checked: Checked) -> Iterator[Fault]:
    """The numbers of departments and windows (部门数、窗口数) are facts of the hall file."""
    for name, document in checked.documents.items():
        if not name.startswith("halls/") or not isinstance(document.value, dict):
            continue
        if document.value.get("id") != document.path.stem:
            message = f"大厅编号与文件名 {document.path.stem} 不同"
            yield fault(document, ("id",), message, "file_name")
        counts: tuple[tuple[str, str, int], ...] = (
            ("departments_count", "部门", len(ids_in(checked.documents.get("departments.yaml")))),
            ("windows_count", "窗口", window_count(checked, document.value.get("id"))),
        )
        for path, what, found in counts:
            stated = document.value.get(path)
            if isinstance(stated, int) and stated != found:
                message = f"应有 {stated} 个{what},实有 {found} 个"
                yield fault(document, (path,), message, "count")


def _codes(documents: Iterable[Document]) -> Iterator[Fault]:
    seen: dict[str, Document] = {}
    for document in documents:
        code = document.value.get("code") if isinstance(document.value, dict) else None
        if not isinstance(code, str):
            continue
        if code in seen:
            message = f"编码 {code} 与 {seen[code].path.name}(第 {_code_line(seen[code])} 行)重复"
            yield fault(document, ("code",), message, "repeated_code")
        seen.setdefault(code, document)


def _code_line(document: Document) -> int:
    return document.line(("code",))


def _shared_aliases(documents: Iterable[Document]) -> Iterator[Fault]:
    """The same saying for two items (说法相同) makes both unfindable by it."""
    owners: dict[str, Document] = {}
    for document in documents:
        value = document.value if isinstance(document.value, dict) else {}
        sayings: list[tuple[Loc, Any]] = [(("name",), value.get("name"))]
        sayings += [(("aliases", i), a) for i, a in enumerate(entries(value, "aliases"))]
        for loc, saying in sayings:
            if not isinstance(saying, str):
                continue
            owner = owners.setdefault(saying, document)
            if owner is not document:
                message = f"说法“{saying}”与 {owner.path.stem} 相同"
                yield fault(document, loc, message, "shared_alias")


def _item_references(checked: Checked) -> Iterator[Fault]:
    documents = checked.documents
    departments = known_in(documents.get("departments.yaml"))
    queues = _queues(checked)
    lists = (
        ("themes", known_in(documents.get("themes.yaml")), "主题"),
        ("life_events", known_in(documents.get("life_events.yaml")), "人生事件"),
        ("related", _item_codes(checked.item_documents), "事项"),
    )
    certificates = known_in(documents.get("certificates.yaml"))
    for document in checked.item_documents:
        value = document.value
        if not isinstance(value, dict):
            continue
        yield from dangling(document, ("department",), value.get("department"), departments, "部门")
        yield from _queue(document, value, queues)
        for path, known, what in lists:
            for index, name in enumerate(entries(value, path)):
                yield from dangling(document, (path, index), name, known, what)
        for index, material in enumerate(entries(value, "materials")):
            name = material.get("certificate") if isinstance(material, dict) else None
            loc = ("materials", index, "certificate")
            yield from dangling(document, loc, name, certificates, "电子证照")
        result = value.get("result")
        issued = result.get("certificate") if isinstance(result, dict) else None
        yield from dangling(document, ("result", "certificate"), issued, certificates, "电子证照")


def _queues(checked: Checked) -> frozenset[str] | None:
    """Return the queues of all halls, or None when a windows file could not be read."""
    known = [known_in(document, "queues") for document in window_files(checked)]
    unread = any("windows" in Path(path).parts for path in checked.unusable)
    return None if unread or not known else frozenset().union(*(ids or () for ids in known))


def _queue(
    document: Document, value: dict[str, Any], queues: frozenset[str] | None
) -> Iterator[Fault]:
    place = value.get("place")
    if isinstance(place, dict) and place.get("kind") == "hall":
        queue = place.get("queue") or value.get("department")
        loc = ("place", "queue") if place.get("queue") else ("place",)
        yield from dangling(document, loc, queue, queues, "队列")


def _item_codes(documents: Iterable[Document]) -> frozenset[str]:
    """Files by name too: a file with a syntax error still exists."""
    values = [d.value for d in documents if isinstance(d.value, dict)]
    return frozenset(str(v.get("code")) for v in values)


def _hot(checked: Checked) -> Iterator[Fault]:
    """The editors' hot items (热门服务) exist."""
    document = checked.documents.get("hot.yaml")
    if document is None or not isinstance(document.value, list):
        return
    known = _item_codes(checked.item_documents)
    for index, code in enumerate(document.value):
        yield from dangling(document, (index,), code, known, "事项")
