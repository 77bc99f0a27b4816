"""Use cases of messages: tell a citizen something, deliver what is due, read the inbox.

A message is put into the outbox by the use case that causes it, in its transaction, and delivered
to the in-app inbox when it is due. How it leaves the inbox is `delivery`'s, which follows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.messages import store
from miniapp_api.messages.schemas import Inbox, NoticeView
from miniapp_api.messages.texts import compose
from miniapp_api.platform import outbox
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.errors import Refusal

TOPIC = "message"
KEPT_OUTBOX = timedelta(days=30)

Guard = Callable[[Mapping[str, Any]], Awaitable[bool]]


@dataclass(frozen=True)
class Told:
    """A message that the inbox took; `at`: when it was due."""

    notice: int
    citizen: UUID
    kind: str
    about: Mapping[str, Any]
    at: datetime


# What else follows from a message, in the transaction that writes it.
Follower = Callable[[BaseDBAsyncClient, Told], Awaitable[None]]


class NoticeNotFound(Refusal):
    """No such message of this citizen."""

    status, code, title = 404, "message_not_found", "没有找到这条消息"


class MessageService:
    """Tells citizens what they should know."""

    def __init__(self, clock: Clock, keep_days: int) -> None:
        self._clock = clock
        self._keep = timedelta(days=keep_days)
        self._guards: dict[str, Guard] = {}
        self.followers: list[Follower] = []

    async def tell(
        self,
        connection: BaseDBAsyncClient,
        citizen: UUID,
        kind: str,
        *,
        about: Mapping[str, Any],
        due: datetime,
        key: str | None = None,
    ) -> None:
        """Queue a message in the caller's transaction; the same key twice is one message.

        about: the facts that the text names, as JSON; nothing about the person.
        """
        at = due.isoformat()
        body = {"citizen": str(citizen), "kind": kind, "about": dict(about), "at": at}
        await outbox.put(connection, TOPIC, body, due=due, key=key)

    def guard(self, kind: str, still_true: Guard) -> None:
        """Ask before a message of a kind is delivered: False drops it (a reminder out of date)."""
        self._guards[kind] = still_true

    async def drain(self) -> int:
        """Deliver what is due and return how many pieces were handled."""
        return await outbox.drain({TOPIC: self._deliver}, self._clock.now())

    async def still_true(self, kind: str, about: Mapping[str, Any]) -> bool:
        """Return whether a message still says what is so."""
        guard = self._guards.get(kind)
        return guard is None or await guard(about)

    async def _deliver(self, body: dict[str, Any], connection: BaseDBAsyncClient) -> None:
        citizen, kind, about = UUID(body["citizen"]), body["kind"], body["about"]
        if not await self.still_true(kind, about):
            return
        now = self._clock.now()
        notice = await store.insert(connection, citizen, kind, compose(kind, about), now)
        # A message that was queued by an older version does not say when it was due.
        at = datetime.fromisoformat(body["at"]) if "at" in body else now
        for follow in self.followers:
            await follow(connection, Told(notice, citizen, kind, about, at))

    async def forget(self) -> None:
        """Delete old messages, and delivered work."""
        now = self._clock.now()
        await store.forget(now - self._keep)
        await outbox.forget(now - KEPT_OUTBOX)

    async def inbox(self, citizen: UUID, *, unread: bool, before: int | None, limit: int) -> Inbox:
        """Return a page of a citizen's messages."""
        rows = await store.inbox(citizen, unread, before, limit)
        messages = [NoticeView.model_validate(row) for row in rows]
        return Inbox(unread=await store.count_unread(citizen), messages=messages)

    async def export(self, citizen: UUID, *, masked: bool) -> list[dict[str, Any]]:
        """Return a citizen's messages, for his copy: they say nothing that would be masked."""
        return [dict(row) for row in await store.every(citizen)]

    async def erase(self, connection: BaseDBAsyncClient, citizen: UUID) -> list[str]:
        """Delete a citizen's messages, and say so."""
        return ["消息"] if await store.erase(connection, citizen) else []

    async def mark_read(self, citizen: UUID, id: int) -> None:
        """Mark a message as read; raise NoticeNotFound."""
        if not await store.mark_read(id, citizen, self._clock.now()):
            raise NoticeNotFound()
