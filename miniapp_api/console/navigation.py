"""The console's menu: one list; who has none of an entry's roles does not see it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """A line of the menu."""

    title: str
    path: str
    roles: frozenset[str]


CLERK = frozenset({"clerk"})
AGENT = frozenset({"agent"})

ENTRIES = (
    Entry("待办件", "/console/desk", CLERK),
    Entry("一件事", "/console/desk/bundles", CLERK),
    Entry("窗口", "/console/windows", CLERK),
    Entry("人工坐席", "/console/agents", AGENT),
)


def entries_for(roles: frozenset[str]) -> list[Entry]:
    """Return what a member of staff sees of the menu, in its order."""
    return [entry for entry in ENTRIES if entry.roles & roles]
