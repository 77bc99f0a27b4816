"""What can be refused about certificates, each by its name."""

from __future__ import annotations

from miniapp_api.platform.errors import Refusal, Unavailable


class CertificateNotFound(Refusal):
    """There is no such certificate, or it is somebody else's."""

    status, code, title = 404, "certificate_not_found", "没有找到这份电子证照"


class CertificateTypeUnknown(Refusal):
    """The handbook knows no certificate of this type."""

    status, code, title = 422, "certificate_type_unknown", "没有这一类电子证照"


class CertificateNotValid(Refusal):
    """The certificate is expired, suspended, revoked or outdated: it is not shown."""

    status, code, title = 409, "certificate_not_valid", "这份电子证照现在不能使用"


class CertificateNotChangeable(Refusal):
    """The certificate is not ours to change, or is not in a state that the change follows on."""

    status, code, title = 409, "certificate_not_changeable", "这份电子证照不能这样变更"


class CertificateCodeUsed(Refusal):
    """A shown code was verified before."""

    status, code, title = 409, "certificate_code_used", "这个亮证码已经核验过，请刷新后再出示"


class WindowUnknown(Refusal):
    """The hall has no such window."""

    status, code, title = 422, "window_unknown", "大厅里没有这个窗口"


class RealNameRequired(Refusal):
    """The citizen has not proved who he is."""

    status, code, title = 409, "real_name_required", "请先完成实名认证"


class AuthorisationUsed(Refusal):
    """An authorisation counts for one use and a few minutes."""

    status, code, title = 409, "authorisation_used", "这次授权已经用过或已过期，请重新授权"


class DepartmentUnavailable(Unavailable):
    """A department's system does not answer."""

    code, title = "department_unavailable", "部门系统暂时没有应答"


class DepartmentGarbled(Unavailable):
    """A department's system answers what nobody can read."""

    code, title = "department_garbled", "部门系统返回的数据有误"


class DepartmentBusy(Unavailable):
    """A department's system failed so often that it is left alone for a while (熔断)."""

    code, title = "department_busy", "部门系统暂时停用"


class DepartmentRefused(Unavailable):
    """A department's system does not want to answer this question."""

    code, title = "department_refused", "部门系统没有同意提供"


class DepartmentMismatch(Unavailable):
    """A department's system answers with somebody else's certificate, or with another one."""

    code, title = "department_mismatch", "部门系统返回的信息与查询的不一致"
