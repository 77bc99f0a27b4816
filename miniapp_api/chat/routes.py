"""HTTP and WebSocket in and out of chat."""

from __future__ import annotations

import orjson
from pydantic import ValidationError
from sanic import Blueprint, Request, Websocket

from miniapp_api.chat.errors import ConversationNotFound, MessageNotFound, StillAnswering
from miniapp_api.chat.schemas import Feedback, Frame, History, Reply, Say, Updates, UpdatesQuery
from miniapp_api.chat.service import ChatService
from miniapp_api.platform.auth import ANONYMOUS, CONVERSATION_HEADER, Auth, Principal
from miniapp_api.platform.errors import MalformedJson, SessionExpired, TooManyRequests, translate
from miniapp_api.platform.http import endpoint

room = Blueprint("chat", url_prefix="/chat")


def _service(request: Request) -> ChatService:
    service: ChatService = request.app.ctx.chat
    return service


def conversation_of(request: Request) -> str:
    """Return the conversation that a request names: a key to it, so it is kept out of the URL."""
    return request.headers.get(CONVERSATION_HEADER, "")


@endpoint(
    room,
    "POST",
    "/messages",
    auth=Auth.OPTIONAL,
    summary="Say something to the assistant",
    body=Say,
    returns=Reply,
    errors=(ConversationNotFound, StillAnswering, TooManyRequests),
    idempotency="optional",
)
async def say(request: Request, principal: Principal, body: Say, key: str | None) -> Reply:
    """Say something (提问)."""
    return await _service(request).say(
        principal, body.text, body.conversation, key, str(request.id)
    )


@endpoint(
    room,
    "GET",
    "/history",
    auth=Auth.OPTIONAL,
    summary="What was said in the conversation named by the X-Conversation header",
    returns=History,
    errors=(ConversationNotFound,),
)
async def history(request: Request, principal: Principal) -> History:
    """Read a conversation (聊天记录); its name is a key to it, so it is kept out of the URL."""
    return await _service(request).history(principal, conversation_of(request))


@endpoint(
    room,
    "GET",
    "/updates",
    auth=Auth.OPTIONAL,
    summary="What was said since in the conversation named by the X-Conversation header",
    query=UpdatesQuery,
    returns=Updates,
    errors=(ConversationNotFound,),
)
async def updates(request: Request, principal: Principal, query: UpdatesQuery) -> Updates:
    """Read what was said since (新消息): an agent's words come this way."""
    return await _service(request).updates(principal, conversation_of(request), query.since)


@endpoint(
    room,
    "POST",
    "/feedback",
    auth=Auth.OPTIONAL,
    summary="Say whether an answer helped",
    body=Feedback,
    status=204,
    errors=(ConversationNotFound, MessageNotFound),
)
async def judge(request: Request, principal: Principal, body: Feedback) -> None:
    """Judge an answer (👍👎)."""
    await _service(request).judge(principal, conversation_of(request), body)


@room.websocket("/ws")
async def talk(request: Request, socket: Websocket) -> None:
    """Chat over a WebSocket: a Frame in, a Reply or a problem out, in turn.

    The rule is Auth.OPTIONAL: a frame's token logs the connection in.
    """
    principal, conversation = ANONYMOUS, None
    async for text in socket:
        try:
            frame = Frame.model_validate_json(text)
            if frame.token:
                principal = await _log_in(request, frame.token)
            reply = await _service(request).say(
                principal,
                frame.text,
                frame.conversation or conversation,
                frame.key,
                str(request.id),
            )
            conversation = reply.conversation
            await socket.send(reply.model_dump_json())
        except Exception as error:
            refusal = translate(MalformedJson() if isinstance(error, ValidationError) else error)
            problem = {"code": refusal.code, "status": refusal.status, "detail": refusal.detail}
            await socket.send(orjson.dumps(problem).decode())


async def _log_in(request: Request, token: str) -> Principal:
    citizen = await request.app.ctx.identity.citizen_of_token(token)
    if citizen is None:
        raise SessionExpired()
    return Principal(citizen=citizen, token=token)
