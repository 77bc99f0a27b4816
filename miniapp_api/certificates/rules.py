"""Pure rules of certificates: who holds one, what it is worth today, what is shown of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, get_args
from uuid import UUID

HolderKind = Literal["person", "enterprise"]
Department = Literal[
    "police", "civil_affairs", "social_insurance", "real_estate", "market_regulation"
]
Source = Literal["issued", "fetched"]
Status = Literal["valid", "suspended", "revoked"]
State = Literal["valid", "not_yet_valid", "expired", "suspended", "revoked", "outdated"]
Action = Literal["suspend", "restore", "revoke"]
Purpose = Literal["application", "own_vault", "verification"]
Reason = Literal[
    "not_authorised",
    "not_shared",
    "not_for_holder",
    "certificate_not_valid",
    "department_busy",
    "department_unavailable",
    "department_refused",
    "department_garbled",
    "department_mismatch",
]

DEPARTMENTS: tuple[Department, ...] = get_args(Department)
DEPARTMENT_NAMES: dict[Department, str] = {
    "police": "公安",
    "civil_affairs": "民政",
    "social_insurance": "社保",
    "real_estate": "不动产登记",
    "market_regulation": "市场监管",
}
PURPOSE_NAMES: dict[Purpose, str] = {
    "application": "办理事项免提交材料",
    "own_vault": "本人领取电子证照",
    "verification": "窗口核验亮证",
}
# Why a certificate has to be uploaded (转人工上传), as the citizen reads it.
REASONS: dict[Reason, str] = {
    "not_authorised": "您没有授权查询，请上传这份证照",
    "not_shared": "这类证照还没有实现数据共享，请上传",
    "not_for_holder": "这类证照不适用于该持证主体",
    "certificate_not_valid": "部门数据里的这份证照不在有效期内，请上传有效的证照",
    "department_busy": "部门系统暂时停用，请上传这份证照",
    "department_unavailable": "部门系统暂时没有应答，请上传这份证照",
    "department_refused": "部门系统没有同意提供，请上传这份证照",
    "department_garbled": "部门系统返回的数据有误，请上传这份证照",
    "department_mismatch": "部门系统返回的信息与您的信息不一致，请上传这份证照",
}
# What may follow on what: an action, from which states, to which.
CHANGES: dict[Action, tuple[frozenset[Status], Status]] = {
    "suspend": (frozenset({"valid"}), "suspended"),
    "restore": (frozenset({"suspended"}), "valid"),
    "revoke": (frozenset({"valid", "suspended"}), "revoked"),
}
# 持证主体代码类型代码 [check: from the national certificate catalogue's code list]
HOLDER_TYPES: dict[HolderKind, tuple[str, str]] = {
    "person": ("111", "公民身份号码"),
    "enterprise": ("001", "统一社会信用代码"),
}
IDENTIFIER_ROOT = "1.2.156.3005.2"
IDENTIFIER_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PERSONAL_NUMBER = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|\d{15}|1[3-9]\d{9})(?![\dXx])")
MIDDLE_DOTS = re.compile(r"[•‧∙・⋅．.]")


@dataclass(frozen=True)
class Holder:
    """Who holds certificates (持证主体): a citizen or an enterprise, by its UUID."""

    kind: HolderKind
    id: UUID


@dataclass(frozen=True)
class CertificateBrief:
    """A certificate (电子证照) without its personal data."""

    id: UUID
    type_id: str
    name: str
    authority_name: str
    issued_on: date
    valid_from: date | None
    valid_until: date | None
    status: Status
    source: Source
    department: Department | None
    fresh_until: datetime | None


@dataclass(frozen=True)
class Certificate:
    """A certificate (电子证照), opened: personal data, for the eyes of its case only."""

    brief: CertificateBrief
    holder: Holder
    holder_name: str
    holder_code: str
    identifier: str
    number: str
    content: dict[str, Any]
    version: str
    area_code: str
    case: UUID | None
    status_reason: str | None


@dataclass(frozen=True)
class NotFound:
    """The department knows of no such certificate (查无此证)."""


@dataclass(frozen=True)
class Manual:
    """The citizen uploads it instead (转人工上传), and why."""

    reason: Reason

    @property
    def text(self) -> str:
        """Return the reason as the citizen reads it."""
        return REASONS[self.reason]


Outcome = CertificateBrief | NotFound | Manual


def state_on(brief: CertificateBrief, today: date) -> State:
    """Return what a certificate is worth on a day; both ends of its validity count."""
    if brief.status != "valid":
        return brief.status
    if brief.valid_from is not None and today < brief.valid_from:
        return "not_yet_valid"
    if brief.valid_until is not None and today > brief.valid_until:
        return "expired"
    return "valid"


def state_at(brief: CertificateBrief, now: datetime) -> State:
    """Return what a certificate is worth now: one fetched too long ago is outdated (待更新)."""
    state = state_on(brief, now.date())
    return "outdated" if state == "valid" and not is_fresh(brief, now) else state


def is_fresh(brief: CertificateBrief, now: datetime) -> bool:
    """Return whether what a department told may still be used without asking again."""
    return brief.fresh_until is None or now < brief.fresh_until


def covering(
    briefs: Iterable[CertificateBrief], today: date, now: datetime
) -> dict[str, CertificateBrief]:
    """Return of every type the certificate that covers a material (免提交), the longest valid."""
    found: dict[str, CertificateBrief] = {}
    for brief in briefs:
        usable = state_on(brief, today) == "valid" and is_fresh(brief, now)
        if usable and (brief.type_id not in found or _better(brief, found[brief.type_id])):
            found[brief.type_id] = brief
    return found


def _better(one: CertificateBrief, other: CertificateBrief) -> bool:
    return _worth(one) > _worth(other)


def _worth(brief: CertificateBrief) -> tuple[date, bool, date, UUID]:
    until = brief.valid_until or date.max
    return until, brief.source == "issued", brief.issued_on, brief.id


def end_of(start: date, end: date | None, months: int | None) -> date | None:
    """Return the last day of validity: the one named, else by the type's months, else none."""
    if end is not None or months is None:
        return end
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = (date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(start.day, last)) - timedelta(days=1)


def same_name(one: str, other: str) -> bool:
    """Return whether two names are the same but for widths, spaces and middle dots."""
    return _plain_name(one) == _plain_name(other)


def same_code(one: str, other: str) -> bool:
    """Return whether two codes (身份号码, 信用代码) are the same but for widths and case."""
    return plain_code(one) == plain_code(other)


def plain_code(text: str) -> str:
    """Return a code in its plain form."""
    return unicodedata.normalize("NFKC", text).strip().upper()


def _plain_name(text: str) -> str:
    return MIDDLE_DOTS.sub("·", re.sub(r"\s", "", unicodedata.normalize("NFKC", text)))


def identifier(type_code: str, authority_code: str, serial: str, version: str) -> str:
    """Return a certificate's identifier (电子证照标识, GB/T 36904) with its check character."""
    check = identifier_check(type_code + authority_code + serial + version)
    return ".".join((IDENTIFIER_ROOT, type_code, authority_code, serial, version, check))


def identifier_check(text: str) -> str:
    """Return the check character by ISO 7064 MOD 37,36."""
    rest = 36
    for character in text:
        rest = (rest + IDENTIFIER_ALPHABET.index(character)) % 36 or 36
        rest = rest * 2 % 37
    return IDENTIFIER_ALPHABET[(37 - rest) % 36]


def identifier_valid(text: str) -> bool:
    """Return whether an identifier is well formed and its check character holds."""
    match = re.fullmatch(
        re.escape(IDENTIFIER_ROOT)
        + r"\.([0-9A-Z]+)\.([0-9A-Z]+)\.([0-9A-Z]+)\.(\d{3})\.([0-9A-Z])",
        text,
        re.ASCII,
    )
    if match is None:
        return False
    *counted, check = match.groups()
    return identifier_check("".join(counted)) == check


def mask_name(name: str) -> str:
    """王小明 → 王**."""
    return name[:1] + "*" * (len(name) - 1)


def mask_code(code: str) -> str:
    """11010519491231002X → 1101**********002X; of a short one less is shown."""
    shown = min(4, len(code) // 4)
    return code[:shown] + "*" * (len(code) - 2 * shown) + code[len(code) - shown :]


def masked(value: Any, name: str, code: str) -> Any:
    """Return a certificate's content with its holder, and whatever looks like a number, masked."""
    match value:
        case str():
            for secret, shown in ((name, mask_name(name)), (code, mask_code(code))):
                value = value.replace(secret, shown) if secret else value
            return PERSONAL_NUMBER.sub(lambda found: mask_code(found[0]), value)
        case dict():
            return {key: masked(each, name, code) for key, each in value.items()}
        case list():
            return [masked(each, name, code) for each in value]
        case _:
            return value
