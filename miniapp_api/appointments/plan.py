"""A hall's plan (排班与规则), pure: what is open when, for whom seats are meant, what a person may.

A plan is data of the hall: from the handbook, or as its manager changed it. From it follow the
slots (号源) of a day, when they are released (放号) and when what is left becomes common (并池).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from miniapp_api.appointments.rules import CHANNELS, Calendar, Channel

MOST_KNOWN = 20_000  # days of queues that are remembered
YEAR = 366  # days: further than any rule looks


@dataclass(frozen=True)
class Opening:
    """A span of time within a day (时段), end excluded."""

    start: time
    end: time


@dataclass(frozen=True)
class Rules:
    """A hall's booking rules (预约规则); days are working days, months calendar months."""

    first_working_day: int
    horizon_working_days: int
    slot_minutes: int
    hold_minutes: int
    cancel_until_minutes: int
    late_minutes: int
    per_person_per_day: int
    per_person_per_item_per_day: int
    no_shows_per_month: int
    cancellations_per_month: int
    suspend_days: int
    remote_tickets: bool
    release_time: time
    pool_working_days_before: int
    pool_time: time
    channels: Mapping[Channel, int]  # percent, sum 100


@dataclass(frozen=True)
class Pattern:
    """Opening hours that repeat (排班): some weekdays, every week or the n-th of a month."""

    weekdays: frozenset[int]  # Monday is 0
    openings: tuple[Opening, ...]
    breaks: tuple[Opening, ...] = ()
    queues: frozenset[str] | None = None  # None: every queue that no other pattern names
    weeks: frozenset[int] | None = None  # the n-th such weekday of the month; None: every one
    first: date | None = None
    last: date | None = None
    slot_minutes: int | None = None  # None: the rules'
    seats_per_window: int | None = None  # None: the queue's

    def holds_on(self, day: date) -> bool:
        """Return whether the pattern covers that day."""
        return (
            day.weekday() in self.weekdays
            and (self.weeks is None or (day.day - 1) // 7 + 1 in self.weeks)
            and (self.first is None or self.first <= day)
            and (self.last is None or day <= self.last)
        )


@dataclass(frozen=True)
class SpecialDay:
    """A day that is not as the patterns say (特殊日): other hours, or none."""

    day: date
    openings: tuple[Opening, ...]
    queues: frozenset[str] | None = None
    note: str = ""


@dataclass(frozen=True)
class Plan:
    """What a hall does when (大厅排班): version 0 is the handbook's."""

    hall: str
    version: int
    rules: Rules
    patterns: tuple[Pattern, ...]
    makeup_workday: tuple[Opening, ...]  # weekend days that are workdays (调休)
    special_days: tuple[SpecialDay, ...] = ()


@dataclass(frozen=True)
class QueuePlan:
    """A queue's hours on a day."""

    openings: tuple[Opening, ...]
    slot_minutes: int
    seats_per_window: int | None


@dataclass(frozen=True)
class PlannedSlot:
    """A slot as it should be: seats by channel."""

    queue: str
    starts_at: datetime
    ends_at: datetime
    released_at: datetime
    seats: int


@dataclass(frozen=True)
class WindowsClosed:
    """Windows of a queue that are closed for a time out of schedule (窗口停办)."""

    queue: str
    windows: frozenset[str]
    starts_at: datetime
    ends_at: datetime

    def covers(self, queue: str, start: datetime, end: datetime) -> bool:
        """Return whether some of a slot's time is closed."""
        return self.queue == queue and self.starts_at < end and self.ends_at > start


def slot_times(openings: Sequence[Opening], minutes: int) -> list[Opening]:
    """Cut opening hours into whole slots; what is left at the end of a span is not offered.

    Raises ValueError for a slot length that is not positive.
    """
    if minutes <= 0:
        raise ValueError("a slot must be longer than nothing")
    return [slot for opening in openings for slot in _cut(opening, timedelta(minutes=minutes))]


def _cut(opening: Opening, length: timedelta) -> Iterator[Opening]:
    anchor = date(2000, 1, 1)  # times cannot be added up, datetimes can
    start, end = (datetime.combine(anchor, t) for t in (opening.start, opening.end))
    while start + length <= end:
        yield Opening(start.time(), (start + length).time())
        start += length


def without(openings: Sequence[Opening], breaks: Sequence[Opening]) -> tuple[Opening, ...]:
    """Return opening hours less breaks (午休)."""
    left = list(openings)
    for gap in breaks:
        left = [part for opening in left for part in _around(opening, gap)]
    return tuple(left)


def _around(opening: Opening, gap: Opening) -> Iterator[Opening]:
    if gap.end <= opening.start or opening.end <= gap.start:
        yield opening
        return
    if opening.start < gap.start:
        yield Opening(opening.start, gap.start)
    if gap.end < opening.end:
        yield Opening(gap.end, opening.end)


def hours(plan: Plan, queue: str, day: date, calendar: Calendar) -> QueuePlan:
    """Return when a queue works on a day: special day, make-up workday, holiday, then patterns."""
    rules = plan.rules
    for special in plan.special_days:
        if special.day == day and (special.queues is None or queue in special.queues):
            return QueuePlan(special.openings, rules.slot_minutes, None)
    own = _patterns_of(plan, queue)
    if not calendar.is_workday(day):
        # A hall may work on an ordinary weekend day by its patterns, never on a holiday.
        if calendar.holiday_name(day):
            return QueuePlan((), rules.slot_minutes, None)
    elif day.weekday() >= 5:
        return QueuePlan(plan.makeup_workday, rules.slot_minutes, None)
    holding = [pattern for pattern in own if pattern.holds_on(day)]
    openings = [o for p in holding for o in without(p.openings, p.breaks)]
    first = holding[0] if holding else None
    minutes = (first and first.slot_minutes) or rules.slot_minutes
    seats = first.seats_per_window if first else None
    return QueuePlan(tuple(sorted(openings, key=lambda o: o.start)), minutes, seats)


def _patterns_of(plan: Plan, queue: str) -> list[Pattern]:
    named = [p for p in plan.patterns if p.queues is not None and queue in p.queues]
    return named or [p for p in plan.patterns if p.queues is None]


def open_on(plan: Plan, queues: Sequence[str], day: date, calendar: Calendar) -> bool:
    """Return whether any of the queues works on a day."""
    return any(hours(plan, queue, day, calendar).openings for queue in queues)


def working_days(
    plan: Plan, queues: Sequence[str], start: date, calendar: Calendar, step: int = 1
) -> Iterator[date]:
    """Yield the hall's working days after `start` (before it, with a step of -1), for a year."""
    for n in range(1, YEAR + 1):
        day = start + timedelta(days=n * step)
        if open_on(plan, queues, day, calendar):
            yield day


def released_at(
    plan: Plan, queues: Sequence[str], day: date, calendar: Calendar, now: datetime
) -> datetime:
    """Return when a day's slots are released (放号): the horizon's working day before it."""
    before = working_days(plan, queues, day, calendar, -1)
    first = _nth(before, plan.rules.horizon_working_days) or day - timedelta(days=YEAR)
    return datetime.combine(first, plan.rules.release_time, now.tzinfo)


def pooled_at(
    plan: Plan, queues: Sequence[str], day: date, calendar: Calendar, now: datetime
) -> datetime:
    """Return when what is left of a day becomes common to all channels (并池)."""
    before = working_days(plan, queues, day, calendar, -1)
    on = _nth(before, plan.rules.pool_working_days_before) or day
    return datetime.combine(on, plan.rules.pool_time, now.tzinfo)


def first_bookable(
    plan: Plan, queues: Sequence[str], today: date, calendar: Calendar
) -> date | None:
    """Return the first day that may be booked today."""
    if plan.rules.first_working_day == 0:
        return today
    return _nth(working_days(plan, queues, today, calendar), plan.rules.first_working_day)


def _nth(days: Iterator[date], n: int) -> date | None:
    for number, day in enumerate(days, 1):
        if number == n:
            return day
    return None


def closed_reason(
    plan: Plan, queues: Sequence[str], queue: str, day: date, now: datetime, calendar: Calendar
) -> str | None:
    """Return the code of why a queue's day cannot be booked now, or None when it can."""
    return Days(plan, queues, calendar).closed_reason(queue, day, now)


class Days:
    """A plan's days: what was once found out about a day is remembered, for it is asked a lot."""

    def __init__(self, plan: Plan, queues: Sequence[str], calendar: Calendar) -> None:
        self.plan = plan
        self.calendar = calendar
        self._queues = queues
        self._known: dict[tuple[str, date, date], tuple[str | None, datetime]] = {}

    def closed_reason(self, queue: str, day: date, now: datetime) -> str | None:
        """Return the code of why a queue's day cannot be booked now, or None when it can."""
        today = now.date()
        key = (queue, day, today)
        if key not in self._known:
            if len(self._known) > MOST_KNOWN:
                self._known.clear()
            self._known[key] = self._find_out(queue, day, now)
        why, released = self._known[key]
        return why or ("not_yet_released" if released > now else None)

    def _find_out(self, queue: str, day: date, now: datetime) -> tuple[str | None, datetime]:
        """Return why a day is closed whatever the hour, and when it is released."""
        plan, today = self.plan, now.date()
        if day < today:
            return "past", now
        if not hours(plan, queue, day, self.calendar).openings:
            return why_closed(plan, queue, day, self.calendar), now
        first = first_bookable(plan, self._queues, today, self.calendar)
        if first is None or day < first:
            return "too_soon", now
        return None, released_at(plan, self._queues, day, self.calendar, now)


def why_closed(plan: Plan, queue: str, day: date, calendar: Calendar) -> str:
    """Return the code of why a queue does not work on a day, or a special day's own words."""
    for special in plan.special_days:
        if special.day == day and (special.queues is None or queue in special.queues):
            return f"note:{special.note}" if special.note else "closed"
    if calendar.is_workday(day):
        return "closed"
    return calendar.holiday_name(day) or "weekend"


def planned_slots(
    plan: Plan,
    seats: Mapping[str, tuple[int, int]],
    day: date,
    calendar: Calendar,
    now: datetime,
    closed: Sequence[WindowsClosed] = (),
) -> list[PlannedSlot]:
    """Return the slots of a day; one in which every window is closed has no seats.

    seats: windows and seats per window and slot, by queue.
    closed: windows, of those, that are closed for a time; each takes its share of the seats.
    """
    queues = list(seats)
    found: list[PlannedSlot] = []
    released = None
    for queue, (windows, per_window) in seats.items():
        that = hours(plan, queue, day, calendar)
        each = per_window if that.seats_per_window is None else that.seats_per_window
        if not that.openings or not each or not windows:
            continue
        released = released or released_at(plan, queues, day, calendar, now)
        for slot in slot_times(that.openings, that.slot_minutes):
            start, end = (datetime.combine(day, t, now.tzinfo) for t in (slot.start, slot.end))
            left = max(0, windows - _closed_in(closed, queue, start, end))
            found.append(PlannedSlot(queue, start, end, released, left * each))
    return found


def _closed_in(closed: Sequence[WindowsClosed], queue: str, start: datetime, end: datetime) -> int:
    """Return how many of a queue's windows are closed for some of a slot's time."""
    return len({w for each in closed if each.covers(queue, start, end) for w in each.windows})


def split(seats: int, channels: Mapping[Channel, int]) -> dict[Channel, int]:
    """Divide seats among channels by percent, largest remainder first: the sum stays `seats`."""
    shares = {c: seats * channels.get(c, 0) for c in CHANNELS}
    whole = {c: share // 100 for c, share in shares.items()}
    left = seats - sum(whole.values())
    # sorted() is stable: of equal remainders the mini-program's comes first
    for channel in sorted(CHANNELS, key=lambda c: -(shares[c] % 100))[:left]:
        whole[channel] += 1
    return whole
