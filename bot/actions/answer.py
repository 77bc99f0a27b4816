"""Questions about an item, small talk and what is out of scope (问答)."""

from __future__ import annotations

from bot.actions.guides import answer_turn
from bot.actions.topic import Topic
from bot.dialogue.chat import Chat


class ActionAnswer(Topic):
    """Answers from the guides, keeping the item in focus from turn to turn."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_answer"

    async def converse(self, chat: Chat) -> None:
        """One question or several in one sentence."""
        await answer_turn(chat)
