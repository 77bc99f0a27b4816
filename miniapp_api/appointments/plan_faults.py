"""What is wrong with a plan (排班检查), pure: overlapping or impossible schedules are refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from miniapp_api.appointments.plan_schemas import PatternBody, PlanBody, Spans


@dataclass(frozen=True)
class PlanFault:
    """A fault, with the path of the field."""

    field: str
    message: str

    def shown(self) -> dict[str, str]:
        """Return it as JSON."""
        return {"field": self.field, "message": self.message}


def faults_of(body: PlanBody, queues: Sequence[str], today: date) -> list[PlanFault]:
    """Return everything that is wrong with a plan for a hall with these queues."""
    return [
        *_rules(body),
        *(f for i, p in enumerate(body.patterns) for f in _pattern(f"patterns.{i}", p, body)),
        *_spans("makeup_workday", body.makeup_workday),
        *_special_days(body, today),
        *_unknown_queues(body, queues),
        *_overlaps(body),
    ]


def _rules(body: PlanBody) -> Iterator[PlanFault]:
    rules, channels = body.rules, body.channels
    if rules.slot_minutes <= 0:
        yield PlanFault("rules.slot_minutes", "时段长度要大于0分钟")
    if rules.first_working_day > rules.horizon_working_days:
        yield PlanFault("rules.first_working_day", "最早可约的日子晚于最远可约的日子")
    if channels.mini_program + channels.web_phone + channels.on_site != 100:
        yield PlanFault("channels", "各渠道的比例之和应为100")


def _pattern(path: str, pattern: PatternBody, body: PlanBody) -> Iterator[PlanFault]:
    yield from _spans(f"{path}.openings", pattern.openings)
    yield from _spans(f"{path}.breaks", pattern.breaks)
    for gap in pattern.breaks:
        if not any(o[0] <= gap[0] and gap[1] <= o[1] for o in pattern.openings):
            yield PlanFault(f"{path}.breaks", "休息时间不在办公时间里")
    if pattern.weeks and not all(1 <= week <= 5 for week in pattern.weeks):
        yield PlanFault(f"{path}.weeks", "一个月里只有第1到第5个星期几")
    if pattern.first and pattern.last and pattern.first > pattern.last:
        yield PlanFault(f"{path}.first", "生效日期晚于失效日期")
    minutes = body.rules.slot_minutes if pattern.slot_minutes is None else pattern.slot_minutes
    if minutes <= 0:
        yield PlanFault(f"{path}.slot_minutes", "时段长度要大于0分钟")
    elif all(_length(span) < minutes for span in pattern.openings):
        yield PlanFault(f"{path}.slot_minutes", "办公时间放不下一个时段")


def _length(span: Sequence[str]) -> int:
    start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in span)
    return end - start


def _spans(path: str, spans: Spans) -> Iterator[PlanFault]:
    for span in spans:
        if span[1] <= span[0]:
            yield PlanFault(path, "结束时间应晚于开始时间")
    if any(a[0] < b[1] and b[0] < a[1] for a, b in combinations(spans, 2)):
        yield PlanFault(path, "时间有重叠")


def _special_days(body: PlanBody, today: date) -> Iterator[PlanFault]:
    for index, special in enumerate(body.special_days):
        yield from _spans(f"special_days.{index}.openings", special.openings)
        if special.date < today:
            yield PlanFault(f"special_days.{index}.date", "特殊日已经过去了")
    for (i, a), (_, b) in combinations(enumerate(body.special_days), 2):
        if a.date == b.date and _share(a.queues, b.queues):
            yield PlanFault(f"special_days.{i}", "同一天定了两次")


def _unknown_queues(body: PlanBody, queues: Sequence[str]) -> Iterator[PlanFault]:
    named = [(f"patterns.{i}.queues", p.queues) for i, p in enumerate(body.patterns)]
    named += [(f"special_days.{i}.queues", s.queues) for i, s in enumerate(body.special_days)]
    for path, ids in named:
        if unknown := sorted(set(ids or ()) - set(queues)):
            yield PlanFault(path, f"没有这个队列:{'、'.join(unknown)}")


def _overlaps(body: PlanBody) -> Iterator[PlanFault]:
    for (i, a), (j, b) in combinations(enumerate(body.patterns), 2):
        if not _same_queue(a, b) or not set(a.weekdays) & set(b.weekdays):
            continue
        if a.weeks and b.weeks and not set(a.weeks) & set(b.weeks):
            continue
        if (a.last and b.first and a.last < b.first) or (b.last and a.first and b.last < a.first):
            continue
        if any(x[0] < y[1] and y[0] < x[1] for x in a.openings for y in b.openings):
            yield PlanFault(f"patterns.{j}", f"与第{i + 1}个排班的时间重叠")


def _same_queue(a: PatternBody, b: PatternBody) -> bool:
    """A pattern for named queues replaces the common one for them: those two never collide."""
    if a.queues is None or b.queues is None:
        return a.queues is None and b.queues is None
    return bool(set(a.queues) & set(b.queues))


def _share(a: list[str] | None, b: list[str] | None) -> bool:
    return (a is None and b is None) or bool(set(a or ()) & set(b or ()))
