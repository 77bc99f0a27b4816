"""Use cases of chat: say something, read what was said."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from miniapp_api.chat import rules, store, texts
from miniapp_api.chat.assistant import Assistant, AssistantUnavailable, Utterance
from miniapp_api.chat.context import asks_for_person
from miniapp_api.chat.errors import ConversationNotFound, MessageNotFound, StillAnswering
from miniapp_api.chat.fallback import Fallback
from miniapp_api.chat.handover_names import named
from miniapp_api.chat.handovers import Handovers
from miniapp_api.chat.schemas import Feedback, History, HistoryEntry, Reply, Updates, Via
from miniapp_api.chat.screening import Screen
from miniapp_api.chat.unanswered import Unanswered
from miniapp_api.guides.schemas import Answer
from miniapp_api.identity.service import IdentityService
from miniapp_api.platform.auth import Principal
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.limits import limit
from miniapp_api.platform.redis import Redis
from miniapp_api.settings import Chat

MINUTE = 60


class ChatService:
    """Stores what is said and has it answered, by Rasa or by the fallback."""

    def __init__(
        self,
        assistant: Assistant,
        fallback: Fallback,
        identity: IdentityService,
        redis: Redis,
        clock: Clock,
        settings: Chat,
        handovers: Handovers,
        unanswered: Unanswered,
        screen: Screen,
    ) -> None:
        self._assistant = assistant
        self._fallback = fallback
        self._identity = identity
        self._redis = redis
        self._clock = clock
        self._settings = settings
        self._handovers = handovers
        self._unanswered = unanswered
        self._screen = screen

    async def say(
        self,
        principal: Principal,
        text: str,
        conversation: str | None,
        key: str | None,
        request_id: str,
    ) -> Reply:
        """Answer a citizen's message; a repeated key gives the first answer again.

        While an agent has the conversation the assistant is silent, and the reply has no answer.
        """
        conversation = conversation or secrets.token_urlsafe(24)
        most = self._settings.messages_per_minute
        await limit(self._redis, f"chat:{conversation}", most=most, seconds=MINUTE)
        text = rules.cleaned(text)
        blocked = await self._screen.blocks(text, principal.token)
        now = self._clock.now()
        kept = texts.BLANKED if blocked else text[: self._settings.message_chars]
        asked = await store.ask(conversation, principal.citizen, kept, key, now)
        if not asked.entered:
            raise ConversationNotFound()
        await self._bind(conversation, principal)
        if asked.message is None:
            return await self._earlier(conversation, key or "")
        if asked.heard_by_agent:
            return _to_agent(conversation, asked.message, blocked=blocked)
        if blocked:
            answers, via = _refused()
        else:
            answers, via = await self._answer(principal, conversation, text, request_id)
        said = [answer.model_dump(mode="json") for answer in answers]
        id, handover = await store.add_reply(
            conversation, asked.message, said, via, self._clock.now()
        )
        await self._unanswered.note(kept, answers)
        return Reply(
            conversation=conversation,
            messages=answers,
            via=via,
            id=id,
            question=asked.message,
            handover=handover,  # type: ignore[arg-type]
        )

    async def history(self, principal: Principal, conversation: str) -> History:
        """Return a conversation to its owner, or to whoever knows an unowned one's name."""
        await self._allow(principal, conversation)
        rows = await store.history(conversation, self._settings.history_messages)
        return History(conversation=conversation, messages=[entry(row) for row in rows])

    async def updates(self, principal: Principal, conversation: str, since: int) -> Updates:
        """Return what was said after a message, and how a hand-over stands."""
        await self._allow(principal, conversation)
        rows = await store.since(conversation, since, self._settings.history_messages)
        open_ = await store.handover(conversation)
        return Updates(messages=[entry(row) for row in rows], handover=open_)  # type: ignore[arg-type]

    async def judge(self, principal: Principal, conversation: str, thought: Feedback) -> None:
        """Keep whether an answer helped (👍👎); raise MessageNotFound. It may be changed."""
        await self._allow(principal, conversation)
        text = rules.cleaned(thought.text) if thought.text else None
        kept = store.Thought(thought.helpful, thought.reason, text)
        if not await store.judge(conversation, thought.message, kept, self._clock.now()):
            raise MessageNotFound()

    async def _allow(self, principal: Principal, conversation: str) -> None:
        known, owner = await store.owner(conversation)
        if not known or (owner is not None and owner != principal.citizen):
            raise ConversationNotFound()

    async def forget(self) -> int:
        """Delete conversations older than the kept time and return how many."""
        await self._unanswered.forget()
        return await store.forget(self._clock.now() - timedelta(days=self._settings.history_days))

    async def _bind(self, conversation: str, principal: Principal) -> None:
        """Let the bot act for the citizen who is logged in here."""
        if principal.citizen is not None and principal.token is not None:
            await self._identity.bind_conversation(conversation, principal.citizen, principal.token)

    async def _earlier(self, conversation: str, key: str) -> Reply:
        earlier = await store.by_key(conversation, key)
        if earlier is None:
            raise StillAnswering(retry_after=1)
        if earlier.via == "agent":
            return _to_agent(conversation, earlier.question)
        messages = [Answer.model_validate(answer) for answer in earlier.answers]
        return Reply(
            conversation=conversation,
            messages=messages,
            via=_via(earlier.via),
            id=earlier.id,
            question=earlier.question,
        )

    async def _answer(
        self, principal: Principal, conversation: str, text: str, request_id: str
    ) -> tuple[list[Answer], Via]:
        most = self._settings.message_chars
        if not text:
            return [Answer(text=texts.EMPTY)], "fallback"
        if len(text) > most:
            return [Answer(text=texts.TOO_LONG.format(most=most))], "fallback"
        now = self._clock.now()
        try:
            said = Utterance(conversation, text, now, request_id)
            return await self._assistant.answer(said), "rasa"
        except AssistantUnavailable:
            if asks_for_person(text):
                return [await self._handovers.as_answer(principal, conversation)], "fallback"
            return self._fallback.answer(text, now), "fallback"


def entry(row: Mapping[str, Any]) -> HistoryEntry:
    """Return one thing said, as it is shown."""
    return HistoryEntry(
        id=row["id"],
        author=row["author"],
        text=row["text"] or None,
        answers=row["answers"],
        at=row["created_at"],
        name=named(row["agent"]),
        helpful=row["helpful"],
    )


def _refused() -> tuple[list[Answer], Via]:
    return [Answer(text=texts.NOT_SAID)], "fallback"


def _to_agent(conversation: str, question: int, *, blocked: bool = False) -> Reply:
    """Say that an agent hears it; whose words were blanked is told so, and so is the agent."""
    return Reply(
        conversation=conversation,
        messages=_refused()[0] if blocked else [],
        via="agent",
        question=question,
        handover="active",
    )


def _via(text: str) -> Via:
    return "rasa" if text == "rasa" else "fallback"
