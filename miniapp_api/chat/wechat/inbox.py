"""What WeChat pushes is kept once and acknowledged; what an agent says is put beside it."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from uuid import uuid4

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.chat import rules as chat_rules
from miniapp_api.chat.wechat import fates, pieces, store
from miniapp_api.chat.wechat.store import NewPush
from miniapp_api.platform.batching import Batched
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.key_rotation import place
from miniapp_api.platform.sealing import Sealer
from miniapp_api.platform.wechat.pushes import Push

INDEX = "openid"  # the purpose under which identity too indexes openids


class Inbox:
    """Keeps pushes: those that come while others are being kept are kept together."""

    def __init__(
        self, sealer: Sealer, clock: Clock, arriving: Callable[[], AbstractContextManager[None]]
    ) -> None:
        """arriving: is entered as long as a push is being kept; after it there is work to do."""
        self._sealer = sealer
        self._clock = clock
        self._arriving = arriving
        self._numbers = itertools.count()
        self._kept = Batched(self._keep)

    async def receive(self, push: Push, message_chars: int) -> None:
        """Keep a push, once however often WeChat sends it.

        message_chars: the rest of a longer text is not kept; that it was too long is still seen.
        """
        with self._arriving():
            await self._kept.get(await self._new(push, message_chars))

    async def _new(self, push: Push, message_chars: int) -> NewPush:
        id, kind = uuid4(), fates.kind_of(push.kind, push.event)
        words = chat_rules.cleaned(push.text)[: message_chars + 1]
        return NewPush(
            talk=id,
            openid_index=self._sealer.index(INDEX, push.openid),
            openid_sealed=await self._sealer.seal(push.openid, talk_place(id)),
            conversation=secrets.token_urlsafe(24),
            key=self._sealer.index("wechat_push", push.id),
            kind=kind,
            text=pieces.event_text(push.event, push.entries) if kind == "event" else words,
            number=next(self._numbers),
        )

    async def _keep(self, pushes: list[NewPush]) -> Mapping[NewPush, None]:
        arrived = sorted(pushes, key=lambda push: push.number)
        await store.receive(arrived, self._clock.now())
        return {}

    async def tell(self, connection: BaseDBAsyncClient, conversation: str, text: str) -> None:
        """Have an agent's words sent to a WeChat user, in the transaction that writes them."""
        now = self._clock.now()
        for part in pieces.texts_of(text):
            await store.tell(connection, conversation, pieces.text(part), now)


def talk_place(id: object) -> str:
    """Return the place that a talk's openid is sealed for."""
    return place("wechat_talk", "openid_sealed", id)
