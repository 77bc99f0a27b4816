"""Pure rules of joint acceptance (联合受理): who leads, who waits for whom, how a member ended."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Literal

from miniapp_api.applications.rules import State

Verdict = Literal["accept", "wait", "blocked"]
Outcome = Literal["granted", "failed", "open"]
# Decided against the citizen, or over without a decision, unless it was granted before.
OVER: frozenset[State] = frozenset(
    ("denied", "delivered", "refused", "withdrawn", "lapsed", "archived")
)
JOINT: frozenset[State] = frozenset(("submitted", "pre_review"))  # joint acceptance is due
CLOSED: frozenset[State] = frozenset(
    ("delivered", "refused", "withdrawn", "lapsed", "archived")
)  # nothing more comes


def may_lead(mine: Collection[str], lead: str, departments: Collection[str]) -> bool:
    """Tell whether a clerk may accept for all: of the leading department, or of every one."""
    return lead in mine or set(departments) <= set(mine)


def outcome(state: State, *, granted: bool) -> Outcome:
    """Return how a member ended, if it did; granted: the decision was in the citizen's favour."""
    if granted:
        return "granted"
    return "failed" if state in OVER else "open"


def verdict(waits_for: Iterable[str], outcomes: Mapping[str, Outcome]) -> Verdict:
    """Return what acceptance does to a member: it waits until what it builds on is granted."""
    before = {outcomes[item] for item in waits_for if item in outcomes}
    if "failed" in before:
        return "blocked"
    return "wait" if "open" in before else "accept"
