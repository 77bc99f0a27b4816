"""Booking for somebody else (代办): on whose consent it rests."""

from __future__ import annotations

from bot import texts
from bot.actions.topic import ask
from bot.dialogue.chat import Chat
from bot.replies import FAMILY_PAGE, link, pick, quick, reply


async def find_principal(chat: Chat) -> bool:
    """Whose consent the booking for somebody else rests on (代办授权); False once it was asked."""
    who = chat.memory.get("attendee") or "self"
    if who == "self" or chat.memory.draft.get("principal"):
        return True
    known = [each for each in await chat.api.principals() if each["relation"] == who]
    if len(known) == 1:
        chat.memory.note(principal=known[0]["id"])
        return True
    if who == "child" and not known:
        chat.memory.set(attendee="self")  # the guardian comes, and books for himself
        return True
    ask(chat, "attendee")
    if known:
        buttons = [pick("principal", each["id"], each["label"]) for each in known]
        chat.say(reply(texts.WHICH_PRINCIPAL, [*buttons, quick(texts.STOP)]))
    else:
        text = texts.NEEDS_CONSENT.format(who=texts.PERSON_NAMES[who])
        buttons = [quick(texts.FOR_MYSELF), quick(texts.LOGGED_IN_BACK), quick(texts.STOP)]
        chat.say(reply(text, buttons, links=[link(texts.ADD_PERSON, FAMILY_PAGE)]))
    return False
