"""Answering a push: what was chosen, whether it may be said, and what the assistant says to it."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from datetime import timedelta

from miniapp_api.chat.errors import ConversationNotFound
from miniapp_api.chat.schemas import Reply
from miniapp_api.chat.screening import Screen
from miniapp_api.chat.service import ChatService
from miniapp_api.chat.texts import NOT_SAID
from miniapp_api.chat.wechat import fates, pieces, store, texts
from miniapp_api.chat.wechat.pieces import Piece
from miniapp_api.chat.wechat.store import Talk, Waiting
from miniapp_api.guides.schemas import Answer, QuickReply
from miniapp_api.identity.wechat_service import WeChatLogInService
from miniapp_api.messages.delivery.subscriptions import Change, Subscriptions
from miniapp_api.platform.auth import Principal
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction
from miniapp_api.platform.errors import Refusal, Unavailable
from miniapp_api.platform.logs import log
from miniapp_api.platform.wechat.api import WeChatApi
from miniapp_api.platform.wechat.errors import WeChatError
from miniapp_api.settings import City, WeChat


class Answering:
    """Answers one push at a time; what is said to it is written with the mark that it was."""

    def __init__(
        self,
        chat: ChatService,
        screen: Screen,
        wechat: WeChatApi,
        accounts: WeChatLogInService,
        subscriptions: Subscriptions,
        clock: Clock,
        settings: WeChat,
        city: City,
    ) -> None:
        self._chat = chat
        self._screen = screen
        self._wechat = wechat
        self._accounts = accounts
        self._subscriptions = subscriptions
        self._clock = clock
        self._settings = settings
        self._city = city

    async def answer(self, talk: Talk, openid: str, push: Waiting) -> Talk:
        """Answer a push and return the talk as it is now; a failure puts the push off.

        An answer that was given but not written is asked for again under the same key, so that the
        chat gives the same one.
        """
        try:
            found, talk = await self._answer(talk, openid, push)
        except Exception as error:
            log.warning(
                "wechat_not_answered", error=type(error).__name__, attempts=push.attempts + 1
            )
            if push.attempts + 1 < self._settings.attempts:
                pause = fates.pause(push.attempts + 1, self._settings.pause_seconds)
                await store.put_off(push.id, self._clock.now() + pause)
                return talk
            found = [pieces.text(texts.TROUBLE.format(hotline=self._city.hotline))]
        async with transaction() as connection:
            await store.answered(connection, talk, push.id, found, self._clock.now())
        return talk

    async def _answer(self, talk: Talk, openid: str, push: Waiting) -> tuple[list[Piece], Talk]:
        if push.kind == "event":
            await self._hear(openid, push.text)
            return [], talk
        if push.kind == "enter":
            return self._greeting(talk)
        if push.kind == "other":
            return [pieces.text(texts.WORDS_ONLY)], talk
        if pieces.asks_again(push.text) and await store.again(talk, self._clock.now()):
            return [], talk
        said = pieces.chosen(push.text, pieces.read_choices(talk.choices))
        _, blocked = await asyncio.gather(
            self._type(openid), self._screen.blocks_user(said, openid)
        )
        if blocked:
            return [pieces.text(NOT_SAID)], talk
        reply, talk = await self._say(talk, openid, said, push)
        found, choices = pieces.pieces_of(reply.messages)
        return found, replace(talk, choices=choices) if reply.messages else talk

    async def _hear(self, openid: str, kept: str) -> None:
        """Pass on what a user decided about reminders (订阅消息事件)."""
        event, entries = pieces.read_event(kept)
        changes = [
            Change(
                template=entry.get("TemplateId", ""),
                status=entry.get("SubscribeStatusString", ""),
                receipt=entry.get("MsgID", ""),
                code=int(code) if (code := entry.get("ErrorCode", "0")).isdecimal() else -1,
            )
            for entry in entries
        ]
        await self._subscriptions.changed(openid, event, changes)

    def _greeting(self, talk: Talk) -> tuple[list[Piece], Talk]:
        """Greet who comes in (欢迎语), unless that was done not long ago."""
        now = self._clock.now()
        lately = now - timedelta(hours=self._settings.greet_hours)
        if talk.greeted_at is not None and talk.greeted_at > lately:
            return [], talk
        words = texts.GREETING.format(city=self._city.name.removesuffix("市"))
        replies = [QuickReply(title=each, payload=each) for each in texts.FIRST_QUESTIONS]
        found, choices = pieces.pieces_of([Answer(text=words, quick_replies=replies)])
        return found, replace(talk, choices=choices, greeted_at=now)

    async def _say(self, talk: Talk, openid: str, said: str, push: Waiting) -> tuple[Reply, Talk]:
        """Ask the chat, for the citizen whom the user logged in as, if he ever did."""
        seconds = self._settings.speaking_minutes * 60
        citizen = await self._accounts.speaks(openid, talk.conversation, seconds)
        # A question that a worker died over has no answer under its key: then it is asked anew.
        key = f"wechat-{push.id}-{push.attempts // 2}"
        try:
            reply = await self._asked(Principal(citizen=citizen), talk, said, key)
        except ConversationNotFound:
            # The account is another citizen's now, or nobody's: what was said stays his.
            talk = replace(talk, conversation=secrets.token_urlsafe(24), choices=None)
            citizen = await self._accounts.speaks(openid, talk.conversation, seconds)
            reply = await self._asked(Principal(citizen=citizen), talk, said, key)
        return reply, talk

    async def _asked(self, principal: Principal, talk: Talk, said: str, key: str) -> Reply:
        try:
            return await self._chat.say(principal, said, talk.conversation, key, key)
        except (ConversationNotFound, Unavailable):
            raise
        except Refusal as refusal:
            if refusal.status >= 500 or refusal.code == "still_answering":
                raise
            words = refusal.detail or refusal.title
            return Reply(
                conversation=talk.conversation, messages=[Answer(text=words)], via="fallback"
            )

    async def _type(self, openid: str) -> None:
        """Show that an answer comes; without it the answer comes all the same."""
        try:
            await self._wechat.typing(openid)
        except WeChatError as error:
            log.info("wechat_typing_not_shown", error=str(error))
