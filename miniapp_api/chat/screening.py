"""What nobody should say to the assistant (内容安全): our own list, and WeChat's for its users."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from miniapp_api.guides import payloads
from miniapp_api.platform.logs import log
from miniapp_api.platform.wechat.api import Suggestion
from miniapp_api.platform.wechat.errors import WeChatError


class TextCheck(Protocol):
    """WeChat's text check (文本内容安全识别)."""

    async def check_text(self, openid: str, text: str) -> Suggestion:
        """Say what WeChat thinks of a text; raise WeChatError."""


class Accounts(Protocol):
    """Knows who came with WeChat; identity's log-in does."""

    async def openid_of_session(self, token: str) -> str | None:
        """Return the openid of who logged in with WeChat in a session; None for others."""


class Screen:
    """Asks before a citizen's words reach the assistant or an agent; a failing check lets pass."""

    def __init__(
        self, words: Sequence[str], check: TextCheck, accounts: Accounts, seconds: float
    ) -> None:
        """words: as configured, letters count the same in either case; seconds: for WeChat."""
        self._words = tuple(word.casefold() for word in words)
        self._check = check
        self._accounts = accounts
        self._seconds = seconds

    async def blocks(self, text: str, token: str | None) -> bool:
        """Tell whether a text must not be said by whoever has a session, or by nobody we know."""
        if self._listed(text):
            return True
        if token is None or not _is_words(text):
            return False
        openid = await self._accounts.openid_of_session(token)
        return openid is not None and await self._is_risky(openid, text)

    async def blocks_user(self, text: str, openid: str) -> bool:
        """Tell whether a text must not be said by a WeChat user."""
        return self._listed(text) or (_is_words(text) and await self._is_risky(openid, text))

    def _listed(self, text: str) -> bool:
        plain = text.casefold()
        found = any(word in plain for word in self._words)
        if found:
            log.info("text_blocked", by="list")
        return found

    async def _is_risky(self, openid: str, text: str) -> bool:
        """Ask WeChat; when it cannot say or is slow, our own list has decided alone."""
        try:
            async with asyncio.timeout(self._seconds):
                risky = await self._check.check_text(openid, text) == "risky"
        except (WeChatError, TimeoutError) as error:
            reason = str(error) if isinstance(error, WeChatError) else "slow"
            log.warning("text_not_checked", reason=reason)
            return False
        if risky:
            log.info("text_blocked", by="wechat")
        return risky


def _is_words(text: str) -> bool:
    """Tell words from nothing, and from our own buttons (快捷回复)."""
    return bool(text) and payloads.read(text) is None
