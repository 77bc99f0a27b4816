"""Pure rules of identity: numbers, names, masks, tokens, scopes."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from datetime import date
from typing import Literal
from uuid import UUID

Relation = Literal["child", "elder", "spouse", "other", "employee"]
Scope = Literal["apply", "pay", "view", "manage"]
Purpose = Literal["real_name", "face"]
TokenKind = Literal["access", "refresh"]

# Assurance levels (认证等级): what a citizen proved of himself.
PHONE, REAL_NAME, FACE = 1, 2, 3
# The text that a citizen consents to; a new text is a new version.
CONSENT_VERSION = "2026-11"
PURPOSES: dict[Purpose, str] = {
    "real_name": "核验并保存姓名和身份证号，用于办理您申请的事项",
    "face": "核验人脸，用于办理要求本人到场的事项；不保存人脸图像",
}

NAME = re.compile(
    r"[\u3400-\u9fff\U00020000-\U000323af]{1,25}(?:·[\u3400-\u9fff\U00020000-\U000323af]{1,25}){0,3}"
)
DEVICES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("HarmonyOS", "鸿蒙手机"),
    ("OpenHarmony", "鸿蒙手机"),
    ("Android", "安卓手机"),
    ("Windows", "Windows 电脑"),
    ("Macintosh", "苹果电脑"),
    ("Linux", "Linux 电脑"),
)
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECK = "10X98765432"
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
MAINLAND_MOBILE = re.compile(r"(?:\+?86)?(1[3-9]\d{9})")


def canonical_phone(text: str) -> str | None:
    """Return the 11 digits of a mainland mobile number, or None; full width and spaces are fine."""
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text))
    match = MAINLAND_MOBILE.fullmatch(plain)
    return match.group(1) if match and match.group(1).isascii() else None


def mask(phone: str) -> str:
    """13812345678 → 138****5678."""
    return f"{phone[:3]}****{phone[-4:]}"


def keyed_hash(pepper: str, *parts: str) -> bytes:
    """Return an HMAC-SHA-256 of the parts: a look-up index that nobody can reverse by guessing."""
    message = "\x00".join(parts).encode()
    return hmac.new(pepper.encode(), message, hashlib.sha256).digest()


def id_number(text: str) -> str | None:
    """Return an identity number (公民身份号码, GB 11643) in its plain form, or None when invalid.

    Full-width digits and a small x are fine; the date of birth and the check character must hold.
    """
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", plain, re.ASCII):
        return None
    try:
        born = date(int(plain[6:10]), int(plain[10:12]), int(plain[12:14]))
    except ValueError:
        return None
    total = sum(w * int(d) for w, d in zip(ID_WEIGHTS, plain, strict=False))
    return plain if born.year >= 1800 and ID_CHECK[total % 11] == plain[17] else None


def credit_code(text: str) -> str | None:
    """Return a unified social credit code (统一社会信用代码, GB 32100), or None when invalid."""
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    if len(plain) != 18 or any(character not in CREDIT_ALPHABET for character in plain):
        return None
    total = sum(CREDIT_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(plain[:17]))
    return plain if CREDIT_ALPHABET[(31 - total % 31) % 31] == plain[17] else None


def label_holds_number(label: str) -> bool:
    """Return whether a label (称呼) carries a phone or identity number: it must not."""
    return re.search(r"\d{5}", unicodedata.normalize("NFKC", label)) is not None


def new_code(digits: int) -> str:
    """Return a random code (验证码) of that many digits."""
    return f"{secrets.randbelow(10**digits):0{digits}d}"


def real_name(text: str) -> str | None:
    """Return a name (姓名) in its plain form, or None: Chinese characters, and · within."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    plain = re.sub(r"[•‧∙・⋅.]", "·", plain)
    return plain if 2 <= len(plain) <= 50 and NAME.fullmatch(plain) else None


def mask_name(name: str) -> str:
    """王小明 → 王**."""
    return name[:1] + "*" * (len(name) - 1)


def mask_id_number(number: str) -> str:
    """11010519491231002X → 1101**********002X."""
    return f"{number[:4]}{'*' * (len(number) - 8)}{number[-4:]}"


def mask_address(address: str) -> str:
    """Show how an address (地址) begins: the province and the city, no street."""
    return f"{address[: min(6, len(address) // 3)]}****"


def device_label(agent: str) -> str:
    """Return a short name of a device (设备): words of ours, nothing of what it sent."""
    device = next((name for mark, name in DEVICES if mark in agent), "未知设备")
    where = "微信" if "MicroMessenger" in agent else "浏览器" if "Mozilla" in agent else "其他"
    return f"{device} · {where}"


def token(pepper: str, kind: TokenKind, session: UUID, generation: int) -> str:
    """Return a session's token (令牌) of one generation: the same whenever it is asked for."""
    proof = keyed_hash(pepper, f"{kind} token", session.hex, str(generation)).hex()
    return f"{session.hex}.{generation}.{proof}"


def read_token(pepper: str, kind: TokenKind, text: str) -> tuple[UUID, int] | None:
    """Return whose token it is and of which generation, or None when we never made it."""
    match = re.fullmatch(r"([0-9a-f]{32})\.([0-9]{1,9})\.[0-9a-f]{64}", text)
    if match is None:
        return None
    session, generation = UUID(match[1]), int(match[2])
    ours = token(pepper, kind, session, generation)
    return (session, generation) if hmac.compare_digest(ours, text) else None


def session_of(token: str) -> str | None:
    """Return the session that a token names, not looking whether it is ours."""
    name = token.partition(".")[0]
    return name if re.fullmatch(r"[0-9a-f]{32}", name) else None


def may_grant(scopes: frozenset[str], *, representative: bool, own: frozenset[str]) -> bool:
    """Return whether one may delegate scopes (授权范围): a manager makes no other managers."""
    return representative or ("manage" in own and "manage" not in scopes)
