"""What the administrator's pages say (系统管理的用语)."""

from __future__ import annotations

from miniapp_api.staff.account_schemas import Password
from miniapp_api.staff.audit_schemas import CheckState

STATES = {"active": "在用", "disabled": "停用"}
PASSWORDS: dict[Password, str] = {
    "none": "还没有发初始密码",
    "first": "初始密码，等本人改",
    "lapsed": "初始密码过期了",
    "own": "本人设的",
}
CHECK_STATES: dict[CheckState, tuple[str, str]] = {
    "running": ("正在核验", ""),
    "sound": ("完好", "good"),
    "broken": ("有问题", "bad"),
    "interrupted": ("中断了", "warn"),
}
ACTOR_KINDS = {"citizen": "市民", "staff": "工作人员", "system": "系统"}
FORMATS = {"csv": "导出 CSV", "jsonl": "导出 JSONL"}
ACTIONS = {
    "appeal.decided": "处理申诉",
    "appointment.desk_booked": "代约",
    "audit.check_begun": "开始核验审计日志",
    "audit.checked": "核验审计日志",
    "audit.checkpoint": "审计检查点",
    "audit.exported": "导出审计日志",
    "bill.reconciled": "对账",
    "bundle.claimed": "认领一件事",
    "case.accepted_on_site": "现场受理",
    "case.claimed": "认领办件",
    "case.file_read": "查看材料",
    "case.handed_over": "转交办件",
    "case.noted": "会商留言",
    "case.read": "查阅办件",
    "certificate.issued": "制发证照",
    "certificate.verified": "核验证照",
    "closure.lifted": "恢复开放",
    "closure.made": "停办",
    "consent.withdrawn": "撤回同意",
    "draft.opened": "打开窗口申请",
    "enterprise.delegated": "企业授权",
    "enterprise.delegation_accepted": "接受企业授权",
    "enterprise.delegation_revoked": "撤销企业授权",
    "enterprise.opened": "登记企业",
    "guide.approved": "批准指南",
    "guide.begun": "起草指南",
    "guide.published": "发布指南",
    "guide.rejected": "退回指南",
    "guide.submitted": "提交指南",
    "handover.answered": "坐席回复",
    "handover.case_read": "坐席查阅办件",
    "handover.taken": "坐席接入",
    "identity.erased": "注销个人信息",
    "identity.exported": "导出个人信息",
    "identity.face_verified": "人脸核验",
    "identity.seen_in_person": "当面核验",
    "identity.verified": "实名核验",
    "plan.changed": "改排班",
    "session.stolen": "登录疑被盗用，已退出",
    "staff.changed": "改账号",
    "staff.created": "新增账号",
    "staff.disabled": "停用账号",
    "staff.enabled": "恢复账号",
    "staff.first_password_given": "发初始密码",
    "staff.logged_in": "登录",
    "staff.logged_out": "退出",
    "staff.login_failed": "登录失败",
    "staff.logins_failed": "一段时间里多次登录失败",
    "staff.own_password_changed": "本人改密码",
    "staff.password_changed": "运维改密码",
    "staff.sessions_ended": "强制下线",
    "staff.totp_on": "绑定动态口令",
    "staff.totp_reset": "重置动态口令",
    "staff.work_changed": "运维改办件范围",
    "ticket.passed": "过号",
    "ticket.requeued": "重新排队",
    "ticket.transferred": "转号",
    "window.closed": "离岗",
    "window.opened": "上岗",
    "window.paused": "暂停窗口",
    "window.resumed": "恢复窗口",
}


def action_name(action: str) -> str:
    """Return what an action is called; of one that has no name yet, its code."""
    return ACTIONS.get(action, action)
