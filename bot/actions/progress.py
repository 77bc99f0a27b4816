"""Progress of a case (办件进度表单): which one → where it stands, with whom, until when."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from bot import texts
from bot.actions.digress import answer_on_the_way, is_question
from bot.actions.errands import hand_over
from bot.actions.mine import tell_bookings
from bot.actions.missing import tell_missing
from bot.actions.my_cases import (
    ask_case,
    my_cases,
    named_items,
    of_items,
    read_case,
    say_case,
    say_drafts,
    take_case,
)
from bot.actions.topic import FormTopic, finish
from bot.dialogue import choices
from bot.dialogue.bookings import live
from bot.dialogue.cases import is_over
from bot.dialogue.chat import Chat
from bot.replies import reply

Json = dict[str, Any]

FORM = "progress_form"
STOPS = ("stop", "deny", "cancel")
ASKS = frozenset({"my_progress"})


class ValidateProgressForm(FormTopic):
    """Shows where one case stands; asks which when there are several."""

    form = FORM

    async def begin(self, chat: Chat) -> None:
        """办到哪一步了; 我的居住证办得怎么样了."""
        chat.memory.set(misses=0)
        found = await my_cases(chat)
        if found is None:
            finish(chat)
            return
        fitting = of_items(found, named_items(chat))
        going_on = [each for each in fitting if not is_over(each)]
        chosen = going_on if len(going_on) == 1 else fitting
        if not chosen:
            await _none(chat, found)
        elif len(chosen) == 1:
            await _show(chat, chosen[0]["id"])
        else:
            _ask_which(chat, chosen)

    async def resume(self, chat: Chat) -> None:
        """Which one, another errand, a question, or a stop."""
        # 把居住证的申请撤回来 names a case too; 居住证申领 alone sounds like applying
        if hand_over(chat, *ASKS, "apply"):
            return
        chosen = take_case(chat)
        if chosen:
            await _show(chat, chosen)
        elif chat.turn.intent in ASKS:
            await self.begin(chat)
        elif _stops(chat):
            chat.say(reply(texts.NOTHING_TO_STOP))
            finish(chat)
        elif not hand_over(chat, *ASKS):
            await _again(chat)


def _stops(chat: Chat) -> bool:
    text = chat.turn.text
    return text == texts.NOT_LOOK or chat.turn.intent in STOPS or choices.says_no(text)


async def _again(chat: Chat) -> None:
    """A question is answered; then the cases are offered as they are now."""
    if is_question(chat):
        await answer_on_the_way(chat, "")
    else:
        chat.say(reply(texts.NOT_UNDERSTOOD_IN_FORM))
    found = await my_cases(chat)
    if found:
        _ask_which(chat, found)
    else:
        finish(chat)


def _ask_which(chat: Chat, cases: Sequence[Json]) -> None:
    text = texts.WHICH_CASE.format(count=len(cases))
    ask_case(chat, cases, text, texts.NOT_LOOK)


async def _show(chat: Chat, id: str) -> None:
    case = await read_case(chat, id)
    if case:
        say_case(chat, case)
        if "missing" in chat.turn.questions:
            await tell_missing(chat)
    finish(chat)


async def _none(chat: Chat, found: Sequence[Json]) -> None:
    """Nothing was submitted for it: a draft, other cases, a booking, or plainly nothing."""
    drafts, booked = await asyncio.gather(chat.api.drafts(), chat.api.appointments())
    fitting = of_items(drafts, named_items(chat))
    if fitting:
        say_drafts(chat, fitting)
    elif found:
        named = chat.turn.item
        name = f"“{named.name}”" if named else texts.THIS_MATTER
        chat.say(reply(texts.NO_CASES_OF.format(item=name)))
        _ask_which(chat, found)
        return
    else:
        chat.say(reply(texts.NO_CASES))
    if live(booked):
        await tell_bookings(chat)
    finish(chat)
