"""Parsers (字段解析) named by catalogue mappings: a foreign value in, ours and its repairs out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

NOTHING = frozenset(
    {"", "无", "没有", "暂无", "不涉及", "-", "--", "/", "null", "none", "None", "NULL"}
)
_SEPARATORS = re.compile("[,\uff0c、;\uff1b|\n]+")
_NUMBERED = re.compile(
    "\n+|(?<=[。;\uff1b:\uff1a\\s])(?=(?:\\d{1,2}[、.\uff0e](?!\\d)|[(\uff08]\\d{1,2}[)\uff09]))"
)
_DAYS = re.compile(
    "^(\\d{1,4})\\s*(?:个)?\\s*[(\uff08]?\\s*(?:个)?(工作日|自然日|日|天)?\\s*[)\uff09]?$"
)
_ADDRESS = re.compile("^办理地点[:\uff1a]\\s*")
_ON_THE_SPOT = frozenset({"当场", "即时", "即办", "当场办结", "即时办结", "立即"})
_YES = frozenset({"是", "1", "true", "支持", "可以", "有"})
_NO = frozenset({"否", "0", "false", "不支持", "不可以"})


class UnreadableError(ValueError):
    """A value that the parser cannot read; the message says why, in Chinese."""


@dataclass(frozen=True)
class Parsed:
    """A value in our shape, with the kinds of repair (修正) that it took."""

    value: Any
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hints:
    """What a mapping rule adds to its parser: a value table (对照表), further words for nothing."""

    table: Mapping[str, Any] = field(default_factory=dict)
    nothing: frozenset[str] = frozenset()
    pattern: re.Pattern[str] | None = None


Parser = Callable[[Any, Hints], Parsed]


def clean(value: str) -> str:
    """Drop control characters, join runs of blanks, trim (清理空白)."""
    kept = (c if c == "\n" or unicodedata.category(c)[0] != "C" else " " for c in value)
    return re.sub(r"[^\S\n]+", " ", "".join(kept)).strip()


def _scalar(value: Any) -> str:
    """Render a scalar as text; a list or an object is not one."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise UnreadableError("应是一个值,却是列表或对象")


def _is_nothing(word: str, hints: Hints) -> bool:
    return word in NOTHING or word in hints.nothing


def _unique(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def text(value: Any, hints: Hints) -> Parsed:
    """Plain text (文字); words for nothing become null."""
    raw = _scalar(value)
    word = clean(raw)
    if hints.pattern and word:
        found = hints.pattern.search(word)
        if not found:
            raise UnreadableError("不符合规定的格式")
        return Parsed(found.group(found.re.groups and 1), ("提取编码",))
    if _is_nothing(word, hints):
        return Parsed(None, ("“无”改为空",) if word else ())
    return Parsed(word, () if word == raw else ("去掉多余空白",))


def words(value: Any, hints: Hints) -> Parsed:
    """Read a list of words (词语列表), or one string that separates them by commas."""
    pieces = value if isinstance(value, list) else _SEPARATORS.split(_scalar(value))
    # "专职 律师 执业" is one saying with blanks, not three.
    cleaned = [re.sub(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])", "", clean(_scalar(p))) for p in pieces]
    kept = _unique(word for word in cleaned if len(word) > 1 and not _is_nothing(word, hints))
    same = list(kept) == value or kept == (value,)
    return Parsed(kept, () if same else ("拆分为列表",) if kept else ("“无”改为空",))


def sentences(value: Any, hints: Hints) -> Parsed:
    """Conditions (条件): one text cut at line breaks and numbers, "无" → none."""
    word = clean(_scalar(value)).replace("\r", "\n")
    if _is_nothing(word, hints):
        return Parsed((), ("“无”改为空",) if word else ())
    kept = _unique(piece for piece in (clean(p) for p in _NUMBERED.split(word)) if piece)
    if kept == (value,):
        return Parsed(kept)
    return Parsed(kept, ("按编号拆成多条",) if len(kept) > 1 else ("去掉多余空白",))


def names(value: Any, hints: Hints) -> Parsed:
    """Materials (材料): a list of names or the word "无" → a list of {name}."""
    pieces = value if isinstance(value, list) else [] if value is None else [_scalar(value)]
    cleaned = [clean(_scalar(piece)) for piece in pieces]
    kept = _unique(word for word in cleaned if not _is_nothing(word, hints))
    repairs = []
    if not isinstance(value, list) and not kept:
        repairs.append("“无”改为空")
    elif list(kept) != pieces:
        repairs.append("去掉空白或重复的材料")
    return Parsed(tuple({"name": word} for word in kept), tuple(repairs))


def working_days(value: Any, hints: Hints) -> Parsed:
    """Working days (工作日): "30(工作日)" → 30, "当场" → 0, "无" → null; calendar days stay out."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Parsed(value) if value >= 0 else _unreadable_days()
    word = clean(_scalar(value))
    if _is_nothing(word, hints):
        return Parsed(None, ("“无”改为空",) if word else ())
    if word in _ON_THE_SPOT:
        return Parsed(0, ("“当场”改为0个工作日",))
    found = _DAYS.match(word)
    if not found:
        return _unreadable_days()
    if found.group(2) in ("自然日", "日", "天"):
        return Parsed(None, ("自然日时限未折算,原值保留",))
    return Parsed(int(found.group(1)), ("取出工作日数",) if found.group(2) else ())


def _unreadable_days() -> Parsed:
    return Parsed(None, ("读不出时限,原值保留",))


def integer(value: Any, hints: Hints) -> Parsed:
    """Read a whole number (整数) written as text."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Parsed(value)
    word = clean(_scalar(value))
    if _is_nothing(word, hints):
        return Parsed(None, ("“无”改为空",) if word else ())
    if not re.fullmatch(r"[0-9]{1,9}", word):
        raise UnreadableError("应是整数")
    return Parsed(int(word), ("文字改为数字",))


def flag(value: Any, hints: Hints) -> Parsed:
    """Read yes or no (是否)."""
    if isinstance(value, bool):
        return Parsed(value)
    word = clean(_scalar(value))
    if _is_nothing(word, hints):
        return Parsed(None, ("“无”改为空",) if word else ())
    if word not in _YES | _NO:
        raise UnreadableError("应是“是”或“否”")
    return Parsed(word in _YES, ("文字改为是否",))


def term(value: Any, hints: Hints) -> Parsed:
    """Look one value up in the mapping's table (对照表); an unlisted one becomes null."""
    word = clean(_scalar(value))
    if word in hints.table:
        return Parsed(hints.table[word], ("按对照表转换",))
    if _is_nothing(word, hints):
        return Parsed(None, ("“无”改为空",) if word else ())
    return Parsed(None, ("对照表里没有,原值保留",))


def terms(value: Any, hints: Hints) -> Parsed:
    """Look several values up in the table; unlisted ones are left out (and kept as extra)."""
    pieces = words(value, hints).value
    kept = _unique(str(hints.table[p]) for p in pieces if hints.table.get(p) is not None)
    missing = any(piece not in hints.table for piece in pieces)
    repairs = ("按对照表转换",) if kept else ()
    return Parsed(kept, (*repairs, "对照表里没有,原值保留") if missing else repairs)


def place(value: Any, hints: Hints) -> Parsed:
    """Address (办理地点): a window elsewhere is an outlet; "无线下办理窗口" means online."""
    word = clean(_scalar(value))
    if word.startswith("无线下"):
        return Parsed({"kind": "online"}, ("无线下窗口改为网上办理",))
    word = _ADDRESS.sub("", word)
    if _is_nothing(word, hints):
        return Parsed(None, ("“无”改为空",) if word else ())
    return Parsed({"kind": "outlet", "note": word}, ("取出地址",))


PARSERS: dict[str, Parser] = {
    "text": text,
    "words": words,
    "sentences": sentences,
    "names": names,
    "working_days": working_days,
    "integer": integer,
    "flag": flag,
    "term": term,
    "terms": terms,
    "place": place,
}
