"""Use cases of chat: say something, read what was said."""

from __future__ import annotations

import secrets
from datetime import timedelta

from miniapp_api.chat import rules, store, texts
from miniapp_api.chat.assistant import Assistant, AssistantUnavailable, Utterance
from miniapp_api.chat.fallback import Fallback
from miniapp_api.chat.schemas import History, HistoryEntry, Reply, Via
from miniapp_api.guides.schemas import Answer
from miniapp_api.identity.service import IdentityService
from miniapp_api.platform.auth import Principal
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.errors import Refusal
from miniapp_api.platform.limits import limit
from miniapp_api.platform.redis import Redis
from miniapp_api.settings import Chat

MINUTE = 60


class ConversationNotFound(Refusal):
    """No such conversation, or it belongs to somebody else: which one is not said."""

    status, code, title = 404, "conversation_not_found", "没有找到这个会话，请重新开始"


class StillAnswering(Refusal):
    """The same message is being answered right now."""

    status, code, title = 409, "still_answering", "上一条消息正在处理，请稍等"


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
    ) -> None:
        self._assistant = assistant
        self._fallback = fallback
        self._identity = identity
        self._redis = redis
        self._clock = clock
        self._settings = settings

    async def say(
        self,
        principal: Principal,
        text: str,
        conversation: str | None,
        key: str | None,
        request_id: str,
    ) -> Reply:
        """Answer a citizen's message; a repeated key gives the first answer again."""
        conversation = conversation or secrets.token_urlsafe(24)
        most = self._settings.messages_per_minute
        await limit(self._redis, f"chat:{conversation}", most=most, seconds=MINUTE)
        text = rules.cleaned(text)
        kept, now = text[: self._settings.message_chars], self._clock.now()
        entered, question = await store.ask(conversation, principal.citizen, kept, key, now)
        if not entered:
            raise ConversationNotFound()
        await self._bind(conversation, principal)
        if question is None:
            return await self._earlier(conversation, key or "")
        answers, via = await self._answer(conversation, text, request_id)
        said = [answer.model_dump(mode="json") for answer in answers]
        await store.add_reply(conversation, question, said, via, self._clock.now())
        return Reply(conversation=conversation, messages=answers, via=via)

    async def history(self, principal: Principal, conversation: str) -> History:
        """Return a conversation to its owner, or to whoever knows an unowned one's name."""
        known, owner = await store.owner(conversation)
        if not known or (owner is not None and owner != principal.citizen):
            raise ConversationNotFound()
        rows = await store.history(conversation, self._settings.history_messages)
        entries = [
            HistoryEntry(
                id=row["id"],
                author=row["author"],
                text=row["text"] or None,
                answers=row["answers"],
                at=row["created_at"],
            )
            for row in rows
        ]
        return History(conversation=conversation, messages=entries)

    async def forget(self) -> int:
        """Delete conversations older than the kept time and return how many."""
        return await store.forget(self._clock.now() - timedelta(days=self._settings.history_days))

    async def _bind(self, conversation: str, principal: Principal) -> None:
        """Let the bot act for the citizen who is logged in here."""
        if principal.citizen is not None and principal.token is not None:
            await self._identity.bind_conversation(conversation, principal.citizen, principal.token)

    async def _earlier(self, conversation: str, key: str) -> Reply:
        earlier = await store.reply_to_key(conversation, key)
        if earlier is None:
            raise StillAnswering(retry_after=1)
        answers, via = earlier
        messages = [Answer.model_validate(answer) for answer in answers]
        return Reply(conversation=conversation, messages=messages, via=_via(via))

    async def _answer(
        self, conversation: str, text: str, request_id: str
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
            return self._fallback.answer(text, now), "fallback"


def _via(text: str) -> Via:
    return "rasa" if text == "rasa" else "fallback"
