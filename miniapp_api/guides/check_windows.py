"""Rules of the halls' windows and queues (窗口与队列): both sides agree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from miniapp_api.guides.check_items import entries, fault
from miniapp_api.guides.check_lists import dangling, ids_in, known_in, repeated_ids
from miniapp_api.guides.faults import Fault
from miniapp_api.guides.places import Windows
from miniapp_api.guides.yaml_source import Document

if TYPE_CHECKING:
    from miniapp_api.guides.checks import Checked


def window_files(checked: Checked) -> list[Document]:
    """Return the windows file of every hall that has one."""
    return [
        document
        for name, document in checked.documents.items()
        if name.startswith("windows/") and isinstance(document.value, dict)
    ]


def window_count(checked: Checked, hall: Any) -> int:
    """Return how many windows a hall's file lists."""
    here = [d for d in window_files(checked) if d.value.get("hall") == hall]
    return sum(len(ids_in(document, "windows", key="number")) for document in here)


def check_windows(checked: Checked) -> Iterator[Fault]:
    """Check every hall's windows file."""
    halls: set[Any] = set()
    for document in window_files(checked):
        hall = document.value.get("hall")
        if hall in halls:
            yield fault(document, ("hall",), f"大厅 {hall} 有两个窗口文件", "repeated_id")
        halls.add(hall)
        yield from _lists(checked, document)
        plan = next((plan for plan in checked.windows if plan.hall == hall), None)
        if plan:
            yield from _both_ways(checked, document, plan)


def _lists(checked: Checked, document: Document) -> Iterator[Fault]:
    yield from repeated_ids(document, ("queues",))
    yield from repeated_ids(document, ("queues",), key="prefix")
    yield from repeated_ids(document, ("windows",), key="number")
    departments = known_in(checked.documents.get("departments.yaml"))
    queues = known_in(document, "queues")
    numbers = known_in(document, "windows", key="number")
    items = frozenset(item.code for item in checked.items) or None
    halls = frozenset(hall.id for hall in checked.halls) or None
    yield from dangling(document, ("hall",), document.value.get("hall"), halls, "大厅")
    for kind in ("queues", "windows"):
        for index, row in enumerate(entries(document.value, kind)):
            name = row.get("department") if isinstance(row, dict) else None
            yield from dangling(document, (kind, index, "department"), name, departments, "部门")
    for index, row in enumerate(entries(document.value, "windows")):
        name = row.get("queue") if isinstance(row, dict) else None
        yield from dangling(document, ("windows", index, "queue"), name, queues, "队列")
    for index, row in enumerate(entries(document.value, "queues")):
        for number in entries(row, "windows"):
            yield from dangling(document, ("queues", index, "windows"), number, numbers, "窗口")
        for code in entries(row, "items"):
            yield from dangling(document, ("queues", index, "items"), code, items, "事项")


def _both_ways(checked: Checked, document: Document, plan: Windows) -> Iterator[Fault]:
    """A window names its queue and the queue its windows: both must say the same."""
    served = {number: q.id for q in plan.queues for number in q.windows}
    zones = {z.id: z.floor for h in checked.halls if h.id == plan.hall for z in h.zones}
    for index, window in enumerate(plan.windows):
        loc = ("windows", index)
        if served.get(window.number) != window.queue:
            message = f"窗口 {window.number} 的队列是 {window.queue},队列那边却没有它"
            yield fault(document, loc, message, "window_queue")
        if zones and zones.get(window.zone) != window.floor:
            message = f"窗口 {window.number} 的区域 {window.zone} 不在 {window.floor} 楼"
            yield fault(document, loc, message, "window_zone")
