"""What a citizen changes on the way through a form (改答案)."""

from __future__ import annotations

import re

ATTENDEE_TAGS = {
    "for_child": "child",
    "for_elder": "elder",
    "for_spouse": "spouse",
    "for_other": "other",
}
ATTENDEES = ("self", "child", "elder", "spouse", "other")

_SELF = re.compile(
    r"^(?:就|是|还是|换成|改成|给)?(?:我)?(?:本人|自己|我自己|我本人)(?:去|办|来|来办|约)?(?:吧|的)?$"
)
_PERSON = re.compile(r"换个?人|换办理人|改办理人|不是我(?:去|办|来)")
_TIME = re.compile(r"(?:换|改)(?:个|一下|下)?(?:时间|日子|时段|天|点|号)|时间不(?:对|合适|行)")
_ITEM = re.compile(
    r"换(?:个|一个)?(?:事项?|业务)|不是(?:办)?这个(?:事|业务)|换成别的事|事项(?:不对|错了)"
)
_LOGIN = re.compile(r"登录(?:好|完|成功|上)?了?|登好了|登上了|弄好了|好了|登陆")


def attendee(tags: frozenset[str], text: str) -> str | None:
    """Who comes to the window (办理人), if the sentence says so."""
    if _SELF.match(text.strip()):
        return "self"
    return next((who for tag, who in ATTENDEE_TAGS.items() if tag in tags), None)


def tags_of(attendee: str | None) -> frozenset[str]:
    """The circumstance (情形) that it is for this person."""
    return frozenset(tag for tag, who in ATTENDEE_TAGS.items() if who == attendee)


def wants_other_person(text: str) -> bool:
    """换个人 without saying who."""
    return bool(_PERSON.search(text))


def wants_other_time(text: str) -> bool:
    """换个时间 without saying when."""
    return bool(_TIME.search(text))


def wants_other_item(text: str) -> bool:
    """换个事项 without saying which."""
    return bool(_ITEM.search(text))


def has_logged_in(text: str) -> bool:
    """好了 or 我登录了, said after we asked for the log-in."""
    return bool(_LOGIN.search(text))
