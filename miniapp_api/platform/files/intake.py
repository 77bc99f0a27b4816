"""The way of a file into the house (文件接收): counted, recognised, scanned, cleaned, sealed.

Nothing is held in memory whole, and whatever goes wrong leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from miniapp_api.platform.errors import Refusal
from miniapp_api.platform.files.blobs import BlobStore
from miniapp_api.platform.files.cleaners import Cleaners
from miniapp_api.platform.files.errors import FILE_ERRORS, FileEmpty, FileTooLarge
from miniapp_api.platform.files.scanner import VirusScanner
from miniapp_api.platform.files.sealed import open_stream, seal_file
from miniapp_api.platform.files.sniff import media_type, sniff
from miniapp_api.platform.logs import log
from miniapp_api.platform.sealing import Sealer

__all__ = ["FILE_ERRORS", "Intake", "StoredFile"]

HEAD = 64  # bytes that say what a file is
HELD = 1 << 19  # bytes that wait for the disk: a thread for each piece of a socket costs more


@dataclass(frozen=True)
class StoredFile:
    """A file that was taken in; size and hash are those of its clean content."""

    key: str
    media_type: str
    size: int
    sha256: str
    pages: int | None


class Intake:
    """Takes files in and gives them back."""

    def __init__(
        self,
        store: BlobStore,
        scanner: VirusScanner,
        sealer: Sealer,
        cleaners: Cleaners,
    ) -> None:
        self._store = store
        self._scanner = scanner
        self._sealer = sealer
        self._cleaners = cleaners

    async def take(self, chunks: AsyncIterator[bytes], *, max_bytes: int) -> StoredFile:
        """Take a file in; raise what is wrong with it (FILE_ERRORS)."""
        with tempfile.TemporaryDirectory(prefix="shenban-file-") as name:
            folder = Path(name)
            await _receive(chunks, folder / "raw", max_bytes)
            kind = await asyncio.to_thread(sniff, folder / "raw")
            await self._scanner.scan(folder / "raw")
            cleaned = await self._cleaners.clean(folder / "raw", folder / "clean", kind)
            key = uuid4().hex
            sealing_key = await self._sealer.file_key(key)
            await asyncio.to_thread(seal_file, folder / "clean", folder / "sealed", sealing_key)
            await self._store.put(folder / "sealed", key)
        return StoredFile(key, cleaned.media_type, cleaned.size, cleaned.sha256, cleaned.pages)

    async def read(self, key: str) -> AsyncIterator[bytes]:
        """Return a file's content in pieces."""
        sealing_key = await self._sealer.file_key(key)
        async for piece in open_stream(self._store.read(key), sealing_key):
            yield piece

    async def delete(self, key: str) -> None:
        """Delete a file; a store that is away keeps it, sealed, and the log says so."""
        try:
            await self._store.delete(key)
        except Refusal as refusal:
            log.warning("file_not_deleted", error=refusal.code)


async def _receive(chunks: AsyncIterator[bytes], path: Path, max_bytes: int) -> None:
    """Write what comes to disk; what is too large or no file of ours is refused at once."""
    size, held, known = 0, bytearray(), False
    with path.open("wb", buffering=0) as file:
        async for chunk in chunks:
            size += len(chunk)
            if size > max_bytes:
                raise FileTooLarge(most=max_bytes)
            held += chunk
            if not known and len(held) >= HEAD:
                media_type(bytes(held[:HEAD]))
                known = True
            if len(held) >= HELD:
                await asyncio.to_thread(_write, file, held)
                held = bytearray()
        await asyncio.to_thread(_write, file, held)
    if size == 0:
        raise FileEmpty()
    with contextlib.suppress(OSError):
        os.chmod(path, 0o600)


def _write(file: io.FileIO, content: bytearray) -> None:
    """Write everything: the system may take less at a time."""
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) or 0 :]
