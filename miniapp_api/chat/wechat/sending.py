"""Sending pieces (客服消息), each at most once, unless the user asks for it again."""

from __future__ import annotations

from pathlib import Path

from miniapp_api.chat.wechat import fates, pieces, store
from miniapp_api.chat.wechat.store import Piece, Talk
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.logs import log
from miniapp_api.platform.wechat.api import WeChatApi
from miniapp_api.platform.wechat.errors import MISCONFIGURED, WeChatError, WeChatRefused
from miniapp_api.settings import WeChat

PICTURE = Path(__file__).with_name("card.png")  # of every card


class Sending:
    """Sends the pieces of a talk in their order, and writes down what became of each."""

    def __init__(self, wechat: WeChatApi, clock: Clock, settings: WeChat) -> None:
        self._wechat = wechat
        self._clock = clock
        self._settings = settings
        self._picture = PICTURE.read_bytes()

    async def send(self, talk: Talk, openid: str, piece: Piece) -> None:
        """Send a piece. It is marked before: if we die now, it is not sent a second time."""
        attempts = await store.begin(piece.id)
        if attempts is None:
            return
        try:
            await self._send(openid, piece)
        except WeChatError as error:
            await self._failed(talk, piece, attempts, error)
        else:
            await store.end(piece.id, "sent", self._clock.now(), None)

    async def _failed(self, talk: Talk, piece: Piece, attempts: int, error: WeChatError) -> None:
        state = fates.after_failure(error, attempts, self._settings.attempts)
        reason, now = fates.reason_of(error), self._clock.now()
        ours = isinstance(error, WeChatRefused) and error.code in MISCONFIGURED
        (log.error if ours else log.warning)(
            "wechat_not_sent", state=state, reason=reason, attempts=attempts
        )
        if state == "unknown" and piece.body["kind"] == pieces.DOUBT["kind"]:
            state = "held"  # to be told of it twice does no harm
        elif state == "unknown":
            await store.add_doubt(talk.id, pieces.DOUBT, now)
        elif state == "held":
            await store.hold(talk, reason)
        due = now + fates.pause(attempts, self._settings.pause_seconds)
        await store.end(piece.id, state, due, reason)

    async def _send(self, openid: str, piece: Piece) -> None:
        body = piece.body
        if body["kind"] == "card":
            await self._wechat.send_card(openid, body["title"], body["page"], self._picture)
        else:
            await self._wechat.send_text(openid, body["text"])
