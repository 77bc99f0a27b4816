"""Shapes of a hand-over to a person (转人工): the citizen's side and the agent's desk."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from miniapp_api.chat.schemas import HistoryEntry, OpenState
from miniapp_api.guides.schemas import Link
from miniapp_api.platform.http import Shape

Code = Annotated[str, Field(min_length=1, max_length=64)]
Words = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"\S")]


class AskHuman(Shape):
    """Ask for a person (转人工), about an item when the page was about one."""

    item: Code | None = None


class HandoverView(Shape):
    """Where the citizen stands (排队情况)."""

    conversation: str
    state: OpenState
    text: str = Field(description="how it stands, in words")
    ahead: int | None = Field(description="how many wait before; null when he does not wait")
    estimated_minutes: int | None = Field(description="null while no agent is at his desk")
    agent: str | None = Field(description="who answers (工号03)")
    asked_at: datetime
    promised_for: datetime | None = Field(description="from when a message is answered")


class CurrentHandover(Shape):
    """The open hand-over of a conversation, or null; and whether agents are there now."""

    handover: HandoverView | None
    attended: bool
    promise: str | None = Field(description="when they come, while they are not there")


# --- the agent's desk (坐席工作台) ---------------------------------------------------------


class DeskRow(Shape):
    """A hand-over in a list; no person is named."""

    id: UUID
    state: OpenState
    question: str
    item: str | None
    item_name: str | None
    asked_at: datetime
    promised_for: datetime | None
    waited_minutes: int
    unread: int = Field(description="what the citizen said since the agent spoke last")


class Desk(Shape):
    """Who waits, longest first; whom I am talking with; messages, the oldest first."""

    agent: str
    attended: bool
    waiting: list[DeskRow]
    mine: list[DeskRow]
    messages: list[DeskRow]


class DeskItem(Shape):
    """An item in brief (事项摘要)."""

    code: str
    name: str
    department: str | None
    notice: str | None


class DeskCase(Shape):
    """The case that the citizen asked about (办件摘要): nothing of what he filled in."""

    number: str
    item_name: str
    state_name: str
    submitted_at: datetime
    due_on: date | None
    clock: Literal["not_started", "running", "paused", "stopped"]
    missing: list[str] = Field(description="what the correction notice names")


class DeskConversation(Shape):
    """A hand-over with its context (会话上下文)."""

    handover: DeskRow
    item: DeskItem | None
    candidates: list[DeskItem]
    case: DeskCase | None
    messages: list[HistoryEntry]
    may: list[str]


class DeskUpdates(Shape):
    """What was said since, and how the hand-over stands for me."""

    state: Literal["waiting", "active", "message", "closed"]
    messages: list[HistoryEntry]


class AgentSays(Shape):
    """What an agent says to the citizen."""

    text: Words


class Said(Shape):
    """A message that was kept."""

    id: int


class CannedQuery(Shape):
    """Which answer of the handbook (标准答复)."""

    item: Code
    aspect: Annotated[str, Field(max_length=40)] = "overview"


class Canned(Shape):
    """An answer of the handbook as text, to send or to edit first."""

    text: str
    links: list[Link]
    aspects: list[str] = Field(description="what else can be asked of the item")
