"""My cases (我的办件): read anew for every turn, by the citizen that the API knows.

Of a case the conversation remembers an id, its title and its version, nothing else: whoever logs
in next in the same conversation is answered by the API for himself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot import texts
from bot.actions.log_in import NEEDS_LOGIN, login_reply
from bot.actions.topic import ask
from bot.api_client import ApiRefusal
from bot.dialogue import choices
from bot.dialogue.cases import CORRECTION, case_card, case_link, cases_card, sentence, titles
from bot.dialogue.chat import Chat
from bot.replies import DRAFT_PAGE, Answer, link, pick, quick, reply

Json = dict[str, Any]

GONE = "application_not_found"
LISTED = 6
DRAFTS_TOLD = 3


async def my_cases(chat: Chat) -> list[Json] | None:
    """The citizen's cases; None (and a word about the log-in) when nobody is logged in."""
    try:
        return await chat.api.cases()
    except ApiRefusal as refusal:
        if refusal.code not in NEEDS_LOGIN:
            raise
        chat.say(_ask_login(chat))
        return None


def _ask_login(chat: Chat) -> Answer:
    """Logged in, he says again what began it; from the middle of it, he asks where things stand."""
    again = texts.ASK_CASES if chat.requested else chat.turn.text
    return login_reply(texts.LOGIN_CASES, again)


def named_items(chat: Chat) -> frozenset[str]:
    """The items that the sentence names, or may name; empty when it names none."""
    if chat.turn.item:
        return frozenset({chat.turn.item.id})
    if chat.turn.decision == "ask":
        return frozenset(each.id for each in chat.turn.candidates)
    return frozenset()


def of_items(rows: Sequence[Json], items: frozenset[str]) -> list[Json]:
    """The cases or drafts of these items; all when no item is named."""
    return [each for each in rows if not items or each["item"] in items]


def ask_case(chat: Chat, cases: Sequence[Json], text: str, stop: str) -> None:
    """Offers the cases, the latest first."""
    shown = list(cases[:LISTED])
    options = [[each["id"], title] for each, title in zip(shown, titles(shown), strict=True)]
    chat.offer("case", options)
    ask(chat, "target")
    buttons = [pick("case", id, title) for id, title in options]
    chat.say(reply(text, [*buttons, quick(stop)], card=cases_card(shown)))


def take_case(chat: Chat) -> str | None:
    """The id chosen among the offered: by button, place, name or item."""
    offered, picked = chat.offered("case"), chat.turn.picks.get("case")
    if picked:
        return next((str(each[0]) for each in offered if str(each[0]) == picked), None)
    text = chat.turn.text
    chosen = choices.by_position(text, offered) or choices.by_name(text, offered)
    chosen = chosen or _by_item(chat, offered)
    return str(chosen[0]) if chosen else None


def _by_item(chat: Chat, offered: list[list[Any]]) -> list[Any] | None:
    """办居住证的那个, when only one of the offered has that name."""
    names = [each.name for each in chat.turn.candidates[:1] if each.name]
    found = [each for each in offered if any(str(each[1]).startswith(name) for name in names)]
    return found[0] if len(found) == 1 else None


async def read_case(chat: Chat, id: str) -> Json | None:
    """A case as it is now; None (and a word) when this citizen has no such case."""
    try:
        return await chat.api.case(id)
    except ApiRefusal as refusal:
        if refusal.code in NEEDS_LOGIN:
            chat.say(_ask_login(chat))
        elif refusal.code == GONE:
            chat.say(reply(texts.CASE_GONE))
        else:
            raise
        return None


def say_case(chat: Chat, case: Json) -> None:
    """Where a case stands, with what may be done now; further questions are about its item."""
    chat.memory.focus(case["item"], case["item_name"])
    buttons = [quick(texts.STILL_MISSING)] if case["state"] == CORRECTION else []
    buttons += [quick(texts.WITHDRAW)] if "withdraw" in case["may"] else []
    text = sentence(case, chat.today)
    chat.say(reply(text, buttons, card=case_card(case), links=[case_link(case)]))


def draft_link(draft: Json, title: str) -> Answer:
    """The way to a draft."""
    return link(title, DRAFT_PAGE.format(id=draft["id"]))


def say_drafts(chat: Chat, drafts: Sequence[Json]) -> None:
    """What was begun and not submitted yet."""
    for each in drafts[:DRAFTS_TOLD]:
        text = texts.DRAFT_OPEN.format(item=each["item_name"])
        links = [draft_link(each, texts.GO_ON)]
        chat.say(reply(text, [quick(texts.STILL_MISSING)], links=links))


async def tell_cases(chat: Chat) -> None:
    """All at a glance, for who asks on the way through something else."""
    found = await my_cases(chat)
    if found is None:
        return
    if len(found) == 1:
        case = await read_case(chat, found[0]["id"])
        if case:
            say_case(chat, case)
    elif found:
        shown = found[:LISTED]
        chat.say(reply(texts.MY_CASES.format(count=len(found)), card=cases_card(shown)))
    else:
        chat.say(reply(texts.NO_CASES))
