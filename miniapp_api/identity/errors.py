"""What identity refuses, besides what its older files do themselves."""

from __future__ import annotations

from miniapp_api.platform.errors import Refusal, Unavailable


class RefreshInvalid(Refusal):
    """The refresh token is unknown, expired, or its session was ended."""

    status, code, title = 401, "refresh_invalid", "登录已过期，请重新登录"


class RefreshReused(Refusal):
    """A refresh token came a second time: one of the two holders stole it, both are out."""

    status, code, title = (
        401,
        "refresh_reused",
        "登录凭证被重复使用，为保护您的账号已退出，请重新登录",
    )


class DeviceNotFound(Refusal):
    """No such device of this citizen."""

    status, code, title = 404, "device_not_found", "没有找到这台设备"


class WeChatUnavailable(Unavailable):
    """WeChat does not answer, is busy, or says something we do not understand."""

    code, title = "wechat_unavailable", "微信登录暂时用不了，请稍后再试，或用手机验证码登录"


class WeChatCodeInvalid(Refusal):
    """WeChat does not know the code, or its five minutes are over."""

    status, code, title = 401, "wechat_code_invalid", "微信登录凭证已失效，请重新打开小程序"


class WeChatCodeUsed(Refusal):
    """The code was used before."""

    status, code, title = 401, "wechat_code_used", "微信登录凭证已经用过，请重新打开小程序"


class WeChatUserBlocked(Refusal):
    """WeChat holds the user for risky (高风险用户)."""

    status, code, title = (
        403,
        "wechat_user_blocked",
        "微信暂时不允许这个账号登录，请用手机验证码登录",
    )


class WeChatTooOften(Refusal):
    """The user asked WeChat too often."""

    status, code, title = 429, "wechat_too_often", "登录太频繁了，请一分钟后再试"


class PhoneNeeded(Refusal):
    """A WeChat user whom we do not know yet must show his phone number once."""

    status, code, title = 422, "phone_needed", "第一次登录请授权手机号"


class RealNameUnavailable(Unavailable):
    """The identity check does not answer."""

    code, title = "real_name_unavailable", "实名核验暂时用不了，请稍后再试，或到窗口核验"


class RealNameRefused(Unavailable):
    """The identity check does not take our requests now."""

    code, title = "real_name_refused", "实名核验服务暂不受理，请稍后再试，或到窗口核验"


class NameInvalid(Refusal):
    """Not a Chinese name."""

    status, code, title = 422, "name_invalid", "姓名不对，请按身份证填写"


class RealNameMismatch(Refusal):
    """The number exists, its name is another one."""

    status, code, title = 422, "real_name_mismatch", "姓名和身份证号对不上，请检查后再试"


class RealNameNotFound(Refusal):
    """The police know no such number."""

    status, code, title = 422, "real_name_not_found", "没有查到这个身份证号，请检查后再试"


class IdNumberTaken(Refusal):
    """Another citizen verified this identity number."""

    status, code, title = 409, "id_number_taken", "这个身份证号已经在另一个账号实名，请到窗口处理"


class IdNumberFixed(Refusal):
    """A citizen verified with one number does not become another person."""

    status, code, title = 409, "id_number_fixed", "您已经实名，身份证号不能在线更改，请到窗口办理"


class FaceMismatch(Refusal):
    """The face is another person's, or its token is spent."""

    status, code, title = 422, "face_mismatch", "人脸核验没有通过，请重新拍摄"


class AssuranceTooLow(Refusal):
    """What is asked for needs a higher assurance level (认证等级); `level` names it."""

    status, code, title = 403, "assurance_too_low", "请先完成实名认证再办理"


class EnterpriseNotFound(Refusal):
    """No such enterprise, or none that the citizen may see."""

    status, code, title = 404, "enterprise_not_found", "没有找到这家企业"


class EnterpriseUnknown(Refusal):
    """The market regulator knows no enterprise of this code and name."""

    status, code, title = (
        422,
        "enterprise_unknown",
        "没有查到这家企业，请核对名称和统一社会信用代码",
    )


class NotRepresentative(Refusal):
    """Only the legal representative (法定代表人) opens an enterprise's account."""

    status, code, title = 403, "not_representative", "只有法定代表人本人可以开通企业账号"


class ScopeMissing(Refusal):
    """The citizen may not do this for the enterprise."""

    status, code, title = 403, "scope_missing", "企业没有授权您进行这个操作"


class DelegateUnknown(Refusal):
    """Nobody logged in with that phone yet."""

    status, code, title = 404, "delegate_unknown", "这个手机号还没有登录过，请对方先登录一次"


class DelegationNotFound(Refusal):
    """No such delegation."""

    status, code, title = 404, "delegation_not_found", "没有找到这份授权"


class DelegationLapsed(Refusal):
    """The delegation's time is over."""

    status, code, title = 409, "delegation_lapsed", "这份授权过期了，请企业重新授权"


class SelfDelegation(Refusal):
    """The legal representative needs no delegation."""

    status, code, title = 422, "self_delegation", "法定代表人不需要授权"


class ConsentNotFound(Refusal):
    """No such consent is in force."""

    status, code, title = 404, "consent_not_found", "没有找到这项同意"


class ConsentMissing(Refusal):
    """Personal data needs the citizen's consent for this very purpose (单独同意)."""

    status, code, title = 403, "consent_missing", "需要您先同意使用这项个人信息"
