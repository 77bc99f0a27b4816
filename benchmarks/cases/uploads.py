"""Memory of an API worker while files come in (上传时的内存): it holds pieces, never files."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from benchmarks import papers
from benchmarks.applicants import Applicant, applicants, begun, handed_in, wanted
from benchmarks.bench import Bench
from benchmarks.harness import CannotRunError, Row, benchmark, row
from benchmarks.servers import Server
from benchmarks.wire import Wire

CLIENTS = 8
MEGABYTE = 1_000_000
TOO_LARGE = 100  # megabytes
SCANS = (2, 5, 8, 10)  # megabytes, half a megabyte a page
SAMPLE_SECONDS = 0.05
MOST_MB = 64  # more at the peak: less than one file that is refused
PIECE = b"\xff\xd8\xff\xe0" + bytes(MEGABYTE - 4)


@dataclass
class Watch:
    """The largest resident memory that was seen, in megabytes."""

    peak: float = 0.0


@benchmark("uploads")
async def uploads(bench: Bench) -> list[Row]:
    """100 MB that are refused, with and without their length; then 2 to 10 MB that are taken."""
    bench.step("drawing papers of 2 to 10 MB")
    files = await asyncio.to_thread(
        lambda: (
            [papers.scan(size, size * MEGABYTE, pages=size * 2) for size in SCANS]
            + [papers.photo(1, 2 * MEGABYTE)]
        )
    )
    async with bench.sms() as fakes, bench.api() as api:
        people = await applicants(bench, api, fakes, CLIENTS)
        await _hand_in(api, people, files[-1:])  # the first cleaner starts, libraries are loaded
        before = api.memory()["rss"]
        bench.step("100 MB each, refused")
        async with _watching(api) as refusing:
            codes = await _refused(api, people)
        bench.step("2 to 10 MB each, taken")
        async with _watching(api) as taking:
            for _ in range(2):
                await _hand_in(api, people, files)
        await asyncio.sleep(2)
        after = api.memory()["rss"]
    total = 2 * CLIENTS * sum(map(len, files)) / MEGABYTE
    return [
        row(
            "uploads.refused", "MB more", [refusing.peak - before], at_most=MOST_MB,
            detail=f"at the peak, {sum(codes.values())} files of {TOO_LARGE} MB, {CLIENTS} at "
            f"once: {dict(codes)}; {before:.0f} MB before",
        ),
        row(
            "uploads.taken", "MB more", [taking.peak - before], at_most=MOST_MB,
            detail=f"at the peak, {2 * CLIENTS * len(files)} files, {total:.0f} MB, {CLIENTS} at "
            f"once; {after - before:.0f} MB more two seconds after",
        ),
    ]  # fmt: skip


@asynccontextmanager
async def _watching(api: Server) -> AsyncIterator[Watch]:
    watch = Watch()

    async def look() -> None:
        while True:
            watch.peak = max(watch.peak, api.memory()["rss"])
            await asyncio.sleep(SAMPLE_SECONDS)

    task = asyncio.create_task(look())
    try:
        yield watch
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _hand_in(api: Server, people: Sequence[Applicant], files: Sequence[bytes]) -> None:
    """Let everybody upload every file at the same time, each for his own draft."""

    async def upload(applicant: Applicant) -> None:
        wire = await Wire.open(api.port)
        draft = await begun(wire, applicant)
        for key, file in zip(wanted(draft), files, strict=False):
            await handed_in(wire, applicant, draft, key, file)
        wire.close()

    await asyncio.gather(*map(upload, people))


# -- what is too large ---------------------------------------------------------------------------


async def _refused(api: Server, people: Sequence[Applicant]) -> Counter[str]:
    """Send what is too large, everybody at the same time; return how that was answered."""
    wire = await Wire.open(api.port)
    paths = []
    for applicant in people:
        draft = await begun(wire, applicant)
        key = wanted(draft)[0]
        paths.append(f"/applications/drafts/{draft['id']}/materials/{key}/files?name=large")
    wire.close()
    asked = [
        _send(api.port, path, applicant, says_how_much=says)
        for says in (True, False)
        for path, applicant in zip(paths, people, strict=True)
    ]
    codes = Counter(await asyncio.gather(*asked))
    if set(codes) - {"413", "closed"}:
        raise CannotRunError(f"what is too large was answered with {dict(codes)}")
    return codes


async def _send(port: int, path: str, applicant: Applicant, *, says_how_much: bool) -> str:
    """Send 100 MB until the server answers; return the status, or "closed" if that got lost."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    size = f"Content-Length: {TOO_LARGE * MEGABYTE}"
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [size if says_how_much else "Transfer-Encoding: chunked"]
    lines += [f"{name}: {value}" for name, value in applicant.headers.items()]
    answer = asyncio.create_task(reader.readline())
    with contextlib.suppress(OSError):
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n")
        for _ in range(TOO_LARGE):
            if answer.done():
                break
            writer.write(PIECE if says_how_much else b"%x\r\n%b\r\n" % (len(PIECE), PIECE))
            await writer.drain()
            await asyncio.sleep(0)
    try:
        status = (await answer).split()
    except OSError:
        status = []
    writer.close()
    return status[1].decode() if status else "closed"
