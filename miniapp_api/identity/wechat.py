"""WeChat's log-in (微信登录): a Protocol, the client, and what its error codes mean here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

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
from miniapp_api.platform.wechat.client import Reply, WeChatClient
from miniapp_api.platform.wechat.errors import (
    MISCONFIGURED,
    WeChatDown,
    WeChatRefused,
    errcode,
)

__all__ = ["HttpWeChat", "WeChatLogin", "WeChatUser", "errcode", "phone_of", "raise_for"]


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
    """WeChat's own log-in, or our fake one's."""

    def __init__(self, client: WeChatClient) -> None:
        self._client = client

    async def user(self, code: str) -> WeChatUser:
        """Ask code2Session; the session key is of no use to us and not kept."""
        asked = {"js_code": code, "grant_type": "authorization_code"}
        try:
            reply = await self._client.ask("/sns/jscode2session", asked)
        except WeChatDown:
            raise WeChatUnavailable(retry_after=5) from None
        raise_for(errcode(reply))
        openid, unionid = reply.get("openid"), reply.get("unionid")
        if not isinstance(openid, str) or not 0 < len(openid) <= 128:
            raise WeChatUnavailable(retry_after=5)
        return WeChatUser(openid, unionid if isinstance(unionid, str) else None)

    async def phone(self, code: str, openid: str) -> str:
        """Ask getuserphonenumber."""
        body = {"code": code, "openid": openid}
        try:
            reply = await self._client.post("/wxa/business/getuserphonenumber", body)
        except WeChatDown:
            raise WeChatUnavailable(retry_after=5) from None
        except WeChatRefused as refused:  # not the call, but the token it needs
            raise_for(refused.code)
            raise
        raise_for(errcode(reply))
        return phone_of(reply, self._client.appid)


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
