"""Charts with their tables (图和表): what the figures' page shows of what was counted; pure.

A chart is a picture of its table: static/figures.js draws it, and who cannot see it reads the rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from miniapp_api.applications.figures import CaseDay, Overdue
from miniapp_api.appointments.figures import Booked
from miniapp_api.chat.unanswered_store import Judged
from miniapp_api.hall.figures import HalfHour, Wait

HALF_HOUR = timedelta(minutes=30)
DRAWN = 15  # queues or departments of a chart; the table has them all
CHANNELS = {"mini_program": "小程序", "web_phone": "网页和电话", "on_site": "现场"}
NOTHING = "—"
Cell = str | int | float


@dataclass(frozen=True)
class Series:
    """A row of bars or a line, a value for each label; None where there is nothing to show."""

    name: str
    values: Sequence[float | None]
    kind: Literal["bar", "line"] = "bar"


@dataclass(frozen=True)
class Panel:
    """A chart and its table; the first column of a row names it."""

    title: str
    said: str
    unit: str
    labels: Sequence[str]
    series: Sequence[Series]
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    stacked: bool = False

    @property
    def drawn(self) -> dict[str, Any]:
        """Return what is drawn, as JSON can hold it."""
        series = [{"name": s.name, "kind": s.kind, "values": list(s.values)} for s in self.series]
        return {
            "labels": list(self.labels),
            "series": series,
            "unit": self.unit,
            "stacked": self.stacked,
        }


def arrivals(found: Sequence[HalfHour], day: date) -> Panel:
    """Who came today, per half hour (今天来的人)."""
    by_time = {each.at: each for each in found}
    times = _half_hours(found[0].at, found[-1].at) if found else []
    each = [by_time.get(at, HalfHour(at, 0, 0)) for at in times]
    labels = [f"{at:%H:%M}" for at in times]
    return Panel(
        title="今天每半小时来了多少人",
        said=f"{_day(day)}一共来了{sum(h.arrived for h in found)}人",
        unit="人",
        labels=labels,
        series=[
            Series("预约的", [h.booked for h in each]),
            Series("没预约的", [h.arrived - h.booked for h in each]),
        ],
        head=["半小时", "来了", "其中预约的"],
        rows=[[label, h.arrived, h.booked] for label, h in zip(labels, each, strict=True)],
        stacked=True,
    )


def _half_hours(first: datetime, last: datetime) -> list[datetime]:
    return [first + HALF_HOUR * n for n in range(int((last - first) / HALF_HOUR) + 1)]


def waits(found: Sequence[Wait]) -> Panel:
    """How long people waited in each queue (等候时间)."""
    worst = found[:DRAWN]
    return Panel(
        title="等了多久才叫到",
        said=f"等得最久的是{found[0].name}，十个人里九个不超过{found[0].p90}分钟" if found else "",
        unit="分钟",
        labels=[each.name for each in worst],
        series=[
            Series("一半人不超过", [each.median for each in worst]),
            Series("九成人不超过", [each.p90 for each in worst]),
        ],
        head=["队列", "叫了几人", "一半人不超过（分钟）", "九成人不超过（分钟）"],
        rows=[[each.name, each.called, each.median, each.p90] for each in found],
    )


def channels(found: Sequence[Booked], days: Sequence[date]) -> Panel:
    """Bookings by channel (预约渠道)."""
    counts: dict[tuple[date, str], int] = defaultdict(int)
    for each in found:
        counts[each.day, each.channel] += each.booked
    by_channel = {id: [counts[day, id] for day in days] for id in CHANNELS}
    total = sum(map(sum, by_channel.values()))
    return Panel(
        title="预约从哪来",
        said=f"一共{total}个预约",
        unit="个",
        labels=[_day(day) for day in days],
        series=[Series(CHANNELS[id], values) for id, values in by_channel.items()],
        head=["日期", *CHANNELS.values()],
        rows=[[_day(day), *(counts[day, id] for id in CHANNELS)] for day in days],
        stacked=True,
    )


def no_shows(found: Sequence[Booked], days: Sequence[date]) -> Panel:
    """Who booked and did not come (爽约率)."""
    missed, came = defaultdict[date, int](int), defaultdict[date, int](int)
    for each in found:
        missed[each.day] += each.missed
        came[each.day] += each.came
    rates = {day: _percent(missed[day], missed[day] + came[day]) for day in days}
    whole = _percent(sum(missed.values()), sum(missed.values()) + sum(came.values()))
    return Panel(
        title="约了没来的",
        said="" if whole is None else f"爽约率{whole}%",
        unit="%",
        labels=[_day(day) for day in days],
        series=[Series("爽约率", list(rates.values()), "line")],
        head=["日期", "来了", "没来", "爽约率"],
        rows=[
            [_day(day), came[day], missed[day], NOTHING if rate is None else f"{rate}%"]
            for day, rate in rates.items()
        ],
    )


def _percent(some: int, all_: int) -> float | None:
    return round(100 * some / all_, 1) if all_ else None


def cases(found: Sequence[CaseDay]) -> Panel:
    """Cases accepted and decided (受理和办结)."""
    accepted, decided = sum(c.accepted for c in found), sum(c.decided for c in found)
    return Panel(
        title="受理了多少，决定了多少",
        said=f"受理{accepted}件，作出决定{decided}件",
        unit="件",
        labels=[_day(each.day) for each in found],
        series=[
            Series("受理", [each.accepted for each in found]),
            Series("决定", [each.decided for each in found]),
        ],
        head=["日期", "受理", "决定"],
        rows=[[_day(each.day), each.accepted, each.decided] for each in found],
    )


def overdue(found: Sequence[Overdue]) -> Panel:
    """Cases that should have been decided (超期办件)."""
    worst = found[:DRAWN]
    return Panel(
        title="现在超期的办件",
        said=f"一共{sum(each.cases for each in found)}件" if found else "没有超期的办件",
        unit="件",
        labels=[each.department for each in worst],
        series=[Series("超期", [each.cases for each in worst])],
        head=["部门", "超期"],
        rows=[[each.department, each.cases] for each in found],
    )


def judged(found: Sequence[Judged], days: Sequence[date]) -> Panel:
    """How answers of the assistant were judged (👍👎)."""
    by_day = {each.day: each for each in found}
    each = [by_day.get(day, Judged(day, 0, 0)) for day in days]
    helpful, all_ = sum(j.helpful for j in each), sum(j.helpful + j.unhelpful for j in each)
    return Panel(
        title="助手答得好不好（全市）",
        said=f"评了{all_}次，{helpful}次说有帮助",
        unit="次",
        labels=[_day(day) for day in days],
        series=[
            Series("有帮助", [j.helpful for j in each]),
            Series("没帮助", [j.unhelpful for j in each]),
        ],
        head=["日期", "有帮助", "没帮助"],
        rows=[[_day(j.day), j.helpful, j.unhelpful] for j in each],
        stacked=True,
    )


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"
