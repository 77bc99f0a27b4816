"""Faults (错误) of the handbook, said in Chinese with file and line."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Level = Literal["error", "warning"]


@dataclass(frozen=True, order=True)
class Fault:
    """One fault (错误) or warning (提醒) of a file, at a line counted from 1."""

    file: str
    line: int
    message: str
    code: str
    level: Level = "error"


@dataclass(frozen=True)
class Explained:
    """A validation error in an editor's words."""

    code: str
    message: str


_MESSAGES = {
    "string_type": "应是文字(数字、日期、yes/no 要加引号)",
    "string_too_short": "不能为空",
    "string_too_long": "太长,最多 {max_length} 个字",
    "string_pattern_mismatch": "格式不对,应符合 {pattern}",
    "int_type": "应是整数",
    "int_parsing": "应是整数",
    "bool_type": "应是 true 或 false",
    "bool_parsing": "应是 true 或 false",
    "float_type": "应是数字",
    "date_type": "应是日期,如 2026-01-01",
    "date_parsing": "应是日期,如 2026-01-01",
    "date_from_datetime_parsing": "应是日期,如 2026-01-01",
    "date_from_datetime_inexact": "应是日期,不带时间",
    "tuple_type": "应是列表",
    "list_type": "应是列表",
    "dict_type": "应是“字段: 值”",
    "model_type": "应是“字段: 值”",
    "too_short": "至少要有 {min_length} 条",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "enum": "不认识的值,可用:{expected}",
    "literal_error": "不认识的值,可用:{expected}",
    "value_error": "{error}",
}


def explain(error: Mapping[str, Any], known: Sequence[str] = ()) -> Explained:
    """Say a pydantic error in Chinese; `known` are the field names allowed at its place."""
    path = dotted(error["loc"])
    kind = error["type"]
    if kind == "missing":
        return Explained("missing_field", f"缺少字段 {path}")
    if kind == "extra_forbidden":
        if error.get("input", "") is None:
            # {note: 先到窗口,再交费} — inside braces a half-width comma starts a new field.
            return Explained("unknown_field", f"{path}:句子里有半角逗号,请给整句加引号")
        near = difflib.get_close_matches(str(error["loc"][-1]), known, 1)
        hint = f",是不是 {near[0]}?" if near else ""
        return Explained("unknown_field", f"不认识的字段 {path}{hint}")
    template = _MESSAGES.get(kind)
    if template is None:
        return Explained("wrong_value", f"{path}:{error['msg']}")
    return Explained("wrong_value", f"{path}:{template.format_map(error.get('ctx', {}))}")


def dotted(loc: Sequence[str | int]) -> str:
    """Write a location as a path: ("steps", 0, "name") → steps[1].name."""
    path = ""
    for part in loc:
        if isinstance(part, int):
            path += f"[{part + 1}]"
        elif part != "[key]":
            path += f".{part}" if path else str(part)
    return path or "(整个文件)"
