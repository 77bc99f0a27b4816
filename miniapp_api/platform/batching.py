"""Asking once for everybody who asks at the same time (合并查询).

While a question is under way, all who ask share the next one: each is answered by a look that
began after he asked. So nothing is cached and nobody sees the past, and ten thousand who come at
once cost as many questions as fit one after the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping


class Batched[K: Hashable, V]:
    """Answers single questions through a function that answers many at once.

    load: returns the answers it knows; who asked for another key gets None.
    """

    def __init__(self, load: Callable[[list[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._load = load
        self._wanted: set[K] = set()
        self._next: asyncio.Future[Mapping[K, V]] | None = None
        self._busy = False

    async def get(self, key: K) -> V | None:
        """Return the answer for a key; raise what the load raises."""
        self._wanted.add(key)
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
        answer = self._next
        if not self._busy:
            self._busy = True
            # A task of its own: whoever asked first may be cancelled, the others still wait.
            self._task = asyncio.create_task(self._look())
        return (await asyncio.shield(answer)).get(key)

    async def _look(self) -> None:
        """Load until nobody is left who asked after the last load began."""
        while self._next is not None:
            answer, wanted = self._next, list(self._wanted)
            self._next, self._wanted = None, set()
            try:
                answer.set_result(await self._load(wanted))
            except Exception as error:
                answer.set_exception(error)
                answer.exception()  # known: nobody may be left to be told
        self._busy = False
