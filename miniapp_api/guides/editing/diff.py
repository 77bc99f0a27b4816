"""What changed between two versions, field by field, in words (版本对比)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from miniapp_api.guides.editing.names import FIELDS, term

ChangeKind = Literal["added", "removed", "changed", "moved"]
SET_BY_US = ("version", "effective")  # at publication, whatever was typed
KEYS = ("id", "q", "name")  # what an entry of a list is known by
NOTHING = "没有"
_SENTENCES: dict[ChangeKind, str] = {
    "added": "{where}:新增“{after}”",
    "removed": "{where}:去掉“{before}”",
    "changed": "{where}:由“{before}”改为“{after}”",
    "moved": "{where}:顺序变了",
}


@dataclass(frozen=True)
class Change:
    """One change (一处改动): of which field, where in it, and what it was and is."""

    field: str
    where: str
    kind: ChangeKind
    before: str | None
    after: str | None

    @property
    def sentence(self) -> str:
        """Say it in one sentence."""
        return _SENTENCES[self.kind].format(where=self.where, before=self.before, after=self.after)


@dataclass(frozen=True)
class _Place:
    field: str  # of the top
    leaf: str  # the nearest field's name, by which values are said
    where: str

    def at(self, name: str, shown: str) -> _Place:
        return _Place(self.field, name, f"{self.where} › {shown}")


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Return what changed, in the order of the fields."""
    names = [*new, *(name for name in old if name not in new)]
    ordered = sorted(names, key=_rank)
    return [
        change
        for name in ordered
        if name not in SET_BY_US
        for change in _values(
            _Place(str(name), str(name), _name(name)), old.get(name), new.get(name)
        )
    ]


def _rank(name: str) -> int:
    known = list(FIELDS)
    return known.index(name) if name in FIELDS else len(known)


def _name(name: Any) -> str:
    return FIELDS.get(str(name), str(name))


def _values(place: _Place, old: Any, new: Any) -> Iterator[Change]:
    if _plain(old) == _plain(new):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in [*new, *(each for each in old if each not in new)]:
            yield from _values(place.at(str(name), _name(name)), old.get(name), new.get(name))
    elif _listed(old) and _listed(new):
        yield from _lists(place, old or [], new or [])
    elif _empty(old):
        yield Change(place.field, place.where, "added", None, say(place.leaf, new))
    elif _empty(new):
        yield Change(place.field, place.where, "removed", say(place.leaf, old), None)
    else:
        before, after = say(place.leaf, old), say(place.leaf, new)
        yield Change(place.field, place.where, "changed", before, after)


def _listed(value: Any) -> bool:
    return value is None or isinstance(value, list | tuple)


def _empty(value: Any) -> bool:
    return value is None or value in ([], (), {}, "")


def _lists(place: _Place, old: Sequence[Any], new: Sequence[Any]) -> Iterator[Change]:
    """Compare lists entry by entry, each known by its id, question or name."""
    before, after = _keyed(old), _keyed(new)
    for key, value in before.items():
        if key not in after:
            yield Change(place.field, place.where, "removed", say(place.leaf, value), None)
    for key, value in after.items():
        if key not in before:
            yield Change(place.field, place.where, "added", None, say(place.leaf, value))
        else:
            yield from _values(place.at(place.leaf, f"“{_shown(value)}”"), before[key], value)
    stayed = [key for key in before if key in after]
    if stayed != [key for key in after if key in before]:
        yield Change(place.field, place.where, "moved", None, None)


def _keyed(values: Sequence[Any]) -> dict[Any, Any]:
    """Index a list by what its entries are known by; the second of the same gets a number."""
    found: dict[Any, Any] = {}
    for value in values:
        key: Any = _key(value)
        nth = 0
        while (key, nth) in found:
            nth += 1
        found[key, nth] = value
    return found


def _key(value: Any) -> str:
    if isinstance(value, Mapping):
        return next((str(value[name]) for name in KEYS if value.get(name)), str(_plain(value)))
    return str(_plain(value))


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        for name in ("label", "question", "q", "name", "id"):
            if value.get(name):
                return str(value[name])
    return str(value)


def say(field: str, value: Any) -> str:
    """Say a value in an editor's words."""
    match value:
        case None:
            return NOTHING
        case bool():
            return "是" if value else "否"
        case date():
            return value.isoformat()
        case Mapping():
            parts = (f"{_name(key)} {say(str(key), each)}" for key, each in value.items())
            return ";".join(parts) or NOTHING
        case list() | tuple():
            return "、".join(say(field, each) for each in value) or NOTHING
        case _:
            return term(field, str(value))


def _plain(value: Any) -> Any:
    """Return a value as it can be compared: dates and tuples as JSON has them."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value
