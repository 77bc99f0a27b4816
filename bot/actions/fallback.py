"""When nothing was understood (兜底)."""

from __future__ import annotations

from bot.actions.guides import choose_item, not_known
from bot.actions.inform import chosen_item
from bot.actions.topic import Topic
from bot.dialogue.chat import Chat


class ActionFallback(Topic):
    """First asks back with the nearest candidates, then offers a person."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_fallback"

    async def converse(self, chat: Chat) -> None:
        """A short reply to an offer may look like nothing: it is tried as a choice first."""
        chosen = chosen_item(chat)
        if chosen:
            await choose_item(chat, *chosen)
        else:
            await not_known(chat)
