"""What staff are refused, and what whoever keeps the accounts is told."""

from __future__ import annotations

from miniapp_api.platform.errors import Refusal


class StaffLoginWrong(Refusal):
    """Login or password is wrong, or the account is disabled: which one is not said."""

    status, code, title = 401, "staff_login_wrong", "账号或密码不对"


class TotpRequired(Refusal):
    """The account has a second factor and none was sent."""

    status, code, title = 401, "totp_required", "请输入动态口令"


class TotpWrong(Refusal):
    """The code is wrong, too old, or was used."""

    status, code, title = 401, "totp_wrong", "动态口令不对，请等下一个再试"


class TotpEnrolled(Refusal):
    """There is a second factor already."""

    status, code, title = 409, "totp_enrolled", "已经绑定过动态口令，要重新绑定请找管理员"


class StaffFault(Exception):
    """An account cannot be made or changed like this; the message is for the operator."""
