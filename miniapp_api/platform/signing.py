"""Short-lived signed tokens, shown as QR codes: who forges or keeps one gains nothing.

JSON Web Tokens (RFC 7519) with HMAC-SHA-256; times are those of our own clock.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import Any

import jwt

from miniapp_api.platform.errors import Refusal

ALGORITHM = "HS256"


class TokenForged(Refusal):
    """Not a token of ours, or of another purpose."""

    status, code, title = 422, "qr_forged", "二维码无效，请重新打开小程序里的二维码"


class TokenExpired(Refusal):
    """The token was ours, but its time is over."""

    status, code, title = 422, "qr_expired", "二维码已过期，请刷新后再扫"


def sign(secret: str, purpose: str, claims: dict[str, Any], expires_at: datetime) -> str:
    """Return a token for one purpose, valid until `expires_at`."""
    stamped = {**claims, "aud": purpose, "exp": int(expires_at.timestamp())}
    return jwt.encode(stamped, _key(secret, purpose), algorithm=ALGORITHM)


def _key(secret: str, purpose: str) -> bytes:
    """Return a key of its own for every purpose: one that leaks opens nothing else."""
    return hmac.new(secret.encode(), f"token:{purpose}".encode(), hashlib.sha256).digest()


def verify(secret: str, purpose: str, token: str, now: datetime) -> dict[str, Any]:
    """Return a token's claims; raise TokenForged or TokenExpired."""
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            _key(secret, purpose),
            algorithms=[ALGORITHM],
            audience=purpose,
            # Our own clock judges the time, below: tests and simulations move it.
            options={"require": ["exp", "aud"], "verify_exp": False},
        )
    except jwt.PyJWTError:
        raise TokenForged() from None
    if now.timestamp() >= claims["exp"]:
        raise TokenExpired()
    return claims
