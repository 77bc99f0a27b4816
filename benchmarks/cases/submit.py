"""A whole application handed in online (网上申请): a draft, five papers of 2 MB, submitted."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from uuid import uuid4

from benchmarks import papers
from benchmarks.applicants import Applicant, applicants, begun, handed_in, wanted
from benchmarks.bench import Bench
from benchmarks.harness import CannotRunError, Row, benchmark, interleaved, row
from benchmarks.load import Load, run_load
from benchmarks.servers import Server
from benchmarks.wire import Wire
from miniapp_api.platform.files.cleaning import Limits, clean
from miniapp_api.platform.files.sniff import MediaType, media_type

CLIENTS = 6
SECONDS = 10.0
PHOTOS, SCANS = 3, 2  # of them
SIZE = 2_000_000
BAR = 20.0
REDRAWN = 10  # of each kind, to know what drawing them costs
CASE = "SELECT count(*) FROM application WHERE state = 'submitted'"


@benchmark("submit")
async def submit(bench: Bench) -> list[Row]:
    """Six citizens each apply, and begin again; beside it a server that only stores."""
    bench.step("drawing papers of 2 MB")
    files = await asyncio.to_thread(_papers)
    floor_folder = bench.scratch / "floor-files"
    floor_folder.mkdir()
    variables = {"FLOOR_FOLDER": str(floor_folder)}
    async with (
        bench.sms() as fakes,
        bench.api() as api,
        bench.floor("submit", **variables) as floor,
    ):
        people = await applicants(bench, api, fakes, CLIENTS)
        ours, floors = await interleaved(
            bench,
            _measure(api, lambda number, wire: _apply(wire, people[number], files)),
            _measure(floor, lambda _, wire: _store(wire, files)),
        )
        await _counted(bench, ours)
    bench.step("drawing alone")
    drawn = await asyncio.to_thread(_redrawn, files, bench.scratch)
    rates, p95s = ([getattr(load, what) for load in ours] for what in ("rate", "p95"))
    floor_rates = [load.rate for load in floors]
    photo, scan = drawn
    most = os.cpu_count() or 1
    bound = most * 1000 / (PHOTOS * photo + SCANS * scan)
    return [
        row(
            "submit", "cases/s", rates, floor_rates, at_least=BAR,
            detail=f"{CLIENTS} clients, {PHOTOS} photos of 12 megapixels and {SCANS} scans of "
            f"{papers.SCAN_PAGES} pages, {SIZE / 1e6:g} MB each",
        ),
        row("submit.p95", "ms", p95s, detail="from the draft to the receipt number"),
        row(
            "submit.redraw", "cases/s", [bound],
            detail=f"what {most} cores can do that do nothing but draw the papers anew: "
            f"{photo:.0f} ms a photo, {scan:.0f} ms a scan",
        ),
    ]  # fmt: skip


def _papers() -> list[bytes]:
    photos = [papers.photo(seed, SIZE) for seed in range(PHOTOS)]
    return photos + [papers.scan(seed, SIZE) for seed in range(SCANS)]


def _measure(
    server: Server, work: Callable[[int, Wire], Awaitable[None]]
) -> Callable[[], Awaitable[Load]]:
    async def go() -> Load:
        return await run_load(server.port, CLIENTS, SECONDS, work)

    return go


async def _apply(wire: Wire, applicant: Applicant, files: Sequence[bytes]) -> None:
    draft = await begun(wire, applicant)
    for key, file in zip(wanted(draft), files, strict=True):
        draft = await handed_in(wire, applicant, draft, key, file)
    path = f"/applications/drafts/{draft['id']}/submission"
    body = {"revision": draft["revision"], "declared_true": True}
    await wire.ask("POST", path, body, applicant.headers, expect=200)


async def _store(wire: Wire, files: Sequence[bytes]) -> None:
    for file in files:
        await wire.upload("/files", file, {}, expect=200)
    await wire.ask("POST", "/submission", {}, expect=200)


async def _counted(bench: Bench, ours: Sequence[Load]) -> None:
    """Make sure that the cases are really there."""
    async with bench.connection() as connection:
        there = await connection.fetchval(CASE + " AND item <> 'i'")
    if there < sum(len(load.seconds) for load in ours):
        raise CannotRunError(f"only {there} cases are in the database")


# -- what cannot be left out ---------------------------------------------------------------------


def _redrawn(files: Sequence[bytes], folder: Path) -> tuple[float, float]:
    """Return the milliseconds of a core that drawing a photo, and a scan, anew takes."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), context) as pool:
        list(pool.map(_ready, range(2 * (os.cpu_count() or 1))))
        photo, scan = (
            sum(pool.map(_draw, [file] * REDRAWN, [folder] * REDRAWN)) / REDRAWN * 1000
            for file in (files[0], files[-1])
        )
    return photo, scan


def _ready(_: int) -> None:
    """Let a process start, which is not measured."""
    time.sleep(0.2)


def _draw(content: bytes, folder: Path) -> float:
    """Draw a paper anew and return the seconds of CPU that took."""
    kind: MediaType = media_type(content[:64])
    source, target = folder / uuid4().hex, folder / uuid4().hex
    source.write_bytes(content)
    started = time.process_time()
    clean(source, target, kind, Limits(pixels=50_000_000, pages=200))
    took = time.process_time() - started
    source.unlink()
    target.unlink()
    return took
