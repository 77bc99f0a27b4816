"""A push, from its bytes to what it says (消息推送): signed, for us, fresh, and read.

Only the secure mode (安全模式) is spoken: in plain mode the signature covers neither the body nor
hides it, so that whoever saw one push could say anything in its sender's name (ADR 15).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from miniapp_api.platform.errors import Refusal
from miniapp_api.platform.wechat import crypto, payload

FRESH_SECONDS = 300  # WeChat tries again for 15 seconds: what is older is somebody's replay
MOST_BYTES = 65_536  # a message has 2 KB
MOST_OPENID = 128


class PushRefused(Refusal):
    """The push is not WeChat's: wrongly signed, sealed, or for another app."""

    status, code, title = 403, "push_forged", "消息不是微信发给我们的"


class PushStale(Refusal):
    """The push is older than WeChat would still send it."""

    status, code, title = 403, "push_stale", "消息过期了"


class PushGarbled(Refusal):
    """The push is neither XML nor JSON that a message could be."""

    status, code, title = 400, "push_garbled", "消息的格式不对"


class PushQuery(BaseModel):
    """What stands in a push's address; WeChat adds more, which is not read."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    timestamp: str = ""
    nonce: str = ""
    signature: str = ""
    msg_signature: str = ""
    echostr: str = ""


@dataclass(frozen=True, repr=False)
class Push:
    """A message or event that a user sent, or that is about him."""

    openid: str
    kind: str  # text, image, event, …
    event: str
    text: str
    id: str  # the same for every try of the same message
    entries: tuple[payload.Fields, ...] = ()  # of a subscription event (订阅消息事件)

    def __repr__(self) -> str:
        return f"Push({self.kind}, {self.event})"  # never who said what


class PushReader:
    """Reads the pushes for one app."""

    def __init__(self, token: str, key: bytes, appid: str) -> None:
        self._token = token
        self._key = key
        self._appid = appid

    def echo(self, query: PushQuery, now: datetime) -> str:
        """Answer WeChat's question whether this address is ours; raise PushRefused, PushStale."""
        try:
            crypto.check_signature(query.signature, self._token, query.timestamp, query.nonce)
        except crypto.PushForged:
            raise PushRefused() from None
        _require_fresh(query.timestamp, now)
        return query.echostr

    def read(self, query: PushQuery, body: bytes, now: datetime) -> Push:
        """Return what a push says; raise PushRefused, PushStale or PushGarbled."""
        try:
            sealed = payload.read(body).get("Encrypt")
            if not sealed:
                raise PushGarbled()
            stated = (query.timestamp, query.nonce, sealed)
            crypto.check_signature(query.msg_signature, self._token, *stated)
            _require_fresh(query.timestamp, now)
            content = crypto.unseal(self._key, sealed, self._appid)
            fields = payload.read(content)
            entries = payload.read_list(content) if fields.get("MsgType") == "event" else ()
        except crypto.PushForged:
            raise PushRefused() from None
        except payload.Garbled:
            raise PushGarbled() from None
        return replace(_push(fields), entries=tuple(entries))


def _require_fresh(timestamp: str, now: datetime) -> None:
    stated = int(timestamp) if timestamp.isascii() and timestamp.isdigit() else 0
    if abs(now.timestamp() - stated) > FRESH_SECONDS:
        raise PushStale()


def _push(fields: payload.Fields) -> Push:
    openid, kind = fields.get("FromUserName", ""), fields.get("MsgType", "")
    # Events have no MsgId: who and when make them one.
    id = fields.get("MsgId") or f"{openid} {fields.get('CreateTime', '')} {fields.get('Event', '')}"
    if not kind or not 0 < len(openid) <= MOST_OPENID or not fields.get("CreateTime"):
        raise PushGarbled()
    return Push(openid, kind, fields.get("Event", ""), fields.get("Content", ""), id)
