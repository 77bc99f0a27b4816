"""Pure rules of appointments: what may become of a booking, and who may have one."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal, Protocol

Status = Literal[
    "held", "confirmed", "displaced", "checked_in", "completed", "no_show", "cancelled", "expired"
]
Action = Literal[
    "confirm", "cancel", "expire", "reschedule", "displace", "restore", "check_in", "finish", "miss"
]
Channel = Literal["mini_program", "web_phone", "on_site", "pool"]
Part = Literal["morning", "afternoon"]
Cause = Literal["no_shows", "cancellations"]
Level = Literal["quiet", "normal", "busy", "full"]

LIVE: tuple[Status, ...] = ("held", "confirmed", "displaced", "checked_in")
CHANNELS: tuple[Channel, ...] = ("mini_program", "web_phone", "on_site")
TRANSITIONS: dict[tuple[Status, Action], Status] = {
    ("held", "confirm"): "confirmed",
    ("held", "cancel"): "cancelled",
    ("held", "expire"): "expired",
    ("confirmed", "cancel"): "cancelled",
    ("confirmed", "reschedule"): "confirmed",
    ("confirmed", "displace"): "displaced",
    ("confirmed", "check_in"): "checked_in",
    ("confirmed", "miss"): "no_show",
    ("displaced", "cancel"): "cancelled",
    ("displaced", "reschedule"): "confirmed",
    ("displaced", "restore"): "confirmed",
    ("checked_in", "finish"): "completed",
}
LEVELS: tuple[tuple[Level, float], ...] = (
    ("full", 1),
    ("busy", 0.7),
    ("normal", 0.35),
    ("quiet", 0),
)
# Without 0 O 1 I L: a reference is read aloud at a window, often over a bad line.
REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
REFERENCE_LENGTH = 8
NOON = time(12)


class Timed(Protocol):
    """Has a beginning and an end."""

    @property
    def starts_at(self) -> datetime:
        """When it begins."""

    @property
    def ends_at(self) -> datetime:
        """When it ends."""


class Calendar(Protocol):
    """Knows the working days (工作日)."""

    def is_workday(self, day: date) -> bool:
        """Return whether the hall works on that day."""

    def holiday_name(self, day: date) -> str | None:
        """Return the holiday's name, or None."""


def after(status: Status, action: Action) -> Status | None:
    """Return the status after an action, or None when it is not allowed."""
    return TRANSITIONS.get((status, action))


def hold_lapsed(expires_at: datetime, now: datetime) -> bool:
    """Return whether a hold is over at `now`."""
    return expires_at <= now


def changeable(starts_at: datetime, now: datetime, cancel_until_minutes: int) -> bool:
    """Return whether a booking may still be cancelled or moved by the citizen."""
    return now <= starts_at - timedelta(minutes=cancel_until_minutes)


def nth_free(taken: Sequence[int], most: int) -> int | None:
    """Return the lowest number from 1 to `most` that is not taken: each live booking has one."""
    return next((n for n in range(1, most + 1) if n not in taken), None)


def run_from[S: Timed](slots: Sequence[S], first: int, minutes: int) -> Sequence[S] | None:
    """Return the consecutive slots (连续时段) from position `first` that cover `minutes`.

    None when a gap, a lunch break or the end of the day comes first.
    """
    covered, last = timedelta(), first
    while True:
        covered += slots[last].ends_at - slots[last].starts_at
        if covered >= timedelta(minutes=minutes):
            return slots[first : last + 1]
        if last + 1 == len(slots) or slots[last + 1].starts_at != slots[last].ends_at:
            return None
        last += 1


def crowd_level(taken: int, capacity: int) -> Level:
    """Return how busy a day is (人多人少) by the share of its seats that are taken."""
    share = taken / capacity if capacity else 1
    return next(level for level, least in LEVELS if share >= least)


def part_of(start: time) -> Part:
    """Return the half of the day."""
    return "morning" if start < NOON else "afternoon"


def new_reference() -> str:
    """Return a short code (预约号) that is easy to read aloud; about 10^12 of them."""
    return "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(REFERENCE_LENGTH))
