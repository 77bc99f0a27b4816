"""Doing a user's work: one talk at a time in one pair of hands, in order; many talks at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import uuid4

from miniapp_api.chat.wechat import pieces, store
from miniapp_api.chat.wechat.answering import Answering
from miniapp_api.chat.wechat.inbox import talk_place
from miniapp_api.chat.wechat.sending import Sending
from miniapp_api.chat.wechat.store import Talk
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.logs import log
from miniapp_api.platform.sealing import Sealer
from miniapp_api.settings import WeChat

# More pushes than this within that time are a rush: every step of an answer gives way so long.
RUSH, RUSH_SECONDS, WAY_SECONDS = 10, 0.1, 1.0


class Worker:
    """Takes talks that have work due until none is left; every replica has one."""

    def __init__(
        self,
        answering: Answering,
        sending: Sending,
        sealer: Sealer,
        clock: Clock,
        settings: WeChat,
    ) -> None:
        self._answering = answering
        self._sending = sending
        self._sealer = sealer
        self._clock = clock
        self._settings = settings
        self._news = asyncio.Event()
        self._stopping = False
        self._counted_since = self._calm_at = 0.0
        self._counted = 0

    @contextmanager
    def arriving(self) -> Iterator[None]:
        """A push is being kept: in a rush it comes before answers. After it there is work."""
        now = time.monotonic()
        if now - self._counted_since > RUSH_SECONDS:
            self._counted_since, self._counted = now, 0
        self._counted += 1
        if self._counted > RUSH:
            self._calm_at = now + WAY_SECONDS
        try:
            yield
        finally:
            self._news.set()

    async def run(self) -> None:
        """Work as long as the process lives."""
        hands = [self._hand() for _ in range(self._settings.answers_at_once)]
        await asyncio.gather(*hands)

    def stop(self) -> None:
        """Have every hand finish what it is at, leave the rest to others, and end."""
        self._stopping = True
        self._news.set()

    async def _hand(self) -> None:
        while not self._stopping:
            try:
                self._news.clear()  # first: what comes in while we look is looked for again
                while not self._stopping and await self.work():
                    pass
                if self._stopping:
                    return
                await asyncio.wait_for(self._news.wait(), self._settings.poll_seconds)
            except TimeoutError:
                continue
            except Exception as error:
                log.warning("wechat_worker_failed", error=type(error).__name__, trace=error)
                await asyncio.sleep(self._settings.poll_seconds)

    async def work(self) -> bool:
        """Do all that is due in one talk; False when there is none."""
        talk = await store.claim(self._clock.now(), uuid4(), self._until(), pieces.DOUBT)
        if talk is None:
            return False
        openid = await self._sealer.open(talk.openid_sealed, talk_place(talk.id))
        while (news := await store.keep(talk, self._until())) is not None:
            await self._give_way()
            step = None if self._stopping else await self._step(talk, openid)
            if step is None and await store.rest(talk, news):
                return True
            talk = step or talk
        return True  # it took so long that another worker has it now

    async def _give_way(self) -> None:
        """Let pushes come first: WeChat gives up after five seconds, users wait longer."""
        rush = self._calm_at - time.monotonic()
        if rush > 0 and not self._stopping:
            await asyncio.sleep(rush)

    async def _step(self, talk: Talk, openid: str) -> Talk | None:
        """Send the next piece, or answer the next push; None when neither is due."""
        now = self._clock.now()
        piece = await store.next_piece(talk)
        if piece is not None:
            if piece.due_at > now:
                return None  # what comes after it waits for it
            await self._sending.send(talk, openid, piece)
            return talk
        push = await store.next_push(talk)
        if push is None or push.due_at > now:
            return None
        return await self._answering.answer(talk, openid, push)

    def _until(self) -> datetime:
        return self._clock.now() + timedelta(seconds=self._settings.lease_seconds)

    async def forget(self, history_days: int) -> None:
        """Delete what was done long ago, and talks that nobody came back to."""
        now = self._clock.now()
        before = now - timedelta(days=self._settings.keep_days)
        await store.forget(before, now - timedelta(days=history_days))
