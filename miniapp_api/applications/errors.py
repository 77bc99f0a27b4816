"""What applicants and clerks are refused."""

from __future__ import annotations

from miniapp_api.platform.errors import Refusal


class NotOnline(Refusal):
    """The item cannot be applied for online."""

    status, code, title = 409, "not_online", "这个事项还不能网上申请，可以预约到大厅办"


class WrongApplicant(Refusal):
    """The item is not for persons, or not for enterprises."""

    status, code, title = 422, "wrong_applicant", "这个事项不能以这个身份申请，请切换个人或企业"


class EnterpriseForbidden(Refusal):
    """The citizen may not apply for this enterprise."""

    status, code, title = 403, "enterprise_forbidden", "您没有替这家企业办事的权限"


class ProxyNotAllowed(Refusal):
    """The item does not allow that somebody else applies."""

    status, code, title = 409, "proxy_not_allowed", "这个事项要本人办，不能代办"


class DraftNotFound(Refusal):
    """No such draft of this citizen."""

    status, code, title = 404, "draft_not_found", "没有找到这份草稿"


class DraftChanged(Refusal):
    """Another device wrote meanwhile; `revision` is the latest."""

    status, code, title = 409, "draft_changed", "这份草稿在另一台设备上改过，请刷新后接着填"


class DraftSubmitted(Refusal):
    """The draft was submitted; `application` is the case."""

    status, code, title = 409, "draft_submitted", "这份申请已经提交了，可以在“我的办件”里看进度"


class DraftItemGone(Refusal):
    """The item is not in the handbook any more; what was typed is kept."""

    status, code, title = (
        410,
        "draft_item_gone",
        "这个事项已经取消，填过的内容还在，可以问12345",
    )


class ItemNotNamed(Refusal):
    """The ticket in hand was taken for no item, and none was named."""

    status, code, title = 422, "item_not_named", "这个号没有选事项，请先选要办的事项"


class AnswersUnusable(Refusal):
    """An answer is no plain value, or too long."""

    status, code, title = 422, "answers_unusable", "填写的内容太长或格式不对，请检查后再试"


class MaterialUnknown(Refusal):
    """The form does not ask for this material."""

    status, code, title = 404, "material_not_found", "这份申请不需要这项材料"


class TooManyFiles(Refusal):
    """A material holds so many files only."""

    status, code, title = 409, "too_many_files", "这项材料的文件太多了，请合并或删掉几个"


class NotReady(Refusal):
    """Something is missing or wrong; `faults` says what."""

    status, code, title = 422, "not_ready", "还有没填好的地方，请看提示"


class ApplicationNotFound(Refusal):
    """No such case of this citizen, or for this clerk."""

    status, code, title = 404, "application_not_found", "没有找到这个办件"


class ActionNotAllowed(Refusal):
    """The workflow does not allow this now; `state` and `allowed` say what it does."""

    status, code, title = 409, "action_not_allowed", "现在不能进行这一步，请刷新后再看"


class CaseChanged(Refusal):
    """Somebody acted meanwhile; `version` is the latest."""

    status, code, title = 409, "case_changed", "这个办件刚刚有了变化，请刷新后再操作"


class OtherDepartment(Refusal):
    """The case belongs to a department that the clerk does not work for."""

    status, code, title = 403, "other_department", "这个办件属于其他部门，不能操作"


class NotClaimed(Refusal):
    """The clerk does not have the case; `taken` says whether a colleague has."""

    status, code, title = 409, "not_claimed", "请先认领这个办件"


class AlreadyClaimed(Refusal):
    """A colleague has the case."""

    status, code, title = 409, "already_claimed", "这个办件同事正在办"


class LeaseExpired(Refusal):
    """The clerk's claim is over."""

    status, code, title = 409, "lease_expired", "认领已超时，请重新认领，填的意见没有提交"


class ReasonRequired(Refusal):
    """The step needs a reason that the citizen can read."""

    status, code, title = 422, "reason_required", "请写明理由，申请人会看到"


class CorrectionEmpty(Refusal):
    """A correction notice names nothing, or what the item does not have."""

    status, code, title = 422, "correction_empty", "请勾选要补正的材料或填写项"


class CorrectionIncomplete(Refusal):
    """Not everything that was missing came; `missing` names what still is."""

    status, code, title = 422, "correction_incomplete", "还有没补齐的，请看提示"


class NoFee(Refusal):
    """Nothing is to be paid now."""

    status, code, title = 409, "no_fee", "现在没有要缴的费用"


class FeeUnpaid(Refusal):
    """The case waits for its fee."""

    status, code, title = 409, "fee_unpaid", "费用还没有缴，缴费后才能继续"


class ColleagueUnknown(Refusal):
    """No such colleague in this department."""

    status, code, title = 404, "colleague_not_found", "没有找到这位同事，或他不办这个部门的件"


class BundleNotFound(Refusal):
    """No such bundle of this citizen, or for this clerk."""

    status, code, title = 404, "bundle_not_found", "没有找到这个“一件事”"


class BundleGone(Refusal):
    """The bundle is not in the handbook any more; what was typed is kept."""

    status, code, title = 410, "bundle_gone", "这个“一件事”已经调整，填过的内容还在，可以问12345"


class BundleChanged(Refusal):
    """Another device wrote meanwhile, or a case moved; the latest is named."""

    status, code, title = 409, "bundle_changed", "这个“一件事”刚刚有了变化，请刷新后再接着办"


class BundleSubmitted(Refusal):
    """The bundle was submitted already."""

    status, code, title = 409, "bundle_submitted", "这个“一件事”已经提交了，可以看进度"


class BundleMemberUnknown(Refusal):
    """The bundle does not have this item, or cannot do without it."""

    status, code, title = 422, "bundle_member_unknown", "这件事里没有这个事项，或者它必须一起办"


class PartOfBundle(Refusal):
    """The draft is filled in with a bundle; `bundle` is where."""

    status, code, title = 409, "part_of_bundle", "这份草稿属于一个“一件事”，请在那里填写和提交"


class AwaitsJointAcceptance(Refusal):
    """The leading department accepts for all first (联合受理); `bundle` is where."""

    status, code, title = (
        409,
        "awaits_joint_acceptance",
        "这个办件属于“一件事”，要先由牵头部门联合受理",
    )


class AwaitsPredecessor(Refusal):
    """What the case builds on was not granted (后置事项); `items` names it."""

    status, code, title = (
        409,
        "awaits_predecessor",
        "前面的事项还没有办成，这个事项现在不能受理",
    )


class NotTheLead(Refusal):
    """The clerk works neither for the leading department nor for all of the bundle's."""

    status, code, title = 403, "not_the_lead", "这个“一件事”由牵头部门受理，不能操作"


class BundleWithCitizen(Refusal):
    """The citizen is completing a correction: all are accepted together afterwards."""

    status, code, title = 409, "bundle_with_citizen", "申请人正在补正，补齐后再一起受理"
