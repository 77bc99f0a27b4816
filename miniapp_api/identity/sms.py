"""The SMS gateway (短信网关): a Protocol, the client, and what can go wrong."""

from __future__ import annotations

from typing import Protocol

import aiohttp

from miniapp_api.platform.errors import Unavailable


class SmsUnavailable(Unavailable):
    """The gateway did not take the message."""

    code, title = "sms_unavailable", "短信暂时发不出去，请稍后再试，或拨打12345"


class SmsGateway(Protocol):
    """Sends short messages."""

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

    async def send_code(
        self, phone: str, code: str, minutes: int, template: str = "login_code"
    ) -> None:
        """Send a code; the number travels in the body only."""
        message = {
            "phone": phone,
            "template": template,
            "parameters": {"code": code, "minutes": minutes},
        }
        try:
            async with self._session.post(
                f"{self._url}/messages", json=message, timeout=self._timeout
            ) as reply:
                if reply.status != 202:
                    raise SmsUnavailable(retry_after=60)
        except (TimeoutError, aiohttp.ClientError):
            raise SmsUnavailable(retry_after=60) from None
