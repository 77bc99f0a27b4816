"""163 windows call the next ticket (叫号)."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections import Counter
from random import Random
from statistics import median, quantiles
from uuid import UUID, uuid4

from benchmarks.bench import Bench
from benchmarks.hall import HALL, listed_days, today_in
from benchmarks.harness import CannotRunError, Row, benchmark, row
from benchmarks.wire import Wire
from miniapp_api.guides.handbook import load_handbook

PEOPLE = 10  # waiting per window
ROUNDS = 5
PACE_SECONDS = 4.0  # a busy hall: every window calls once in this time
PACED_SECONDS = 12.0
STAFF = """
INSERT INTO staff_account (id, login, name, hall, roles, departments, skills, windows,
                           password_hash, created_at, version)
SELECT i, i::text, 'clerk', $2, '{clerk}', '{}', '{}', '{}', '-', now(), 1
FROM unnest($1::uuid[]) AS i
"""
SESSIONS = """
INSERT INTO staff_session (token_hash, account_id, created_at, expires_at, second_factor)
SELECT unnest($1::text[]), unnest($2::uuid[]), now(), now() + interval '1 hour', true
"""
WINDOWS = """
INSERT INTO window_session (id, hall, "window", queue, staff, state, opened_at)
SELECT gen_random_uuid(), $1, unnest($2::text[]), unnest($3::text[]), unnest($4::uuid[]), 'open',
       now()
"""
DAYS = """
INSERT INTO queue_day (hall, queue, day, last_number, called)
SELECT $1, q, $3, 10000, 0 FROM unnest($2::text[]) AS q ON CONFLICT DO NOTHING
"""
TICKETS = """
INSERT INTO ticket (id, hall, queue, day, first_queue, sequence, number, kind, status, arrived_at,
                    due_at, calls, requeues, warned)
SELECT gen_random_uuid(), $1, q, $3, q, n, 'T' || n, 'walk_in', 'waiting', now(), now(), 0, 0, false
FROM unnest($2::text[], $4::int[]) AS t(q, most), generate_series(1, most) AS n
"""
TWICE = """
SELECT count(*) FROM (SELECT ticket_id FROM call_event WHERE kind = 'call'
                      GROUP BY ticket_id HAVING count(*) > 1) AS twice
"""


@benchmark("calls")
async def calls(bench: Bench) -> list[Row]:
    """All at the same instant, again and again; then at the pace of a busy hall."""
    windows = load_handbook(bench.handbook).floor_plan(HALL).windows
    async with bench.api() as api:
        await listed_days(api, today_in(bench))
        clerks = await _open(bench, {number: w.queue for number, w in windows.items()})
        wires = await asyncio.gather(*(Wire.open(api.port) for _ in clerks))
        desks = [(wire, *clerk) for wire, clerk in zip(wires, clerks, strict=True)]
        bursts = []
        for number in range(1, ROUNDS + 1):
            bench.step(f"burst {number}/{ROUNDS}")
            bursts.append(await asyncio.gather(*(_call(*desk) for desk in desks)))
            await asyncio.gather(*(_finish(*desk) for desk in desks))
        bench.step("a busy hall")
        paced = await asyncio.gather(*(_paced(desk, n) for n, desk in enumerate(desks)))
        for wire in wires:
            wire.close()
        async with bench.connection() as connection:
            twice = await connection.fetchval(TWICE)
    if twice:
        raise CannotRunError(f"{twice} tickets were called twice")
    at_once = [_p95(burst) for burst in bursts]
    steady = [seconds for desk in paced for seconds in desk]
    detail = f"{len(desks)} windows, medians of {ROUNDS} bursts; no ticket called twice"
    return [
        row("calls.burst.p95", "ms", at_once, at_most=50, detail=detail),
        row("calls.burst.rate", "calls/s", [len(b) / max(b) for b in bursts]),
        row(
            "calls.paced.p95",
            "ms",
            [_p95(steady)],
            at_most=50,
            detail=f"every window calls once in {PACE_SECONDS:.0f} s: "
            f"{len(steady)} calls, p50 {median(steady) * 1000:.1f} ms",
        ),
    ]


async def _open(bench: Bench, queues: dict[str, str]) -> list[tuple[str, dict[str, str]]]:
    """Write clerks at their windows and people who wait; return each window and its headers."""
    bench.step("opening the windows")
    ids: list[UUID] = [uuid4() for _ in queues]
    tokens = [f"staff_{secrets.token_urlsafe(24)}" for _ in queues]
    hashes = [hashlib.sha256(token.encode()).hexdigest() for token in tokens]
    sizes = Counter(queues.values())
    names, most = list(sizes), [PEOPLE * n for n in sizes.values()]
    async with bench.connection() as connection:
        await connection.execute(STAFF, ids, HALL)
        await connection.execute(SESSIONS, hashes, ids)
        await connection.execute(WINDOWS, HALL, list(queues), list(queues.values()), ids)
        await connection.execute(DAYS, HALL, names, today_in(bench))
        await connection.execute(TICKETS, HALL, names, today_in(bench), most)
        await connection.execute("ANALYZE ticket")
    headers = [{"Authorization": f"Bearer {token}"} for token in tokens]
    return list(zip(queues, headers, strict=True))


async def _call(wire: Wire, window: str, headers: dict[str, str]) -> float:
    path = f"/hall/{HALL}/windows/{window}/next"
    return (await wire.ask("POST", path, None, headers, expect=200)).seconds


async def _finish(wire: Wire, window: str, headers: dict[str, str]) -> None:
    await wire.ask("POST", f"/hall/{HALL}/windows/{window}/finish", None, headers, expect=200)


async def _paced(desk: tuple[Wire, str, dict[str, str]], number: int) -> list[float]:
    random = Random(number)
    await asyncio.sleep(random.uniform(0, PACE_SECONDS))
    until = time.perf_counter() + PACED_SECONDS - PACE_SECONDS
    found = []
    while time.perf_counter() < until:
        found.append(await _call(*desk))
        await _finish(*desk)
        await asyncio.sleep(random.uniform(0.5, 1.5) * PACE_SECONDS)
    return found


def _p95(seconds: list[float]) -> float:
    return quantiles(seconds, n=20, method="inclusive")[18] * 1000
