"""What an answer rests on and what of it nobody has confirmed (来源与待核实提示)."""

from __future__ import annotations

from collections.abc import Iterable

from miniapp_api.guides import texts
from miniapp_api.guides.item import ImportedItem, Item
from miniapp_api.guides.scene import Scene
from miniapp_api.guides.wording import long_date


def source_sentence(item: Item) -> str:
    """Name the item, its version and its date (事项、版本、日期)."""
    if isinstance(item, ImportedItem):
        day = long_date(item.imported_on)
        return texts.SOURCE_IMPORTED.format(
            label=item.label, name=item.name, version=item.version, date=day
        )
    day = long_date(item.effective) if item.effective else texts.NOT_WRITTEN
    return texts.SOURCE_OWN.format(name=item.name, version=item.version, date=day)


def notice(item: Item, fields: Iterable[str], scene: Scene) -> str | None:
    """Say what is not confirmed, not local or overdue; None when there is nothing to say."""
    if item.label:
        return texts.IMPORTED.format(label=item.label)
    parts = []
    unsure = _unconfirmed(item, tuple(fields), scene)
    if unsure:
        parts.append(texts.PLACEHOLDERS.format(fields="、".join(unsure)))
    elif not item.verified:
        parts.append(texts.NOT_VERIFIED)
    if item.review_by and item.review_by < scene.today:
        parts.append(texts.OVERDUE)
    return "".join(parts) or None


def _unconfirmed(item: Item, fields: tuple[str, ...], scene: Scene) -> list[str]:
    """Name the placeholders among the fields used, each once, in the citizen's words."""
    hall = scene.handbook.hall
    marked = list(item.placeholders)
    marked += [f"hall.{path}" for path in hall.placeholders]
    if not scene.handbook.floor_plan(hall.id).confirmed:
        marked.append("windows")
    used = (path for path in marked if any(_touches(path, field) for field in fields))
    return list(dict.fromkeys(field_name(path) for path in used))


def _touches(path: str, field: str) -> bool:
    """`limits` concerns limits.promised, and the other way round."""
    return path == field or path.startswith(field + ".") or field.startswith(path + ".")


def field_name(path: str) -> str:
    """Return the Chinese name of a field path (字段名称), of its nearest named parent."""
    while path not in texts.FIELD_NAMES and "." in path:
        path = path.rpartition(".")[0]
    return texts.FIELD_NAMES.get(path, "部分内容")
