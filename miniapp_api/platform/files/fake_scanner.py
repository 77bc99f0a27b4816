"""Our own clamd for development and tests: speaks INSTREAM and PING, finds EICAR, can fail.

A line "mode ok|error|slow|garbage" instead of a command switches how it behaves.
"""

from __future__ import annotations

import asyncio
import struct

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR"
SLOW_SECONDS = 30
MODES = frozenset(("ok", "error", "slow", "garbage"))


class FakeScanner:
    """Finds the test signature of the industry, and nothing else."""

    def __init__(self) -> None:
        self.mode = "ok"

    async def serve(self, host: str, port: int) -> asyncio.Server:
        """Listen and return the server."""
        return await asyncio.start_server(self._answer, host, port)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            command = await reader.readuntil(b"\0")
            writer.write(await self._verdict(command.rstrip(b"\0"), reader) + b"\0")
            await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    async def _verdict(self, command: bytes, reader: asyncio.StreamReader) -> bytes:
        if command == b"zPING":
            return b"PONG"
        if command.startswith(b"mode ") and command[5:].decode() in MODES:
            self.mode = command[5:].decode()
            return b"OK"
        if command != b"zINSTREAM":
            return b"UNKNOWN COMMAND"
        found = await _read_stream(reader)
        match self.mode:
            case "slow":
                await asyncio.sleep(SLOW_SECONDS)
            case "error":
                return b"INSTREAM: Can't allocate memory ERROR"
            case "garbage":
                return b"\xff\xfe<html>"
        return b"stream: Eicar-Test-Signature FOUND" if found else b"stream: OK"


async def _read_stream(reader: asyncio.StreamReader) -> bool:
    """Read a stream to its end and tell whether EICAR is in it."""
    tail, found = b"", False
    while size := struct.unpack("!I", await reader.readexactly(4))[0]:
        piece = tail + await reader.readexactly(size)
        found, tail = found or EICAR in piece, piece[-len(EICAR) :]
    return found
