"""A database of a million cases, seeded once and kept for the next run.

It is an installation's data folder of its own under .data/bench, named after what is seeded there:
other items, forms or another version of seeding get another one, and the old one goes.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.bench import Bench, secret_variables
from miniapp_api.applications.seeding import VERSION
from miniapp_api.commands.seed import seed
from miniapp_api.platform import embedded, secrets
from miniapp_api.settings import ROOT, Settings, load

CACHE = ROOT / ".data" / "bench"
HOUSEKEEPING = {  # a database that is days old must not be tidied up while it is measured
    "SHENBAN_APPLICATIONS__SWEEP_SECONDS": "86400",
    "SHENBAN_APPOINTMENTS__SWEEP_SECONDS": "86400",
    "SHENBAN_AUDIT__CHECKPOINT_SECONDS": "86400",
}


@asynccontextmanager
async def seeded(bench: Bench) -> AsyncIterator[Bench]:
    """Yield the bench on a database of `bench.cases` cases, which is seeded if it is not there."""
    folder = CACHE / _name(bench.cases, ROOT / "handbook")
    _drop_others(folder)
    bench.step("starting the seeded PostgreSQL")
    with embedded.postgres(folder / "postgres") as url:
        environ = bench.environ | HOUSEKEEPING | {"SHENBAN_DATABASE__URL": url}
        variables = {"SHENBAN_DATA__FOLDER": str(folder), "SHENBAN_DATABASE__URL": url}
        kept = secrets.complete(load(env=variables))
        await _fill(bench, kept)
        environ |= secret_variables(kept)
        yield replace(bench, environ=environ, settings=load(env=environ))


async def _fill(bench: Bench, settings: Settings) -> None:
    done = 0

    def tick(cases: int) -> None:
        nonlocal done
        done += cases
        bench.step(f"seeding {done:,} of {bench.cases:,} cases")

    await seed(settings, bench.cases, tick, among_real=True)


def _name(cases: int, handbook: Path) -> str:
    digest = hashlib.sha256()
    for path in (*sorted((handbook / "items").rglob("*.yaml")), handbook / "forms.yaml"):
        digest.update(path.relative_to(handbook).as_posix().encode() + b"\x00")
        digest.update(path.read_bytes())
    return f"cases-{cases}-{VERSION}-{digest.hexdigest()[:12]}"


def _drop_others(folder: Path) -> None:
    """Remove databases of the same number of cases that nobody will ask for again."""
    prefix = "-".join(folder.name.split("-")[:2]) + "-"
    for other in CACHE.glob(f"{prefix}*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
