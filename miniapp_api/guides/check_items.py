"""Rules about one item (单个事项的规则) that its shape alone does not tell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from miniapp_api.guides.faults import Fault
from miniapp_api.guides.yaml_source import Document, Loc

_ASPECT_WORDS = (
    "怎么办",
    "咋办",
    "咋整",
    "多少钱",
    "要什么材料",
    "带什么",
    "在哪",
    "多久",
    "吗",
    "?",
)


def check_item(document: Document, folder: Path, today: date | None) -> Iterator[Fault]:
    """Check file name, folder, aliases, circumstances, placeholders and dates of an item.

    Works on raw values, so that one broken field does not hide the faults of the others.
    """
    value = document.value
    if not isinstance(value, dict):
        return
    yield from _names(document, value, folder)
    yield from _aliases(document, value)
    yield from _circumstances(document, value)
    yield from _conditional_materials(document, value)
    yield from _money_and_place(document, value)
    yield from _placeholders(document, value)
    yield from _dates(document, value, today)


def fault(document: Document, loc: Loc, message: str, code: str, level: Any = "error") -> Fault:
    """Build a fault at a location of the document."""
    return Fault(str(document.path), document.line(loc), message, code, level)


def entries(value: Any, key: str) -> list[Any]:
    """Return a list field, or nothing when it is absent or no list."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def _names(document: Document, value: dict[str, Any], folder: Path) -> Iterator[Fault]:
    stem, code = document.path.stem, value.get("code")
    if code is not None and code != stem:
        yield fault(document, ("code",), f"编码 {code} 与文件名 {stem} 不同", "file_name")
    parts = document.path.relative_to(folder / "items").parts
    themes = entries(value, "themes")
    if len(parts) != 2:
        yield fault(document, (), "应放在 items/主题/编码.yaml", "folder")
    elif themes and themes[0] != parts[0]:
        message = f"第一个主题 {themes[0]} 与文件夹 {parts[0]} 不同"
        yield fault(document, ("themes", 0), message, "folder")


def _aliases(document: Document, value: dict[str, Any]) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, alias in enumerate(entries(value, "aliases")):
        if not isinstance(alias, str):
            continue
        if alias in seen or alias == value.get("name"):
            message = f"说法“{alias}”重复"
            yield fault(document, ("aliases", index), message, "repeated_alias", "warning")
        if any(word in alias for word in _ASPECT_WORDS):
            message = f"说法“{alias}”带了问法,只写事情本身"
            yield fault(document, ("aliases", index), message, "alias_question", "warning")
        seen.add(alias)


def _circumstances(document: Document, value: dict[str, Any]) -> Iterator[Fault]:
    ids: set[str] = set()
    for index, each in enumerate(entries(value, "circumstances")):
        if not isinstance(each, dict):
            continue
        if each.get("id") in ids:
            message = f"情形 {each.get('id')} 写了两遍"
            yield fault(document, ("circumstances", index), message, "repeated_id")
        ids.add(str(each.get("id")))
        yield from _options(document, index, each)


def _options(document: Document, index: int, value: dict[str, Any]) -> Iterator[Fault]:
    options = [o for o in entries(value, "options") if isinstance(o, dict)]
    ids = [str(option.get("id")) for option in options]
    for place, each in enumerate(ids):
        if each in ids[:place]:
            loc = ("circumstances", index, "options", place)
            yield fault(document, loc, f"选项 {each} 写了两遍", "repeated_id")
    defaults = sum(option.get("default") is True for option in options)
    if options and defaults != 1:
        message = f"情形 {value.get('id')} 应有且只有一个 default: true,现有 {defaults} 个"
        yield fault(document, ("circumstances", index, "options"), message, "default_option")


def _conditional_materials(document: Document, value: dict[str, Any]) -> Iterator[Fault]:
    known = {
        str(each.get("id")): {str(o.get("id")) for o in entries(each, "options") if _is_dict(o)}
        for each in entries(value, "circumstances")
        if isinstance(each, dict)
    }
    for index, material in enumerate(entries(value, "materials")):
        when = material.get("when") if isinstance(material, dict) else None
        for key, wanted in when.items() if isinstance(when, dict) else ():
            loc = ("materials", index, "when", str(key))
            if str(key) not in known:
                yield fault(document, loc, f"没有情形 {key}", "dangling_when")
                continue
            for option in wanted if isinstance(wanted, list) else ():
                if str(option) not in known[str(key)]:
                    message = f"情形 {key} 没有选项 {option}"
                    yield fault(document, loc, message, "dangling_when")


def _is_dict(value: Any) -> bool:
    return isinstance(value, dict)


def _money_and_place(document: Document, value: dict[str, Any]) -> Iterator[Fault]:
    fee, place = value.get("fee"), value.get("place")
    if isinstance(fee, dict) and fee.get("free") is False and not fee.get("basis"):
        yield fault(document, ("fee",), "收费要写依据 basis", "fee_basis")
    if not isinstance(place, dict):
        return
    if place.get("kind") != "hall" and place.get("queue"):
        message = "不在大厅办的事项不能写队列 queue"
        yield fault(document, ("place", "queue"), message, "queue")
    if place.get("kind") != "hall" and value.get("appointment") == "required":
        message = "必须预约的事项应在大厅办理"
        yield fault(document, ("appointment",), message, "appointment", "warning")
    if place.get("kind") == "outlet" and not place.get("note"):
        yield fault(document, ("place",), "在网点办的要在 note 写清去哪", "place_note")


def _placeholders(document: Document, value: dict[str, Any]) -> Iterator[Fault]:
    for index, path in enumerate(entries(value, "placeholders")):
        if isinstance(path, str) and not _exists(value, path.split(".")):
            message = f"待核实的字段 {path} 不存在"
            yield fault(document, ("placeholders", index), message, "placeholder")


def _exists(value: Any, path: list[str]) -> bool:
    for part in path:
        if isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, dict) and part in value:
            value = value[part]
        else:
            return False
    return True


def _dates(document: Document, value: dict[str, Any], today: date | None) -> Iterator[Fault]:
    effective, review_by = value.get("effective"), value.get("review_by")
    if not isinstance(review_by, date) or isinstance(review_by, datetime):
        return
    if isinstance(effective, date) and not isinstance(effective, datetime):
        if review_by <= effective:
            message = "复核期限应晚于生效日期"
            yield fault(document, ("review_by",), message, "dates")
        if today and effective > today:
            message = f"{effective} 才生效"
            yield fault(document, ("effective",), message, "not_yet_effective", "warning")
    if today and review_by < today:
        message = f"已过复核期限 {review_by},请复核后更新版本"
        yield fault(document, ("review_by",), message, "overdue", "warning")
