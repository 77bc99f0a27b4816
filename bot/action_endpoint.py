"""Rasa's way to the action server (动作服务连接): one kept-alive session instead of one a call."""

from __future__ import annotations

from typing import Any

import aiohttp
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from bot.settings import settings

MARGIN_SECONDS = 0.2  # of the turn, for Rasa itself
BAD_REQUEST = 400


class KeptAliveEndpoint(EndpointConfig):
    """An EndpointConfig that keeps its connection."""

    _kept: aiohttp.ClientSession | None = None

    @classmethod
    def like(cls, other: EndpointConfig) -> KeptAliveEndpoint:
        """The same endpoint, kept alive."""
        return cls(other.url, other.params, other.headers, **other.kwargs)

    async def request(self, method: str = "post", *_: Any, json: Any = None, **__: Any) -> Any:
        """Sends one action call; Rasa's own timeout of five minutes is far too patient."""
        async with self._session().request(method, self.url, json=json) as response:
            if response.status >= BAD_REQUEST:
                text = await response.text()
                raise ClientResponseError(response.status, str(response.reason), text)
            return await response.json()

    def _session(self) -> aiohttp.ClientSession:
        if self._kept is None or self._kept.closed:
            seconds = settings().turn_seconds - MARGIN_SECONDS
            timeout = aiohttp.ClientTimeout(total=seconds)
            self._kept = aiohttp.ClientSession(timeout=timeout)
        return self._kept
