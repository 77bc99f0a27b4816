"""A citizen talking to Rasa over HTTP."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.bot import fake_api

Json = dict[str, Any]


@dataclass
class Talk:
    """A citizen talking to Rasa over HTTP."""

    port: int
    now: str = fake_api.NOW.isoformat()
    sender: str = field(default_factory=lambda: uuid.uuid4().hex)
    last: list[Json] = field(default_factory=list)

    async def post(self, text: object) -> tuple[int, Any]:
        """Status and JSON of one turn."""
        url = f"http://127.0.0.1:{self.port}/webhooks/rest/webhook"
        body = {"sender": self.sender, "message": text, "metadata": {"now": self.now}}
        timeout = aiohttp.ClientTimeout(total=40)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(url, json=body) as response,
        ):
            return response.status, await response.json(content_type=None)

    async def say(self, text: object) -> str:
        """All that was answered, as one text."""
        status, messages = await self.post(text)
        assert status == 200, (status, messages)
        assert messages, f"silence after {text!r}"
        self.last = [each["custom"] for each in messages]
        return "\n".join(each["text"] for each in self.last)

    @property
    def buttons(self) -> dict[str, str]:
        """Title → payload of the last turn's quick replies."""
        return {q["title"]: q["payload"] for a in self.last for q in a["quick_replies"]}

    @property
    def card(self) -> dict[str, str]:
        """Label → value of the last card."""
        cards = [each["card"] for each in self.last if each["card"]]
        return {row["label"]: row["value"] for row in cards[-1]["rows"]} if cards else {}
