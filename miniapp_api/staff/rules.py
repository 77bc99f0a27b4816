"""Pure rules of staff: which roles there are, how a login is written."""

from __future__ import annotations

import re
from typing import Literal, get_args

Role = Literal[
    "clerk", "queue_manager", "hall_manager", "auditor", "kiosk", "operator", "cashier", "agent",
    "editor",
]  # fmt: skip
ROLES: tuple[Role, ...] = get_args(Role)
ROLE_NAMES: dict[Role, str] = {
    "clerk": "窗口人员",
    "queue_manager": "导服台(排队管理)",
    "hall_manager": "大厅管理员",
    "auditor": "审计员(只读)",
    "kiosk": "取号机",
    "operator": "12345 坐席",
    "cashier": "财务(退款和对账)",
    "agent": "人工坐席(在线咨询)",
    "editor": "指南编辑",
}
LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200
LONGEST_NAME = 40


def unknown_roles(roles: frozenset[str]) -> list[str]:
    """Return the roles that do not exist, sorted."""
    return sorted(roles - set(ROLES))


def canonical_login(typed: str) -> str | None:
    """Return the login as stored, whatever its case; None when no login looks like this."""
    login = typed.strip().lower()
    return login if LOGIN.fullmatch(login) else None
