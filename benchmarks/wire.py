"""A lean HTTP/1.1 client: it must cost less than the servers it measures.

One kept-alive connection a client, one request at a time, bodies with a Content-Length.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
HEAD_END = b"\r\n\r\n"
ANSWER_SECONDS = 30.0


class Reply(NamedTuple):
    """An answer and how long it took."""

    status: int
    body: bytes
    seconds: float

    def json(self) -> Any:
        """Return the decoded body."""
        return orjson.loads(self.body)


class Unexpected(Exception):
    """A server answered something that the benchmark does not count as success."""


class Wire(asyncio.Protocol):
    """A kept-alive connection to a server on this machine."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[tuple[int, bytes]] | None = None
        self._received = bytearray()
        self._body_at = -1
        self._total = 0

    @classmethod
    async def open(cls, port: int) -> Wire:
        """Connect to a loopback port."""
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_connection(cls, "127.0.0.1", port)
        return wire

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        expect: int | None = None,
    ) -> Reply:
        """Send a request and return the reply; raise Unexpected for another status."""
        content = b"" if body is None else orjson.dumps(body)
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(content)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if body is not None:
            lines.append("Content-Type: application/json")
        reply = await self.send("\r\n".join(lines).encode() + HEAD_END + content)
        if expect is not None and reply.status != expect:
            raise Unexpected(f"{method} {path.partition('?')[0]}: {reply.status} {reply.body!r}")
        return reply

    async def upload(
        self, path: str, content: bytes, headers: Mapping[str, str], *, expect: int
    ) -> Reply:
        """Post a file as it is and return the reply; raise Unexpected for another status."""
        lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(content)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        reply = await self.send("\r\n".join(lines).encode() + HEAD_END + content)
        if reply.status != expect:
            raise Unexpected(f"POST {path.partition('?')[0]}: {reply.status} {reply.body!r}")
        return reply

    async def send(self, request: bytes) -> Reply:
        """Send the bytes of a request and wait for the reply."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionError("the server closed the connection")
        self._waiting = asyncio.get_running_loop().create_future()
        started = time.perf_counter()
        self._transport.write(request)
        async with asyncio.timeout(ANSWER_SECONDS):
            status, body = await self._waiting
        return Reply(status, body, time.perf_counter() - started)

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()

    # -- asyncio.Protocol ------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Collect until the reply is whole."""
        self._received += data
        if self._body_at < 0 and not self._read_head():
            return
        if len(self._received) < self._total:
            return
        status = int(self._received[9:12])
        body = bytes(self._received[self._body_at : self._total])
        del self._received[: self._total]
        self._body_at = -1
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result((status, body))

    def _read_head(self) -> bool:
        end = self._received.find(HEAD_END)
        if end < 0:
            return False
        length = LENGTH.search(self._received, 0, end)
        self._body_at = end + len(HEAD_END)
        self._total = self._body_at + (int(length.group(1)) if length else 0)
        return True

    def connection_lost(self, error: Exception | None) -> None:
        """Tell whoever waits."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error or ConnectionError("the server hung up"))
