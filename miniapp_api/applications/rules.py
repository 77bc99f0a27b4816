"""Pure rules of applications: the workflow as a table, and clocks that count working days.

A case (办件) is in one state; an action takes it to the next. Nothing moves outside the table.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Actor = Literal["citizen", "clerk", "system"]
State = Literal[
    "submitted", "pre_review", "correction", "waiting", "accepted", "review", "special", "decision",
    "granted", "denied", "issued", "delivered", "refused", "withdrawn", "lapsed", "archived",
]  # fmt: skip
Action = Literal[
    "submit", "claim", "request_correction", "correct", "accept", "refuse", "start_review",
    "begin_special", "end_special", "propose", "grant", "deny", "issue", "deliver", "archive",
    "withdraw", "lapse", "wait", "resume",
]  # fmt: skip
SpecialKind = Literal["expert", "hearing", "inspection"]
Colour = Literal["green", "yellow", "red"]

STATE_NAMES: dict[State, str] = {
    "submitted": "已提交，等待预审",
    "pre_review": "预审中",
    "correction": "需要补正材料",
    "waiting": "预审通过，等前面的事项办好",
    "accepted": "已受理",
    "review": "审查中",
    "special": "特别程序中（不计入办理时限）",
    "decision": "等待决定",
    "granted": "准予，正在制证",
    "denied": "不予许可",
    "issued": "已制证，等待送达",
    "delivered": "已办结",
    "refused": "不予受理",
    "withdrawn": "已撤回",
    "lapsed": "逾期未补正，已关闭",
    "archived": "已归档",
}
SPECIAL_NAMES: dict[SpecialKind, str] = {
    "expert": "专家评审",
    "hearing": "听证",
    "inspection": "现场核查",
}


@dataclass(frozen=True)
class Transition:
    """What an action does: from which states, to which, by whom, and whether a reason is due."""

    before: frozenset[State]
    after: State
    actors: frozenset[Actor]
    reason: bool = False


def _by(actor: Actor, before: Iterable[State], after: State, *, reason: bool = False) -> Transition:
    return Transition(frozenset(before), after, frozenset({actor}), reason)


# Before a decision a citizen may take a case back; once decided it takes its course.
UNDECIDED: tuple[State, ...] = (
    "submitted", "pre_review", "correction", "waiting", "accepted", "review", "special", "decision",
)  # fmt: skip
TABLE: dict[Action, Transition] = {
    "claim": _by("clerk", ("submitted",), "pre_review"),
    "request_correction": _by("clerk", ("pre_review",), "correction", reason=True),
    "correct": _by("citizen", ("correction",), "submitted"),
    "accept": _by("clerk", ("pre_review",), "accepted"),
    "refuse": _by("clerk", ("pre_review",), "refused", reason=True),
    "start_review": _by("clerk", ("accepted",), "review"),
    "begin_special": _by("clerk", ("review",), "special", reason=True),
    "end_special": _by("clerk", ("special",), "review"),
    "propose": _by("clerk", ("review",), "decision"),
    "grant": _by("clerk", ("decision",), "granted"),
    "deny": _by("clerk", ("decision",), "denied", reason=True),
    "issue": _by("clerk", ("granted",), "issued"),
    "deliver": _by("clerk", ("issued", "denied"), "delivered"),
    "archive": Transition(
        frozenset(("delivered", "refused", "withdrawn", "lapsed")),
        "archived",
        frozenset(("clerk", "system")),
    ),
    "withdraw": _by("citizen", UNDECIDED, "withdrawn"),
    "lapse": _by("system", ("correction",), "lapsed"),
    # Of a bundle (一件事): until what it builds on is decided (后置事项), no clock runs.
    "wait": _by("system", ("pre_review",), "waiting"),
    "resume": _by("system", ("waiting",), "submitted"),
}
FIRST: State = "submitted"
# Whoever waits in these is waited for by a clerk; in the others the citizen or nobody acts.
OPEN: frozenset[State] = frozenset(
    ("submitted", "pre_review", "accepted", "review", "special", "decision", "granted",
     "denied", "issued")
)  # fmt: skip
RUNNING: frozenset[State] = frozenset(("accepted", "review", "decision"))
MOST_CORRECTIONS = 1  # 一次性告知: everything that is missing is said once
ACCEPTANCE_DAYS = 5  # working days to accept, to refuse or to say what is missing (行政许可法 32)
DELIVERY_DAYS = 10  # working days from the decision to the delivery (行政许可法 44)
CORRECTION_DAYS = 30  # calendar days that a citizen has to complete what is missing


class NotAllowed(Exception):
    """The action does not lead out of this state, or not for this actor."""


def after(state: State, action: Action, actor: Actor) -> State:
    """Return the state that an action leads to; raise NotAllowed."""
    transition = TABLE.get(action)
    if transition is None or state not in transition.before or actor not in transition.actors:
        raise NotAllowed(f"{action} from {state}")
    return transition.after


def actions(state: State, actor: Actor, corrections: int = 0) -> list[Action]:
    """Return what an actor may do with a case now, in the table's order."""
    return [
        action
        for action, each in TABLE.items()
        if state in each.before
        and actor in each.actors
        and not (action == "request_correction" and corrections >= MOST_CORRECTIONS)
    ]


# -- clocks (办理时限) ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Pause:
    """Days that do not count (中止计时): those after `start`, up to and with `end`."""

    start: date
    end: date | None = None

    def covers(self, day: date) -> bool:
        """Tell whether a day does not count because of this pause."""
        return self.start < day and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Clock:
    """A time limit that runs (时限): counted from the day after acceptance.

    days: 0 means at once, on the day of acceptance; working: working days, else calendar days.
    """

    accepted: date
    days: int
    working: bool = True
    pauses: tuple[Pause, ...] = ()


IsWorkday = Callable[[date], bool]
LONGEST = 3_660  # days looked ahead at most


def counts(clock: Clock, is_workday: IsWorkday, day: date) -> bool:
    """Tell whether a day uses up a part of the limit."""
    if day <= clock.accepted or any(pause.covers(day) for pause in clock.pauses):
        return False
    return is_workday(day) if clock.working else True


def used(clock: Clock, is_workday: IsWorkday, today: date) -> int:
    """Return how many days of the limit are used up by the end of a day."""
    span = (today - clock.accepted).days
    days = (clock.accepted + timedelta(days=n) for n in range(1, span + 1))
    return sum(counts(clock, is_workday, day) for day in days)


def due(clock: Clock, is_workday: IsWorkday, days: int | None = None) -> date | None:
    """Return the day on which so many days (default: the limit) are used up; None while paused."""
    left, day = clock.days if days is None else days, clock.accepted
    if any(pause.end is None for pause in clock.pauses):
        return None
    for _ in range(LONGEST):
        if left <= 0:
            return day
        day += timedelta(days=1)
        left -= counts(clock, is_workday, day)
    return None


def warning_day(clock: Clock, is_workday: IsWorkday, percent: int) -> date | None:
    """Return the day on which so much of the limit is used up (预警日); None while paused."""
    return due(clock, is_workday, math.ceil(clock.days * percent / 100))


def colour(today: date, yellow_on: date | None, red_on: date | None) -> Colour:
    """Return the warning light (红黄灯) of a case on a day."""
    if red_on is not None and today >= red_on:
        return "red"
    if yellow_on is not None and today >= yellow_on:
        return "yellow"
    return "green"


def light(today: date, act_by: date, yellow_on: date | None, red_on: date | None) -> Colour:
    """Return the warning light of a case, also of one whose promised time does not run yet."""
    if today > act_by:
        return "red"
    if today == act_by:
        return max("yellow", colour(today, yellow_on, red_on), key=("green", "yellow", "red").index)
    return colour(today, yellow_on, red_on)


# -- fees ----------------------------------------------------------------------------------------


# Once a case is here there will be no result: nobody is to pay for it any more.
FRUITLESS: frozenset[State] = frozenset(("refused", "lapsed", "withdrawn", "denied"))


def pays_later(fee_fen: int, fee_due: str, channel: str) -> bool:
    """Return whether a fee may be paid after the case was made: at issue, or since a window."""
    return fee_fen > 0 and (fee_due == "issue" or channel == "window")


def fee_goes_back(state: State, accepted_on: date | None, fee_due: str) -> bool:
    """Return whether what was paid is given back (退费) when a case arrives in a state.

    A fee for the result (工本费) is, when there will be none; a fee for the examination only when
    none took place.
    """
    return state in FRUITLESS and (fee_due == "issue" or accepted_on is None)


# -- numbers -------------------------------------------------------------------------------------


def receipt_number(day: date, sequence: int) -> str:
    """Return a receipt number (受理通知书编号): the day, a sequence, and a check digit (mod 97).

    The sequence never ends; its last seven digits tell ten million cases of one day apart.
    """
    digits = f"{day:%Y%m%d}{sequence % 10_000_000:07d}"
    return f"{digits}{98 - int(digits) * 100 % 97:02d}"


def is_receipt_number(text: str) -> bool:
    """Tell whether a text is a receipt number without a slip of the pen."""
    return text.isascii() and text.isdigit() and len(text) == 17 and int(text) % 97 == 1
