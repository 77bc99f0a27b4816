"""Publishing (发布): a version gets its number and day, and every replica the file of it.

The table decides; each replica writes what is published into its own folder, which its library
reads over the handbook. Any number of processes may do both at once.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import date, datetime
from pathlib import Path
from uuid import UUID, uuid4

from miniapp_api.guides.catalogue import write_lines
from miniapp_api.guides.editing import store, texts
from miniapp_api.guides.editing.errors import GuideFaulty, GuideMoved, VersionMoved
from miniapp_api.guides.editing.patching import dump, load, patch
from miniapp_api.guides.editing.reading import Draft, Reader
from miniapp_api.guides.editing.rules import Kind, covers, current_version, next_version, sources
from miniapp_api.guides.editing.store import Version
from miniapp_api.guides.library import Library
from miniapp_api.platform.audit import SYSTEM, record
from miniapp_api.platform.clock import Clock, today
from miniapp_api.platform.database import transaction
from miniapp_api.platform.errors import Refusal
from miniapp_api.platform.logs import log

TRIES, WAIT_SECONDS = 30, 0.1  # for the folder, which another process may be writing
LOCK_NAME = ".lock"


class Publisher:
    """Publishes what is approved and due, and keeps this replica's folder in step."""

    def __init__(self, library: Library, reader: Reader, clock: Clock) -> None:
        self._library = library
        self._reader = reader
        self._clock = clock

    # -- the table -------------------------------------------------------------------------------

    async def publish_due(self) -> int:
        """Publish every version whose day has come; return how many."""
        ids = await store.due(today(self._clock))
        return sum([await self._publish_one(id) for id in ids])

    async def _publish_one(self, id: UUID) -> bool:
        """Publish a version, or send it back when it cannot be; never a faulty one."""
        now = self._clock.now()
        try:
            async with transaction() as connection:
                await self.publish(connection, id, now)
            return True
        except VersionMoved:  # another process was quicker, or it was withdrawn
            return False
        except (GuideFaulty, GuideMoved) as refusal:
            await self._send_back(id, _remark(refusal), now)
            return False

    async def _send_back(self, id: UUID, remark: str, now: datetime) -> None:
        async with transaction() as connection:
            states = sources("publish")
            if not await store.close(
                connection, id, list(states), "rejected", None, now, remark[:500]
            ):
                return
            version = await store.by_id(id, connection)
            if version:
                await record(connection, SYSTEM, "guide.rejected", subject(version), at=now)
        log.warning("guide_not_published", version=str(id))

    async def publish(self, connection: store.Connection, id: UUID, now: datetime) -> int:
        """Give a scheduled version its number, in the caller's transaction; return the number.

        Raises VersionMoved, GuideFaulty, or GuideMoved when citizens see another version by now
        than the one it was written over.
        """
        version = await store.by_id(id, connection)
        if version is None or version.state != "scheduled":
            raise VersionMoved(state=version.state if version else None)
        await store.lock(connection, version.kind, version.code)
        highest = await store.highest(connection, version.kind, version.code)
        filed = self.filed_version(version.kind, version.code)
        number = next_version(filed, highest)
        text = stamped(version.kind, version.text, number, now.date())
        current = current_version(filed, highest)
        await asyncio.to_thread(self.check, version, text, current, now.date())
        await self._keep_file(connection, version, now)
        await store.supersede(connection, version.kind, version.code, now)
        if not await store.publish(connection, id, number, text, now):
            raise VersionMoved()
        detail = {"version": number, "id": str(id)}
        await record(connection, SYSTEM, "guide.published", subject(version), at=now, detail=detail)
        return number

    def check(self, version: Version, text: str, current: int, day: date) -> Draft:
        """Return what a version says; raise GuideMoved or GuideFaulty when it may not go out."""
        if version.base_version != current:
            raise GuideMoved(current=current)
        return self.sound(version.kind, version.code, text, day)

    def sound(self, kind: str, code: str, text: str, day: date) -> Draft:
        """Return what a text says, or raise GuideFaulty with its faults."""
        draft = self._reader.read(_kind(kind), code, text, day)
        if not draft.is_sound:
            faults = [
                {"line": f.line, "field": f.field, "message": f.message}
                for f in draft.faults
                if f.level == "error"
            ]
            raise GuideFaulty(faults=faults)
        return draft

    async def _keep_file(
        self, connection: store.Connection, version: Version, now: datetime
    ) -> None:
        """Keep what git had, before the first version of ours lies over it."""
        filed = self._library.shelf.handbook.filed.get(f"{version.kind}/{version.code}")
        if filed is None:
            return
        text = await asyncio.to_thread(filed.path.read_text, encoding="utf-8-sig")
        await store.keep_file(connection, uuid4(), version, text, filed.version, now)

    def filed_version(self, kind: str, code: str) -> int | None:
        """Return the version of the handbook's file, None when there is none."""
        filed = self._library.shelf.handbook.filed.get(f"{kind}/{code}")
        return filed.version if filed else None

    # -- the folder ------------------------------------------------------------------------------

    async def round(self) -> None:
        """Publish what is due, bring the folder in step, and have the library read it."""
        await self.publish_due()
        if await self.write():
            await asyncio.to_thread(self._library.refresh)

    async def write(self) -> bool:
        """Write what is published into the folder and take away what is not; tell if it changed.

        The table is read under the folder's lock: no process writes what is older than what lies
        there.
        """
        folder = self._library.published
        if folder is None:
            return False
        async with _alone_in(folder) as alone:
            if not alone:
                return False
            rows = [
                row
                for row in await store.published()
                if covers(row["version"], self.filed_version(row["kind"], row["code"]))
            ]
            found = await asyncio.to_thread(_found, folder)
            wanted = {str(row["id"]): row for row in rows}
            missing = [row["id"] for id, row in wanted.items() if id not in found]
            contents = await store.texts(missing)
            gone = [path for id, path in found.items() if id not in wanted]
            files = [_file(folder, wanted[str(id)], text) for id, text in contents.items()]
            await asyncio.to_thread(_replace, files, gone)
            return bool(files or gone)

    async def keep(self, seconds: float) -> None:
        """Go round for ever; what fails is tried again in the next round."""
        while True:
            try:
                await self.round()
            except Exception as error:
                log.warning("publishing_failed", error=type(error).__name__, trace=error)
            await asyncio.sleep(seconds)


def subject(version: Version) -> str:
    """Return what the audit trail calls a guide."""
    return f"guide:{version.kind}/{version.code}"


def stamped(kind: str, text: str, number: int, day: date) -> str:
    """Return the text with its number, and of a guide the day from which it holds."""
    stamps = {"version": number, "effective": day} if kind == "items" else {"version": number}
    return patch(text, stamps)


def _kind(kind: str) -> Kind:
    return "notices" if kind == "notices" else "items"


def _remark(refusal: Refusal) -> str:
    if isinstance(refusal, GuideMoved):
        return texts.DUE_BUT_MOVED
    faults = refusal.extra.get("faults") or [{"message": ""}]
    return texts.DUE_BUT_FAULTY.format(fault=faults[0]["message"])


@asynccontextmanager
async def _alone_in(folder: Path) -> AsyncIterator[bool]:
    """Hold the folder's lock; yield False when another process keeps it too long."""
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - once, and local
    handle = os.open(folder / LOCK_NAME, os.O_CREAT | os.O_RDWR, 0o644)
    try:
        yield await _locked(handle)
    finally:
        os.close(handle)  # which releases the lock


async def _locked(handle: int) -> bool:
    for _ in range(TRIES):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            await asyncio.sleep(WAIT_SECONDS)
        else:
            return True
    return False


def _found(folder: Path) -> dict[str, Path]:
    """Return the files of the folder by the version that their first line names."""
    found = {}
    for path in folder.rglob("*.yaml"):
        with path.open(encoding="utf-8", errors="replace") as file:
            found[file.readline().rpartition(":")[2].strip()] = path
    return found


def _file(folder: Path, row: store.Row, text: str) -> tuple[Path, list[bytes]]:
    """Return where a version lies and its lines, in the plain form that every reader knows."""
    values = load(text) or {}
    themes = values.get("themes") or ["-"]
    place = folder / row["kind"]
    place = place / str(themes[0]) if row["kind"] == "items" else place
    header = texts.HEADER.format(version=row["version"], id=row["id"])
    lines = [header, *dump(values).splitlines()]
    return place / f"{row['code']}.yaml", [line.encode() for line in lines]


def _replace(files: Iterable[tuple[Path, list[bytes]]], gone: Iterable[Path]) -> None:
    """Put the new files in their places, whole; then take away those that are left over."""
    written = set()
    for path, lines in files:
        write_lines(path, lines)
        written.add(path)
    for path in gone:
        if path not in written:
            path.unlink(missing_ok=True)
