"""Pure rules of identity: phone numbers, codes and masks."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata

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


def new_code(digits: int) -> str:
    """Return a random code (验证码) of that many digits."""
    return f"{secrets.randbelow(10**digits):0{digits}d}"
