"""Use cases of subscriptions (订阅消息授权): what to ask for, what was accepted, what changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from miniapp_api.messages.delivery import store
from miniapp_api.messages.delivery.schemas import Accepted, Counted, Occasion, Offers
from miniapp_api.messages.delivery.service import Deliveries
from miniapp_api.messages.settings import Messages as MessageSettings
from miniapp_api.platform import idempotency
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction
from miniapp_api.platform.idempotency import Key

ACTION = "messages.subscribe"
ACCEPTED = frozenset(("accept", "acceptWithAudio", "acceptWithAlert", "acceptWithForcePush"))
POPUP, CHANGE, SENT = (
    "subscribe_msg_popup_event",
    "subscribe_msg_change_event",
    "subscribe_msg_sent_event",
)
EVENTS = frozenset((POPUP, CHANGE, SENT))


@dataclass(frozen=True)
class Change:
    """An entry of a subscription event's List, as WeChat names it.

    template: TemplateId. status: SubscribeStatusString, of a popup or a changed setting.
    receipt, code: MsgID and ErrorCode, of a message that was sent.
    """

    template: str
    status: str = ""
    receipt: str = ""
    code: int = 0


class Accounts:
    """Knows which WeChat user is which citizen; identity's log-in does."""

    def __init__(
        self,
        openid: Callable[[UUID], Awaitable[str | None]],
        citizen: Callable[[str], Awaitable[UUID | None]],
    ) -> None:
        self.openid = openid
        self.citizen = citizen


class Subscriptions:
    """Counts how many messages of each template a citizen accepts."""

    def __init__(
        self, clock: Clock, accounts: Accounts, deliveries: Deliveries, settings: MessageSettings
    ) -> None:
        self._clock = clock
        self._accounts = accounts
        self._deliveries = deliveries
        self._settings = settings
        self._by_id = {each.id: each for each in settings.templates.values()}

    async def offers(self, citizen: UUID) -> Offers:
        """Return what to ask for on each occasion; nothing of somebody who does not use WeChat.

        A lasting subscription (长期订阅) that was accepted is not asked for again.
        """
        if await self._accounts.openid(citizen) is None:
            return Offers(occasions=[])
        left = {row["template"]: row["left"] for row in await store.subscriptions(citizen)}
        return Offers(
            occasions=[
                Occasion(occasion=name, templates=self._to_ask(templates, left))
                for name, templates in self._settings.occasions.items()
            ]
        )

    def _to_ask(self, names: Sequence[str], left: Mapping[str, int]) -> list[str]:
        found = [self._settings.templates[name] for name in names]
        return [each.id for each in found if not (each.lasting and left.get(each.id, 0) > 0)]

    async def answered(self, citizen: UUID, body: Accepted, key: str) -> Counted:
        """Count what a citizen answered in WeChat's dialog; the same key again counts once.

        A template that is not ours is left out: an old client may ask for one of last year.
        """
        taken = [id for id, said in body.answers.items() if said in ACCEPTED and id in self._by_id]
        answer, now = Counted(accepted=len(taken)), self._clock.now()
        async with transaction() as connection:
            name, request = Key(citizen, ACTION, key), body.model_dump(mode="json")
            if await idempotency.earlier(connection, name, request, answer) is None:
                for id in sorted(taken):
                    await store.accepted(connection, citizen, id, now)
        return answer

    async def changed(self, openid: str, event: str, changes: Sequence[Change]) -> None:
        """Hear a subscription event (订阅消息事件) of a WeChat user; each is to be told once.

        Other events, users who never logged in and other people's templates change nothing.
        """
        citizen = await self._accounts.citizen(openid) if event in EVENTS else None
        if citizen is None:
            return
        for change in changes:
            if change.template in self._by_id:
                await self._change(citizen, event, change)

    async def _change(self, citizen: UUID, event: str, change: Change) -> None:
        template, now = self._by_id[change.template], self._clock.now()
        if event == SENT:
            await self._deliveries.reported(citizen, template.id, change.receipt, change.code)
        elif change.status in ACCEPTED:
            # A setting that allows is no acceptance of one more message, unless it lasts.
            if event == POPUP or template.lasting:
                async with transaction() as connection:
                    await store.accepted(connection, citizen, template.id, now, by_wechat=True)
        elif event == CHANGE:
            await store.void(citizen, template.id, now)
