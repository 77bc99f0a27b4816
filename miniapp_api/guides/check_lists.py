"""What all rules across files use: the ids of a list, what is said twice, what does not exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from miniapp_api.guides.check_items import fault
from miniapp_api.guides.faults import Fault
from miniapp_api.guides.yaml_source import Document, Loc


def ids_in(document: Document | None, *loc: str, key: str = "id") -> list[tuple[Loc, str]]:
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


def known_in(document: Document | None, *loc: str, key: str = "id") -> frozenset[str] | None:
    """Return the ids of a list, or None when the file could not be read: then nothing dangles."""
    if document is None or document.value is None:
        return None
    return frozenset(name for _, name in ids_in(document, *loc, key=key))


def repeated_ids(
    document: Document | None, path: tuple[str, ...], key: str = "id"
) -> Iterator[Fault]:
    """Find ids that a list holds twice."""
    seen: set[str] = set()
    for loc, name in ids_in(document, *path, key=key):
        if name in seen and document:
            yield fault(document, loc, f"编号 {name} 写了两遍", "repeated_id")
        seen.add(name)


def dangling(
    document: Document, loc: Loc, name: Any, known: frozenset[str] | None, what: str
) -> Iterator[Fault]:
    """Find a name that is not among the known ones."""
    if known is not None and isinstance(name, str) and name not in known:
        yield fault(document, loc, f"没有{what} {name}", "dangling_reference")
