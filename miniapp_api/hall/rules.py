"""Pure rules of the queue (排队规则): who is next, what may become of a ticket, how long it takes.

Every waiting ticket has a due time (应叫时间), fixed when it is made; the earliest due is called:

- an appointment on time: its slot's start;
- a walk-in or a remote ticket: its arrival plus WALK_IN_ALLOWANCE, so that who booked for ten
  goes before who walked in at a quarter to ten, and after who walked in at half past nine;
- a priority group (elderly, disabled, soldiers, pregnant): PRIORITY_BOOST earlier than that;
- late for an appointment: like a walk-in of that moment;
- passed (过号) and queueing again: like a walk-in of that moment, without the boost;
- transferred: the due time it had, so that nobody starts over because of us.

An appointment before its time waits until its slot begins, unless nobody else is waiting.

Nobody starves: a due time never moves back, and who arrives later than OVERTAKING after a ticket
was made can never go before it. An arrival's due time lies at most WALK_IN_ALLOWANCE after it, and
at least PRIORITY_BOOST - WALK_IN_ALLOWANCE before it; who booked is bounded by the slot's seats.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from statistics import fmean, pvariance
from typing import Literal, Protocol
from uuid import UUID

Status = Literal["waiting", "called", "serving", "on_hold", "passed", "finished", "left"]
Kind = Literal["appointment", "walk_in", "remote"]
Priority = Literal["elderly", "disabled", "soldier", "pregnant"]
Action = Literal[
    "call", "recall", "start", "finish", "hold", "resume", "pass", "requeue", "transfer", "leave"
]

WALK_IN_ALLOWANCE = timedelta(minutes=15)
PRIORITY_BOOST = timedelta(minutes=20)
OVERTAKING = WALK_IN_ALLOWANCE + PRIORITY_BOOST
MOST_CALLS = 4  # once, and three times again (重呼)
LONGEST_SEQUENCE = 6  # digits that anybody would type
MOST_REQUEUES = 2
LEAST_SAMPLES = 5  # services of today before they count more than what the handbook expects
INTERVAL = 1.28  # standard deviations: four of five waits lie within

TRANSITIONS: dict[tuple[Status, Action], Status] = {
    ("waiting", "call"): "called",
    ("waiting", "leave"): "left",
    ("called", "recall"): "called",
    ("called", "start"): "serving",
    ("called", "pass"): "passed",
    ("called", "transfer"): "waiting",
    ("called", "finish"): "finished",
    ("called", "leave"): "left",
    ("serving", "finish"): "finished",
    ("serving", "hold"): "on_hold",
    ("serving", "transfer"): "waiting",
    ("on_hold", "resume"): "serving",
    ("on_hold", "finish"): "finished",
    ("passed", "requeue"): "waiting",
    ("passed", "leave"): "left",
}
OPEN: tuple[Status, ...] = ("waiting", "called", "serving", "on_hold", "passed")
DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True)
class Waiting:
    """A ticket that waits (候叫的号)."""

    id: UUID
    sequence: int
    kind: Kind
    arrived_at: datetime
    due_at: datetime
    booked_for: datetime | None = None
    priority: Priority | None = None


class Policy(Protocol):
    """Decides who is called next (叫号策略)."""

    def choose(self, waiting: Sequence[Waiting], now: datetime, called: int) -> Waiting | None:
        """Return who is called; `called` tickets of the queue were called today before."""


def due_at(
    kind: Kind,
    arrived_at: datetime,
    booked_for: datetime | None,
    priority: Priority | None,
    *,
    late: bool = False,
) -> datetime:
    """Return a new ticket's due time (应叫时间)."""
    on_time = kind == "appointment" and booked_for is not None and not late
    due = booked_for if on_time and booked_for else arrived_at + WALK_IN_ALLOWANCE
    return due - PRIORITY_BOOST if priority else due


def due_again(now: datetime) -> datetime:
    """Return the due time of a passed ticket that queues again."""
    return now + WALK_IN_ALLOWANCE


def _callable(ticket: Waiting, now: datetime) -> bool:
    """An appointment before its time lets others go first."""
    return ticket.kind != "appointment" or ticket.booked_for is None or ticket.due_at <= now


@dataclass(frozen=True)
class Fair:
    """The earliest due is called; of two, the one who came first (公平)."""

    def choose(self, waiting: Sequence[Waiting], now: datetime, called: int) -> Waiting | None:
        """Return the earliest due of those whose time has come, else the earliest of all."""
        ready = [ticket for ticket in waiting if _callable(ticket, now)]
        return min(ready or waiting, key=_due, default=None)


@dataclass(frozen=True)
class AppointmentsFirst:
    """Whoever booked goes before whoever walked in (预约绝对优先)."""

    def choose(self, waiting: Sequence[Waiting], now: datetime, called: int) -> Waiting | None:
        """Return the earliest booked, else the first walk-in."""
        booked = [t for t in waiting if t.kind == "appointment" and _callable(t, now)]
        return min(booked, key=_due, default=None) or min(waiting, key=_arrival, default=None)


@dataclass(frozen=True)
class FirstCome:
    """Whoever came first goes first, booked or not (先到先办)."""

    def choose(self, waiting: Sequence[Waiting], now: datetime, called: int) -> Waiting | None:
        """Return the first to arrive."""
        return min(waiting, key=_arrival, default=None)


@dataclass(frozen=True)
class Alternating:
    """One who booked, one who walked in, in turn (交替)."""

    def choose(self, waiting: Sequence[Waiting], now: datetime, called: int) -> Waiting | None:
        """Return the first of the kind whose turn it is, else of the other."""
        booked = [t for t in waiting if t.kind == "appointment" and _callable(t, now)]
        others = [t for t in waiting if t.kind != "appointment"]
        turn = (booked, others) if called % 2 == 0 else (others, booked)
        for group in turn:
            if group:
                return min(group, key=_due)
        return min(waiting, key=_due, default=None)


POLICIES: Mapping[str, Policy] = {
    "fair": Fair(),
    "appointments_first": AppointmentsFirst(),
    "first_come": FirstCome(),
    "alternating": Alternating(),
}
FAIR = POLICIES["fair"]


def _due(ticket: Waiting) -> tuple[datetime, datetime, int]:
    return ticket.due_at, ticket.arrived_at, ticket.sequence


def _arrival(ticket: Waiting) -> tuple[datetime, int]:
    return ticket.arrived_at, ticket.sequence


def ahead(ticket: Waiting, waiting: Sequence[Waiting], now: datetime) -> int:
    """Return how many are called before a ticket if nobody else comes (前面还有几位)."""
    ready = _callable(ticket, now)
    return sum(
        1
        for other in waiting
        if other.id != ticket.id
        and (
            (_callable(other, now), ready) == (True, False)
            or (_callable(other, now) == ready and _due(other) < _due(ticket))
        )
    )


def after(status: Status, action: Action) -> Status | None:
    """Return the status after an action, or None when it is not allowed."""
    return TRANSITIONS.get((status, action))


def number(prefix: str, sequence: int) -> str:
    """Return a ticket's number (票号): A012."""
    return f"{prefix}{sequence:03d}"


def sequence(prefix: str, number: str) -> int | None:
    """Return which one of a queue a number is, or None when it is another queue's."""
    digits = number.upper().removeprefix(prefix)
    mine = digits.isascii() and digits.isdecimal() and len(digits) <= LONGEST_SEQUENCE
    return int(digits) if mine and len(digits) < len(number) else None


def called_text(number: str, window: str) -> str:
    """Return what the screen shows: 请A012号到3号窗口."""
    return f"请{number}号到{window.lstrip('0')}号窗口"


def closed_text(reason: str, until: datetime) -> str:
    """Return why a window calls nobody: 这个窗口停办到11月25日 12:00（设备检修），不能叫号."""
    when = f"{until.month}月{until.day}日 {until:%H:%M}"
    return f"这个窗口停办到{when}（{reason}），不能叫号"


def spoken(number: str, window: str) -> str:
    """Return what is read aloud, digit by digit: 请，A零一二号，到，三号窗口."""
    letters = number.rstrip("0123456789")
    digits = "".join(DIGITS[int(digit)] for digit in number[len(letters) :])
    return f"请，{letters}{digits}号，到，{in_words(int(window))}号窗口"


def in_words(value: int) -> str:
    """Return a number from 0 to 999 as it is said (数字读法)."""
    hundreds, rest = divmod(value, 100)
    tens, ones = divmod(rest, 10)
    said = f"{DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        said += "十" if tens == 1 and not hundreds else f"{DIGITS[tens]}十"
    elif hundreds and ones:
        said += "零"
    return said + (DIGITS[ones] if ones or not said else "")


@dataclass(frozen=True)
class Estimate:
    """How long somebody will wait (预计等候), minutes: likely, and the bounds for four of five."""

    minutes: int
    low: int
    high: int


def estimate(
    ahead: int, windows: int, seconds: Sequence[float], expected_minutes: float
) -> Estimate | None:
    """Estimate a wait from today's services; None when no window is open.

    seconds: how long today's services took. expected_minutes: what the handbook expects of one,
    which stands for LEAST_SAMPLES services until there are more.
    """
    if windows == 0:
        return None
    known = [s / 60 for s in seconds]
    samples = [*known, *[expected_minutes] * max(0, LEAST_SAMPLES - len(known))]
    mean = fmean(samples)
    # Few samples know little of the spread: then a service is as uncertain as it is long.
    spread = sqrt(pvariance(samples)) if len(known) >= LEAST_SAMPLES else mean
    rounds = (ahead + 1) / windows
    middle, deviation = mean * rounds, INTERVAL * spread * sqrt(rounds / windows)
    low, high = max(0.0, middle - deviation), middle + deviation
    return Estimate(round(middle), int(low), max(round(middle), int(high) + 1))
