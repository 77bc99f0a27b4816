"""WeChat's way in: its question whether the address is ours, and its pushes."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import text

from miniapp_api.platform.auth import Auth
from miniapp_api.platform.errors import Refusal
from miniapp_api.platform.http import endpoint
from miniapp_api.platform.wechat.pushes import (
    MOST_BYTES,
    PushGarbled,
    PushQuery,
    PushReader,
    PushRefused,
    PushStale,
)

room = Blueprint("wechat", url_prefix="/chat/wechat")

PLAIN = "text/plain; charset=utf-8"
TAKEN = "success"


class PushTooLarge(Refusal):
    """The push is larger than any message is."""

    status, code, title = 413, "push_too_large", "消息太大"


def _reader(request: Request) -> PushReader:
    reader: PushReader = request.app.ctx.wechat_pushes
    return reader


@endpoint(
    room,
    "GET",
    "/push",
    auth=Auth.PUBLIC,
    summary="WeChat's question whether the address is ours; the answer is its echostr",
    query=PushQuery,
    media=PLAIN,
    errors=(PushRefused, PushStale),
)
async def echo(request: Request, query: PushQuery) -> HTTPResponse:
    """Answer WeChat's question (验证消息推送地址)."""
    return text(_reader(request).echo(query, request.app.ctx.clock.now()))


@endpoint(
    room,
    "POST",
    "/push",
    auth=Auth.PUBLIC,
    summary="WeChat's pushes, in its secure mode; the answer says only that we have it",
    query=PushQuery,
    media=PLAIN,
    errors=(PushRefused, PushStale, PushGarbled, PushTooLarge),
)
async def receive(request: Request, query: PushQuery) -> HTTPResponse:
    """Take a push (接收消息推送): it is kept, acknowledged, and answered later."""
    ctx = request.app.ctx
    if len(request.body) > MOST_BYTES:
        raise PushTooLarge()
    push = _reader(request).read(query, request.body, ctx.clock.now())
    await ctx.wechat_inbox.receive(push, ctx.settings.chat.message_chars)
    return text(TAKEN)
