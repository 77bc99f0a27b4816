"""How our own WeChat pushes what users say: signed and sealed, and wrongly when told so."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

import aiohttp

from miniapp_api.platform.wechat import crypto

TRIES, ANSWER_SECONDS = 3, 5.0
STALE_SECONDS = 3600
# ok; twice: as when an answer was lost; stale: replayed an hour later; plain: not sealed at all
WAYS = frozenset({"ok", "twice", "wrong_signature", "wrong_appid", "stale", "plain", "garbled"})
FORMATS = frozenset({"json", "xml"})
OTHER_APP = "wxffffffffffffffff"


@dataclass(frozen=True)
class Address:
    """Where pushes go, and the secrets that are registered with WeChat."""

    url: str = ""
    token: str = ""
    key: bytes = b""
    appid: str = ""


@dataclass(frozen=True)
class Sent:
    """A push as it goes over the wire."""

    query: dict[str, str]
    body: bytes


def text(openid: str, said: str, now: float) -> dict[str, Any]:
    """Return a text message of a user."""
    return {
        **_head(openid, now),
        "MsgType": "text",
        "Content": said,
        "MsgId": secrets.randbelow(2**63),
    }


def entering(openid: str, now: float) -> dict[str, Any]:
    """Return the event that a user opened the conversation."""
    event = {"MsgType": "event", "Event": "user_enter_tempsession", "SessionFrom": "weapp"}
    return {**_head(openid, now), **event}


def _head(openid: str, now: float) -> dict[str, Any]:
    return {"ToUserName": "gh_shenban", "FromUserName": openid, "CreateTime": int(now)}


def written(fields: dict[str, Any], format: str) -> bytes:
    """Return fields as JSON or XML."""
    if format == "json":
        return json.dumps(fields, ensure_ascii=False).encode()
    return _element("xml", fields).encode()


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):  # as WeChat does it: one element for each
        return "".join(_element(name, each) for each in value)
    if isinstance(value, dict):
        value = "".join(_element(each, inner) for each, inner in value.items())
        return f"<{name}>{value}</{name}>"
    return f"<{name}>{escape(str(value))}</{name}>"


def sealed(
    address: Address, fields: dict[str, Any], now: float, way: str = "ok", format: str = "json"
) -> Sent:
    """Return a push of a message, in one of the WAYS."""
    content = written(fields, format)
    appid = OTHER_APP if way == "wrong_appid" else address.appid
    timestamp, nonce = (
        str(int(now - (STALE_SECONDS if way == "stale" else 0))),
        secrets.token_hex(8),
    )
    encrypted = crypto.seal(address.key, content, appid)
    query = {
        "signature": crypto.signature(address.token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "openid": str(fields["FromUserName"]),
        "encrypt_type": "aes",
        "msg_signature": crypto.signature(address.token, timestamp, nonce, encrypted),
    }
    if way == "wrong_signature":
        query["msg_signature"] = crypto.signature("forged", timestamp, nonce, encrypted)
    outer = {"ToUserName": fields["ToUserName"], "Encrypt": encrypted}
    body = content if way == "plain" else written(outer, format)
    return Sent(query, body[: len(body) // 2] if way == "garbled" else body)


class Pusher:
    """Pushes messages to our API."""

    def __init__(self, address: Address, now: Callable[[], float]) -> None:
        self.address = address
        self.now = now

    async def push(
        self, fields: dict[str, Any], way: str = "ok", format: str = "json"
    ) -> list[dict[str, Any]]:
        """Push a message, again when it was not taken, and return what was answered."""
        sent = sealed(self.address, fields, self.now(), way, format)
        async with aiohttp.ClientSession() as session:
            if way == "twice":
                return list(await asyncio.gather(*(self._post(session, sent) for _ in range(2))))
            answers = []
            for _ in range(TRIES):
                answers.append(await self._post(session, sent))
                if answers[-1]["status"] != 0:
                    break
            return answers

    async def _post(self, session: aiohttp.ClientSession, sent: Sent) -> dict[str, Any]:
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        try:
            async with session.post(
                self.address.url, params=sent.query, data=sent.body, timeout=timeout
            ) as reply:
                return {"status": reply.status, "body": await reply.text()}
        except (TimeoutError, aiohttp.ClientError):
            return {"status": 0, "body": ""}
