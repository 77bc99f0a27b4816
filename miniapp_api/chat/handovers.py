"""Use cases of a citizen who asks for a person (转人工): ask, see the place in line, leave."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.chat import handover_store, rules, store, texts
from miniapp_api.chat.context import LOOKED_AT, Context, context_of
from miniapp_api.chat.errors import ConversationNotFound, HandoverNotFound
from miniapp_api.chat.handover_names import named
from miniapp_api.chat.handover_schemas import CurrentHandover, HandoverView
from miniapp_api.chat.handover_store import Handover
from miniapp_api.guides.schemas import Answer, Link
from miniapp_api.guides.service import GuidesService
from miniapp_api.platform.auth import Principal
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction
from miniapp_api.platform.limits import limit
from miniapp_api.platform.redis import Redis
from miniapp_api.settings import Agents

AT_DESK = timedelta(minutes=2)  # an agent who was not seen for longer is not there
MEASURED = 20  # conversations of which the mean is taken
PER_MINUTE = 20
MINUTE = 60

# Told, in its transaction, of what a conversation was told: who carries it elsewhere listens.
Listener = Callable[[BaseDBAsyncClient, str, str], Awaitable[None]]


@dataclass(frozen=True)
class Hours:
    """When the agents are there, by the working calendar."""

    guides: GuidesService
    settings: Agents

    def attended(self, now: datetime) -> bool:
        """Tell whether the agents are there now."""
        opens, closes = self.settings.opens_at, self.settings.closes_at
        return rules.attended(now, opens, closes, self.guides.calendar.is_workday)

    def next(self, now: datetime) -> datetime:
        """Return when they come next."""
        is_workday = self.guides.calendar.is_workday
        return rules.next_opening(now, self.settings.opens_at, is_workday)


class Handovers:
    """Puts citizens into the line for a person, and tells them where they stand."""

    def __init__(
        self, guides: GuidesService, redis: Redis, clock: Clock, settings: Agents, hotline: str
    ) -> None:
        self._redis = redis
        self._clock = clock
        self._settings = settings
        self._hotline = hotline
        self._guides = guides
        self.hours = Hours(guides, settings)
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Be told of every word of an agent or about the line, in the transaction that writes it.

        It is for a channel that cannot poll (微信): it puts the word into its outbox.
        """
        self._listeners.append(listener)

    async def ask(
        self, principal: Principal, conversation: str, item: str | None = None
    ) -> HandoverView:
        """Ask for a person; asking again shows how it stands. A new conversation is opened."""
        conversation = conversation or secrets.token_urlsafe(24)
        if item is not None:
            self._guides.item(item)
        await limit(self._redis, f"human:{conversation}", most=PER_MINUTE, seconds=MINUTE)
        now = self._clock.now()
        async with transaction() as connection:
            citizen, trusted = principal.citizen, principal.service
            if not await handover_store.enter(
                connection, conversation, citizen, now, trusted=trusted
            ):
                raise ConversationNotFound()
            found, news = await self._put_in_line(connection, conversation, item, now)
        view = await self._view(found)
        if news and not principal.service:  # the bot says it itself
            async with transaction() as connection:
                await self.tell(connection, conversation, view.text)
        return view

    async def _put_in_line(
        self, connection: BaseDBAsyncClient, conversation: str, item: str | None, now: datetime
    ) -> tuple[Handover, bool]:
        """Return the open hand-over, and whether it is news."""
        before = await handover_store.opened(conversation, connection)
        attended = self.hours.attended(now)
        if before is None:
            context = await self._context(conversation, item)
            state: rules.State = "waiting" if attended else "message"
            promised = None if attended else self.hours.next(now)
            await handover_store.insert(connection, conversation, state, context, now, promised)
        elif before.state == "message" and attended:
            await handover_store.move(connection, before.id, "ask_again", now)
        found = await handover_store.opened(conversation, connection)
        if found is None:  # cannot be: the conversation is locked
            raise HandoverNotFound()
        return found, before is None or before.state != found.state

    async def _context(
        self, conversation: str, item: str | None
    ) -> tuple[str, str | None, UUID | None, list[str]]:
        found: Context = context_of(await store.history(conversation, LOOKED_AT))
        return found.question, item or found.item, found.case, list(found.candidates)

    async def current(self, principal: Principal, conversation: str) -> CurrentHandover:
        """Return where the citizen stands; raise ConversationNotFound for another's."""
        await self.allow(principal, conversation)
        found, now = await handover_store.opened(conversation), self._clock.now()
        attended = self.hours.attended(now)
        promise = None if attended else texts.promise(now, self.hours.next(now))
        view = await self._view(found) if found else None
        return CurrentHandover(handover=view, attended=attended, promise=promise)

    async def leave(self, principal: Principal, conversation: str) -> None:
        """Leave the line, or end the talk; raise HandoverNotFound when there is none."""
        await self.allow(principal, conversation)
        now = self._clock.now()
        async with transaction() as connection:
            await handover_store.lock(connection, conversation)
            found = await handover_store.opened(conversation, connection)
            if found is None or not await handover_store.move(connection, found.id, "leave", now):
                raise HandoverNotFound()
            await self.tell(connection, conversation, texts.LEFT)

    async def allow(self, principal: Principal, conversation: str) -> None:
        """Raise ConversationNotFound unless the caller may read it: its owner, or the bot.

        One without an owner is open to whoever knows its name.
        """
        known, owner = await store.owner(conversation)
        his = owner is None or owner == principal.citizen or principal.service
        if not known or not his:
            raise ConversationNotFound()

    async def tell(self, connection: BaseDBAsyncClient, conversation: str, text: str) -> None:
        """Write a notice about the line into the conversation."""
        said = Answer(text=text).model_dump(mode="json")
        await handover_store.say(connection, conversation, self._clock.now(), answers=[said])
        await self.spread(connection, conversation, text)

    async def spread(self, connection: BaseDBAsyncClient, conversation: str, text: str) -> None:
        """Pass on to the listeners what the conversation was told."""
        for listener in self._listeners:
            await listener(connection, conversation, text)

    async def as_answer(self, principal: Principal, conversation: str) -> Answer:
        """Ask for a person in the middle of a chat, and say where the citizen stands."""
        trusted = Principal(citizen=principal.citizen, service=True)
        view = await self.ask(trusted, conversation)
        link = Link(title=texts.LINK_HUMAN, page=texts.HUMAN_PAGE)
        return Answer(text=view.text, links=[link])

    async def _view(self, found: Handover) -> HandoverView:
        now, ahead, minutes, agent = self._clock.now(), None, None, None
        if found.state == "waiting":
            ahead = await handover_store.ahead(found.asked_at, found.id)
            minutes = await self._minutes(ahead, now)
        if found.state == "active" and found.staff:
            agent = named(await handover_store.number(found.staff))
        return HandoverView(
            conversation=found.conversation,
            state=found.state,  # type: ignore[arg-type]
            text=self._words(found, now, ahead, minutes, agent),
            ahead=ahead,
            estimated_minutes=minutes,
            agent=agent,
            asked_at=found.asked_at,
            promised_for=found.promised_for if found.state == "message" else None,
        )

    async def _minutes(self, ahead: int, now: datetime) -> int | None:
        line = await handover_store.line(now - AT_DESK, MEASURED)
        each = line.minutes if line.minutes and line.measured >= MEASURED else None
        usual = self._settings.usual_minutes
        return rules.wait_minutes(ahead, each or usual, line.agents, line.busy)

    def _words(
        self,
        found: Handover,
        now: datetime,
        ahead: int | None,
        minutes: int | None,
        agent: str | None,
    ) -> str:
        if found.state == "message":
            promise = self.promise(found.promised_for or now, now)
            return texts.LEFT_MESSAGE.format(promise=promise, hotline=self._hotline)
        if found.state == "active":
            return texts.TALKING.format(agent=agent)
        place = texts.IN_LINE.format(ahead=ahead) if ahead else texts.NEXT
        estimate = texts.ESTIMATE.format(minutes=minutes) if minutes else ""
        return place + estimate + texts.MEANWHILE

    def promise(self, start: datetime, now: datetime) -> str:
        """Say by when a message is answered."""
        return texts.promise(now, start.astimezone(now.tzinfo))
