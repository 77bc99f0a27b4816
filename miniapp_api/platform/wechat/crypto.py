"""The cryptography of WeChat's message push (消息推送), secure mode.

Sealed: base64 of AES-256-CBC over 16 random bytes | length (4, big-endian) | message | appid,
padded to blocks of 32 by PKCS #7; IV is the first half of the key.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

KEY_CHARS, BLOCK_BITS, SALT_BYTES, LENGTH_BYTES = 43, 256, 16, 4


class PushForged(Exception):
    """A push is not from WeChat, or not for us; `why` says what gave it away."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def signature(token: str, *parts: str) -> str:
    """Return sha1 of the token and the parts, sorted and joined."""
    text = "".join(sorted((token, *parts)))
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def check_signature(expected: str, token: str, *parts: str) -> None:
    """Raise PushForged unless a signature is right."""
    right = signature(token, *parts).encode()
    if not hmac.compare_digest(expected.encode(), right):
        raise PushForged("signature")


def aes_key(encoded: str) -> bytes:
    """Return the 32 bytes of an EncodingAESKey of 43 characters; raise ValueError."""
    if len(encoded) != KEY_CHARS:
        raise ValueError("an EncodingAESKey has 43 characters")
    plain = encoded.replace("-", "+").replace(
        "_", "/"
    )  # ours, made at the first start, is URL-safe
    key = base64.b64decode(plain + "=")
    if len(key) != 32:
        raise ValueError("an EncodingAESKey is base64")
    return key


def seal(key: bytes, message: bytes, appid: str, salt: bytes | None = None) -> str:
    """Return a message as WeChat sends it; salt: 16 bytes, random unless a test knows them."""
    salt = salt if salt is not None else os.urandom(SALT_BYTES)
    plain = salt + len(message).to_bytes(LENGTH_BYTES, "big") + message + appid.encode()
    padder = PKCS7(BLOCK_BITS).padder()
    encryptor = _cipher(key).encryptor()
    padded = padder.update(plain) + padder.finalize()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def unseal(key: bytes, sealed: str, appid: str) -> bytes:
    """Return the message; raise PushForged when it does not open, or is another app's."""
    try:
        content = base64.b64decode(sealed, validate=True)
        decryptor, unpadder = _cipher(key).decryptor(), PKCS7(BLOCK_BITS).unpadder()
        padded = decryptor.update(content) + decryptor.finalize()
        plain = unpadder.update(padded) + unpadder.finalize()
    except (ValueError, binascii.Error):
        raise PushForged("sealing") from None
    start = SALT_BYTES + LENGTH_BYTES
    length = int.from_bytes(plain[SALT_BYTES:start], "big")
    message, stated = plain[start : start + length], plain[start + length :]
    if len(plain) < start or len(message) != length:
        raise PushForged("sealing")
    if not hmac.compare_digest(stated, appid.encode()):
        raise PushForged("appid")
    return message


def _cipher(key: bytes) -> Cipher[modes.CBC]:
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))
