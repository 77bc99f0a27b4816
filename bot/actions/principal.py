"""Booking or applying for somebody else (代办): on whose consent it rests."""

from __future__ import annotations

from dataclasses import dataclass

from bot import texts
from bot.actions.topic import ask
from bot.dialogue.chat import Chat
from bot.replies import FAMILY_PAGE, link, pick, quick, reply


@dataclass(frozen=True)
class Errand:
    """How an errand is spoken of (说法): 给老人约, 给老人办."""

    verb: str
    for_myself: str
    stop: str


BOOKING = Errand("约", texts.FOR_MYSELF, texts.STOP)
APPLYING = Errand("办", texts.FOR_MYSELF_APPLY, texts.STOP_APPLY)


async def find_principal(chat: Chat, errand: Errand = BOOKING) -> bool:
    """Whose consent it rests on (代办授权); False once it was asked."""
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
        text = texts.WHICH_PRINCIPAL.format(verb=errand.verb)
        chat.say(reply(text, [*buttons, quick(errand.stop)]))
    else:
        text = texts.NEEDS_CONSENT.format(who=texts.PERSON_NAMES[who], verb=errand.verb)
        named = (errand.for_myself, texts.LOGGED_IN_BACK, errand.stop)
        buttons = [quick(each) for each in named]
        chat.say(reply(text, buttons, links=[link(texts.ADD_PERSON, FAMILY_PAGE)]))
    return False
