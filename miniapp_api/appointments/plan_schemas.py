"""A hall's plan as JSON (排班与规则): what the manager writes, and what is stored."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time
from typing import Annotated, Literal

from pydantic import Field

from miniapp_api.appointments.plan import Opening, Pattern, Plan, Rules, SpecialDay
from miniapp_api.appointments.rules import Channel
from miniapp_api.guides.places import WEEKDAYS
from miniapp_api.platform.http import Shape

Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["09:00"])]
Span = Annotated[list[Clock], Field(min_length=2, max_length=2, examples=[["09:00", "11:30"]])]
Spans = Annotated[list[Span], Field(max_length=24)]
QueueIds = Annotated[list[Annotated[str, Field(min_length=1, max_length=64)]], Field(min_length=1)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Minutes = Annotated[int, Field(ge=1, le=480)]
Percent = Annotated[int, Field(ge=0, le=100)]


class RulesBody(Shape):
    """Booking rules (预约规则); a monthly limit of 0 is no limit; days are working days."""

    first_working_day: Annotated[int, Field(ge=0, le=30)]
    horizon_working_days: Annotated[int, Field(ge=1, le=60)]
    slot_minutes: Annotated[int, Field(ge=0, le=480)]
    hold_minutes: Annotated[int, Field(ge=1, le=120)]
    cancel_until_minutes: Annotated[int, Field(ge=0, le=10_080)]
    late_minutes: Annotated[int, Field(ge=0, le=240)]
    per_person_per_day: Annotated[int, Field(ge=1, le=100)]
    per_person_per_item_per_day: Annotated[int, Field(ge=1, le=20)]
    no_shows_per_month: Annotated[int, Field(ge=0, le=100)]
    cancellations_per_month: Annotated[int, Field(ge=0, le=100)]
    suspend_days: Annotated[int, Field(ge=1, le=365)]
    remote_tickets: bool
    release_time: Clock
    pool_working_days_before: Annotated[int, Field(ge=0, le=30)]
    pool_time: Clock


class ChannelsBody(Shape):
    """How seats are divided among channels (渠道配额), in percent."""

    mini_program: Percent
    web_phone: Percent
    on_site: Percent

    def shares(self) -> dict[Channel, int]:
        """Return the percents by channel."""
        return {
            "mini_program": self.mini_program,
            "web_phone": self.web_phone,
            "on_site": self.on_site,
        }


class PatternBody(Shape):
    """Opening hours that repeat (排班)."""

    weekdays: Annotated[list[Weekday], Field(min_length=1, max_length=7)]
    openings: Annotated[Spans, Field(min_length=1)]
    breaks: Spans = Field([])
    queues: QueueIds | None = None
    weeks: Annotated[list[int], Field(min_length=1, max_length=5)] | None = None
    first: date | None = None
    last: date | None = None
    slot_minutes: Annotated[int, Field(ge=0, le=480)] | None = None
    seats_per_window: Annotated[int, Field(ge=0, le=100)] | None = None


class SpecialDayBody(Shape):
    """A day that is not as the patterns say (特殊日)."""

    date: date
    openings: Spans
    queues: QueueIds | None = None
    note: Annotated[str, Field(max_length=60)] = ""


class PlanBody(Shape):
    """A hall's plan (排班与规则)."""

    rules: RulesBody
    channels: ChannelsBody
    patterns: Annotated[list[PatternBody], Field(min_length=1, max_length=200)]
    makeup_workday: Spans = Field([])
    special_days: Annotated[list[SpecialDayBody], Field(max_length=200)] = Field([])

    def plan(self, hall: str, version: int) -> Plan:
        """Return the plan that this describes."""
        values = self.rules.model_dump()
        values["release_time"] = time.fromisoformat(self.rules.release_time)
        values["pool_time"] = time.fromisoformat(self.rules.pool_time)
        rules = Rules(**values, channels=self.channels.shares())
        return Plan(
            hall,
            version,
            rules,
            tuple(_pattern(each) for each in self.patterns),
            _openings(self.makeup_workday),
            tuple(_special(each) for each in self.special_days),
        )

    @classmethod
    def of(cls, plan: Plan) -> PlanBody:
        """Describe a plan: the way back."""
        rules = {
            name: getattr(plan.rules, name)
            for name in RulesBody.model_fields
            if name not in ("release_time", "pool_time")
        }
        return cls(
            rules=RulesBody(
                **rules,
                release_time=f"{plan.rules.release_time:%H:%M}",
                pool_time=f"{plan.rules.pool_time:%H:%M}",
            ),
            channels=ChannelsBody.model_validate(plan.rules.channels),
            patterns=[_pattern_body(each) for each in plan.patterns],
            makeup_workday=_spans(plan.makeup_workday),
            special_days=[_special_body(each) for each in plan.special_days],
        )


def _openings(spans: Iterable[Span]) -> tuple[Opening, ...]:
    return tuple(Opening(time.fromisoformat(a), time.fromisoformat(b)) for a, b in spans)


def _spans(openings: Iterable[Opening]) -> list[Span]:
    return [[f"{each.start:%H:%M}", f"{each.end:%H:%M}"] for each in openings]


def _pattern(body: PatternBody) -> Pattern:
    return Pattern(
        weekdays=frozenset(WEEKDAYS.index(name) for name in body.weekdays),
        openings=_openings(body.openings),
        breaks=_openings(body.breaks),
        queues=frozenset(body.queues) if body.queues else None,
        weeks=frozenset(body.weeks) if body.weeks else None,
        first=body.first,
        last=body.last,
        slot_minutes=body.slot_minutes,
        seats_per_window=body.seats_per_window,
    )


def _pattern_body(pattern: Pattern) -> PatternBody:
    return PatternBody(
        weekdays=[WEEKDAYS[day] for day in sorted(pattern.weekdays)],  # type: ignore[misc]
        openings=_spans(pattern.openings),
        breaks=_spans(pattern.breaks),
        queues=sorted(pattern.queues) if pattern.queues else None,
        weeks=sorted(pattern.weeks) if pattern.weeks else None,
        first=pattern.first,
        last=pattern.last,
        slot_minutes=pattern.slot_minutes,
        seats_per_window=pattern.seats_per_window,
    )


def _special(body: SpecialDayBody) -> SpecialDay:
    queues = frozenset(body.queues) if body.queues else None
    return SpecialDay(body.date, _openings(body.openings), queues, body.note)


def _special_body(special: SpecialDay) -> SpecialDayBody:
    return SpecialDayBody(
        date=special.day,
        openings=_spans(special.openings),
        queues=sorted(special.queues) if special.queues else None,
        note=special.note,
    )
