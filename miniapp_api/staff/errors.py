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


class PasswordWrong(Refusal):
    """The password that was typed is not his."""

    status, code, title = 403, "password_wrong", "现在的密码不对"


class PasswordUnfit(Refusal):
    """The new password is too short, too long, or the old one."""

    status, code, title = 422, "password_unfit", "请换一个密码"


class FirstPasswordLapsed(Refusal):
    """The password that he was given was not changed in time."""

    status, code, title = 401, "first_password_lapsed", "初始密码过期了，请找管理员重新发"


class AccountNotFound(Refusal):
    """No such account in the hall."""

    status, code, title = 404, "account_not_found", "没有这个账号"


class AccountChanged(Refusal):
    """Another administrator was faster."""

    status, code, title = 409, "account_changed", "这个账号刚刚被别人改过，请刷新后再改"


class OwnAccount(Refusal):
    """Nobody changes his own rights, nor takes himself away."""

    status, code, title = 409, "own_account", "不能改自己的账号，请找另一位管理员"


class AuditCheckRunning(Refusal):
    """The trail is being checked already."""

    status, code, title = 409, "audit_check_running", "正在核验，等它做完"


class StaffFault(Refusal):
    """An account cannot be made or changed like this."""

    status, code, title = 422, "account_wrong", "账号不能这样设"


class LoginTaken(StaffFault):
    """Another account has the login."""

    status, code, title = 409, "login_taken", "这个账号已经有了"


class RolesExclude(StaffFault):
    """Two of the roles exclude each other (不相容岗位)."""

    status, code, title = 422, "roles_exclude", "这两个角色不能由一个人兼任"
