"""Use cases of the audit trail: search (查询), export (导出), check (核验)."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Callable
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson

from miniapp_api.platform import audit, audit_chain
from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import Rows, transaction
from miniapp_api.platform.logs import log
from miniapp_api.staff import audit_store, store
from miniapp_api.staff.audit_schemas import (
    AuditCheckView,
    AuditEntries,
    AuditEntryView,
    AuditExport,
    AuditQuery,
    AuditSearch,
    CheckState,
)
from miniapp_api.staff.errors import AuditCheckRunning

TRAIL = "audit"  # the subject of what is done with the trail itself
PAGE = 1_000  # entries of an export read at once
BEAT_SECONDS = 1.0  # how often a check says how far it is
STALE = timedelta(seconds=30)  # a check that was silent for longer is not going on
MIDNIGHT = time()
FAULTS = 20  # that are kept; all are counted
CHECKS = 10  # that are listed
COLUMNS = ("id", "at", "actor_kind", "actor", "actor_name", "action", "subject", "hall", "detail")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins like this
Encode = Callable[[AuditEntryView], bytes]


class AuditReading:
    """Reads the audit trail of halls, and proves that nobody touched it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._running: set[asyncio.Task[None]] = set()

    # -- reading ---------------------------------------------------------------------------------

    async def entries(self, by: StaffMember, query: AuditQuery) -> AuditEntries:
        """Return a page of the trail of the member's hall."""
        search = self._search(by, query, query.before)
        rows = await audit.entries(search, query.limit + 1)
        shown = await self._shown(rows[: query.limit])
        return AuditEntries(entries=shown, next=shown[-1].id if len(rows) > query.limit else None)

    async def export(self, by: StaffMember, asked: AuditExport) -> AsyncIterator[bytes]:
        """Yield all that is found as CSV or JSONL; that it was exported is in the trail first."""
        now = self._clock.now()
        detail = asked.model_dump(mode="json", exclude_none=True)
        async with transaction() as connection:
            await audit.by_staff(connection, by, "audit.exported", TRAIL, at=now, detail=detail)
        encode, before = _jsonl if asked.format == "jsonl" else _csv, None
        if asked.format == "csv":
            yield "\ufeff".encode() + _line(COLUMNS)  # so that Excel reads it as UTF-8
        while rows := await audit.entries(self._search(by, asked, before), PAGE):
            yield b"".join(encode(entry) for entry in await self._shown(rows))
            before = rows[-1]["id"]

    def _search(self, by: StaffMember, asked: AuditSearch, before: int | None) -> audit.Search:
        zone = self._clock.now().tzinfo
        since = datetime.combine(asked.since, MIDNIGHT, zone) if asked.since else None
        after = asked.until + timedelta(days=1) if asked.until else None
        until = datetime.combine(after, MIDNIGHT, zone) if after else None
        named = asked.model_dump(include={"actor", "action", "subject"})
        return audit.Search(by.hall, before, since, until, **named)

    async def _shown(self, rows: Rows) -> list[AuditEntryView]:
        acting = {row["actor"] for row in rows if row["actor_kind"] == "staff"}
        names = await store.names(acting) if acting else {}
        return [AuditEntryView(**row, actor_name=names.get(row["actor"])) for row in rows]

    # -- checking --------------------------------------------------------------------------------

    async def begin_check(self, by: StaffMember) -> AuditCheckView:
        """Begin to check the whole trail in the background; raise AuditCheckRunning."""
        now, id, entries = self._clock.now(), uuid4(), await audit_chain.count()
        async with transaction() as connection:
            if not await audit_store.begin(connection, id, by.id, entries, now, now - STALE):
                raise AuditCheckRunning()
            await audit.by_staff(connection, by, "audit.check_begun", TRAIL, at=now)
        task = asyncio.create_task(self._check(id, by))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return (await self.checks(1))[0]

    async def checks(self, most: int = CHECKS) -> list[AuditCheckView]:
        """Return the last checks of the trail, the newest first."""
        rows = await audit_store.latest(most)
        names = await store.names({row["started_by"] for row in rows}) if rows else {}
        return [
            AuditCheckView(
                **{name: value for name, value in row.items() if name != "seen_at"},
                state=self._state(row),
                started_by_name=names.get(row["started_by"]),
            )
            for row in rows
        ]

    async def stop(self) -> None:
        """End what goes on in the background."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _state(self, row: dict[str, Any]) -> CheckState:
        if row["ended_at"] is None:
            return "running" if row["seen_at"] > self._clock.now() - STALE else "interrupted"
        return "broken" if row["faults_found"] else "sound"

    async def _check(self, id: UUID, by: StaffMember) -> None:
        """Check the trail, and say every second how far it is."""
        done = 0

        def tick(entries: int) -> None:
            nonlocal done
            done = entries

        async def beat() -> None:
            while True:
                await asyncio.sleep(BEAT_SECONDS)
                await audit_store.go_on(id, done, self._clock.now())

        beating = asyncio.create_task(beat())
        try:
            verdict = await audit_chain.verify(tick)
        except Exception as error:
            log.error("audit_check_failed", error=type(error).__name__, trace=error)
            return
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)
        await self._end(id, by, verdict)

    async def _end(self, id: UUID, by: StaffMember, verdict: audit_chain.Verdict) -> None:
        now, faults = self._clock.now(), verdict.faults_found
        detail = {"entries": verdict.entries, "faults": faults, "witness": verdict.witness}
        async with transaction() as connection:
            await audit_store.end(connection, id, verdict, FAULTS, now)
            await audit.by_staff(connection, by, "audit.checked", TRAIL, at=now, detail=detail)
        if faults:
            log.error("audit_trail_broken", faults=faults)


def _jsonl(entry: AuditEntryView) -> bytes:
    return orjson.dumps(entry.model_dump(mode="json")) + b"\n"


def _csv(entry: AuditEntryView) -> bytes:
    shown = entry.model_dump(mode="json") | {"detail": orjson.dumps(entry.detail).decode()}
    return _line(tuple(_harmless(shown[name]) for name in COLUMNS))


def _line(cells: tuple[Any, ...]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
