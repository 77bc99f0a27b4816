"""The national identity check (实名核验): a Protocol, the client, and what can go wrong.

POST {url}/verify {name, id_number}, /face {token, id_number} and
/enterprises/verify {uscc, name, legal_representative_id_number}: {"result": …} each.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal, Protocol, cast

import aiohttp

from miniapp_api.identity.errors import RealNameRefused, RealNameUnavailable

Verdict = Literal["match", "mismatch", "not_found"]
VERDICTS = frozenset({"match", "mismatch", "not_found"})
LATER = 60  # seconds after which to try again


class RealNameRegistry(Protocol):
    """Knows who has which identity number, and who represents which enterprise."""

    async def verify(self, name: str, id_number: str) -> Verdict:
        """Compare a name with an identity number; raise RealNameUnavailable or …Refused."""

    async def face(self, token: str, id_number: str) -> Verdict:
        """Compare the face behind a token with the picture on file."""

    async def enterprise(self, uscc: str, name: str, id_number: str) -> Verdict:
        """Compare an enterprise's code, name and legal representative."""


class HttpRealNameRegistry:
    """The service over HTTP; personal data travels in bodies only."""

    def __init__(self, session: aiohttp.ClientSession, url: str, timeout: float) -> None:
        self.url = url.rstrip("/")
        self.timeout = timeout
        self._session = session

    async def verify(self, name: str, id_number: str) -> Verdict:
        """Compare a name with an identity number (姓名与身份证号)."""
        return await self._ask("/verify", {"name": name, "id_number": id_number})

    async def face(self, token: str, id_number: str) -> Verdict:
        """Compare a face (人脸)."""
        return await self._ask("/face", {"token": token, "id_number": id_number})

    async def enterprise(self, uscc: str, name: str, id_number: str) -> Verdict:
        """Compare an enterprise (企业), as the market regulator knows it."""
        body = {"uscc": uscc, "name": name, "legal_representative_id_number": id_number}
        return await self._ask("/enterprises/verify", body)

    async def _ask(self, path: str, body: Mapping[str, str]) -> Verdict:
        timeout = aiohttp.ClientTimeout(total=self.timeout)
        try:
            async with self._session.post(self.url + path, json=body, timeout=timeout) as answer:
                if answer.status in (403, 429):
                    raise RealNameRefused(retry_after=LATER)
                reply = json.loads(await answer.read()) if answer.status == 200 else None
        except (TimeoutError, aiohttp.ClientError, ValueError, RecursionError):
            raise RealNameUnavailable(retry_after=LATER) from None
        result = reply.get("result") if isinstance(reply, dict) else None
        if not isinstance(result, str) or result not in VERDICTS:
            raise RealNameUnavailable(retry_after=LATER)
        return cast(Verdict, result)
