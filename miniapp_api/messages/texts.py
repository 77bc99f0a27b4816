"""What citizens are told (消息文案): short, with the facts, and a page to act on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

WEEKDAYS = "一二三四五六日"
MINE = "pages/booking/mine"
WAITING = "pages/waiting/mine"
QUEUE = "pages/queue/mine"
STANDING = "pages/booking/standing"
CASE = "pages/case/detail?id={case}"
BUNDLE = "pages/bundle/detail?id={bundle}"
FAMILY = "pages/family/index"
COMPANY = "pages/enterprise/index"
ORDER = "pages/payment/detail?id={order}"
CAUSES = {"no_shows": "爽约", "cancellations": "取消"}
RELATIONS = {
    "child": "孩子",
    "elder": "长辈",
    "spouse": "配偶",
    "other": "亲友",
    "employee": "员工",
}


@dataclass(frozen=True)
class Composed:
    """A message as the citizen reads it."""

    title: str
    text: str
    page: str | None


# title, text, page; {when} is 11月25日（周三）09:00
TEXTS: dict[str, tuple[str, str, str]] = {
    "message_answered": ("您的留言有回复了", "您问“{question}”：{answer}", "pages/assistant/index"),
    "booking_confirmed": (
        "约好了",
        "{item_name}，{when}，{hall_name}。预约号 {reference}，到大厅先签到。",
        MINE,
    ),
    "booking_reminder": (
        "别忘了来办事",
        "{item_name}，{when}，{hall_name}。请带齐材料，提前10分钟到大厅签到。",
        MINE,
    ),
    "booking_moved": ("时间改好了", "{item_name}改到{when}，{hall_name}。", MINE),
    "booking_cancelled": ("预约取消了", "{item_name}，{when}的预约已经取消。{why}", MINE),
    "booking_displaced": (
        "窗口临时停办，请改个时间",
        "{item_name}，{when}办不了了：{reason}。预约给您留着，点开就能改时间。{alternatives}",
        MINE,
    ),
    "booking_restored": (
        "可以照常来办了",
        "{item_name}，{when}恢复办理，原来的预约有效，不用重新约。",
        MINE,
    ),
    "waiting_offer": (
        "候补到号了",
        "{item_name}，{when}有号了，为您留到{deadline}，点开确认就约上。",
        MINE,
    ),
    "waiting_lapsed": (
        "候补的号没有确认",
        "{item_name}，{when}的号过时没确认，已经让给后面的人。您还在候补队伍里。",
        WAITING,
    ),
    "waiting_ended": ("候补结束了", "{item_name}的候补结束了：{why}。还想办可以重新约。", WAITING),
    "limit_warning": (
        "预约提醒",
        "您这个月已经{cause}{count}次，到{most}次就要暂停预约{days}天。来不了请早点取消。",
        STANDING,
    ),
    "suspended": (
        "预约暂停了",
        "这个月{cause}到了{most}次，预约暂停到{until}。有特殊情况可以申诉，也可以到现场取号。",
        STANDING,
    ),
    "appeal_decided": ("申诉有结果了", "{outcome}{note}", STANDING),
    "no_show": (
        "您没有来办事",
        "{item_name}，{when}的预约没有签到，记为爽约一次。有特殊情况可以申诉。",
        STANDING,
    ),
    "turn_near": ("快到您了", "{number}号前面还有{ahead}位，请到{hall_name}等候。", QUEUE),
    "called": ("到您了", "请{number}号到{window}号窗口。", QUEUE),
    "passed": (
        "过号了",
        "{number}号叫了三遍没有人应。人还在大厅，就到“我的排队”里按“重新排队”，不用再取号；"
        "也可以到导服台说一声。",
        QUEUE,
    ),
    "case_submitted": (
        "申请已提交",
        "{item_name}，编号 {number}。5个工作日内预审。",
        CASE,
    ),
    "case_correction": (
        "材料要补正",
        "{item_name}（{number}）还差几样，一次告诉您全了。请在{until}前补齐，点开就能补。",
        CASE,
    ),
    "case_accepted": ("申请受理了", "{item_name}（{number}）已经受理。{promise}", CASE),
    "case_refused": ("申请没有受理", "{item_name}（{number}）不予受理，理由点开可以看到。", CASE),
    "case_granted": ("办成了", "{item_name}（{number}）准予办理，正在制证。", CASE),
    "case_denied": (
        "申请没有通过",
        "{item_name}（{number}）没有通过，理由点开看。",
        CASE,
    ),
    "fee_due": ("请缴费", "{item_name}（{number}）准予办理，缴{yuan}元就能领证。", CASE),
    "case_issued": ("证办好了", "{item_name}（{number}）的证办好了，按您选的方式送达。", CASE),
    "case_withdrawn": ("申请撤回了", "{item_name}（{number}）已经撤回，需要时可以重新申请。", CASE),
    "case_lapsed": (
        "申请关闭了",
        "{item_name}（{number}）过了补正期限，已经关闭，可以重新申请，填过的不用再填。",
        CASE,
    ),
    "refund_requested": (
        "正在退款",
        "{item_name}缴的{yuan}元正在退，原路退到付款账户，一般1到3个工作日到账。",
        ORDER,
    ),
    "refund_succeeded": ("退款到账了", "{item_name}的{yuan}元已经原路退回，请留意到账。", ORDER),
    "refund_failed": (
        "退款没有退成",
        "{item_name}的{yuan}元没有退成，工作人员会接着办。着急可以打12345。",
        ORDER,
    ),
    "bundle_submitted": (
        "“{name}”已提交",
        "{count}个事项一次提交，编号 {number}，由{lead}联合受理。",
        BUNDLE,
    ),
    "bundle_correction": (
        "材料要补正",
        "“{name}”（{number}）各部门还差的，一次告诉您全了。请在{until}前补齐，点开就能补。",
        BUNDLE,
    ),
    "bundle_corrected": ("补正收到了", "“{name}”（{number}）补正的材料收到了。", BUNDLE),
    "bundle_accepted": (
        "联合受理了",
        "“{name}”（{number}）{count}个事项一起受理，各部门同时办。{waiting}",
        BUNDLE,
    ),
    "bundle_resumed": (
        "后面的事项接着办了",
        "前面的事项有结果了，{item_name}（{number}）接着受理。",
        BUNDLE,
    ),
    "bundle_withdrawn": ("撤回了", "“{name}”（{number}）撤回了{count}个事项：{items}。", BUNDLE),
    "consent_granted": (
        "授权成功",
        "您同意由亲友替您预约（关系：{relation}），到{until}有效，随时可以取消。",
        FAMILY,
    ),
    "consent_revoked": ("授权取消了", "一个代办授权已经取消（关系：{relation}）。", FAMILY),
    "consent_used": (
        "亲友替您提交了申请",
        "{item_name}（{number}），用的是您给亲友的代办授权。不是您的意思，点开可以取消授权。",
        FAMILY,
    ),
    "delegation_offered": (
        "企业请您代办",
        "{company}授权您替它办事，到{until}有效。点开看办哪些事，同意了才生效。",
        COMPANY,
    ),
    "delegation_accepted": ("企业授权生效了", "您替{company}发出的授权，对方已经同意。", COMPANY),
    "delegation_revoked": ("企业授权取消了", "{company}取消了给您的授权。", COMPANY),
    "delegation_given_up": ("企业授权取消了", "{company}的一位被授权人退出了授权。", COMPANY),
}


# What an SMS says (短信): whoever sees the screen reads it, so only a booking's names its matter.
SMS: dict[str, str] = {
    "booking_reminder": "{when}在{hall_name}办{item_name}，请带齐材料，提前10分钟到大厅签到。",
    "booking_displaced": "{when}的预约，窗口临时停办了。打开“沈办”就能改时间。",
    "waiting_offer": "您候补的{when}有号了，为您留到{deadline}。打开“沈办”确认就约上。",
    "turn_near": "{number}号前面还有{ahead}位，请到{hall_name}等候。",
    "called": "到您了，请{number}号到{window}号窗口。",
    "case_correction": "您的申请（{number}）材料要补，请在{until}前补齐。打开“沈办”看差哪几样。",
    "bundle_correction": "您的申请（{number}）材料要补，请在{until}前补齐。打开“沈办”看差哪几样。",
    "case_refused": "您的申请（{number}）有结果了，打开“沈办”就能看。",
    "case_granted": "您的申请（{number}）有结果了，打开“沈办”就能看。",
    "case_denied": "您的申请（{number}）有结果了，打开“沈办”就能看。",
    "fee_due": "您的申请（{number}）要缴费{yuan}元，缴了就能领证。打开“沈办”就能缴。",
}


def compose(kind: str, about: Mapping[str, Any]) -> Composed:
    """Compose a message; raise KeyError for an unknown kind or a missing fact: that is our bug."""
    title, text, page = TEXTS[kind]
    facts = facts_of(about)
    return Composed(title, text.format_map(facts), page.format_map(facts) if page else None)


def compose_sms(kind: str, about: Mapping[str, Any]) -> str:
    """Compose an SMS; raise KeyError as `compose` does."""
    return SMS[kind].format_map(facts_of(about))


def facts_of(about: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a message as its words name them; {at} is 2026-11-25 09:00."""
    facts = {"why": "", "alternatives": "", "note": "", "promise": "", **about}
    if "name" in facts:
        facts.setdefault("item_name", facts["name"])  # of a bundle (一件事)
    if "due" in facts:
        facts["promise"] = f"承诺{facts['due']}前办结。"
    if "date" in facts:
        facts["when"] = when(facts["date"], facts["start"])
        facts["at"] = f"{facts['date']} {facts['start']}"
    if "cause" in facts:
        facts["cause"] = CAUSES[facts["cause"]]
    if "relation" in facts:
        facts["relation"] = RELATIONS[facts["relation"]]
    return facts


def when(day: str, start: str) -> str:
    """Return 11月25日（周三）09:00."""
    date_ = date.fromisoformat(day)
    return f"{date_.month}月{date_.day}日（周{WEEKDAYS[date_.weekday()]}）{start}"
