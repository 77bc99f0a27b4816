"""Pure rules of editing (指南编辑规则): the states of a version, its number, its day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal, get_args

Kind = Literal["items", "notices"]  # as the folders of the handbook are called
State = Literal[
    "draft", "submitted", "scheduled", "published", "superseded", "rejected", "withdrawn"
]
Step = Literal["submit", "approve", "publish", "reject", "withdraw", "supersede"]

KINDS: tuple[Kind, ...] = get_args(Kind)
STATES: tuple[State, ...] = get_args(State)
OPEN: tuple[State, ...] = ("draft", "submitted", "scheduled")  # one of them per guide at a time

# The whole life of a version; what is not here cannot happen.
MOVES: dict[tuple[State, Step], State] = {
    ("draft", "submit"): "submitted",
    ("draft", "withdraw"): "withdrawn",
    ("submitted", "approve"): "scheduled",
    ("submitted", "reject"): "rejected",
    ("submitted", "withdraw"): "withdrawn",
    ("scheduled", "publish"): "published",
    ("scheduled", "reject"): "rejected",
    ("scheduled", "withdraw"): "withdrawn",
    ("published", "supersede"): "superseded",
}

WRITERS = frozenset({"editor"})
APPROVERS = frozenset({"editor", "hall_manager"})
FARTHEST = timedelta(days=366)  # a publication that is planned farther ahead is a slip


def kind_of(name: str) -> Kind | None:
    """Return the kind with a name, None for no kind."""
    return next((kind for kind in KINDS if kind == name), None)


def sources(step: Step) -> list[State]:
    """Return the states from which a step can be taken."""
    return [state for state, each in MOVES if each == step]


def current_version(filed: int | None, published: int | None) -> int:
    """Return the version that citizens see: a file wins only with a higher number; 0: none."""
    return max(filed or 0, published or 0)


def next_version(filed: int | None, highest: int | None) -> int:
    """Return the number of the next version: above the file's and all that ever were."""
    return max(filed or 0, highest or 0) + 1


def is_plannable(day: date, today: date) -> bool:
    """Tell whether a version may be published on a day (定时发布)."""
    return today <= day <= today + FARTHEST


def covers(published: int, filed: int | None) -> bool:
    """Tell whether a published version lies over the file: a file of a higher one was meant to."""
    return filed is None or published >= filed
