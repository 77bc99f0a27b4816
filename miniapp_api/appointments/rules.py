"""Pure rules of appointments: hours to slots, bookable days, what may become of a seat."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, Protocol

Status = Literal["held", "confirmed", "cancelled", "expired"]
Action = Literal["confirm", "cancel", "expire", "reschedule"]
Part = Literal["morning", "afternoon"]

ACTIVE: tuple[Status, ...] = ("held", "confirmed")
TRANSITIONS: dict[tuple[Status, Action], Status] = {
    ("held", "confirm"): "confirmed",
    ("held", "cancel"): "cancelled",
    ("held", "expire"): "expired",
    ("confirmed", "cancel"): "cancelled",
    ("confirmed", "reschedule"): "confirmed",
}
# Without 0 O 1 I L: a reference is read aloud at a window, often over a bad line.
REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
REFERENCE_LENGTH = 8
NOON = time(12)


class Calendar(Protocol):
    """Knows the working days (工作日)."""

    def is_workday(self, day: date) -> bool:
        """Return whether the hall works on that day."""

    def holiday_name(self, day: date) -> str | None:
        """Return the holiday's name, or None."""


@dataclass(frozen=True)
class BookingRules:
    """A hall's booking rules (预约规则); days are working days."""

    first_working_day: int
    horizon_working_days: int
    slot_minutes: int
    hold_minutes: int
    cancel_until_minutes: int


@dataclass(frozen=True)
class Opening:
    """A span of opening hours (办公时段) within a day."""

    start: time
    end: time


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


def bookable_days(today: date, calendar: Calendar, rules: BookingRules) -> list[date]:
    """Return the days that may be booked today: the n-th to m-th working day from now."""
    workdays: list[date] = []
    day = today
    # A hall that never works would loop for ever: a year is more than any horizon.
    for _ in range(366):
        if len(workdays) > rules.horizon_working_days:
            break
        if calendar.is_workday(day):
            workdays.append(day)
        day += timedelta(days=1)
    after = [day for day in workdays if day > today]
    first = [today] if rules.first_working_day == 0 and today in workdays else []
    return first + after[max(rules.first_working_day - 1, 0) : rules.horizon_working_days]


def closed_reason(
    day: date, today: date, bookable: Sequence[date], calendar: Calendar
) -> str | None:
    """Return the code of why a day cannot be booked, or None when it can."""
    if day in bookable:
        return None
    if day < today:
        return "past"
    if not calendar.is_workday(day):
        return calendar.holiday_name(day) or "weekend"
    return "too_soon" if not bookable or day < bookable[0] else "not_yet_released"


def after(status: Status, action: Action) -> Status | None:
    """Return the status after an action, or None when it is not allowed."""
    return TRANSITIONS.get((status, action))


def hold_lapsed(expires_at: datetime, now: datetime) -> bool:
    """Return whether a hold is over at `now`."""
    return expires_at <= now


def changeable(starts_at: datetime, now: datetime, rules: BookingRules) -> bool:
    """Return whether a booking may still be cancelled or moved by the citizen."""
    return now <= starts_at - timedelta(minutes=rules.cancel_until_minutes)


def part_of(start: time) -> Part:
    """Return the half of the day."""
    return "morning" if start < NOON else "afternoon"


def new_reference() -> str:
    """Return a short code (预约号) that is easy to read aloud; about 10^12 of them."""
    return "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(REFERENCE_LENGTH))
