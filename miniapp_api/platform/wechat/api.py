"""What we ask WeChat for, call by call; errors are WeChatRefused and WeChatDown."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Literal

import aiohttp

from miniapp_api.platform.redis import Redis, RedisError
from miniapp_api.platform.wechat.client import Reply, WeChatClient
from miniapp_api.platform.wechat.errors import (
    NO_SUCH_MEDIA,
    WeChatDown,
    WeChatRefused,
    raise_for,
)

CUSTOMER = "/cgi-bin/message/custom/send"
TYPING = "/cgi-bin/message/custom/typing"
SUBSCRIBE = "/cgi-bin/message/subscribe/send"
UPLOAD = "/cgi-bin/media/upload"
CHECK = "/wxa/msg_sec_check"
CODE = "/wxa/getwxacodeunlimit"
MEDIA_SECONDS = 3 * 86_400 - 3_600  # a picture lives three days
CHECKED_CHARS = 2500
SCENE_CHARS = 32
COMMENT_SCENE = 2  # 1 profile, 2 comment, 3 forum, 4 social log

Suggestion = Literal["pass", "review", "risky"]
State = Literal["developer", "trial", "formal"]


class WeChatApi:
    """Messages, pictures, codes and the text check of WeChat."""

    def __init__(self, client: WeChatClient, redis: Redis) -> None:
        self._client = client
        self._redis = redis

    # -- customer messages (客服消息) --------------------------------------------------------------

    async def send_text(self, openid: str, text: str) -> None:
        """Send a text, at most 2048 bytes."""
        body = {"touser": openid, "msgtype": "text", "text": {"content": text}}
        await self._do(CUSTOMER, body)

    async def send_card(self, openid: str, title: str, page: str, picture: bytes) -> None:
        """Send a mini-program card (小程序卡片) with a picture."""
        try:
            await self._card(openid, title, page, await self._media(picture))
        except WeChatRefused as refused:
            if refused.code not in NO_SUCH_MEDIA:
                raise
            # It was deleted before its time: once more with a fresh one.
            await self._card(openid, title, page, await self._upload(picture))

    async def _card(self, openid: str, title: str, page: str, media: str) -> None:
        card = {"title": title, "pagepath": page, "thumb_media_id": media}
        body = {"touser": openid, "msgtype": "miniprogrampage", "miniprogrampage": card}
        await self._do(CUSTOMER, body)

    async def typing(self, openid: str) -> None:
        """Show that an answer is on its way (正在输入)."""
        await self._do(TYPING, {"touser": openid, "command": "Typing"})

    # -- temporary pictures (临时素材) -------------------------------------------------------------

    async def _media(self, picture: bytes) -> str:
        """Return the media id of a picture: remembered for three days, else uploaded."""
        try:
            if known := await self._redis.get(_media_key(picture)):
                return str(known)
        except RedisError:
            pass
        return await self._upload(picture)

    async def _upload(self, picture: bytes) -> str:
        def form() -> aiohttp.FormData:
            data = aiohttp.FormData()
            data.add_field("media", picture, filename="card.png", content_type="image/png")
            return data

        answer = await self._client.authorised(UPLOAD, params={"type": "image"}, data=form)
        reply = answer.json()
        raise_for(reply)
        media = reply.get("media_id")
        if not isinstance(media, str) or not media:
            raise WeChatDown()
        with suppress(RedisError):  # it is uploaded anew the next time
            await self._redis.set(_media_key(picture), media, ex=MEDIA_SECONDS)
        return media

    # -- subscribe messages (订阅消息) -------------------------------------------------------------

    async def subscribe(
        self, openid: str, template: str, page: str | None, data: Mapping[str, str], state: State
    ) -> str | None:
        """Send a message of a template; each one that was sent takes one subscription.

        Returns WeChat's id of the message, by which it reports what became of it.
        """
        body: dict[str, Any] = {
            "touser": openid,
            "template_id": template,
            "data": {name: {"value": value} for name, value in data.items()},
            "miniprogram_state": state,
            "lang": "zh_CN",
        }
        reply = await self._do(SUBSCRIBE, body | ({"page": page} if page else {}))
        id = reply.get("msgid")
        return str(id)[:64] if isinstance(id, str | int) else None

    # -- the text check (内容安全) -----------------------------------------------------------------

    async def check_text(self, openid: str, text: str) -> Suggestion:
        """Say what WeChat thinks of a text; openid: a user who was active in the last 2 hours."""
        body = {
            "content": text[:CHECKED_CHARS],
            "version": 2,
            "scene": COMMENT_SCENE,
            "openid": openid,
        }
        reply = await self._do(CHECK, body)
        return suggestion_of(reply)

    # -- codes (小程序码) --------------------------------------------------------------------------

    async def code(self, scene: str, page: str) -> bytes:
        """Return the picture of a code that opens a page; scene: at most 32 visible characters."""
        if len(scene) > SCENE_CHARS or not scene.isascii() or not scene.isprintable():
            raise ValueError("scene")
        body = {"scene": scene, "page": page.lstrip("/"), "width": 430}
        answer = await self._client.authorised(CODE, json=body)
        if answer.is_json:
            raise_for(answer.json())
        if not answer.media.startswith("image/"):
            raise WeChatDown()
        return answer.content

    async def _do(self, path: str, body: Reply) -> Reply:
        reply = await self._client.post(path, body)
        raise_for(reply)
        return reply


def suggestion_of(reply: Reply) -> Suggestion:
    """Read an answer of the text check; a detail item counts only when its errcode is 0."""
    found: set[Any] = set()
    result = reply.get("result")
    if isinstance(result, dict):
        found.add(result.get("suggest"))
    details = reply.get("detail")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict) and detail.get("errcode") in (0, "0", None):
            found.add(detail.get("suggest"))
    if "risky" in found:
        return "risky"
    return "review" if "review" in found else "pass"


def _media_key(picture: bytes) -> str:
    return f"wechat:media:{hashlib.sha256(picture).hexdigest()[:32]}"
