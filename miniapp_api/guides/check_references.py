"""Rules across files (文件之间的规则): what is referred to exists, and nothing is said twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from miniapp_api.guides.check_items import entries, fault
from miniapp_api.guides.faults import Fault
from miniapp_api.guides.yaml_source import Document, Loc

if TYPE_CHECKING:
    from miniapp_api.guides.checks import Checked

_LISTS = ("departments.yaml", "themes.yaml", "life_events.yaml", "certificates.yaml")


def check_references(checked: Checked) -> Iterator[Fault]:
    """Check duplicates, dangling references and the counts that are facts of the hall."""
    for name in _LISTS:
        yield from _repeated_ids(checked.documents.get(name), ())
    yield from _windows(checked)
    yield from _halls(checked)
    yield from _codes(checked.item_documents)
    yield from _shared_aliases(checked.item_documents)
    yield from _item_references(checked)
    yield from _hot(checked)


def _ids(document: Document | None, *loc: str, key: str = "id") -> list[tuple[Loc, str]]:
    """Return (location, id) of every entry of a list; nothing when the file is unreadable."""
    value: Any = document.value if document else None
    for part in loc:
        value = value.get(part) if isinstance(value, dict) else None
    rows = value if isinstance(value, list) else []
    return [
        ((*loc, index), str(row[key]))
        for index, row in enumerate(rows)
        if isinstance(row, dict) and key in row
    ]


def _known(document: Document | None, *loc: str, key: str = "id") -> frozenset[str] | None:
    """Return the ids of a list, or None when the file could not be read: then nothing dangles."""
    if document is None or document.value is None:
        return None
    return frozenset(name for _, name in _ids(document, *loc, key=key))


def _repeated_ids(
    document: Document | None, path: tuple[str, ...], key: str = "id"
) -> Iterator[Fault]:
    seen: set[str] = set()
    for loc, name in _ids(document, *path, key=key):
        if name in seen and document:
            yield fault(document, loc, f"编号 {name} 写了两遍", "repeated_id")
        seen.add(name)


def _dangling(
    document: Document, loc: Loc, name: Any, known: frozenset[str] | None, what: str
) -> Iterator[Fault]:
    if known is not None and isinstance(name, str) and name not in known:
        yield fault(document, loc, f"没有{what} {name}", "dangling_reference")


def _windows(checked: Checked) -> Iterator[Fault]:
    document = checked.documents.get("windows.yaml")
    if document is None or not isinstance(document.value, dict):
        return
    yield from _repeated_ids(document, ("queues",))
    yield from _repeated_ids(document, ("queues",), key="prefix")
    yield from _repeated_ids(document, ("windows",), key="number")
    departments = _known(checked.documents.get("departments.yaml"))
    queues = _known(document, "queues")
    numbers = _known(document, "windows", key="number")
    halls = frozenset(hall.id for hall in checked.halls) or None
    yield from _dangling(document, ("hall",), document.value.get("hall"), halls, "大厅")
    for kind in ("queues", "windows"):
        for index, row in enumerate(entries(document.value, kind)):
            name = row.get("department") if isinstance(row, dict) else None
            yield from _dangling(document, (kind, index, "department"), name, departments, "部门")
    for index, row in enumerate(entries(document.value, "windows")):
        name = row.get("queue") if isinstance(row, dict) else None
        yield from _dangling(document, ("windows", index, "queue"), name, queues, "队列")
    for index, row in enumerate(entries(document.value, "queues")):
        for number in entries(row, "windows"):
            loc = ("queues", index, "windows")
            yield from _dangling(document, loc, number, numbers, "窗口")
    yield from _both_ways(checked, document)


def _both_ways(checked: Checked, document: Document) -> Iterator[Fault]:
    """A window names its queue and the queue its windows: both must say the same."""
    if checked.windows is None:
        return
    served = {number: q.id for q in checked.windows.queues for number in q.windows}
    zones = {zone.id: zone.floor for hall in checked.halls for zone in hall.zones}
    for index, window in enumerate(checked.windows.windows):
        loc = ("windows", index)
        if served.get(window.number) != window.queue:
            message = f"窗口 {window.number} 的队列是 {window.queue},队列那边却没有它"
            yield fault(document, loc, message, "window_queue")
        if zones and zones.get(window.zone) != window.floor:
            message = f"窗口 {window.number} 的区域 {window.zone} 不在 {window.floor} 楼"
            yield fault(document, loc, message, "window_zone")


def _halls(checked: Checked) -> Iterator[Fault]:
    """The numbers of departments and windows (部门数、窗口数) are facts of the hall file."""
    for name, document in checked.documents.items():
        if not name.startswith("halls/") or not isinstance(document.value, dict):
            continue
        if document.value.get("id") != document.path.stem:
            message = f"大厅编号与文件名 {document.path.stem} 不同"
            yield fault(document, ("id",), message, "file_name")
        counts: tuple[tuple[str, str, int], ...] = (
            ("departments_count", "部门", len(_ids(checked.documents.get("departments.yaml")))),
            ("windows_count", "窗口", _window_count(checked, document.value.get("id"))),
        )
        for path, what, found in counts:
            stated = document.value.get(path)
            if isinstance(stated, int) and stated != found:
                message = f"应有 {stated} 个{what},实有 {found} 个"
                yield fault(document, (path,), message, "count")


def _window_count(checked: Checked, hall: Any) -> int:
    document = checked.documents.get("windows.yaml")
    if document is None or not isinstance(document.value, dict):
        return 0
    here = document.value.get("hall") == hall
    return len(_ids(document, "windows", key="number")) if here else 0


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
    departments = _known(documents.get("departments.yaml"))
    queues = _known(documents.get("windows.yaml"), "queues")
    lists = (
        ("themes", _known(documents.get("themes.yaml")), "主题"),
        ("life_events", _known(documents.get("life_events.yaml")), "人生事件"),
        ("related", _item_codes(checked.item_documents), "事项"),
    )
    certificates = _known(documents.get("certificates.yaml"))
    for document in checked.item_documents:
        value = document.value
        if not isinstance(value, dict):
            continue
        yield from _dangling(
            document, ("department",), value.get("department"), departments, "部门"
        )
        yield from _queue(document, value, queues)
        for path, known, what in lists:
            for index, name in enumerate(entries(value, path)):
                yield from _dangling(document, (path, index), name, known, what)
        for index, material in enumerate(entries(value, "materials")):
            name = material.get("certificate") if isinstance(material, dict) else None
            loc = ("materials", index, "certificate")
            yield from _dangling(document, loc, name, certificates, "电子证照")


def _queue(
    document: Document, value: dict[str, Any], queues: frozenset[str] | None
) -> Iterator[Fault]:
    place = value.get("place")
    if isinstance(place, dict) and place.get("kind") == "hall":
        queue = place.get("queue") or value.get("department")
        loc = ("place", "queue") if place.get("queue") else ("place",)
        yield from _dangling(document, loc, queue, queues, "队列")


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
        yield from _dangling(document, (index,), code, known, "事项")
