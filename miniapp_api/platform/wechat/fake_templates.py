"""What WeChat takes for the fields of a template message (订阅消息字段), by the field's kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

DAY, HOUR = r"\d{4}年\d{1,2}月\d{1,2}日", r"\d{1,2}:\d{2}"
KINDS: dict[str, Callable[[str], bool]] = {
    "thing": lambda v: 0 < len(v) <= 20,
    "number": lambda v: re.fullmatch(r"[0-9.]{1,32}", v) is not None,
    "letter": lambda v: re.fullmatch(r"[A-Za-z]{1,32}", v) is not None,
    "symbol": lambda v: 0 < len(v) <= 5,
    "character_string": lambda v: re.fullmatch(r"[ -~]{1,32}", v) is not None,
    "time": lambda v: re.fullmatch(rf"({DAY} )?{HOUR}(~{HOUR})?|{DAY}", v) is not None,
    "date": lambda v: re.fullmatch(rf"{DAY}( {HOUR})?", v) is not None,
    "amount": lambda v: re.fullmatch(r"[¥￥]?\d{1,10}(\.\d{1,2})?元?", v) is not None,
    "phrase": lambda v: re.fullmatch(r"[\u4e00-\u9fff]{1,5}", v) is not None,
}


def wrong_field(data: Mapping[str, Any]) -> str | None:
    """Name the first field whose value WeChat would not take."""
    for name, given in data.items():
        kind = re.sub(r"\d+$", "", name)
        value = given.get("value") if isinstance(given, dict) else None
        if kind not in KINDS or not isinstance(value, str) or not KINDS[kind](value):
            return name
    return None
