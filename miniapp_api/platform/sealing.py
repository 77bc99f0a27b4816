"""Sealed columns (加密存储): personal data is encrypted before it reaches the database.

Envelope encryption: every value is sealed with a data key; data keys stand in the database, wrapped
with the master key, which is a secret of the installation. A sealed value is bound to its place
(table, column and row), so that nobody can move it to another row unnoticed.

    version (1) | data key's id (4, big-endian) | nonce (12) | ciphertext and tag (16)
"""

from __future__ import annotations

import hashlib
import hmac
import os
import time
from dataclasses import dataclass
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sanic import Sanic
from tortoise.fields import BinaryField

from miniapp_api.platform import key_store
from miniapp_api.settings import Settings

Algorithm = Literal["aes-256-gcm", "sm4-gcm"]
Purpose = Literal["column", "file"]

VERSION = 1
NONCE_BYTES, TAG_BYTES = 12, 16
HEADER_BYTES = 1 + 4
KEY_BYTES: dict[str, int] = {"aes-256-gcm": 32, "sm4-gcm": 16}
FRESH_SECONDS = 60.0  # how long a process may go on sealing with a key that was just replaced


class SealBroken(Exception):
    """A sealed value does not open: it was changed, moved, or its master key is another one."""


class SealedField(BinaryField):
    """A column of sealed values (加密列); `shenban keys rotate` finds columns by this type."""


@dataclass(frozen=True)
class DataKey:
    """A key that seals values (数据密钥), unwrapped."""

    id: int
    algorithm: Algorithm
    secret: bytes


class Sealer:
    """Seals and opens values; the keys are read once and again when an unknown one is met."""

    def __init__(self, master_key: str, pepper: str, algorithm: Algorithm) -> None:
        self._master = hashlib.sha256(b"shenban master key\x00" + master_key.encode()).digest()
        self._pepper = pepper.encode()
        self._algorithm = algorithm
        self._keys: dict[int, DataKey] = {}
        self._active: dict[str, int] = {}
        self._loaded = float("-inf")

    async def seal(self, text: str, place: str) -> bytes:
        """Return a text sealed for a place: "table.column:row"."""
        if time.monotonic() - self._loaded > FRESH_SECONDS:
            await self.load()
        key = self._keys[self._active["column"]]
        header = bytes([VERSION]) + key.id.to_bytes(4, "big")
        return header + encrypt(key, text.encode(), place)

    async def open(self, sealed: bytes, place: str) -> str:
        """Return the text of a sealed value; raise SealBroken."""
        sealed = bytes(sealed)
        if len(sealed) < HEADER_BYTES + NONCE_BYTES + TAG_BYTES or sealed[0] != VERSION:
            raise SealBroken("not a sealed value")
        id = key_of(sealed)
        if id not in self._keys:
            await self.load()
        if id not in self._keys:
            raise SealBroken("sealed with an unknown key")
        return decrypt(self._keys[id], sealed[HEADER_BYTES:], place).decode()

    def index(self, purpose: str, value: str) -> str:
        """Return a blind index (盲索引) of a value: 64 hex digits that nobody can guess back."""
        message = f"{purpose}\x00{value}".encode()
        return hmac.new(self._pepper, message, hashlib.sha256).hexdigest()

    async def file_key(self, name: str) -> bytes:
        """Return the 32 bytes that seal a file's content; every file has a key of its own."""
        if "file" not in self._active:
            await self.load()
        root = self._keys[self._active["file"]].secret
        return hmac.new(root, b"file\x00" + name.encode(), hashlib.sha256).digest()

    async def active_key(self) -> int:
        """Return the id of the key that seals now."""
        await self.load()
        return self._active["column"]

    async def load(self) -> None:
        """Read the keys, making the first ones; raise SealBroken for another master key."""
        rows = await key_store.read()
        missing: set[Purpose] = {"column", "file"} - {row["purpose"] for row in rows}  # type: ignore[assignment]
        for purpose in sorted(missing):
            await self._make_key(purpose, replace=False)
        for row in await key_store.read() if missing else rows:
            self._keys[row["id"]] = self._unwrapped(row["id"], row["algorithm"], row["wrapped"])
            if row["active"]:
                self._active[row["purpose"]] = row["id"]
        self._loaded = time.monotonic()

    async def replace_key(self) -> int:
        """Make a new key for columns; older ones can still open. Return its id."""
        await self._make_key("column", replace=True)
        return await self.active_key()

    async def _make_key(self, purpose: Purpose, *, replace: bool) -> None:
        algorithm: Algorithm = "aes-256-gcm" if purpose == "file" else self._algorithm
        secret = os.urandom(KEY_BYTES[algorithm])
        id = await key_store.next_id()
        wrapped = wrap(self._master, id, secret)
        await key_store.insert(id, purpose, algorithm, wrapped, replace=replace)

    async def rewrap(self, new_master_key: str) -> int:
        """Wrap every key with another master key and return how many there are."""
        await self.load()
        new = Sealer(new_master_key, "", self._algorithm)
        wrapped = {k.id: wrap(new._master, k.id, k.secret) for k in self._keys.values()}
        await key_store.replace_wrapped(wrapped)
        return len(wrapped)

    def _unwrapped(self, id: int, algorithm: Algorithm, wrapped: bytes) -> DataKey:
        try:
            nonce, sealed = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
            secret = AESGCM(self._master).decrypt(nonce, bytes(sealed), _key_place(id))
        except InvalidTag:
            raise SealBroken(
                "the master key is not the one the data keys are wrapped with"
            ) from None
        return DataKey(id, algorithm, secret)


def key_of(sealed: bytes) -> int:
    """Return the id of the key that a value is sealed with."""
    return int.from_bytes(sealed[1:HEADER_BYTES], "big")


def wrap(master: bytes, id: int, secret: bytes) -> bytes:
    """Return a data key wrapped with the master key."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(master).encrypt(nonce, secret, _key_place(id))


def _key_place(id: int) -> bytes:
    return f"data_key:{id}".encode()


def encrypt(key: DataKey, plain: bytes, place: str) -> bytes:
    """Return nonce, ciphertext and tag of an authenticated encryption."""
    nonce, aad = os.urandom(NONCE_BYTES), place.encode()
    if key.algorithm == "aes-256-gcm":
        return nonce + AESGCM(key.secret).encrypt(nonce, plain, aad)
    encryptor = Cipher(algorithms.SM4(key.secret), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(aad)
    return nonce + encryptor.update(plain) + encryptor.finalize() + encryptor.tag


def decrypt(key: DataKey, sealed: bytes, place: str) -> bytes:
    """Return the plain bytes; raise SealBroken when one bit or the place is another."""
    nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    body, tag = rest[:-TAG_BYTES], rest[-TAG_BYTES:]
    try:
        if key.algorithm == "aes-256-gcm":
            return AESGCM(key.secret).decrypt(nonce, rest, place.encode())
        decryptor = Cipher(algorithms.SM4(key.secret), modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(place.encode())
        return decryptor.update(body) + decryptor.finalize()
    except InvalidTag:
        raise SealBroken("the value was changed or moved") from None


def install(app: Sanic, settings: Settings) -> None:
    """Make the sealer when a worker starts, and read its keys: app.ctx.sealer."""
    app.ctx.sealer = sealer_of(settings)

    @app.before_server_start
    async def start(app: Sanic) -> None:
        await app.ctx.sealer.load()


def sealer_of(settings: Settings) -> Sealer:
    """Return a sealer with the secrets of an installation."""
    secrets = settings.secrets
    master_key, pepper = secrets.master_key, secrets.pepper
    return Sealer(
        master_key.get_secret_value(), pepper.get_secret_value(), settings.sealing.algorithm
    )
