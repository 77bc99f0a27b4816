"""Proof that nobody touched the audit trail (审计链): every entry carries a hash of the one before.

A trigger links the entries: each database backend has a chain of its own, because it runs one
transaction at a time, so that writers never wait for each other. A checkpoint (检查点) is an entry
that names the heads of all chains that grew; its hash goes to the log, outside the database.
What is proved: no entry was changed, inserted or taken out, and no chain was cut before its last
checkpoint.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sanic import Sanic

from miniapp_api.platform import chores
from miniapp_api.platform.audit import SYSTEM, record
from miniapp_api.platform.database import Rows, fetch, transaction
from miniapp_api.platform.logs import log

CHECKPOINT = "audit.checkpoint"
SEPARATOR = "\x1f"
PAGE = 1_000  # hashed in some milliseconds, which a server does not notice
FAULTS_KEPT = 100
LAST_CHAIN, LAST_LINK = 2**31 - 1, 2**63 - 1  # beyond which there are none

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
SELECT id, chain, link, hash, action, at, detail::text AS detail,
       concat_ws(E'\\x1f', id, link, (extract(epoch FROM at) * 1000000)::bigint, actor_kind,
                 coalesce(actor::text, ''), action, subject, coalesce(hall, ''), detail::text)
       AS text
FROM audit_entry WHERE (chain, link) > ($1, $2) AND chain <= $3 ORDER BY chain, link LIMIT $4
"""
HEADS = "SELECT chain, link, hash FROM audit_chain WHERE chain > $1 ORDER BY chain LIMIT $2"
HEAD = "SELECT link FROM audit_chain WHERE chain = $1"
# What checkpoints name and the trail does not have, or not as they name it.
MISSING = """
SELECT DISTINCT n.chain, n.link
FROM unnest($1::int[], $2::bigint[], $3::text[]) AS n(chain, link, hash)
LEFT JOIN audit_entry e ON e.chain = n.chain AND e.link = n.link
WHERE e.hash IS NULL OR encode(e.hash, 'hex') <> n.hash ORDER BY n.chain, n.link
"""
COUNT = "SELECT count(*) AS entries FROM audit_entry"


@dataclass
class Verdict:
    """What a check of the whole trail found.

    `faults` are the first of those found; they name entries, never what they say.
    """

    entries: int = 0
    chains: int = 0
    checkpoints: int = 0
    until: datetime | None = None  # when the newest entry was written
    witness: str = ""  # the last checkpoint's hash, to compare with the log
    faults: list[str] = field(default_factory=list)
    faults_found: int = 0

    def add(self, fault: str) -> None:
        """Count a fault, and keep it unless there are enough."""
        self.faults_found += 1
        if len(self.faults) < FAULTS_KEPT:
            self.faults.append(fault)


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
    """Read the whole trail and return what was found; `tick` is told how many were read.

    It is read in pages, none of which is kept: a trail of any length takes the same memory. What
    is written meanwhile is no fault.
    """
    return await _Check(tick).run()


def link_hash(before: bytes, text: str) -> bytes:
    """Return the hash of a link: SHA-256 of the one before and of what the entry says."""
    return hashlib.sha256(before + text.encode()).digest()


class _Check:
    """A check of the trail under way: some chains at a time, their heads first."""

    def __init__(self, tick: Callable[[int], Any]) -> None:
        self._tick = tick
        self._verdict = Verdict()
        self._newest = 0  # the id of the last checkpoint
        self._named: list[tuple[int, int, str]] = []  # by checkpoints, and not looked for yet

    async def run(self) -> Verdict:
        after, upto = -1, -1
        while upto < LAST_CHAIN:
            heads: Rows = await fetch(HEADS, after, PAGE)
            upto = heads[-1]["chain"] if len(heads) == PAGE else LAST_CHAIN
            ends = await self._read_chains(after, upto)
            await self._compare(heads, ends)
            after = upto
        await self._look_for_named()
        return self._verdict

    async def _read_chains(self, after: int, upto: int) -> dict[int, tuple[int, bytes]]:
        """Check the links of the chains of (after, upto], and return where each one ends."""
        verdict = self._verdict
        ends: dict[int, tuple[int, bytes]] = {}
        async for row in _links(after, upto):
            chain = row["chain"]
            if chain not in ends:
                verdict.chains += 1
            self._check_link(row, ends.get(chain, (0, b"")))
            ends[chain] = (row["link"], bytes(row["hash"]))
            verdict.until = max(verdict.until or row["at"], row["at"])
            if row["action"] == CHECKPOINT:
                await self._note(row)
            verdict.entries += 1
            self._tick(verdict.entries)
        return ends

    def _check_link(self, row: dict[str, Any], last: tuple[int, bytes]) -> None:
        if row["link"] != last[0] + 1:
            self._verdict.add(f"chain {row['chain']}: links before {row['link']} are missing")
        elif link_hash(last[1], row["text"]) != bytes(row["hash"]):
            self._verdict.add(f"entry {row['id']} was changed")

    async def _note(self, checkpoint: dict[str, Any]) -> None:
        self._verdict.checkpoints += 1
        if checkpoint["id"] > self._newest:
            self._newest = checkpoint["id"]
            self._verdict.witness = bytes(checkpoint["hash"]).hex()
        heads = orjson.loads(checkpoint["detail"])["heads"]
        self._named += [(int(chain), link, hash_) for chain, (link, hash_) in heads.items()]
        if len(self._named) >= PAGE:
            await self._look_for_named()

    async def _look_for_named(self) -> None:
        """Look for what checkpoints named; the entries' own hashes are checked elsewhere."""
        if not self._named:
            return
        columns = [list(column) for column in zip(*self._named, strict=True)]
        self._named.clear()
        for row in await fetch(MISSING, *columns):
            self._verdict.add(
                f"chain {row['chain']} was cut or rewritten before link {row['link']}, "
                "which a checkpoint names"
            )

    async def _compare(self, heads: Rows, ends: dict[int, tuple[int, bytes]]) -> None:
        """A chain's end must be where its head said; one that grew since is longer."""
        for head in heads:
            link, hash_ = head["link"], bytes(head["hash"])
            end = ends.pop(head["chain"], (0, b""))
            if end[0] < link or (end[0] == link and end[1] != hash_):
                self._verdict.add(f"chain {head['chain']} ends at link {end[0]}, not at {link}")
        for chain in sorted(ends):
            if not await fetch(HEAD, chain):  # else it began since the heads were read
                self._verdict.add(f"chain {chain} has no head")


async def _links(after: int, upto: int) -> AsyncIterator[dict[str, Any]]:
    """Yield the links of the chains of (after, upto], in order."""
    chain, link = after, LAST_LINK
    while True:
        rows: Rows = await fetch(LINKS, chain, link, upto, PAGE)
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
    chores.every(app, seconds, _checkpoint, failed="audit_checkpoint_failed")


async def _checkpoint(app: Sanic) -> None:
    await checkpoint(app.ctx.clock.now())


async def count() -> int:
    """Return how many entries there are."""
    (row,) = await fetch(COUNT)
    return int(row["entries"])
