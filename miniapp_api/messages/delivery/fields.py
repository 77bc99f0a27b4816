"""Filling a template of WeChat's subscribe messages (订阅消息模板): pure.

What a field may hold depends on its kind, which its name begins with: thing1, time2, …
https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/mp-message-management/subscribe-message
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

LONGEST = {
    "thing": 20,
    "number": 32,
    "letter": 32,
    "symbol": 5,
    "character_string": 32,
    "time": 32,
    "date": 32,
    "amount": 14,
    "phrase": 5,
}
CUT = "…"
ISO_TIME = re.compile(r"(\d{4})-(\d{2})-(\d{2})(.*)", re.S)

# What a kind cannot hold is left out.
STRANGE: dict[str, re.Pattern[str]] = {
    "number": re.compile(r"[^0-9.]"),
    "letter": re.compile(r"[^A-Za-z]"),
    "character_string": re.compile(r"[^!-~]"),
    "amount": re.compile(r"[^0-9.元¥￥]"),
    "phrase": re.compile(r"[^\u4e00-\u9fff]"),
}


class FieldEmpty(ValueError):
    """Nothing is left that the field could hold: WeChat takes no empty one."""


def fill(fields: Mapping[str, str], facts: Mapping[str, object]) -> dict[str, str]:
    """Return a template's fields, filled and cut; raise KeyError for a missing fact, FieldEmpty.

    fields: {"thing1": "{item_name}"}: a field's name, and what it says.
    """
    return {name: fit(name, said.format_map(facts)) for name, said in fields.items()}


def fit(name: str, value: str) -> str:
    """Return a value as a field takes it: a kind's characters only, and not too many of them."""
    kind = kind_of(name)
    value = _one_line(value)
    if kind in ("time", "date"):
        value = _dated(value)
    if kind in STRANGE:
        value = STRANGE[kind].sub("", value)
    if not value:
        raise FieldEmpty(name)
    return _cut(kind)(value, LONGEST[kind])


def kind_of(name: str) -> str:
    """Return the kind of a field: thing of thing1."""
    return name.rstrip("0123456789")


def _one_line(value: str) -> str:
    return " ".join(value.split())


def _dated(value: str) -> str:
    """2026-11-25 09:00 → 2026年11月25日 09:00; anything else as it is."""
    match = ISO_TIME.fullmatch(value)
    if match is None:
        return value
    year, month, day, rest = match.groups()
    return f"{year}年{int(month)}月{int(day)}日{rest}"


def _cut(kind: str) -> Callable[[str, int], str]:
    return _with_dots if kind == "thing" else lambda value, most: value[:most]


def _with_dots(value: str, most: int) -> str:
    return value if len(value) <= most else value[: most - len(CUT)] + CUT
