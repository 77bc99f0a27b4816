"""The virus scanner (病毒扫描): a Protocol, ClamAV's client, and what can go wrong."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from pathlib import Path
from typing import Protocol

from miniapp_api.platform.files.errors import FileInfected, ScanUnavailable

PIECE = 1 << 19


class VirusScanner(Protocol):
    """Looks for viruses."""

    async def scan(self, path: Path) -> None:
        """Return when a file is clean; raise FileInfected or ScanUnavailable."""


class ClamAv:
    """ClamAV's daemon, by its INSTREAM command: pieces with their length before them."""

    def __init__(self, host: str, port: int, timeout: float) -> None:
        self._host = host
        self._port = port
        self._timeout = timeout

    async def scan(self, path: Path) -> None:
        """Send a file to the daemon and read its verdict."""
        try:
            async with asyncio.timeout(self._timeout):
                verdict = await self._ask(path)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            raise ScanUnavailable(retry_after=30) from None
        if verdict.endswith(b" FOUND"):
            raise FileInfected()
        if verdict != b"stream: OK":
            raise ScanUnavailable(retry_after=30)

    async def _ask(self, path: Path) -> bytes:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        try:
            writer.write(b"zINSTREAM\0")
            with path.open("rb") as file:
                while piece := await asyncio.to_thread(file.read, PIECE):
                    writer.write(struct.pack("!I", len(piece)) + piece)
                    await writer.drain()
            writer.write(struct.pack("!I", 0))
            await writer.drain()
            return (await reader.read(1024)).rstrip(b"\0")
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
