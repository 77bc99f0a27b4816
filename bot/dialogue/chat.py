"""What every topic works with (一轮对话的工作台): the turn, the memory, the API, the replies."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.api_client import CitizenApi
from bot.dialogue.memory import Memory
from bot.dialogue.turn import Turn
from bot.replies import LOGIN_PAGE, Answer


@dataclass
class Chat:
    """One turn of one conversation."""

    sender: str
    turn_id: str
    turn: Turn
    memory: Memory
    api: CitizenApi
    active_form: str | None = None
    requested: str | None = None
    said: list[Answer] = field(default_factory=list)
    next_action: str = "action_listen"

    @property
    def today(self) -> date:
        """The citizen's date."""
        return self.turn.now.date()

    @property
    def means_focus(self) -> bool:
        """One of the close candidates is what is being talked about: that one is meant."""
        return self.memory.get("item") in [each.id for each in self.turn.candidates]

    @property
    def last_needs_login(self) -> bool:
        """The last reply sends to the log-in."""
        links = self.said[-1]["links"] if self.said else []
        return any(each["page"] == LOGIN_PAGE for each in links)

    def say(self, answer: Answer) -> None:
        """Adds a reply."""
        self.said.append(answer)

    def key(self, *parts: Any) -> str:
        """An Idempotency-Key (幂等键) that a repeat of the same turn reproduces."""
        text = "|".join([self.sender, self.turn_id, *map(str, parts)])
        return hashlib.sha256(text.encode()).hexdigest()[:48]

    def offer(self, kind: str, options: list[list[Any]]) -> None:
        """Remembers what was offered, so that 第一个 has a meaning."""
        self.memory.set(offered={"kind": kind, "options": options})

    def offered(self, kind: str) -> list[list[Any]]:
        """What was offered last, if it was of this kind."""
        last = self.memory.get("offered") or {}
        return list(last.get("options") or []) if last.get("kind") == kind else []
