"""The cryptography of WeChat Pay v3 (微信支付): pure, no keys of its own, no network, no clock."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

SCHEMA = "WECHATPAY2-SHA256-RSA2048"
ALGORITHM = "AEAD_AES_256_GCM"
API_KEY_BYTES = 32
OLDEST_SECONDS = 300  # what was signed longer ago, or so far ahead, is a replay
HEADERS = ("timestamp", "nonce", "serial", "signature")


class Forged(Exception):
    """Not what WeChat Pay signed; `why` is stale, serial, signature, headers or sealed."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Keys:
    """What a merchant (商户) signs with, and what it verifies WeChat Pay with.

    serial: of the merchant's certificate. platform: WeChat Pay's public keys by their serials, more
    than one while they change. api_key: the APIv3 key, which opens notifications.
    """

    serial: str
    private: RSAPrivateKey
    platform: Mapping[str, RSAPublicKey]
    api_key: bytes


def lines(*parts: str) -> bytes:
    """Return the text that is signed: every part ends with a line feed."""
    return "".join(f"{part}\n" for part in parts).encode()


def sign(key: RSAPrivateKey, message: bytes) -> str:
    """Return the RSA-SHA256 signature (签名) in base64."""
    return base64.b64encode(key.sign(message, PKCS1v15(), SHA256())).decode()


def signed_request(
    method: str, target: str, timestamp: int | str, nonce: str, body: bytes
) -> bytes:
    """Return the bytes signed for a request; target: the path with its query, as it is sent."""
    return lines(method, target, str(timestamp), nonce) + body + b"\n"


def authorization(
    keys: Keys, mchid: str, method: str, target: str, body: bytes, *, at: int, nonce: str
) -> str:
    """Return the Authorization header (请求签名) of a request."""
    signature = sign(keys.private, signed_request(method, target, at, nonce, body))
    return (
        f'{SCHEMA} mchid="{mchid}",nonce_str="{nonce}",signature="{signature}",'
        f'timestamp="{at}",serial_no="{keys.serial}"'
    )


def pay_sign(key: RSAPrivateKey, appid: str, timestamp: int | str, nonce: str, package: str) -> str:
    """Return paySign (调起支付签名); package: "prepay_id=…"."""
    return sign(key, lines(appid, str(timestamp), nonce, package))


def signed_reply(timestamp: int | str, nonce: str, body: bytes) -> bytes:
    """Return the bytes that WeChat Pay signs of a reply or a notification."""
    return lines(str(timestamp), nonce) + body + b"\n"


def verify(
    platform: Mapping[str, RSAPublicKey], headers: Mapping[str, str], body: bytes, now: datetime
) -> None:
    """Check the signature (验签) of a reply or a notification; raise Forged."""
    found = {name.lower(): value for name, value in headers.items()}
    timestamp, nonce, serial, signature = (found.get(f"wechatpay-{h}", "") for h in HEADERS)
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise Forged("headers")
    if abs(now.timestamp() - int(timestamp)) >= OLDEST_SECONDS:
        raise Forged("stale")
    key = platform.get(serial)
    if key is None:
        raise Forged("serial")
    try:
        raw = base64.b64decode(signature, validate=True)
        key.verify(raw, signed_reply(timestamp, nonce, body), PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        raise Forged("signature") from None


def seal(key: bytes, nonce: str, associated: str, plain: bytes) -> str:
    """Encrypt (加密) with AES-GCM into base64; the tag stands at the end."""
    sealed = AESGCM(key).encrypt(nonce.encode(), plain, associated.encode())
    return base64.b64encode(sealed).decode()


def unseal(key: bytes, nonce: str, associated: str, sealed: str) -> bytes:
    """Decrypt (解密) what `seal` made; raise Forged when it was altered or is of another key."""
    try:
        raw = base64.b64decode(sealed, validate=True)
        return AESGCM(key).decrypt(nonce.encode(), raw, associated.encode())
    except (InvalidTag, binascii.Error, ValueError):
        raise Forged("sealed") from None
