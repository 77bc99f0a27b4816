"""Pure rules of staff: roles, which of them exclude each other, how a login is written."""

from __future__ import annotations

import re
import secrets
from typing import Literal, get_args

Role = Literal[
    "clerk", "queue_manager", "hall_manager", "auditor", "kiosk", "operator", "cashier", "agent",
    "editor", "administrator",
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
    "administrator": "系统管理员",
}
ADMINISTRATOR: Role = "administrator"
# Separation of duties (不相容岗位分离): who gives rights neither decides cases nor reads citizens'
# papers, who audits does nothing that is audited, and a device is nobody.
ALONE: tuple[Role, ...] = ("auditor", "kiosk")
BESIDE_ADMINISTRATOR: frozenset[Role] = frozenset({"administrator", "editor"})
LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200
LONGEST_NAME = 40
# Of a first password: nothing that is read for something else, whoever copies it by hand.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, GROUP = 4, 4


def unknown_roles(roles: frozenset[str]) -> list[str]:
    """Return the roles that do not exist, sorted."""
    return sorted(roles - set(ROLES))


def excluding(roles: frozenset[str]) -> tuple[str, str] | None:
    """Return two of the roles that nobody may have together (不能兼任), or None."""
    for alone in ALONE:
        if alone in roles and len(roles) > 1:
            return alone, min(roles - {alone})
    if ADMINISTRATOR in roles and (others := roles - BESIDE_ADMINISTRATOR):
        return ADMINISTRATOR, min(others)
    return None


def names_of(roles: frozenset[str] | list[str]) -> list[str]:
    """Return the names of roles, in the order of the list of roles."""
    return [name for role, name in ROLE_NAMES.items() if role in roles]


def canonical_login(typed: str) -> str | None:
    """Return the login as stored, whatever its case; None when no login looks like this."""
    login = typed.strip().lower()
    return login if LOGIN.fullmatch(login) else None


def first_password() -> str:
    """Return a password to be given to somebody (初始密码): 79 bits, in groups of four."""
    groups = ("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))
    return "-".join(groups)
