"""Request and response shapes of messages."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from miniapp_api.platform.http import Shape


class InboxQuery(Shape):
    """A page of the inbox, newest first, older than the message `before`."""

    unread: bool = False
    before: Annotated[int, Field(ge=1, le=2**62)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class NoticeView(Shape):
    """A message (消息); `page` is where the citizen can act on it."""

    id: int
    kind: str
    title: str
    text: str
    page: str | None
    created_at: datetime
    read: bool


class Inbox(Shape):
    """A citizen's messages, newest first, and how many are unread."""

    unread: int
    messages: list[NoticeView]
