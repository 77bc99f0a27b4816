"""Five thousand WeChat pushes in ten seconds (消息推送): all acknowledged, none answered twice."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass
from random import Random
from statistics import quantiles
from typing import Any
from urllib.parse import urlencode

from benchmarks.bench import Bench
from benchmarks.harness import CannotRunError, Row, benchmark, row
from benchmarks.servers import Server
from benchmarks.wire import Wire
from miniapp_api.platform.wechat import fake_pushing
from miniapp_api.platform.wechat.fake import PUSH_PATH, address_of
from miniapp_api.platform.wechat.fake_pushing import Address

PUSHES = 5_000
REPEATED = 250  # of them: sent before, with the same MsgId
SECONDS = 10.0  # over which they come, open loop
CONNECTIONS = 200
MOST_ACK = 1_000  # milliseconds, of the slowest
QUESTIONS = ("身份证丢了怎么办", "护照到期了怎么换", "社保卡丢了怎么补", "我要办居住证")
DRAIN_SECONDS, LOOK_SECONDS = 900.0, 1.0
LEFT = """
SELECT (SELECT count(*) FROM wechat_push WHERE NOT answered)
     + (SELECT count(*) FROM wechat_piece WHERE state IN ('waiting', 'sending'))
"""
UNSENT = "SELECT state, count(*) AS n FROM wechat_piece WHERE state <> 'sent' GROUP BY state"


@dataclass(frozen=True)
class Push:
    """A push as it goes over the wire: whose, the address with its signature, the sealed body."""

    openid: str
    path: str
    body: bytes


@dataclass(frozen=True)
class Ack:
    """What was answered to a push, and seconds since it was due to be sent."""

    status: int
    body: bytes
    seconds: float


@benchmark("pushes")
async def pushes(bench: Bench) -> list[Row]:
    """Take them all while the first are being answered; then wait until everybody has his answer.

    Nobody waits for an answer before he sends the next push. Rasa is away: the fallback answers.
    """
    async with (
        bench.sms() as fakes,  # WeChat is in the same process
        bench.floor("pushes") as floor,
        bench.api() as api,
    ):
        come = _come(address_of(bench.settings), time.time())
        await _let_in(bench.settings.wechat.fake_port, {push.openid for push in come})
        bench.step("the floor")
        bare = await _send(floor.port, come)
        bench.step(f"{PUSHES} pushes in {SECONDS:.0f} s")
        acks = await _send(api.port, come)
        drained = await _drain(bench, api)
        got = await _sent(bench.settings.wechat.fake_port)
        detail = await _unsent(bench)
        del fakes
    return _rows(acks, bare, drained, _answered(come, got), detail)


def _come(address: Address, now: float) -> list[Push]:
    """Return what is pushed, in its order: every user asks once, some pushes come again later."""
    random = Random(1)
    fresh = [_push(address, f"o-{n:05d}", now, n) for n in range(PUSHES - REPEATED)]
    again = {random.randrange(REPEATED, PUSHES - REPEATED) for _ in range(REPEATED * 2)}
    found = list(fresh)
    for at in sorted(again)[:REPEATED]:
        later = min(at + random.randrange(1, 100), len(found))
        found.insert(later, fresh[at - REPEATED])
    return found


def _push(address: Address, openid: str, now: float, number: int) -> Push:
    fields = fake_pushing.text(openid, QUESTIONS[number % len(QUESTIONS)], now)
    sent = fake_pushing.sealed(address, fields, now, format=("json", "xml")[number % 2])
    return Push(openid, f"{PUSH_PATH}?{urlencode(sent.query)}", sent.body)


async def _let_in(port: int, openids: set[str]) -> None:
    """Tell our WeChat that these users wrote: it lets nobody else be written to."""
    wire = await Wire.open(port)
    await wire.ask("POST", "/wrote", {"openids": sorted(openids)}, expect=200)
    wire.close()


async def _send(port: int, come: list[Push]) -> list[Ack]:
    """Send each at its moment, whatever the server does, and return what was answered."""
    wires: asyncio.Queue[Wire] = asyncio.Queue()
    for wire in await asyncio.gather(*(Wire.open(port) for _ in range(CONNECTIONS))):
        wires.put_nowait(wire)
    began = time.perf_counter()

    async def one(at: float, push: Push) -> Ack:
        await asyncio.sleep(max(0.0, began + at - time.perf_counter()))
        wire = await wires.get()
        try:
            reply = await wire.upload(push.path, push.body, {}, expect=200)
        finally:
            wires.put_nowait(wire)
        return Ack(reply.status, reply.body, time.perf_counter() - began - at)

    acks = await asyncio.gather(
        *(one(SECONDS * number / len(come), push) for number, push in enumerate(come))
    )
    while not wires.empty():
        wires.get_nowait().close()
    return list(acks)


async def _drain(bench: Bench, api: Server) -> float:
    """Wait until nothing is left to answer or to send; return the seconds since the last push."""
    began = time.perf_counter()
    async with bench.connection() as connection:
        while left := await connection.fetchval(LEFT):
            if time.perf_counter() - began > DRAIN_SECONDS or api.process.poll() is not None:
                raise CannotRunError(f"{left} pushes and messages were still waiting")
            bench.step(f"answering: {left} left")
            await asyncio.sleep(LOOK_SECONDS)
    return time.perf_counter() - began


async def _sent(port: int) -> list[dict[str, Any]]:
    wire = await Wire.open(port)
    found: list[dict[str, Any]] = (await wire.ask("GET", "/sent", expect=200)).json()
    wire.close()
    return found


async def _unsent(bench: Bench) -> str:
    async with bench.connection() as connection:
        rows = await connection.fetch(UNSENT)
    return ", ".join(f"{row['n']} {row['state']}" for row in rows) or "all sent"


def _answered(come: list[Push], got: list[dict[str, Any]]) -> Counter[int]:
    """Return how many users got their answer so many times, as their phones show it."""
    said = Counter((each["openid"], each.get("content", each.get("pagepath"))) for each in got)
    times: Counter[str] = Counter()
    for (openid, _), count in said.items():
        times[openid] = max(times[openid], count)
    return Counter(times[openid] for openid in {push.openid for push in come})


def _rows(
    acks: list[Ack], bare: list[Ack], drained: float, answered: Counter[int], detail: str
) -> list[Row]:
    if wrong := [ack for ack in acks if ack.body != b"success"]:
        raise CannotRunError(f"{len(wrong)} pushes were not acknowledged: {wrong[0]}")
    ours, floor = _percentiles(acks), _percentiles(bare)
    twice = sum(users for times, users in answered.items() if times > 1)
    told = f"{PUSHES} pushes in {SECONDS:.0f} s, {REPEATED} of them sent before"
    return [
        row("pushes.ack.p50", "ms", [ours[0]], [floor[0]], detail=told),
        row("pushes.ack.p95", "ms", [ours[1]], [floor[1]]),
        row("pushes.ack.max", "ms", [ours[2]], [floor[2]], at_most=MOST_ACK),
        _none("pushes.twice", "users answered twice", twice, detail),
        _none("pushes.silent", "users without an answer", answered[0], ""),
        row("pushes.drained", "s", [drained], detail="after the last push, until all had answers"),
    ]


def _none(name: str, unit: str, count: int, detail: str) -> Row:
    return Row(name, count, None, None, unit, f"== 0 {unit}", count == 0, detail)


def _percentiles(acks: list[Ack]) -> tuple[float, float, float]:
    """Return p50, p95 and the slowest in milliseconds."""
    seconds = [ack.seconds for ack in acks]
    cuts = quantiles(seconds, n=20, method="inclusive")
    return cuts[9] * 1000, cuts[18] * 1000, max(seconds) * 1000
