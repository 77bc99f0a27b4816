"""`shenban seed` at a developer's terminal."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from miniapp_api.applications.seeding.filling import STRETCH
from miniapp_api.applications.seeding.people import id_of
from miniapp_api.platform.database import fetch
from miniapp_api.settings import ROOT
from tests.api import Client

CASES = STRETCH + 100  # more than one stretch


Start = Callable[..., Awaitable[asyncio.subprocess.Process]]


def _hears_ctrl_c() -> None:
    """What a shell began in the background does not hear it, and nor would its children."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def started(api: Client, app: Any) -> Start:
    """Starts `shenban seed …` on the tests' database, with the secrets of the tests' API."""

    async def start(*arguments: str) -> asyncio.subprocess.Process:
        settings = app.ctx.settings
        secrets = {
            f"SHENBAN_SECRETS__{name.upper()}": value.get_secret_value()
            for name, value in settings.secrets
        }
        return await asyncio.create_subprocess_exec(
            str(Path(sys.executable).parent / "shenban"),
            "seed",
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=ROOT,
            env={
                **os.environ,
                **secrets,
                "SHENBAN_DATABASE__URL": settings.database.url,
                "SHENBAN_DATA__FOLDER": str(settings.data.folder),
            },
            start_new_session=True,
            preexec_fn=_hears_ctrl_c,
        )

    return start


@pytest.fixture
def shenban_seed(started: Start) -> Any:
    """Runs it to its end."""

    async def run(*arguments: str) -> tuple[int, str]:
        return await ended(await started(*arguments))

    return run


async def ended(process: asyncio.subprocess.Process) -> tuple[int, str]:
    output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode()


async def count() -> int:
    (row,) = await fetch("SELECT count(*) AS n FROM application")
    return int(row["n"])


async def test_cases_are_written_once_and_the_planner_knows(
    shenban_seed: Any, verified: Any, office: Any
) -> None:
    code, output = await shenban_seed("--cases", str(CASES))
    assert code == 0, output
    assert f"写入 {CASES} 件" in output
    assert await count() == CASES
    (row,) = await fetch("SELECT reltuples AS n FROM pg_class WHERE relname = 'application'")
    assert row["n"] == CASES

    await fetch("DELETE FROM application WHERE id = $1", id_of("case", CASES - 1))
    await fetch("DELETE FROM case_event WHERE application = $1", id_of("case", CASES - 1))
    code, output = await shenban_seed("--cases", str(CASES))
    assert (code, "写入 1 件" in output) == (0, True), output

    await office.submitted(await verified())
    code, output = await shenban_seed("--cases", str(CASES + 50))
    assert (code, "真实的办件" in output) == (2, True), output
    assert await count() == CASES + 1
    code, output = await shenban_seed("--cases", str(CASES + 50), "--among-real")
    assert code == 0, output
    assert await count() == CASES + 51


async def test_a_ctrl_c_leaves_whole_stretches_and_the_next_run_goes_on(
    started: Start, shenban_seed: Any
) -> None:
    process = await started("--cases", str(1_000 * STRETCH))  # more than it will ever do
    while await count() == 0:
        await asyncio.sleep(0.05)
        assert process.returncode is None
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the command and its processes
    code, output = await ended(process)
    assert (code, "接着造" in output, "Traceback" in output) == (130, True, False), output
    there = await count()
    assert there > 0
    assert there % STRETCH == 0

    wanted = there + 3 * STRETCH
    code, output = await shenban_seed("--cases", str(wanted))
    assert (code, f"写入 {wanted - there} 件" in output) == (0, True), output
    assert await count() == wanted
    (row,) = await fetch("SELECT count(DISTINCT number) AS n FROM application")
    assert row["n"] == wanted
