"""Request and response shapes of chat."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from miniapp_api.guides.schemas import Answer
from miniapp_api.platform.http import Shape

ConversationId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{16,64}$")]
Via = Literal["rasa", "fallback"]


class Say(Shape):
    """A citizen says something; without a conversation a new one begins."""

    text: Annotated[str, Field(max_length=100_000)]
    conversation: ConversationId | None = None


class Reply(Shape):
    """The assistant's answers; `via` tells whether Rasa or the fallback gave them."""

    conversation: str
    messages: list[Answer]
    via: Via


class HistoryEntry(Shape):
    """One thing said."""

    id: int
    author: Literal["citizen", "bot"]
    text: str | None
    answers: list[Answer] | None
    at: datetime


class History(Shape):
    """A conversation so far, oldest first."""

    conversation: str
    messages: list[HistoryEntry]


class Frame(Shape):
    """What a client sends over the WebSocket; `token` logs the connection in."""

    text: Annotated[str, Field(max_length=100_000)]
    conversation: ConversationId | None = None
    token: Annotated[str, Field(max_length=128)] | None = None
    key: Annotated[str, Field(pattern=r"^[!-~]{1,64}$")] | None = None
