"""HTTP in and out of messages."""

from __future__ import annotations

from uuid import UUID

from sanic import Blueprint, Request

from miniapp_api.messages.schemas import Inbox, InboxQuery
from miniapp_api.messages.service import MessageService, NoticeNotFound
from miniapp_api.platform.auth import Auth, Principal
from miniapp_api.platform.errors import LoginRequired
from miniapp_api.platform.http import endpoint

room = Blueprint("messages", url_prefix="/messages")


def _service(request: Request) -> MessageService:
    service: MessageService = request.app.ctx.messages
    return service


def citizen_of(principal: Principal) -> UUID:
    """Return the citizen who asks; raise LoginRequired."""
    if principal.citizen is None:
        raise LoginRequired()
    return principal.citizen


@endpoint(
    room,
    "GET",
    "/",
    auth=Auth.CITIZEN,
    summary="My messages",
    query=InboxQuery,
    returns=Inbox,
)
async def inbox(request: Request, principal: Principal, query: InboxQuery) -> Inbox:
    """List messages (我的消息)."""
    page = {"unread": query.unread, "before": query.before, "limit": query.limit}
    return await _service(request).inbox(citizen_of(principal), **page)  # type: ignore[arg-type]


@endpoint(
    room,
    "POST",
    "/<id:str>/read",
    auth=Auth.CITIZEN,
    summary="Mark a message as read",
    status=204,
    errors=(NoticeNotFound,),
)
async def mark_read(request: Request, principal: Principal, id: str) -> None:
    """Mark as read (已读)."""
    if not id.isascii() or not id.isdigit() or len(id) > 18:
        raise NoticeNotFound()
    await _service(request).mark_read(citizen_of(principal), int(id))
