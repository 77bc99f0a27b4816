"""A clerk's inbox (待办件) over a million cases: any page, mine, by state, by window; its page."""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from statistics import median, quantiles

import asyncpg

from benchmarks.bench import Bench
from benchmarks.harness import CannotRunError, Row, benchmark, interleaved, row
from benchmarks.load import run_load
from benchmarks.seeded import seeded
from benchmarks.servers import Server
from benchmarks.wire import Wire
from miniapp_api.applications.seeding.maker import CLERKS, clerk_of
from miniapp_api.console.guarding import COOKIE
from miniapp_api.guides.handbook import load_handbook
from miniapp_api.settings import ROOT

CLIENTS = 4
SECONDS = 6.0
LEAVES = 20  # pages that a clerk turns over in all
STATES = ("submitted", "special", "denied", "issued")
DEPARTMENTS = """
SELECT department FROM application
WHERE state IN ('submitted', 'review') GROUP BY 1 ORDER BY count(*) DESC
"""
STAFF = """
INSERT INTO staff_account (id, login, name, hall, roles, departments, skills, windows,
                           password_hash, created_at, version)
VALUES ($1, $2, '样例人员', 'municipal', '{clerk}', $3, '{}', '{}', '-', now(), 1)
ON CONFLICT (id) DO UPDATE SET departments = excluded.departments
"""
SESSION = """
INSERT INTO staff_session (token_hash, account_id, created_at, expires_at, second_factor)
VALUES ($1, $2, now(), now() + interval '6 hours', true)
"""
# He has begun his day: the leases of a database that is days old are over.
HOLDING = """
UPDATE application SET lease_until = now() + interval '6 hours'
WHERE id IN (SELECT id FROM application WHERE assigned_to = $1 ORDER BY id LIMIT 40)
"""
Seconds = dict[str, list[float]]  # by kind of question


@dataclass(frozen=True)
class Clerk:
    """A clerk who is logged in, and for whom he works."""

    headers: dict[str, str]
    departments: Sequence[str]


@benchmark("inbox")
async def inbox(bench: Bench) -> list[Row]:
    """Four clerks ask without a break: of one department, of three, and of all."""
    async with seeded(bench) as there, there.api() as api, there.floor("cases") as floor:
        async with there.connection() as connection:
            clerks = await _clerks(there, connection)
        windows = list(load_handbook(ROOT / "handbook").floor_plan("municipal").windows)
        seconds: Seconds = defaultdict(list)
        ours, floors = await interleaved(
            there, lambda: _asked(api, clerks, windows, seconds), lambda: _floor(floor, clerks)
        )
        pages, page_floors = await interleaved(
            there, lambda: _opened(api, clerks), lambda: _floor(floor, clerks)
        )
    kinds = (f"{kind} p50 {median(s) * 1000:.1f} p95 {_p95(s):.1f}" for kind, s in seconds.items())
    return [
        row(
            "inbox", "ms", [_p95(each) for each in ours], [_p95(each) for each in floors],
            at_most=50, detail=f"p95 of 50 of {bench.cases:,} cases, {CLIENTS} clerks at once; "
            + ", ".join(kinds),
        ),
        row(
            "inbox.page", "ms", list(map(_p95, pages)), list(map(_p95, page_floors)),
            at_most=100, detail="p95 of the same as a page of the console, first and by state",
        ),
        row("inbox.rate", "pages/s", *([len(e) / SECONDS for e in s] for s in (ours, floors))),
    ]  # fmt: skip


async def _clerks(bench: Bench, connection: asyncpg.Connection) -> list[Clerk]:
    """Give seeded clerks, who have cases in hand, an account and a session each."""
    bench.step("opening the desks")
    every = [each["department"] for each in await connection.fetch(DEPARTMENTS)]
    works_for = [every[:1], every[2:5], every, every[5:6]]
    clerks = []
    for number, departments in enumerate(works_for):
        id, token = clerk_of(departments[0], number % CLERKS), f"staff_{secrets.token_urlsafe(24)}"
        await connection.execute(STAFF, id, id.hex, departments)
        hashed = hashlib.sha256(token.encode()).hexdigest()
        await connection.execute(SESSION, hashed, id)
        await connection.execute(HOLDING, id)
        clerks.append(Clerk({"Authorization": f"Bearer {token}"}, departments))
    return clerks


async def _asked(
    api: Server, clerks: Sequence[Clerk], windows: Sequence[str], seconds: Seconds
) -> list[float]:
    """Ask for a while, each clerk in turn for all kinds; return how long every answer took."""
    found: list[float] = []
    random, cursors = Random(1), dict[int, tuple[str, int]]()

    async def work(number: int, wire: Wire) -> None:
        kind = random.choice(("first", "deep", "deep", "mine", "state", "window"))
        after, leaf = cursors.pop(number, ("", 0)) if kind == "deep" else ("", 0)
        query = {
            "first": "", "deep": f"?after={after}" if after else "", "mine": "?mine=true",
            "state": f"?state={random.choice(STATES)}",
            "window": f"?window={random.choice(windows)}",
        }[kind]  # fmt: skip
        path = f"/applications/desk/cases{query}"
        reply = await wire.ask("GET", path, None, clerks[number].headers, expect=200)
        seconds[kind].append(reply.seconds)
        found.append(reply.seconds)
        page = reply.json()
        if not page["cases"] and kind != "window":  # it may serve another department
            raise CannotRunError(f"the inbox is empty: {kind}")
        if kind in ("first", "deep") and page["next"] and leaf < LEAVES:
            cursors[number] = (page["next"], leaf + 1)

    await run_load(api.port, CLIENTS, SECONDS, work)
    return found


async def _opened(api: Server, clerks: Sequence[Clerk]) -> list[float]:
    """Open the inbox's page in the console for a while; return how long every answer took."""
    found: list[float] = []
    random = Random(2)

    async def work(number: int, wire: Wire) -> None:
        token = clerks[number].headers["Authorization"].removeprefix("Bearer ")
        query = random.choice(("", f"?state={random.choice(STATES)}"))
        cookie = {"Cookie": f"{COOKIE}={token}"}
        reply = await wire.ask("GET", f"/console/desk{query}", None, cookie, expect=200)
        if b"<table" not in reply.body:
            raise CannotRunError("the inbox's page shows no table")
        found.append(reply.seconds)

    await run_load(api.port, CLIENTS, SECONDS, work)
    return found


async def _floor(floor: Server, clerks: Sequence[Clerk]) -> list[float]:
    found: list[float] = []

    async def work(number: int, wire: Wire) -> None:
        department = clerks[number].departments[0]
        path = f"/applications/desk/cases?department={department}"
        found.append((await wire.ask("GET", path, expect=200)).seconds)

    await run_load(floor.port, CLIENTS, SECONDS, work)
    return found


def _p95(seconds: Sequence[float]) -> float:
    return quantiles(seconds, n=20, method="inclusive")[18] * 1000
