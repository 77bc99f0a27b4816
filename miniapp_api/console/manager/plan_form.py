"""The form of a plan (排班表单): what is typed into it, to a plan and back; pure, no request in it.

A field is named by its place, as patterns.0.openings; the rows of a list are named by `rows`, in
their order. Spans are typed as 09:00-11:30 13:00-16:30.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pydantic import ValidationError

from miniapp_api.appointments.errors import PlanInvalid
from miniapp_api.appointments.plan_schemas import PatternBody, PlanBody, Spans
from miniapp_api.appointments.plan_succession import merged

Sent = Mapping[str, Sequence[str]]
Row = dict[str, Any]  # by field: what is typed, or what is ticked as a list
ROWS = "rows"
SPAN = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~～至到]\s*(\d{1,2})[:：](\d{2})")
BETWEEN = re.compile(r"[\s,，、;；和]*")
RULES: dict[str, str] = {
    "first_working_day": "最早约几个工作日后",
    "horizon_working_days": "最远约几个工作日",
    "slot_minutes": "一个时段几分钟",
    "hold_minutes": "占号保留几分钟",
    "cancel_until_minutes": "提前几分钟能取消",
    "late_minutes": "迟到几分钟内还按预约",
    "per_person_per_day": "每人每天最多约几个",
    "per_person_per_item_per_day": "同一事项每人每天几个",
    "no_shows_per_month": "一个月爽约几次就暂停（0不限）",
    "cancellations_per_month": "一个月取消几次就暂停（0不限）",
    "suspend_days": "暂停几天",
    "pool_working_days_before": "提前几个工作日并池",
}
CLOCKS = {"release_time": "几点放号", "pool_time": "几点并池"}
CHANNELS = {"mini_program": "小程序", "web_phone": "网页和电话", "on_site": "现场"}
LISTS = {"patterns": "办公时间", "special_days": "特殊日", "makeup_workday": "调休上班的周末"}
FIELDS = {
    "weekdays": "星期", "openings": "时间", "breaks": "午休", "queues": "队列", "weeks": "第几周",
    "first": "从哪天", "last": "到哪天", "slot_minutes": "时段长度", "date": "日期",
    "seats_per_window": "每窗口名额", "note": "说明",
}  # fmt: skip
PATTERN = ("openings", "breaks", "first", "last", "slot_minutes", "seats_per_window")
PATTERN_TICKS = ("weekdays", "queues", "weeks")
SPECIAL = ("date", "openings", "note")
SPECIAL_TICKS = ("queues",)
EMPTY = {"patterns": (PATTERN, PATTERN_TICKS), "special_days": (SPECIAL, SPECIAL_TICKS)}
WHOLE = frozenset(("slot_minutes", "seats_per_window"))


@dataclass(frozen=True)
class Typed:
    """A plan as it stands in the browser (正在改的); nothing of it is checked yet."""

    version: int
    start: str  # from which day it shall hold
    rules: Row
    channels: Row
    makeup_workday: str
    patterns: list[Row]
    special_days: list[Row]


def shown(body: PlanBody, version: int, start: date, today: date) -> Typed:
    """Return a plan as the form shows it, without days that are over.

    Patterns that differ by their weekdays only are one.
    """
    rules: Row = {name: str(getattr(body.rules, name)) for name in (*RULES, *CLOCKS)}
    rules["remote_tickets"] = body.rules.remote_tickets
    return Typed(
        version=version,
        start=start.isoformat(),
        rules=rules,
        channels={name: str(getattr(body.channels, name)) for name in CHANNELS},
        makeup_workday=_spans(body.makeup_workday),
        patterns=[_pattern_row(each) for each in merged(body.patterns)],
        special_days=[
            {
                "date": each.date.isoformat(),
                "openings": _spans(each.openings),
                "queues": each.queues or [],
                "note": each.note,
            }
            for each in body.special_days
            if each.date >= today
        ],
    )


def _pattern_row(pattern: PatternBody) -> Row:
    return {
        "weekdays": list(pattern.weekdays),
        "queues": pattern.queues or [],
        "weeks": [str(week) for week in pattern.weeks or ()],
        "openings": _spans(pattern.openings),
        "breaks": _spans(pattern.breaks),
        **{
            name: "" if (value := getattr(pattern, name)) is None else str(value)
            for name in ("first", "last", "slot_minutes", "seats_per_window")
        },
    }


def _spans(spans: Spans) -> str:
    return " ".join(f"{start}-{end}" for start, end in spans)


def read(sent: Sent) -> Typed:
    """Return what the form holds, as it was typed."""

    def one(name: str) -> str:
        return next(iter(sent.get(name) or ()), "").strip()

    def rows(kind: str, texts: Sequence[str], ticks: Sequence[str]) -> list[Row]:
        return [
            {name: one(f"{at}.{name}") for name in texts}
            | {name: list(sent.get(f"{at}.{name}") or ()) for name in ticks}
            for at in sent.get(ROWS) or ()
            if at.partition(".")[0] == kind
        ]

    version = one("version")
    return Typed(
        version=int(version) if version.isascii() and version.isdigit() else -1,
        start=one("start"),
        rules={name: one(f"rules.{name}") for name in (*RULES, *CLOCKS)}
        | {"remote_tickets": bool(one("rules.remote_tickets"))},
        channels={name: one(f"channels.{name}") for name in CHANNELS},
        makeup_workday=one("makeup_workday"),
        patterns=rows("patterns", PATTERN, PATTERN_TICKS),
        special_days=rows("special_days", SPECIAL, SPECIAL_TICKS),
    )


def rearranged(typed: Typed, do: str) -> Typed:
    """Return the form after a row was added or removed (增删行): remove:patterns.1."""
    action, _, place = do.partition(":")
    kind, _, number = place.partition(".")
    rows = {"patterns": [*typed.patterns], "special_days": [*typed.special_days]}
    if kind in rows and action == "add":
        texts, ticks = EMPTY[kind]
        rows[kind].append(dict.fromkeys(texts, "") | {name: [] for name in ticks})
    elif kind in rows and action == "remove" and number in map(str, range(len(rows[kind]))):
        del rows[kind][int(number)]
    return replace(typed, patterns=rows["patterns"], special_days=rows["special_days"])


def body_of(typed: Typed) -> PlanBody:
    """Return the plan that was typed; raise PlanInvalid, which says where it does not fit."""
    values = {
        "rules": {
            name: value if isinstance(value, bool) or name in CLOCKS else _whole(value)
            for name, value in typed.rules.items()
        },
        "channels": {name: _whole(value) for name, value in typed.channels.items()},
        "makeup_workday": _span_list(typed.makeup_workday),
        "patterns": [_row(each) for each in typed.patterns],
        "special_days": [_row(each) for each in typed.special_days],
    }
    try:
        return PlanBody.model_validate(values)
    except ValidationError as error:
        paths = {".".join(str(part) for part in fault["loc"]) for fault in error.errors()}
        raise invalid([{"field": path, "message": "请检查"} for path in sorted(paths)]) from None


def _row(row: Row) -> Row:
    found: Row = {}
    for name, value in row.items():
        if name in ("openings", "breaks"):
            found[name] = _span_list(value)
        elif name == "weeks":
            found[name] = [_whole(each) for each in value] or None
        elif name in WHOLE:
            found[name] = _whole(value) if value else None
        elif name == "queues" or (value == "" and name != "note"):
            found[name] = value or None
        else:
            found[name] = value
    return found


def _whole(typed: str) -> int | str:
    fits = typed.isascii() and typed.isdigit() and len(typed) < 7
    return int(typed) if fits else typed


def _span_list(typed: str) -> list[list[str]] | str:
    """Return the spans of a line, or the line itself where it is none: the check says so."""
    if BETWEEN.sub("", SPAN.sub("", typed)):
        return typed
    return [[f"{a:0>2}:{b}", f"{c:0>2}:{d}"] for a, b, c, d in SPAN.findall(typed)]


def invalid(faults: Sequence[Mapping[str, str]]) -> PlanInvalid:
    """Return a refusal whose faults say in words where they are: 第2条办公时间的午休：请检查."""
    said = dict.fromkeys(f"{where(each['field'])}：{each['message']}" for each in faults)
    return PlanInvalid(faults=[{"message": words} for words in said])


def where(path: str) -> str:
    """Return the name of a field, as the form shows it."""
    head, *rest = path.split(".")
    if head == "rules":
        return (RULES | CLOCKS).get(rest[0] if rest else "", "预约规则")
    if head == "channels":
        return CHANNELS.get(rest[0], "渠道比例") if rest else "渠道比例"
    title = LISTS.get(head, "排班")
    if not rest or not rest[0].isdigit() or head == "makeup_workday":
        return title
    field = f"的{FIELDS[rest[1]]}" if len(rest) > 1 and rest[1] in FIELDS else ""
    return f"第{int(rest[0]) + 1}条{title}{field}"
