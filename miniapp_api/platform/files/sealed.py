"""Files sealed at rest (文件加密): AES-256-GCM, piece by piece, so that memory stays flat.

Every piece is bound to its place and to whether it is the last: none can be moved or dropped.
"""

from __future__ import annotations

import os
import struct
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from miniapp_api.platform.sealing import SealBroken

PIECE = 1 << 16
TAG = 16
PREFIX = 8  # random bytes of a file's nonces; four more count the pieces


def seal_file(source: Path, target: Path, key: bytes) -> None:
    """Write a file's sealed form."""
    cipher, prefix = AESGCM(key), os.urandom(PREFIX)
    with source.open("rb") as plain, target.open("wb") as sealed:
        sealed.write(prefix)
        for n, last, piece in _pieces(plain.read):
            sealed.write(cipher.encrypt(_nonce(prefix, n), piece, b"last" if last else b"more"))
        sealed.flush()
        os.fsync(sealed.fileno())


def _pieces(read: object) -> Iterator[tuple[int, bool, bytes]]:
    """Return each piece with its number and whether it is the last."""
    n, piece = 0, read(PIECE)  # type: ignore[operator]
    while True:
        following = read(PIECE)  # type: ignore[operator]
        yield n, not following, piece
        if not following:
            return
        n, piece = n + 1, following


async def open_stream(chunks: AsyncIterator[bytes], key: bytes) -> AsyncIterator[bytes]:
    """Open a sealed stream piece by piece; raise SealBroken at the first that does not open."""
    cipher, held, prefix, n = AESGCM(key), b"", b"", 0
    async for chunk in chunks:
        held += chunk
        if not prefix and len(held) >= PREFIX:
            prefix, held = held[:PREFIX], held[PREFIX:]
        # One more byte than a piece is held: only then it is known not to be the last.
        while prefix and len(held) > PIECE + TAG:
            yield _opened(cipher, _nonce(prefix, n), held[: PIECE + TAG], b"more")
            held, n = held[PIECE + TAG :], n + 1
    yield _opened(cipher, _nonce(prefix, n), held, b"last")


def _opened(cipher: AESGCM, nonce: bytes, piece: bytes, place: bytes) -> bytes:
    try:
        return cipher.decrypt(nonce, piece, place)
    except (InvalidTag, ValueError):
        raise SealBroken("the file was changed or cut") from None


def _nonce(prefix: bytes, n: int) -> bytes:
    return prefix + struct.pack("!I", n)
