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
EDITORS = frozenset({"editor", "hall_manager"})
MANAGERS = frozenset({"hall_manager"})
HALL_WATCHERS = frozenset({"queue_manager", "hall_manager", "auditor"})
RECEPTION = frozenset({"queue_manager", "clerk"})
ADMINISTRATORS = frozenset({"administrator"})
TRAIL = frozenset({"auditor", "hall_manager", "administrator"})

ENTRIES = (
    Entry("待办件", "/console/desk", CLERK),
    Entry("一件事", "/console/desk/bundles", CLERK),
    Entry("窗口", "/console/windows", CLERK),
    Entry("导办台", "/console/reception", RECEPTION),
    Entry("人工坐席", "/console/agents", AGENT),
    Entry("排班", "/console/manager/plan", MANAGERS),
    Entry("停办", "/console/manager/closures", MANAGERS),
    Entry("现场", "/console/manager/live", HALL_WATCHERS),
    Entry("数据", "/console/manager/figures", HALL_WATCHERS),
    Entry("申诉", "/console/manager/appeals", MANAGERS),
    Entry("指南编辑", "/console/editor", EDITORS),
    Entry("工作人员", "/console/staff", ADMINISTRATORS),
    Entry("审计", "/console/audit", TRAIL),
    Entry("设置", "/console/settings", ADMINISTRATORS),
)


def entries_for(roles: frozenset[str]) -> list[Entry]:
    """Return what a member of staff sees of the menu, in its order."""
    return [entry for entry in ENTRIES if entry.roles & roles]
