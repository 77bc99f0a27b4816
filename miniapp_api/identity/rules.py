"""Pure rules of identity: phone numbers, codes and masks."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from datetime import date
from typing import Literal

Relation = Literal["child", "elder", "spouse", "other", "employee"]

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
