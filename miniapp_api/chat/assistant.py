"""The assistant behind the chat: a Protocol, and Rasa over HTTP with a time-out and a breaker."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol

import aiohttp
import orjson
from pydantic import ValidationError

from miniapp_api.guides.schemas import Answer
from miniapp_api.platform.logs import log

State = Literal["ready", "training", "down"]
FAILURES_TO_OPEN = 3
OPEN_SECONDS = 5.0
REFUSED_SECONDS = 0.5
STATE_SECONDS = 2.0


class AssistantUnavailable(Exception):
    """The assistant gave no usable answer in time."""


@dataclass(frozen=True)
class Utterance:
    """What is passed on to the assistant: no name, no phone, no citizen."""

    conversation: str
    text: str
    now: datetime
    request_id: str


class Assistant(Protocol):
    """Answers a citizen's sentence within a conversation."""

    async def answer(self, said: Utterance) -> list[Answer]:
        """Return at least one answer, or raise AssistantUnavailable."""

    async def state(self) -> State:
        """Return whether it is ready, training or down."""


class RasaAssistant:
    """Rasa's REST channel; after a few failures it is left alone for a moment."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, timeout: float, status_file: Path
    ) -> None:
        self._session = session
        self._url = url.rstrip("/")
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._status_file = status_file
        self._failures = 0
        self._closed_until = 0.0
        self._state: tuple[float, State] = (0.0, "down")

    async def answer(self, said: Utterance) -> list[Answer]:
        """Ask Rasa; raise AssistantUnavailable when it fails, is slow, or is being left alone."""
        if time.monotonic() < self._closed_until:
            raise AssistantUnavailable()
        try:
            answers = await self._ask(said)
        except (TimeoutError, aiohttp.ClientError, ValidationError, ValueError) as error:
            self._failed(error)
            raise AssistantUnavailable() from None
        self._failures = 0
        return answers

    async def _ask(self, said: Utterance) -> list[Answer]:
        message = {
            "sender": said.conversation,
            "message": said.text,
            "metadata": {"now": said.now.isoformat(), "request_id": said.request_id},
        }
        async with self._session.post(
            f"{self._url}/webhooks/rest/webhook", json=message, timeout=self._timeout
        ) as reply:
            reply.raise_for_status()
            said_back: list[dict[str, Any]] = orjson.loads(await reply.read())
        answers = [_read(each) for each in said_back]
        if not answers:
            raise ValueError("Rasa said nothing")
        return answers

    def _failed(self, error: Exception) -> None:
        self._failures += 1
        log.warning("rasa_failed", error=type(error).__name__, failures=self._failures)
        if self._failures >= FAILURES_TO_OPEN:
            # A time-out costs the citizen seconds, a refused connection next to nothing.
            slow = isinstance(error, TimeoutError)
            self._closed_until = time.monotonic() + (OPEN_SECONDS if slow else REFUSED_SECONDS)

    async def state(self) -> State:
        """Return Rasa's state, asked at most every two seconds."""
        asked_at, state = self._state
        if time.monotonic() - asked_at >= STATE_SECONDS:
            state = await self._look()
            self._state = (time.monotonic(), state)
        return state

    async def _look(self) -> State:
        try:
            async with self._session.get(self._url + "/", timeout=self._timeout) as reply:
                if reply.status == 200:
                    return "ready"
        except (TimeoutError, aiohttp.ClientError):
            pass
        try:
            training = orjson.loads(self._status_file.read_bytes()).get("state") == "training"
        except (OSError, ValueError):
            training = False
        return "training" if training else "down"


def _read(said: dict[str, Any]) -> Answer:
    """Turn one Rasa message into an answer: our composer's, or a plain text."""
    if "custom" in said:
        return Answer.model_validate(said["custom"])
    return Answer(text=said["text"])
