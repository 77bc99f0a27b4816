"""A bare item, time, choice, yes or no outside a form (只给信息)."""

from __future__ import annotations

from bot import texts
from bot.actions.guides import choose_item, not_known, offer_candidates, tailor
from bot.actions.topic import Topic
from bot.dialogue import choices
from bot.dialogue.chat import Chat
from bot.replies import quick, reply


def chosen_item(chat: Chat) -> tuple[str, str | None] | None:
    """The item chosen by a quick reply, by its place, by yes to a single offer, or by its name."""
    if "item" in chat.turn.picks:
        return chat.turn.picks["item"], None
    offered, text = chat.offered("item"), chat.turn.text
    option = choices.by_position(text, offered)
    if option is None and len(offered) == 1 and choices.says_yes(text):
        option = offered[0]
    if option is None:
        option = _linked(chat, offered) or choices.by_name(text, offered)
    return (option[0], option[1]) if option else None


def _linked(chat: Chat, offered: list[list[str]]) -> list[str] | None:
    """The offered item that the linker finds nearest, even when it alone would not be sure."""
    best = chat.turn.candidates[0].id if chat.turn.candidates else None
    return next((each for each in offered if each[0] == best), None)


def focus_named(chat: Chat) -> None:
    """For an errand: the item named, else the one in focus; another matter leaves none."""
    named = chat.turn.item
    if named:
        chat.memory.focus(named.id, named.name)
    elif chat.turn.decision in ("ask", "unknown") and not chat.means_focus:
        chat.memory.focus(None)


class ActionInform(Topic):
    """Takes a bare piece of information for what it most likely answers."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_inform"

    async def converse(self, chat: Chat) -> None:
        """A choice first, then an item, then a time for a booking, then a bare yes or no."""
        chosen, turn = chosen_item(chat), chat.turn
        if chosen:
            await choose_item(chat, *chosen)
        elif turn.item:
            await choose_item(chat, turn.item.id, turn.item.name)
        elif turn.decision == "ask":
            await offer_candidates(chat, turn.candidates, "candidates")
        elif turn.spans and chat.memory.get("item"):
            chat.next_action = "booking_form"  # a bare time after talk of an item: for booking it
        elif turn.tags and chat.memory.get("item"):
            await tailor(chat)
        else:
            await _small(chat)


async def _small(chat: Chat) -> None:
    text, booked = chat.turn.text, chat.memory.get("booking")
    yes = chat.turn.intent == "affirm" or choices.says_yes(text)
    if yes and booked:
        chat.say(reply(texts.ALREADY_CONFIRMED, [quick(texts.MY)]))
    elif yes or chat.turn.intent == "deny" or choices.says_no(text):
        chat.say(reply(texts.NOTHING_TO_DO))
    elif chat.turn.decision == "unknown" or text:
        await not_known(chat)
    else:
        chat.say(reply(texts.NOTHING_TO_DO))
