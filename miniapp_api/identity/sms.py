"""The SMS gateway (短信网关): a Protocol, the client, and what can go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import aiohttp

from miniapp_api.platform.errors import Unavailable


class SmsUnavailable(Unavailable):
    """The gateway did not take the message.

    refused: it never will. maybe_taken: it did not answer, so that it may have sent it.
    """

    code, title = "sms_unavailable", "短信暂时发不出去，请稍后再试，或拨打12345"

    def __init__(self, *, refused: bool = False, maybe_taken: bool = False) -> None:
        super().__init__(retry_after=60)
        self.refused = refused
        self.maybe_taken = maybe_taken


class SmsGateway(Protocol):
    """Sends short messages."""

    async def send(self, phone: str, template: str, parameters: Mapping[str, str | int]) -> None:
        """Send a message of a template, or raise SmsUnavailable."""

    async def send_code(
        self, phone: str, code: str, minutes: int, template: str = "login_code"
    ) -> None:
        """Send a code of a template (login_code, consent_code), or raise SmsUnavailable."""


class HttpSmsGateway:
    """A gateway that takes POST {url}/messages {"phone", "template", "parameters"}."""

    def __init__(self, session: aiohttp.ClientSession, url: str, timeout: float) -> None:
        self._session = session
        self._url = url.rstrip("/")
        self._timeout = aiohttp.ClientTimeout(total=timeout)

    async def send(self, phone: str, template: str, parameters: Mapping[str, str | int]) -> None:
        """Send a message; the number travels in the body only."""
        message = {"phone": phone, "template": template, "parameters": dict(parameters)}
        try:
            async with self._session.post(
                f"{self._url}/messages", json=message, timeout=self._timeout
            ) as reply:
                if reply.status != 202:
                    raise SmsUnavailable(refused=400 <= reply.status < 500 and reply.status != 429)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise SmsUnavailable() from None
        except (TimeoutError, aiohttp.ClientError):
            raise SmsUnavailable(maybe_taken=True) from None

    async def send_code(
        self, phone: str, code: str, minutes: int, template: str = "login_code"
    ) -> None:
        """Send a code."""
        await self.send(phone, template, {"code": code, "minutes": minutes})
