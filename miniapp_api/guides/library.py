"""The handbook in memory (在用的手册), read again when an editor or an import changes a file."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from miniapp_api.guides.catalogue import CatalogueError
from miniapp_api.guides.handbook import Handbook, HandbookError, load_handbook
from miniapp_api.guides.search import ItemSearch
from miniapp_api.platform.logs import log

Signature = frozenset[tuple[str, int, int]]


@dataclass(frozen=True)
class Shelf:
    """A handbook with its search index, swapped as one (手册和索引)."""

    handbook: Handbook
    search: ItemSearch


class Library:
    """Holds the current shelf; readers never wait for a reload."""

    def __init__(self, folder: Path, catalogues: Path, published: Path | None = None) -> None:
        """Load at once; raise HandbookError or CatalogueError if that is impossible.

        published: the folder of what editors published over the handbook (已发布的版本).
        """
        self.folder = folder
        self.published = published
        self._catalogues = catalogues
        self._reading = threading.Lock()
        self._signature = self._look()
        self.shelf = self._load()

    def _load(self) -> Shelf:
        handbook = load_handbook(self.folder, self._catalogues, self.published)
        for fault in handbook.left_out:
            name = Path(fault.file).name
            log.warning("item_left_out", file=name, line=fault.line, fault=fault.code)
        return Shelf(handbook, ItemSearch(handbook))

    def _look(self) -> Signature:
        return frozenset(_stats(self.folder, self._catalogues, self.published))

    def refresh(self) -> bool:
        """Read again if a file changed; a faulty change keeps the old shelf until it is mended."""
        with self._reading:
            return self._refresh()

    @property
    def signature(self) -> Signature:
        """Return what tells one state of the files from another (文件状态)."""
        return self._signature

    def _refresh(self) -> bool:
        signature = self._look()
        if signature == self._signature:
            return False
        self._signature = signature
        try:
            self.shelf = self._load()
        except (HandbookError, CatalogueError, OSError) as error:
            log.error("handbook_not_reloaded", error=str(error))
            return False
        log.info("handbook_reloaded", items=len(self.shelf.handbook.items))
        return True

    async def watch(self, seconds: float) -> None:
        """Refresh for ever, off the event loop."""
        while True:
            await asyncio.sleep(seconds)
            await asyncio.to_thread(self.refresh)


def _stats(
    folder: Path, catalogues: Path, published: Path | None
) -> Iterator[tuple[str, int, int]]:
    """Name, size and time of every file read: cheap, and any edit changes one of them."""
    over = published.rglob("*.yaml") if published else ()
    for path in (*folder.rglob("*.y*ml"), *over, *catalogues.glob("*.jsonl")):
        try:
            stat = path.stat()
        except OSError:  # an editor's programme replaced it just now
            continue
        yield str(path), stat.st_size, stat.st_mtime_ns
