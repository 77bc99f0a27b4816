"""WeChat's API (api.weixin.qq.com), or our fake one: how it is called, whatever it is asked.

Every answer of WeChat is HTTP 200; errcode tells, which may be absent, 0, or a string.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import aiohttp

from miniapp_api.platform.redis import Redis
from miniapp_api.platform.wechat.errors import TOKEN_SPENT, WeChatDown, errcode, raise_for
from miniapp_api.platform.wechat.tokens import TokenCache

Reply = dict[str, Any]


@dataclass(frozen=True, repr=False)
class Answer:
    """An answer, read: bytes of a picture, or what its JSON says."""

    media: str
    content: bytes

    @property
    def is_json(self) -> bool:
        """Whether it is JSON: WeChat writes it as text/plain too."""
        return "json" in self.media or self.media.startswith("text/")

    def json(self) -> Reply:
        """Return the JSON; raise WeChatDown when it is none: then nobody knows what was done."""
        try:
            reply = json.loads(self.content)
        except (ValueError, RecursionError):
            raise WeChatDown(maybe_done=True) from None
        if not isinstance(reply, dict):
            raise WeChatDown(maybe_done=True)
        return reply


class WeChatClient:
    """Calls WeChat, with the app's token where it wants one."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        redis: Redis,
        url: str,
        appid: str,
        secret: str,
        timeout: float,
    ) -> None:
        self.url = url.rstrip("/")
        self.timeout = timeout
        self.appid = appid
        self._session = session
        self._secret = secret
        self._tokens = TokenCache(redis, self._fetch_token)

    async def ask(self, path: str, parameters: dict[str, str]) -> Reply:
        """GET with the app's id and secret, as code2Session wants it."""
        app = {"appid": self.appid, "secret": self._secret}
        return await self._call("GET", path, params=app | parameters)

    async def post(self, path: str, body: Reply) -> Reply:
        """POST JSON with the token; raise WeChatDown. The error code is the caller's."""
        # Chinese as it is: WeChat takes \\u escapes in customer messages for text.
        content = json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json"}
        return (await self.authorised(path, data=content, headers=headers)).json()

    async def authorised(self, path: str, **options: Any) -> Answer:
        """POST with the app's token; one that WeChat calls spent is replaced, once."""
        token = await self._tokens.get(self.timeout)
        answer = await self._post(path, token, options)
        if not answer.is_json or errcode(answer.json()) not in TOKEN_SPENT:
            return answer
        await self._tokens.drop(token)
        return await self._post(path, await self._tokens.get(self.timeout), options)

    async def _post(self, path: str, token: str, options: dict[str, Any]) -> Answer:
        extra = options.get("params", {})
        # A form is read once only: whoever has one gives a way to make it.
        data = options["data"]() if callable(options.get("data")) else options.get("data")
        parameters = {"access_token": token, **extra}
        sent = {**options, "params": parameters, "data": data}
        return await self._send("POST", path, **sent)

    async def _fetch_token(self) -> tuple[str, int]:
        """Ask stable_token, never forcing: forced ones are few a day."""
        body = {
            "grant_type": "client_credential",
            "appid": self.appid,
            "secret": self._secret,
            "force_refresh": False,
        }
        try:
            reply = await self._call("POST", "/cgi-bin/stable_token", json=body)
        except WeChatDown:
            raise WeChatDown() from None  # without a token nothing was asked for yet
        raise_for(reply)
        token, seconds = reply.get("access_token"), reply.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(seconds, int):
            raise WeChatDown()
        return token, seconds

    async def _call(self, method: str, path: str, **options: Any) -> Reply:
        return (await self._send(method, path, **options)).json()

    async def _send(self, method: str, path: str, **options: Any) -> Answer:
        """Send and read the answer; whatever goes wrong on the way is WeChatDown."""
        timeout = aiohttp.ClientTimeout(total=self.timeout)
        try:
            async with self._session.request(
                method, self.url + path, timeout=timeout, **options
            ) as answer:
                content = await answer.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise WeChatDown() from None  # nothing was sent
        except (TimeoutError, aiohttp.ClientError):
            raise WeChatDown(maybe_done=True) from None
        if answer.status != 200:
            raise WeChatDown(maybe_done=answer.status != 429)
        return Answer(answer.headers.get("Content-Type", ""), content)
