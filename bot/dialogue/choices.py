"""How a citizen chooses among what was offered (挑选): by number, by name, by position."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

DIGITS = {char: index for index, char in enumerate("零一二三四五六七八九十")} | {"两": 2}
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩"

_END = r"(?:个|号|条|项|种|家)?(?:那个|的)?(?:吧|呗|就行|就好|好了)?[。.!!]?"
_NUMBER = re.compile(
    rf"(?:我?(?:选|要|约|就|挑|定))*(?:第|头)?([一二两三四五六七八九十\d]{{1,2}}){_END}"
)
_FIRST = re.compile(rf"(?:我?(?:选|要|约|就|挑|定))*(?:头一个|最前面?的?(?:那个)?){_END}")
_TAIL = re.compile(r"[吧的了呗。.!!\s]+$")
_LAST = re.compile(r"最后一?个|末尾那个")
_EARLIEST = re.compile(r"最早|越早越好|最近的|尽早|早点的|早一点的|头一号")
_LATEST = re.compile(r"最晚|晚点的|晚一点的")
_MORE = re.compile(r"更多|还有(?:别的|其他|其它|吗|没)|别的时间|换一批|下一页|其他的?|其它的?")
_YES = re.compile(
    r"(?:嗯+|好+|行|对|是|确认|确定|可以|没错|没问题|同意|就这个?|约吧|要|中|妥|成|ok|OK)"
    r"(?:[的了啊呀吧呢嘞]|是的|没错|就这样|取消|预约|改吧|改|约吧)*[。.!!~]?"
)
_NO = re.compile(r"不(?:要|是|对|用|行|取消|改|约)?(?:了|的|吧)?|别|先别|保留|留着|不取消.*|算了")


def number(text: str) -> int | None:
    """1 for 第一个, 1, ①, 选一; None when the text is not a bare number."""
    plain = text.strip()
    if len(plain) == 1 and plain in CIRCLED:
        return CIRCLED.index(plain) + 1
    if _FIRST.fullmatch(plain):
        return 1
    match = _NUMBER.fullmatch(plain)
    return _value(match.group(1)) if match else None


def _value(text: str) -> int | None:
    if text.isdigit():
        return int(text)
    if "十" in text:
        tens, _, ones = text.partition("十")
        return DIGITS.get(tens, 1) * 10 + (DIGITS.get(ones, 0) if ones else 0)
    return DIGITS.get(text)


def by_position(text: str, options: Sequence[Any]) -> Any | None:
    """The option at the place the citizen named."""
    if options and _LAST.search(text):
        return options[-1]
    place = number(text)
    return options[place - 1] if place and place <= len(options) else None


def by_name(text: str, options: Sequence[Sequence[Any]]) -> Sequence[Any] | None:
    """The one option whose title holds the text, or the other way round."""
    plain = _TAIL.sub("", text.strip())
    if len(plain) < 2:
        return None
    found = [each for each in options if plain in str(each[1]) or str(each[1]) in plain]
    return found[0] if len(found) == 1 else None


def wants_more(text: str) -> bool:
    """更多."""
    return bool(_MORE.search(text))


def wants_earliest(text: str) -> bool:
    """最早的."""
    return bool(_EARLIEST.search(text))


def wants_latest(text: str) -> bool:
    """最晚的."""
    return bool(_LATEST.search(text))


def says_yes(text: str) -> bool:
    """A bare yes, whatever the classifier made of so short a text."""
    return bool(_YES.fullmatch(text.strip()))


def says_no(text: str) -> bool:
    """A bare no."""
    return bool(_NO.fullmatch(text.strip()))
