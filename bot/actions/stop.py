"""Stopping (算了) outside a form."""

from __future__ import annotations

import re

from bot import texts
from bot.actions.topic import Topic
from bot.dialogue.chat import Chat
from bot.replies import reply

NOT_COMING = re.compile(r"不去|去不了|来不了|不来|不约")


class ActionStop(Topic):
    """Says all right; 算了不去了 means the booking, a bare 算了 does not."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_stop"

    async def converse(self, chat: Chat) -> None:
        """Hands over to the cancel form, which asks once before it cancels."""
        if NOT_COMING.search(chat.turn.text):
            chat.next_action = "cancel_form"
            return
        chat.memory.set(offered=None, questions=None)
        booked = chat.memory.get("booking")
        chat.say(reply(texts.NOTHING_TO_STOP_BOOKED if booked else texts.NOTHING_TO_STOP))
