"""HTTP in and out of hand-overs (转人工): the citizen's side, and the agent's desk."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from sanic import Request

from miniapp_api.chat.desk import AgentDesk
from miniapp_api.chat.errors import (
    ConversationNotFound,
    HandoverNotAllowed,
    HandoverNotFound,
    HandoverTaken,
)
from miniapp_api.chat.handover_schemas import (
    AgentSays,
    AskHuman,
    Canned,
    CannedQuery,
    CurrentHandover,
    Desk,
    DeskConversation,
    DeskUpdates,
    HandoverView,
    Said,
)
from miniapp_api.chat.handovers import Handovers
from miniapp_api.chat.routes import conversation_of, room
from miniapp_api.chat.schemas import UpdatesQuery
from miniapp_api.guides.errors import AspectUnknown, ItemNotFound
from miniapp_api.platform.auth import Auth, Principal, staff_of
from miniapp_api.platform.errors import TooManyRequests
from miniapp_api.platform.http import endpoint

__all__ = ["room"]

AGENTS = frozenset({"agent"})
ONE = "/desk/<id:str>"
IN_HAND = (HandoverNotFound, HandoverTaken, HandoverNotAllowed)
desk_endpoint: Any = partial(endpoint, room, auth=Auth.STAFF, roles=AGENTS)


def _handovers(request: Request) -> Handovers:
    service: Handovers = request.app.ctx.handovers
    return service


def _desk(request: Request) -> AgentDesk:
    service: AgentDesk = request.app.ctx.agent_desk
    return service


def handover_id(text: str) -> UUID:
    """Read a hand-over's id from a path."""
    try:
        return UUID(text)
    except ValueError:
        raise HandoverNotFound() from None


@endpoint(
    room,
    "POST",
    "/handovers",
    auth=Auth.OPTIONAL,
    summary="Ask for a person in the conversation named by the X-Conversation header",
    body=AskHuman,
    returns=HandoverView,
    errors=(ConversationNotFound, ItemNotFound, TooManyRequests),
)
async def ask(request: Request, principal: Principal, body: AskHuman) -> HandoverView:
    """Ask for a person (转人工); asking again shows how it stands."""
    return await _handovers(request).ask(principal, conversation_of(request), body.item)


@endpoint(
    room,
    "GET",
    "/handovers/current",
    auth=Auth.OPTIONAL,
    summary="Where the citizen stands",
    returns=CurrentHandover,
    errors=(ConversationNotFound,),
)
async def current(request: Request, principal: Principal) -> CurrentHandover:
    """Show the place in line (排队情况)."""
    return await _handovers(request).current(principal, conversation_of(request))


@endpoint(
    room,
    "POST",
    "/handovers/current/leave",
    auth=Auth.OPTIONAL,
    summary="Leave the line, or end the talk",
    status=204,
    errors=(ConversationNotFound, HandoverNotFound),
)
async def leave(request: Request, principal: Principal) -> None:
    """Leave (不转了)."""
    await _handovers(request).leave(principal, conversation_of(request))


@desk_endpoint("GET", "/desk", summary="Who waits, mine, and messages", returns=Desk)
async def desk(request: Request, principal: Principal) -> Desk:
    """List the line (排队列表)."""
    return await _desk(request).desk(staff_of(principal))


@desk_endpoint(
    "GET",
    "/desk/answers",
    summary="An answer of the handbook, to send or to edit first",
    query=CannedQuery,
    returns=Canned,
    errors=(ItemNotFound, AspectUnknown),
)
async def canned(request: Request, query: CannedQuery) -> Canned:
    """Give a canned answer (标准答复)."""
    return _desk(request).canned(query.item, query.aspect)


@desk_endpoint(
    "GET",
    ONE,
    summary="A conversation with what was asked, the item and the case",
    returns=DeskConversation,
    errors=(HandoverNotFound, HandoverTaken),
)
async def open_conversation(request: Request, principal: Principal, id: str) -> DeskConversation:
    """Open a conversation (会话)."""
    return await _desk(request).open(staff_of(principal), handover_id(id))


@desk_endpoint(
    "GET",
    f"{ONE}/updates",
    summary="What was said since",
    query=UpdatesQuery,
    returns=DeskUpdates,
    errors=(HandoverNotFound, HandoverTaken),
)
async def desk_updates(
    request: Request, principal: Principal, id: str, query: UpdatesQuery
) -> DeskUpdates:
    """Read what was said since (新消息)."""
    return await _desk(request).updates(staff_of(principal), handover_id(id), query.since)


@desk_endpoint("POST", f"{ONE}/take", summary="Take over", status=204, errors=IN_HAND)
async def take(request: Request, principal: Principal, id: str) -> None:
    """Take over (接入)."""
    await _desk(request).take(staff_of(principal), handover_id(id))


@desk_endpoint(
    "POST",
    f"{ONE}/messages",
    summary="Say something to the citizen",
    body=AgentSays,
    returns=Said,
    errors=IN_HAND,
    idempotency="optional",
)
async def say_as_agent(
    request: Request, principal: Principal, id: str, body: AgentSays, key: str | None
) -> Said:
    """Say something (回复)."""
    said = await _desk(request).say(staff_of(principal), handover_id(id), body.text, key)
    return Said(id=said)


@desk_endpoint(
    "POST",
    f"{ONE}/answer",
    summary="Answer a message that was left",
    body=AgentSays,
    status=204,
    errors=IN_HAND,
)
async def answer(request: Request, principal: Principal, id: str, body: AgentSays) -> None:
    """Answer a message (回复留言)."""
    await _desk(request).answer(staff_of(principal), handover_id(id), body.text)


@desk_endpoint(
    "POST", f"{ONE}/hand-back", summary="The assistant goes on", status=204, errors=IN_HAND
)
async def hand_back(request: Request, principal: Principal, id: str) -> None:
    """Hand back (交回)."""
    await _desk(request).end(staff_of(principal), handover_id(id), "hand_back")


@desk_endpoint("POST", f"{ONE}/close", summary="Everything is settled", status=204, errors=IN_HAND)
async def close(request: Request, principal: Principal, id: str) -> None:
    """Close (结束)."""
    await _desk(request).end(staff_of(principal), handover_id(id), "close")


@desk_endpoint(
    "POST", f"{ONE}/release", summary="Back to the head of the line", status=204, errors=IN_HAND
)
async def release(request: Request, principal: Principal, id: str) -> None:
    """Release (放回)."""
    await _desk(request).end(staff_of(principal), handover_id(id), "release")
