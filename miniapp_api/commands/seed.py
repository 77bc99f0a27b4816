"""`shenban seed`: a database full of made-up cases (样例办件), for development and benchmarks."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from tortoise import Tortoise

from miniapp_api.applications.seeding import filling
from miniapp_api.applications.seeding.filling import Occupied
from miniapp_api.applications.seeding.maker import Maker
from miniapp_api.applications.seeding.store import Connection
from miniapp_api.commands.common import checked_settings, console, reachable, stop
from miniapp_api.guides.handbook import HandbookError, load_handbook
from miniapp_api.platform import database
from miniapp_api.platform.sealing import Sealer, sealer_of
from miniapp_api.settings import Settings
from miniapp_api.tables import tables

Tick = Callable[[int], Any]  # is told how many more cases are there now
INTERRUPTED = 130


def run(cases: int, *, among_real: bool) -> None:
    """Seed the configured database up to so many cases, with progress; Ctrl-C loses nothing."""
    settings = checked_settings()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with (
        reachable(settings) as found,
        Progress(*columns, TimeRemainingColumn(), console=console) as progress,
    ):
        task = progress.add_task("造样例办件", total=cases)
        try:
            written = asyncio.run(
                seed(found, cases, lambda n: progress.advance(task, n), among_real=among_real)
            )
        except Occupied:
            stop("这个数据库里有真实的办件，不放样例；确实要放，请加 --among-real")
        except (HandbookError, OSError, asyncpg.PostgresError) as error:
            stop(f"没有造完：{type(error).__name__}；再运行一次会接着造")
        except KeyboardInterrupt:
            console.print("停下了；再运行一次会接着造")
            raise typer.Exit(INTERRUPTED) from None
    console.print(f"样例办件共 {cases} 件，这次写入 {written} 件", highlight=False)


async def seed(settings: Settings, cases: int, tick: Tick, *, among_real: bool = False) -> int:
    """Write the cases that are not there yet, up to so many, and return how many those were.

    Raises Occupied in a database of real cases. As many processes as cores: sealing takes most of
    the time, and every value is sealed as the real path seals it.
    """
    await database.migrate(settings.database, tables(settings))
    async with _connected(settings) as (connection, _):
        if not among_real:
            await filling.require_free(connection)
        stretches = await filling.unfinished(connection, cases)
    tick(cases - sum(map(len, stretches)))
    if not stretches:
        return 0
    written = await _fill_all(settings, stretches, tick)
    async with _connected(settings) as (connection, _):
        await filling.finish(connection)
    return written


async def _fill_all(settings: Settings, stretches: Sequence[range], tick: Tick) -> int:
    now, written = datetime.now(ZoneInfo(settings.city.timezone)), 0
    pool = ProcessPoolExecutor(
        os.cpu_count(), multiprocessing.get_context("spawn"), initializer=_finish_what_is_begun
    )
    loop = asyncio.get_running_loop()
    try:
        work = [loop.run_in_executor(pool, _fill, settings, now, each) for each in stretches]
        for done in asyncio.as_completed(work):
            looked_at, new = await done
            written += new
            tick(looked_at)
    finally:
        pool.shutdown(cancel_futures=True)
    return written


def _finish_what_is_begun() -> None:
    """Leave a Ctrl-C at the terminal to the parent: it gives out no more stretches."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _fill(settings: Settings, now: datetime, numbers: range) -> tuple[int, int]:
    """Write a stretch in a process of its own; return how many it has, and how many were new."""
    return len(numbers), asyncio.run(_filled(settings, now, numbers))


async def _filled(settings: Settings, now: datetime, numbers: range) -> int:
    limits = settings.applications
    percents = (limits.yellow_percent, limits.red_percent)
    maker = _maker(settings.data.handbook, now, percents, limits.lease_minutes)
    async with _connected(settings) as (connection, sealer):
        return await filling.fill(connection, maker, sealer, numbers)


@cache
def _maker(handbook: Path, now: datetime, percents: tuple[int, int], lease_minutes: int) -> Maker:
    return Maker(load_handbook(handbook), now, percents, lease_minutes)


@asynccontextmanager
async def _connected(settings: Settings) -> AsyncIterator[tuple[Connection, Sealer]]:
    """Connect, and read the keys that seal; the first one makes them."""
    sealer = sealer_of(settings)
    await Tortoise.init(config=tables(settings))
    connection = await asyncpg.connect(**database.credentials(settings.database))
    try:
        await sealer.load()
        yield connection, sealer
    finally:
        await connection.close()
        await Tortoise.close_connections()
