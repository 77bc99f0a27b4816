"""Processes that clean files (净化进程): as many as there are cores, so that memory is bounded."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from miniapp_api.platform.errors import Refusal
from miniapp_api.platform.files.cleaning import Cleaned, Limits, outcome
from miniapp_api.platform.files.errors import FILE_ERRORS, PictureBroken
from miniapp_api.platform.files.sniff import MediaType
from miniapp_api.platform.logs import log

TASKS_A_PROCESS = 200  # then it is replaced: whatever a library leaked is gone
BY_CODE: dict[str, type[Refusal]] = {error.code: error for error in FILE_ERRORS}


class Cleaners:
    """Cleans files away from the event loop; a file that kills its cleaner kills no more."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._pool = _pool()

    async def clean(self, source: Path, target: Path, kind: MediaType) -> Cleaned:
        """Write a clean copy of a file; raise what is wrong with it."""
        loop, pool = asyncio.get_running_loop(), self._pool
        try:
            result = await loop.run_in_executor(pool, outcome, source, target, kind, self._limits)
        except BrokenProcessPool:
            log.warning("cleaner_died", media_type=kind)
            if self._pool is pool:
                self._pool = _pool()
            raise PictureBroken() from None
        if isinstance(result, str):
            raise BY_CODE[result]()
        return result

    def close(self) -> None:
        """Stop the processes."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _pool() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        max_workers=os.cpu_count() or 1,
        mp_context=multiprocessing.get_context("spawn"),
        max_tasks_per_child=TASKS_A_PROCESS,
        initializer=_end_with_parent,
    )


def _end_with_parent() -> None:
    """End this process when the one that started it was killed: nobody else would."""
    threading.Thread(target=_await_parent, daemon=True).start()


def _await_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
    os._exit(1)
