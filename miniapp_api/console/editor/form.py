"""The form of a guide (指南表单): fields of a page to values and back; pure, no request in it.

A field is named by its place, as materials.0.name; the rows of a list are named by `rows`, in their
order. What the form does not show keeps what the YAML says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from miniapp_api.guides.editing.rules import Kind

Sent = Mapping[str, Sequence[str]]
ROWS = "rows"
NOTHING: tuple[Any, ...] = (None, [], False)  # what need not be written where it was not


class Leaf(Enum):
    """How a field is read."""

    MUST = "must"  # a text, kept when it is empty so that the check says so
    TEXT = "text"  # a text, or nothing
    INT = "int"
    DATE = "date"
    FLAG = "flag"  # a box: yes or no
    MARK = "mark"  # a box that is left out when it is not ticked
    LINES = "lines"  # one entry a line
    WORDS = "words"  # entries with commas between
    WHEN = "when"  # boxes circumstance=option


@dataclass(frozen=True)
class Usual:
    """A choice that is left out when it is the usual one."""

    value: str


Spec = Leaf | Usual | dict[str, Any] | list[Any]
M, T, I, D, F, L = Leaf.MUST, Leaf.TEXT, Leaf.INT, Leaf.DATE, Leaf.FLAG, Leaf.LINES  # noqa: E741

OPTION = {"id": M, "label": M, "default": Leaf.MARK, "tags": Leaf.WORDS}
MATERIAL = {
    "name": M, "form": M, "count": I, "required": F, "when": Leaf.WHEN, "certificate": T, "note": T,
}  # fmt: skip
SPECS: dict[Kind, dict[str, Spec]] = {
    "items": {
        "name": M,
        "aliases": L,
        "conditions": L,
        "circumstances": [{"id": M, "question": M, "options": [OPTION]}],
        "materials": [MATERIAL],
        "steps": [{"name": M, "detail": M}],
        "limits": {"statutory": I, "statutory_unit": Usual("working_days"), "promised": I},
        "visits": I,
        "fee": {
            "free": F,
            "text": M,
            "basis": T,
            "rules": [{"name": M, "amount_fen": I, "when": Leaf.WHEN}],
            "due": Usual("submission"),
        },
        "place": {"kind": M, "queue": T, "note": T},
        "hours": T,
        "phone": M,
        "online": {"depth": M, "note": T},
        "appointment": M,
        "duration_minutes": I,
        "faqs": [{"q": M, "a": M}],
        "review_by": D,
        "verified": F,
        "placeholders": L,
    },
    "notices": {
        "title": M,
        "text": M,
        "from": D,
        "until": D,
        "hall": T,
        "items": L,
        "important": F,
        "withdrawn": Leaf.MARK,
    },
}
EMPTY_ROWS: dict[str, dict[str, Any]] = {
    "circumstances": {"id": "", "question": "", "options": [{"id": "", "label": ""}] * 2},
    "options": {"id": "", "label": ""},
    "materials": {"name": "", "form": "original", "count": 1, "required": True},
    "steps": {"name": "", "detail": ""},
    "rules": {"name": "", "amount_fen": None},
    "faqs": {"q": "", "a": ""},
}


def read(kind: Kind, sent: Sent, old: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that the form holds, as the YAML has them (表单 → 字段)."""
    spec = SPECS[kind]
    return {
        name: value
        for name, each in spec.items()
        if (value := _value(each, name, sent, old.get(name))) not in NOTHING or name in old
    }


def _value(spec: Spec, place: str, sent: Sent, old: Any) -> Any:
    if isinstance(spec, list):
        return _rows(spec[0], place, sent, old)
    if isinstance(spec, dict):
        return _mapping(spec, place, sent, old if isinstance(old, Mapping) else {})
    typed = next(iter(sent.get(place) or ()), "").strip().replace("\r\n", "\n")
    if isinstance(spec, Usual):
        return None if typed == spec.value and old is None else typed or None
    if spec is Leaf.WHEN:
        found = _when(sent.get(place) or ())
        return old if _sets(found) == _sets(old) else found  # boxes have the order of the options
    return _leaf(spec, typed)


def _leaf(leaf: Leaf, typed: str) -> Any:
    match leaf:
        case Leaf.MUST:
            return typed
        case Leaf.TEXT:
            return typed or None
        case Leaf.INT:
            return int(typed) if typed.isascii() and typed.isdigit() else typed or None
        case Leaf.DATE:
            return _date(typed)
        case Leaf.FLAG:
            return bool(typed)
        case Leaf.MARK:
            return True if typed else None
        case Leaf.LINES:
            return [line.strip() for line in typed.splitlines() if line.strip()]
        case Leaf.WORDS:
            words = typed.replace("\uff0c", ",").replace("、", ",").split(",")
            return [word.strip() for word in words if word.strip()] or None


def _sets(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {name: sorted(str(each) for each in options) for name, options in value.items()}


def _date(typed: str) -> date | str | None:
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        return typed  # the check says what is wrong with it


def _when(ticked: Sequence[str]) -> dict[str, list[str]] | None:
    found: dict[str, list[str]] = {}
    for each in ticked:
        circumstance, _, option = each.partition("=")
        found.setdefault(circumstance, []).append(option)
    return found or None


def _mapping(
    spec: Mapping[str, Spec], place: str, sent: Sent, old: Mapping[str, Any]
) -> dict[str, Any]:
    """Read a section; a field that the YAML left out stays out while it is empty."""
    found = dict(old)
    for name, each in spec.items():
        value = _value(each, f"{place}.{name}", sent, old.get(name))
        if value not in NOTHING or name in old:
            found[name] = value
    return found


def _rows(spec: Mapping[str, Spec], place: str, sent: Sent, old: Any) -> list[dict[str, Any]]:
    """Read a list: its rows in their order, each without what is empty and need not be there."""
    known = old if isinstance(old, list) else []
    rows = []
    for name in sent.get(ROWS) or ():
        head, _, index = name.rpartition(".")
        if head == place and index.isascii() and index.isdigit():
            at = int(index)
            before = known[at] if at < len(known) and isinstance(known[at], Mapping) else {}
            rows.append(_row(spec, name, sent, before))
    return rows


def _row(
    spec: Mapping[str, Spec], place: str, sent: Sent, old: Mapping[str, Any]
) -> dict[str, Any]:
    found = {}
    for name, each in spec.items():
        value = _value(each, f"{place}.{name}", sent, old.get(name))
        if value is not None or (name in old and old[name] is None):
            found[name] = value
    return found


def fits(kind: Kind, values: Mapping[str, Any]) -> bool:
    """Tell whether the form can show the values: a list where it shows rows, and so on."""
    return all(_fits(each, values.get(name)) for name, each in SPECS[kind].items())


def _fits(spec: Spec, value: Any) -> bool:
    if value is None:
        return True
    if isinstance(spec, list):
        rows = value if isinstance(value, list) else [None]
        return all(isinstance(row, dict) and _fits(spec[0], row) for row in rows)
    if isinstance(spec, dict):
        named = isinstance(value, dict)
        return named and all(_fits(each, value.get(name)) for name, each in spec.items())
    if spec in (Leaf.LINES, Leaf.WORDS):
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    if spec is Leaf.WHEN:
        lists = value.values() if isinstance(value, dict) else [None]
        return all(isinstance(each, list) for each in lists)
    return not isinstance(value, dict | list)


def rearrange(values: Mapping[str, Any], do: str) -> dict[str, Any]:
    """Return the values after a row was added, removed or moved (增删移行): add:materials."""
    action, _, place = do.partition(":")
    return {**values, **_at(dict(values), place.split("."), action)} if place else dict(values)


def _at(values: dict[str, Any], path: list[str], action: str) -> dict[str, Any]:
    """Follow a path of names and numbers down to its list, and copy what is on the way."""
    name, *rest = path
    inner = values.get(name)
    if isinstance(inner, Mapping):
        return {**values, name: _at(dict(inner), rest, action)} if rest else values
    rows = list(inner) if isinstance(inner, list) else []
    if not rest:
        new = EMPTY_ROWS.get(name)
        return {**values, name: [*rows, dict(new)]} if action == "add" and new else values
    if not rest[0].isdigit() or int(rest[0]) >= len(rows):
        return values
    index = int(rest[0])
    if len(rest) > 1:
        if not isinstance(rows[index], Mapping):
            return values
        rows[index] = _at(dict(rows[index]), rest[1:], action)
        return {**values, name: rows}
    return {**values, name: _moved(rows, index, action)}


def _moved(rows: list[Any], index: int, action: str) -> list[Any]:
    other = {"up": index - 1, "down": index + 1}.get(action)
    if action == "remove":
        return rows[:index] + rows[index + 1 :]
    if other is not None and 0 <= other < len(rows):
        rows[index], rows[other] = rows[other], rows[index]
    return rows
