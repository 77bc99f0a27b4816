"""Request and response shapes of chat."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from miniapp_api.guides.schemas import Answer
from miniapp_api.platform.http import Shape

ConversationId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{16,64}$")]
Via = Literal["rasa", "fallback", "agent"]
OpenState = Literal["waiting", "active", "message"]
MessageId = Annotated[int, Field(ge=1, le=2**62)]


class Say(Shape):
    """A citizen says something; without a conversation a new one begins."""

    text: Annotated[str, Field(max_length=100_000)]
    conversation: ConversationId | None = None


class Reply(Shape):
    """The answers; `via` tells whether Rasa, the fallback, or later a person gives them."""

    conversation: str
    messages: list[Answer] = Field(description="empty while a person answers: see /chat/updates")
    via: Via
    id: int | None = Field(default=None, description="the answer's id: feedback names it")
    question: int | None = Field(default=None, description="the id of what the citizen said")
    handover: OpenState | None = Field(
        default=None, description="whether a person is asked for: see /chat/handovers/current"
    )


class HistoryEntry(Shape):
    """One thing said; an agent is named by his number (工号03)."""

    id: int
    author: Literal["citizen", "bot", "agent"]
    text: str | None
    answers: list[Answer] | None
    at: datetime
    name: str | None = None
    helpful: bool | None = Field(default=None, description="what the citizen thought of it")


class History(Shape):
    """A conversation so far, oldest first."""

    conversation: str
    messages: list[HistoryEntry]


class UpdatesQuery(Shape):
    """What was said after a message."""

    since: Annotated[int, Field(ge=0, le=2**62)] = 0


class Updates(Shape):
    """What was said since, oldest first, and whether a person is asked for."""

    messages: list[HistoryEntry]
    handover: OpenState | None


class Feedback(Shape):
    """Whether an answer helped (👍👎), and if not, why."""

    message: Annotated[int, Field(ge=1, le=2**62)]
    helpful: bool
    reason: Literal["wrong_item", "outdated", "unclear", "incomplete", "other"] | None = None
    text: Annotated[str, Field(max_length=200)] | None = None


class Frame(Shape):
    """What a client sends over the WebSocket; `token` logs the connection in."""

    text: Annotated[str, Field(max_length=100_000)]
    conversation: ConversationId | None = None
    token: Annotated[str, Field(max_length=128)] | None = None
    key: Annotated[str, Field(pattern=r"^[!-~]{1,64}$")] | None = None
