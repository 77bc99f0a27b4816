"""Pure rules of chat: what is kept of a sentence, and how it reaches a person (转人工)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Literal, get_args

# Control characters but tab and line feed: PostgreSQL stores no NUL, and nobody means to say them.
FULL_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789Xx")
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


# Identity numbers, phones and cards that a citizen types are of no use to the assistant.
NUMBERS = re.compile(r"(?<!\d)(\d{3})\d{4,13}(\d{3}[0-9Xx])(?![0-9A-Za-z])")


def cleaned(text: str) -> str:
    """Return what was said without control characters, outer white space and personal numbers.

    13812345678 → 138****5678: it is kept nowhere, not even in the conversation.
    """
    plain = CONTROLS.sub("", text).strip()
    folded = plain.translate(FULL_WIDTH)  # one character for one: positions stay
    spans = [match.span() for match in NUMBERS.finditer(folded)]
    for start, end in reversed(spans):
        plain = f"{plain[: start + 3]}****{plain[end - 4 :]}"
    return plain


# --- what had no answer (没答上的问题) ---------------------------------------------------------

LONGEST_WORDING = 100  # what is longer tells a story, with a person in it: it is not kept
Settled = Literal["added", "dismissed"]
_SAID_AROUND = re.compile(r"[^0-9A-Za-z\u3400-\u9fff]+")


def wording(text: str) -> str | None:
    """Return what two people say alike, to be counted as one; None for what is not kept."""
    plain = _SAID_AROUND.sub("", text.translate(FULL_WIDTH)).casefold()
    kept = len(text) <= LONGEST_WORDING and plain and not text.startswith("/") and "*" not in text
    return plain if kept else None


# --- hand-over to a person (转人工) ------------------------------------------------------

State = Literal["waiting", "active", "message", "closed"]
STATES: tuple[State, ...] = get_args(State)
STATE_NAMES: dict[State, str] = {
    "waiting": "排队中",
    "active": "接待中",
    "message": "留言",
    "closed": "已结束",
}
Step = Literal[
    "take", "release", "hand_back", "close", "answer", "leave", "lapse", "ask_again", "desert"
]
STEPS: tuple[Step, ...] = get_args(Step)
# From which states a step leads where.
WAY: Mapping[Step, tuple[tuple[State, ...], State]] = {
    "take": (("waiting",), "active"),  # an agent takes over (接入)
    "release": (("active",), "waiting"),  # he has to leave: back to the head of the line (放回)
    "desert": (("active",), "waiting"),  # he went away without a word: the same, by the clock
    "hand_back": (("active",), "closed"),  # the assistant goes on (交回)
    "close": (("active",), "closed"),  # everything is settled (结束)
    "answer": (("message",), "closed"),  # a message gets its answer (回复留言)
    "leave": (("waiting", "active", "message"), "closed"),  # the citizen does not want any more
    "lapse": (("waiting",), "message"),  # the agents went home (下班)
    "ask_again": (("message",), "waiting"),  # he asks again while the agents are there
}
OPEN: tuple[State, ...] = ("waiting", "active", "message")


def after(state: State, step: Step) -> State | None:
    """Return where a step leads from a state; None when it may not be taken there."""
    sources, target = WAY[step]
    return target if state in sources else None


def attended(now: datetime, opens: time, closes: time, is_workday: Callable[[date], bool]) -> bool:
    """Tell whether the agents are there (坐席在线时间)."""
    return is_workday(now.date()) and opens <= now.time() < closes


def next_opening(now: datetime, opens: time, is_workday: Callable[[date], bool]) -> datetime:
    """Return when the agents come next: today if they are still to come, else a later workday."""
    day = now.date()
    if now.time() >= opens or not is_workday(day):
        day += timedelta(days=1)
        while not is_workday(day):
            day += timedelta(days=1)
    return datetime.combine(day, opens, now.tzinfo)


def wait_minutes(ahead: int, each_minutes: float, agents: int, busy: int) -> int | None:
    """Return about how many minutes it takes until a person answers; None while none is there.

    ahead: how many wait before. each_minutes: how long a conversation takes. agents: who are at
    their desks, of whom `busy` have a conversation in hand.
    """
    if agents < 1:
        return None
    free = max(0, agents - busy)
    if ahead < free:
        return 1
    return max(1, math.ceil((ahead - free + 1) * each_minutes / agents))
