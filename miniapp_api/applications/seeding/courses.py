"""The ways that made-up cases take through the workflow (办件经过). Pure.

Every one is walked through the workflow's own table, which refuses a way that does not exist.
"""

from __future__ import annotations

from functools import cache
from random import Random

from miniapp_api.applications import rules
from miniapp_api.applications.rules import Action, Actor, State

Course = tuple[Action, ...]

# Of a hundred cases of two years: most are closed, some six wait for a clerk.
SHARES: dict[State, float] = {
    "archived": 86.0, "delivered": 5.0, "submitted": 1.2, "pre_review": 0.6, "correction": 0.8,
    "accepted": 0.6, "review": 1.2, "special": 0.3, "decision": 0.5, "granted": 0.8, "issued": 1.0,
    "denied": 0.1, "refused": 0.7, "withdrawn": 0.8, "lapsed": 0.4,
}  # fmt: skip
STATES, WEIGHTS = tuple(SHARES), tuple(SHARES.values())
ONWARD: Course = (
    "submit", "claim", "accept", "start_review", "propose", "grant", "issue", "deliver",
)  # fmt: skip
DENIED: Course = (*ONWARD[:5], "deny")
TURNED_AWAY: dict[State, Course] = {
    "refused": (*ONWARD[:2], "refuse"),
    "withdrawn": (*ONWARD[:3], "withdraw"),
    "lapsed": (*ONWARD[:2], "request_correction", "lapse"),
}
COURSES: dict[State, Course] = {
    "submitted": ONWARD[:1], "pre_review": ONWARD[:2], "accepted": ONWARD[:3],
    "review": ONWARD[:4], "decision": ONWARD[:5], "granted": ONWARD[:6], "issued": ONWARD[:7],
    "delivered": ONWARD, "denied": DENIED, "correction": (*ONWARD[:2], "request_correction"),
    "special": (*ONWARD[:4], "begin_special"), **TURNED_AWAY,
}  # fmt: skip
CLOSING: frozenset[Action] = frozenset(("archive", "deliver", "withdraw", "refuse", "lapse"))
# Working days before a step, at least and at most; a review takes its share of the promise.
GAPS: dict[Action, tuple[int, int]] = {
    "claim": (0, 2), "accept": (0, 1), "request_correction": (0, 1), "correct": (1, 8),
    "refuse": (0, 2), "start_review": (0, 1), "begin_special": (0, 2), "end_special": (2, 10),
    "grant": (0, 1), "deny": (0, 1), "issue": (0, 3), "deliver": (0, 3), "archive": (1, 10),
    "withdraw": (0, 3), "lapse": (23, 23),
}  # fmt: skip


def state(random: Random) -> State:
    """Return a state that a case may be in, as often as there are cases in it."""
    return random.choices(STATES, WEIGHTS)[0]


def course(state: State, random: Random) -> Course:
    """Return actions that lead to a state: most go straight, some are sent back or inspected."""
    if state != "archived":
        return _detours(COURSES[state], random)
    end = random.random()
    if end < 0.01:
        return (*_detours((*DENIED, "deliver"), random), "archive")
    before: State = "delivered" if end < 0.94 else random.choice(tuple(TURNED_AWAY))
    return (*_detours(COURSES[before], random), "archive")


def _detours(taken: Course, random: Random) -> Course:
    if "accept" in taken and random.random() < 0.12:
        at = taken.index("accept")
        taken = (*taken[:at], "request_correction", "correct", "claim", *taken[at:])
    if "propose" in taken and random.random() < 0.05:
        at = taken.index("propose")
        taken = (*taken[:at], "begin_special", "end_special", *taken[at:])
    return taken


@cache
def walked(course: Course) -> tuple[tuple[Action, State | None, State, Actor], ...]:
    """Return each action with the state before and after and by whom; raise NotAllowed."""
    state: State = rules.FIRST
    found: list[tuple[Action, State | None, State, Actor]] = [("submit", None, state, "citizen")]
    for action in course[1:]:
        actor: Actor = min(rules.TABLE[action].actors)
        after = rules.after(state, action, actor)
        found.append((action, state, after, actor))
        state = after
    return tuple(found)


def gap(random: Random, action: Action, promised: int) -> int:
    """Return how many working days pass before a step, of a case promised in so many."""
    if action == "propose":
        return random.randint(0, max(1, promised * 9 // 10))
    return random.randint(*GAPS[action])
