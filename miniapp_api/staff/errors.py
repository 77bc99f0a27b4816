"""What staff are refused, and what whoever keeps the accounts is told."""

from __future__ import annotations

from miniapp_api.platform.errors import Refusal


class StaffLoginWrong(Refusal):
    """Login or password is wrong, or the account is disabled: which one is not said."""

    status, code, title = 401, "staff_login_wrong", "账号或密码不对"


class StaffFault(Exception):
    """An account cannot be made or changed like this; the message is for the operator."""
