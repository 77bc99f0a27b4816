"""Proof that nobody touched the audit trail (审计链): every entry carries a hash of the one before.

A trigger links the entries: each database backend has a chain of its own, because it runs one
transaction at a time, so that writers never wait for each other. A checkpoint (检查点) is an entry
that names the heads of all chains that grew; its hash goes to the log, outside the database.
What is proved: no entry was changed, inserted or taken out, and no chain was cut before its last
checkpoint.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sanic import Sanic

from miniapp_api.platform.audit import SYSTEM, record
from miniapp_api.platform.database import Rows, fetch, transaction
from miniapp_api.platform.logs import log

CHECKPOINT = "audit.checkpoint"
SEPARATOR = "\x1f"
PAGE = 5_000

LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended('audit checkpoint', 0)) AS mine"
# Since the last checkpoint; what is committed now, in one snapshot.
GROWN = """
SELECT chain, link, hash FROM audit_chain h WHERE NOT EXISTS (
  SELECT 1 FROM audit_entry c WHERE c.action = $1
  AND c.id = (SELECT max(id) FROM audit_entry WHERE action = $1)
  AND (c.chain = h.chain AND c.link = h.link
       OR (c.detail -> 'heads' -> h.chain::text ->> 0)::bigint = h.link))
ORDER BY chain
"""
LINKS = """
SELECT id, chain, link, hash, action, detail::text AS detail,
       concat_ws(E'\\x1f', id, link, (extract(epoch FROM at) * 1000000)::bigint, actor_kind,
                 coalesce(actor::text, ''), action, subject, coalesce(hall, ''), detail::text)
       AS text
FROM audit_entry WHERE (chain, link) > ($1, $2) ORDER BY chain, link LIMIT $3
"""
HEADS = "SELECT chain, link, hash FROM audit_chain"
COUNT = "SELECT count(*) AS entries FROM audit_entry"


@dataclass
class Verdict:
    """What a check of the whole trail found; `faults` name entries, never what they say."""

    entries: int = 0
    chains: int = 0
    checkpoints: int = 0
    witness: str = ""  # the last checkpoint's hash, to compare with the log
    faults: list[str] = field(default_factory=list)


async def checkpoint(now: datetime) -> str | None:
    """Tie the chains together and return the checkpoint's hash; None when nothing grew."""
    async with transaction() as connection:
        (mine,) = await fetch(LOCK, connection=connection)
        heads = await fetch(GROWN, CHECKPOINT, connection=connection) if mine["mine"] else []
        if not heads:
            return None
        named = {str(h["chain"]): [h["link"], bytes(h["hash"]).hex()] for h in heads}
        detail = {"heads": named}
        await record(connection, SYSTEM, CHECKPOINT, "audit", at=now, detail=detail)
        sql = "SELECT hash FROM audit_chain WHERE chain = pg_backend_pid()"
        (own,) = await fetch(sql, connection=connection)
    witness = bytes(own["hash"]).hex()
    log.info("audit_checkpoint", witness=witness, chains=len(named))
    return witness


async def verify(tick: Callable[[int], Any] = lambda done: None) -> Verdict:
    """Read the whole trail and return what was found; `tick` is told how many were read."""
    verdict, last = Verdict(), (0, b"")
    hashes: dict[tuple[int, int], str] = {}
    named: dict[tuple[int, int], str] = {}
    heads = {row["chain"]: (row["link"], bytes(row["hash"])) for row in await fetch(HEADS)}
    chain, newest = -1, 0
    seen: dict[int, tuple[int, bytes]] = {}
    async for row in _links():
        if row["chain"] != chain:
            chain, last = row["chain"], (0, b"")
            verdict.chains += 1
        _check_link(verdict, row, last)
        last = seen[chain] = (row["link"], bytes(row["hash"]))
        hashes[chain, row["link"]] = last[1].hex()
        if row["action"] == CHECKPOINT:
            verdict.checkpoints += 1
            if row["id"] > newest:
                newest, verdict.witness = row["id"], last[1].hex()
            for each, (link, hash_) in orjson.loads(row["detail"])["heads"].items():
                named[int(each), link] = hash_
        verdict.entries += 1
        tick(verdict.entries)
    _check_heads(verdict, heads, seen)
    verdict.faults += [
        f"chain {at[0]} was cut or rewritten before link {at[1]}, which a checkpoint names"
        for at, hash_ in sorted(named.items())
        if hashes.get(at) != hash_
    ]
    return verdict


def link_hash(before: bytes, text: str) -> bytes:
    """Return the hash of a link: SHA-256 of the one before and of what the entry says."""
    return hashlib.sha256(before + text.encode()).digest()


def _check_link(verdict: Verdict, row: dict[str, Any], last: tuple[int, bytes]) -> None:
    if row["link"] != last[0] + 1:
        verdict.faults.append(f"chain {row['chain']}: links before {row['link']} are missing")
    elif link_hash(last[1], row["text"]) != bytes(row["hash"]):
        verdict.faults.append(f"entry {row['id']} was changed")


def _check_heads(
    verdict: Verdict, heads: dict[int, tuple[int, bytes]], seen: dict[int, tuple[int, bytes]]
) -> None:
    """A chain's end must be where its head says; one that grew while we read is longer."""
    for chain, (link, hash_) in sorted(heads.items()):
        end = seen.get(chain, (0, b""))
        if end[0] < link or (end[0] == link and end[1] != hash_):
            verdict.faults.append(f"chain {chain} ends at link {end[0]}, not at {link}")
    verdict.faults += [f"chain {chain} has no head" for chain in sorted(seen.keys() - heads.keys())]


async def _links() -> AsyncIterator[dict[str, Any]]:
    chain, link = -1, -1
    while True:
        rows: Rows = await fetch(LINKS, chain, link, PAGE)
        for row in rows:
            yield row
        if len(rows) < PAGE:
            return
        chain, link = rows[-1]["chain"], rows[-1]["link"]


async def has_checkpoint(witness: str) -> bool:
    """Return whether a checkpoint with this hash (hex, from the log) is in the trail."""
    sql = "SELECT 1 FROM audit_entry WHERE action = $1 AND encode(hash, 'hex') = $2"
    return bool(await fetch(sql, CHECKPOINT, witness))


def install(app: Sanic, seconds: float) -> None:
    """Write checkpoints as long as a worker lives."""

    @app.after_server_start
    async def start(app: Sanic) -> None:
        app.ctx.checkpoints = asyncio.create_task(_keep(app, seconds))

    @app.before_server_stop
    async def stop(app: Sanic) -> None:
        app.ctx.checkpoints.cancel()
        await asyncio.gather(app.ctx.checkpoints, return_exceptions=True)


async def _keep(app: Sanic, seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await checkpoint(app.ctx.clock.now())
        except Exception as error:
            log.warning("audit_checkpoint_failed", error=type(error).__name__, trace=error)


async def count() -> int:
    """Return how many entries there are."""
    (row,) = await fetch(COUNT)
    return int(row["entries"])
