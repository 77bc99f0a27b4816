"""The channel (渠道) by which the API hands over a citizen's message."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.channels.rest import RestInput
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

logger = logging.getLogger(__name__)

MAX_TEXT = 500  # characters that are read; a question is never longer
MAX_SENDER = 128
COMMAND = re.compile(r"/(inform|materials)(\{.*\})")
VALUE = re.compile(r"[\w:.\-=]{1,128}", re.ASCII)
# the commands behind our own quick replies, and the keys that each may carry
CHOICES = frozenset(
    {
        *("item", "seat", "day", "hall", "booking", "attendee", "principal"),
        *("option", "enterprise", "case"),
    }
)
CIRCUMSTANCE = frozenset({"item", "option", "tag"})
METADATA = ("now", "request_id")
UNREADABLE = "?"


def is_quick_reply(text: str) -> bool:
    """True for the exact choices that the bot or the API's composer offers (快捷回复)."""
    command = COMMAND.fullmatch(text)
    try:
        values = json.loads(command.group(2)) if command else None
    except ValueError:
        return False
    if command is None or not isinstance(values, dict):
        return False
    if not all(isinstance(each, str) and VALUE.fullmatch(each) for each in values.values()):
        return False
    if command.group(1) == "inform":
        return len(values) == 1 and values.keys() <= CHOICES
    return "item" in values and values.keys() <= CIRCUMSTANCE


def safe_text(text: object) -> str:
    """What of a citizen's text may reach Rasa (净化输入).

    Rasa takes a leading slash as a command (/restart, /intent{"slot": …}); only the quick replies
    that we ourselves offer keep it.
    """
    trimmed = text.strip()[:MAX_TEXT] if isinstance(text, str) else ""
    if is_quick_reply(trimmed):
        return trimmed
    return trimmed.lstrip("/ \t\r\n\u3000") or UNREADABLE


def safe_metadata(metadata: object) -> dict[str, str]:
    """The clock and request id that travel with a message; nothing else does."""
    given = metadata if isinstance(metadata, dict) else {}
    return {key: str(given[key])[:64] for key in METADATA if given.get(key)}


class CitizenInput(RestInput):
    """Rasa's REST channel with the input made safe and no message text in the log."""

    @classmethod
    def name(cls) -> str:
        """The address stays /webhooks/rest/webhook."""
        return "rest"

    def blueprint(self, on_new_message: Any) -> Blueprint:
        """The routes of the channel."""
        webhook = Blueprint("citizen_webhook", __name__)

        @webhook.get("/")
        async def health(_: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @webhook.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            message = user_message(request.json)
            if message is None:
                return response.json({"code": "validation_failed"}, status=422)
            return await _handle(on_new_message, message)

        return webhook


def user_message(body: object) -> UserMessage | None:
    """Rasa's message from the request's JSON; None when it names no conversation."""
    given = body if isinstance(body, dict) else {}
    sender = given.get("sender")
    if not isinstance(sender, str) or not 0 < len(sender) <= MAX_SENDER:
        return None
    return UserMessage(
        safe_text(given.get("message")),
        CollectingOutputChannel(),
        sender,
        input_channel="rest",
        metadata=safe_metadata(given.get("metadata")),
    )


async def _handle(on_new_message: Any, message: UserMessage) -> HTTPResponse:
    """Runs the turn. A failure is 503, so that the API answers by itself, never an empty list."""
    try:
        await on_new_message(message)
    except asyncio.CancelledError:
        raise
    except Exception as error:
        # the traceback may quote the message: only its kind is logged
        logger.error("turn failed: %s request_id=%s", type(error).__name__, message.metadata)
        return response.json({"code": "unavailable"}, status=503)
    messages = message.output_channel.messages
    if not messages:  # an action was lost, for example with its server
        return response.json({"code": "unavailable"}, status=503)
    return response.json(messages)
