"""Small pieces of wording (措辞): dates, hours, lists and window numbers, readable aloud."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from typing import Any

from miniapp_api.guides import texts
from miniapp_api.guides.places import WEEKDAYS, Span

LONGEST_TEXT = 240


def long_date(day: date) -> str:
    """2026-01-05 → 2026年1月5日."""
    return f"{day.year}年{day.month}月{day.day}日"


def short_date(day: date) -> str:
    """2026-01-05 → 1月5日周一."""
    return f"{day.month}月{day.day}日{texts.WEEKDAYS[day.weekday()]}"


def clock(moment: time) -> str:
    """09:00 → 上午9点, 16:30 → 下午4点半; how people say it."""
    half = "上午" if moment.hour < 12 else "中午" if moment.hour == 12 else "下午"
    hour = moment.hour if moment.hour <= 12 else moment.hour - 12
    minutes = {0: "", 30: "半"}.get(moment.minute, f"{moment.minute}分")
    return f"{half}{hour}点{minutes}"


def spans(day: Sequence[Span]) -> str:
    """Say a day's opening periods (办公时段): 上午9点到11点半、下午1点到4点半."""
    return "、".join(_span(clock(span.start), clock(span.end)) for span in day)


def _span(start: str, end: str) -> str:
    return f"{start}到{end[2:] if end[:2] == start[:2] else end}"


def week(hours: Mapping[Any, Sequence[Span]]) -> str:
    """Say the week's hours, neighbouring days with the same hours together (周一到周五…)."""
    groups: list[tuple[int, int, Sequence[Span]]] = []
    for number, name in enumerate(WEEKDAYS):
        day = hours.get(name, ())
        if groups and groups[-1][1] == number - 1 and list(groups[-1][2]) == list(day):
            groups[-1] = (groups[-1][0], number, day)
        elif day:
            groups.append((number, number, day))
    return "，".join(f"{_days(first, last)}{spans(day)}" for first, last, day in groups if day)


def _days(first: int, last: int) -> str:
    if first == last:
        return texts.WEEKDAYS[first]
    return f"{texts.WEEKDAYS[first]}到{texts.WEEKDAYS[last]}"


def listed(lines: Iterable[str]) -> str:
    """Number the lines: 1. … 2. …."""
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))


def windows(numbers: Sequence[str]) -> str:
    """014, 015, 016, 020 → 014至016、020."""
    runs: list[list[str]] = []
    for number in sorted(numbers):
        if runs and int(number) == int(runs[-1][-1]) + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return "、".join(run[0] if len(run) == 1 else f"{run[0]}至{run[-1]}" for run in runs)


def cut(text: str, most: int = LONGEST_TEXT) -> str:
    """Shorten a foreign text that nobody would listen to the end of."""
    return text if len(text) <= most else text[:most].rstrip() + texts.CUT


def sentence(text: str) -> str:
    """End with a full stop (句号) unless it already ends a sentence."""
    return text if text[-1:] in "。！？!?…）" else text + "。"
