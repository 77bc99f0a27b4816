"""Which booking (哪个预约) is meant: the only one, the one named, or the one chosen."""

from __future__ import annotations

from typing import Any

from bot import texts
from bot.actions.mine import my_bookings
from bot.actions.topic import ask, finish
from bot.dialogue import choices
from bot.dialogue.bookings import title
from bot.dialogue.chat import Chat
from bot.replies import pick, quick, reply

Json = dict[str, Any]


async def begin_target(chat: Chat, verb: str, old_day: str | None) -> bool:
    """At the start of a form: True when it is clear which booking is meant (slot target)."""
    found = await my_bookings(chat)
    if not found:
        if found is not None:
            chat.say(reply(texts.NOTHING_TO_CHANGE.format(verb=verb)))
        finish(chat)
        return False
    fitting = _fitting(chat, found, old_day)
    if len(fitting) == 1:
        chat.memory.set(target=fitting[0])
        return True
    ask_target(chat, fitting, verb)
    return False


def _fitting(chat: Chat, found: list[Json], old_day: str | None) -> list[Json]:
    """Narrowed by the item that was named and the old day, as far as that leaves any."""
    named = chat.turn.item.id if chat.turn.item else None
    same_item = [each for each in found if (each.get("item") or {}).get("code") == named] or found
    return [each for each in same_item if each.get("date") == old_day] or same_item


def ask_target(chat: Chat, found: list[Json], verb: str) -> None:
    """Offers the bookings."""
    options = [[each["id"], title(each, chat.today), each] for each in found]
    chat.offer("booking", options)
    ask(chat, "target")
    buttons = [pick("booking", option[0], option[1]) for option in options]
    text = texts.WHICH_BOOKING.format(verb=verb)
    chat.say(reply(text, [*buttons, quick(texts.STOP)]))


def take_target(chat: Chat) -> bool:
    """Reads the choice among the offered bookings."""
    offered, picked = chat.offered("booking"), chat.turn.picks.get("booking")
    chosen = next((each for each in offered if str(each[0]) == picked), None)
    chosen = chosen or choices.by_position(chat.turn.text, offered) or _named(chat, offered)
    if chosen:
        chat.memory.set(target=chosen[2], offered=None)
    return chosen is not None


def _named(chat: Chat, offered: list[list[Any]]) -> list[Any] | None:
    """By its day or its item, when only one fits."""
    days = {span.start.isoformat() for span in chat.turn.spans if span.names_day}
    items = {each.id for each in chat.turn.candidates[:1]}
    found = [
        each
        for each in offered
        if each[2].get("date") in days or (each[2].get("item") or {}).get("code") in items
    ]
    if len(found) == 1:
        return found[0]
    named = choices.by_name(chat.turn.text, offered)
    return list(named) if named else None
