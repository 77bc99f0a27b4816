"""WeChat's log-in (微信登录): a Protocol, the client, and what its error codes mean.

Every answer of WeChat is HTTP 200; errcode tells, which may be absent, 0, or a string.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import uuid4

import aiohttp

from miniapp_api.identity.citizens import PhoneInvalid
from miniapp_api.identity.errors import (
    WeChatCodeInvalid,
    WeChatCodeUsed,
    WeChatTooOften,
    WeChatUnavailable,
    WeChatUserBlocked,
)
from miniapp_api.platform.errors import Refusal
from miniapp_api.platform.logs import log
from miniapp_api.platform.redis import Redis

Reply = dict[str, Any]

TOKEN_SPENT = frozenset({40001, 40014, 42001})
MISCONFIGURED = frozenset({40013, 40125, 41002, 41004, 61024})
TOKEN, LOCK = "wechat:token", "wechat:token:lock"
MARGIN_SECONDS = 300  # a token is renewed so long before its end: the old one still works then
POLL_SECONDS = 0.05
# Deletes a key only while it has the value we saw: what came after is somebody else's.
DELETE_IF = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


@dataclass(frozen=True, repr=False)
class WeChatUser:
    """A user of the mini-program, as WeChat names him."""

    openid: str
    unionid: str | None


class WeChatLogin(Protocol):
    """Turns the codes that the mini-program gets into a user and his phone number."""

    async def user(self, code: str) -> WeChatUser:
        """Return the user of a log-in code; raise a WeChat refusal."""

    async def phone(self, code: str, openid: str) -> str:
        """Return the phone number of a phone code; raise a WeChat refusal or PhoneInvalid."""


class HttpWeChat:
    """WeChat's own API (api.weixin.qq.com), or our fake one."""

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
        self._session = session
        self._redis = redis
        self._appid = appid
        self._secret = secret

    async def user(self, code: str) -> WeChatUser:
        """Ask code2Session; the session key is of no use to us and not kept."""
        parameters = {
            "appid": self._appid,
            "secret": self._secret,
            "js_code": code,
            "grant_type": "authorization_code",
        }
        reply = await self._call("GET", "/sns/jscode2session", params=parameters)
        raise_for(errcode(reply))
        openid, unionid = reply.get("openid"), reply.get("unionid")
        if not isinstance(openid, str) or not 0 < len(openid) <= 128:
            raise WeChatUnavailable(retry_after=5)
        return WeChatUser(openid, unionid if isinstance(unionid, str) else None)

    async def phone(self, code: str, openid: str) -> str:
        """Ask getuserphonenumber."""
        body = {"code": code, "openid": openid}
        reply = await self._authorised("/wxa/business/getuserphonenumber", body)
        raise_for(errcode(reply))
        return phone_of(reply, self._appid)

    async def _authorised(self, path: str, body: Reply) -> Reply:
        """Call with the app's token; one that WeChat calls spent is replaced, once."""
        token = await self._token()
        reply = await self._call("POST", path, params={"access_token": token}, json=body)
        if errcode(reply) not in TOKEN_SPENT:
            return reply
        await self._redis.eval(DELETE_IF, 1, TOKEN, token)
        token = await self._token()
        return await self._call("POST", path, params={"access_token": token}, json=body)

    async def _token(self) -> str:
        """Return the app's token: from Redis, or fetched by one process for all."""
        until = time.monotonic() + 2 * self.timeout
        while time.monotonic() < until:
            if token := await self._redis.get(TOKEN):
                return str(token)
            mine = uuid4().hex
            milliseconds = int(self.timeout * 1000) + 1000
            if await self._redis.set(LOCK, mine, nx=True, px=milliseconds):
                try:
                    return await self._fetch_token()
                finally:
                    await self._redis.eval(DELETE_IF, 1, LOCK, mine)
            await asyncio.sleep(POLL_SECONDS)
        raise WeChatUnavailable(retry_after=5)

    async def _fetch_token(self) -> str:
        """Ask stable_token, never forcing: forced ones are few a day."""
        if token := await self._redis.get(TOKEN):
            return str(token)  # who held the lock before us fetched it
        body = {
            "grant_type": "client_credential",
            "appid": self._appid,
            "secret": self._secret,
            "force_refresh": False,
        }
        reply = await self._call("POST", "/cgi-bin/stable_token", json=body)
        raise_for(errcode(reply))
        token, seconds = reply.get("access_token"), reply.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(seconds, int):
            raise WeChatUnavailable(retry_after=5)
        await self._redis.set(TOKEN, token, ex=max(1, seconds - MARGIN_SECONDS))
        return token

    async def _call(self, method: str, path: str, **options: Any) -> Reply:
        """Call WeChat; whatever goes wrong on the way is WeChatUnavailable."""
        timeout = aiohttp.ClientTimeout(total=self.timeout)
        try:
            async with self._session.request(
                method, self.url + path, timeout=timeout, **options
            ) as answer:
                reply = json.loads(await answer.read())
                if answer.status != 200 or not isinstance(reply, dict):
                    raise WeChatUnavailable(retry_after=5)
        except (TimeoutError, aiohttp.ClientError, ValueError, RecursionError):
            raise WeChatUnavailable(retry_after=5) from None
        return reply


def errcode(reply: Reply) -> int:
    """Return an answer's error code, 0 when all is well; one that is no number is -1."""
    try:
        return int(reply.get("errcode") or 0)
    except (TypeError, ValueError, OverflowError):
        return -1


def raise_for(code: int) -> None:
    """Raise the refusal that an error code stands for."""
    refusals: dict[int, Refusal] = {
        40029: WeChatCodeInvalid(),
        40163: WeChatCodeUsed(),
        40226: WeChatUserBlocked(),
        45011: WeChatTooOften(retry_after=60),
        -1: WeChatUnavailable(retry_after=2),
    }
    if code == 0:
        return
    if code not in refusals:
        level = log.error if code in MISCONFIGURED else log.warning
        level("wechat_failed", errcode=code)
    raise refusals.get(code, WeChatUnavailable(retry_after=5))


def phone_of(reply: Reply, appid: str) -> str:
    """Return the mainland number of getuserphonenumber's answer.

    countryCode is a number in some answers and a string in others. Raises PhoneInvalid for another
    country's number, WeChatUnavailable for an answer that is none, or of another app.
    """
    info = reply.get("phone_info")
    number = info.get("purePhoneNumber") if isinstance(info, dict) else None
    if not isinstance(info, dict) or not isinstance(number, str):
        raise WeChatUnavailable(retry_after=5)
    mark = info.get("watermark")
    stated = mark.get("appid") if isinstance(mark, dict) else None
    if stated and stated != appid:
        raise WeChatUnavailable(retry_after=5)
    if str(info.get("countryCode")) != "86":
        raise PhoneInvalid("请授权中国大陆的手机号")
    return number
