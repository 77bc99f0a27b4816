"""Processes that a benchmark starts and always ends."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness import CannotRunError
from benchmarks.wire import Wire

STOP_SECONDS = 10.0
LOG_TAIL = 2000
SETTLE_SECONDS = 40.0
SETTLE_STEP = 0.5
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """A running server on a loopback port."""

    name: str
    port: int
    process: subprocess.Popen[bytes]

    def memory(self) -> dict[str, float]:
        """Return megabytes: rss, and pss (shared pages divided among their users)."""
        text = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        found = {}
        for line in text.splitlines():
            name, _, value = line.partition(":")
            if name in ("Rss", "Pss"):
                found[name.lower()] = int(value.split()[0]) / 1024
        return found

    async def settled(self, within: float = SETTLE_SECONDS) -> None:
        """Wait until what the server still does in the background after its start is done."""
        deadline = time.monotonic() + within
        before = self._cpu_ticks()
        while time.monotonic() < deadline:
            await asyncio.sleep(SETTLE_STEP)
            now = self._cpu_ticks()
            if now - before <= SETTLE_STEP * TICKS * 0.1 and not self._children():
                return
            before = now

    def _cpu_ticks(self) -> int:
        text = Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = text.rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    def _children(self) -> str:
        return "".join(
            path.read_text() for path in Path(f"/proc/{self.process.pid}/task").glob("*/children")
        )


@asynccontextmanager
async def serving(
    name: str,
    command: Sequence[str],
    port: int,
    environ: Mapping[str, str],
    logs: Path,
    *,
    ready: str = "/health",
    within: float = 60.0,
) -> AsyncIterator[Server]:
    """Start a server, wait until GET `ready` answers, and end it with its children."""
    log = logs / f"{name}-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: ASYNC220 - the child is our own
            list(command), env=dict(environ), stdout=output, stderr=output, start_new_session=True
        )
        try:
            await _await_ready(name, process, port, ready, within, log)
            yield Server(name, port, process)
        finally:
            await asyncio.to_thread(_stop, process)


async def _await_ready(
    name: str, process: subprocess.Popen[bytes], port: int, path: str, within: float, log: Path
) -> None:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline and process.poll() is None:
        try:
            wire = await Wire.open(port)
            reply = await wire.ask("GET", path)
            wire.close()
            if reply.status < 500:  # any answer of its own: not every server has /health
                return
        except (OSError, TimeoutError):
            pass
        await asyncio.sleep(0.2)
    tail = _tail(log)
    code = process.poll()
    why = f"did not answer within {within:.0f} s" if code is None else f"ended with {code}"
    raise CannotRunError(f"{name} {why}:\n{tail}")


def _tail(log: Path) -> str:
    return log.read_bytes()[-LOG_TAIL:].decode(errors="replace")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End our own process group, politely first."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(STOP_SECONDS)
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait()
