"""Withdrawing an application (撤回表单): which one → once more 确认 → withdrawn."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bot import texts
from bot.actions.digress import answer_choice_on_the_way, answer_on_the_way, is_question
from bot.actions.errands import asks, hand_over
from bot.actions.log_in import NEEDS_LOGIN
from bot.actions.my_cases import (
    GONE,
    ask_case,
    my_cases,
    named_items,
    of_items,
    read_case,
    take_case,
)
from bot.actions.topic import FormTopic, ask, finish
from bot.api_client import ApiRefusal, ApiUnavailable
from bot.dialogue import choices
from bot.dialogue.bookings import live
from bot.dialogue.cases import case_link, is_over, submitted_on
from bot.dialogue.chat import Chat
from bot.replies import quick, reply

Json = dict[str, Any]

FORM = "withdraw_form"
_KEEPS = re.compile(r"不撤|别撤|先不|先别|不用撤|不要撤|留着|再等等|再想想")
# after these the case is read anew, which says what is true now
LOOK_AGAIN = ("case_changed", "action_not_allowed", GONE, *NEEDS_LOGIN)


class ValidateWithdrawForm(FormTopic):
    """Asks once before it withdraws: a slip of the tongue must not end a case."""

    form = FORM

    async def begin(self, chat: Chat) -> None:
        """我要撤回; 把居住证的申请撤了."""
        chat.memory.set(misses=0)
        found = await my_cases(chat)
        if found is None:
            finish(chat)
            return
        going_on = [each for each in found if not is_over(each)]
        fitting = _meant(chat, going_on)
        if not fitting:
            await _nothing(chat)
        elif len(fitting) == 1:
            await _ask_agreement(chat, fitting[0]["id"])
        else:
            _ask_which(chat, fitting)

    async def resume(self, chat: Chat) -> None:
        """Which one, yes, no, another errand, or a question."""
        if _refuses(chat):
            chat.say(reply(texts.WITHDRAW_KEPT))
            finish(chat)
        elif chat.memory.get("target") is None:
            await self._choose(chat)
        elif _means_other(chat):
            await self.begin(chat)
        elif _agrees(chat):
            await _withdraw(chat)
        elif not hand_over(chat, "withdraw"):
            await _again(chat)

    async def _choose(self, chat: Chat) -> None:
        chosen = take_case(chat)
        if chosen:
            await _ask_agreement(chat, chosen)
        elif chat.turn.intent == "withdraw":
            await self.begin(chat)
        elif not hand_over(chat, "withdraw"):
            await _again(chat)


def _meant(chat: Chat, going_on: Sequence[Json]) -> list[Json]:
    """Those of the item named; else the one that is being talked about; else all."""
    named = of_items(going_on, named_items(chat))
    if not named_items(chat):
        in_focus = [each for each in going_on if each["item"] == chat.memory.get("item")]
        named = in_focus if len(in_focus) == 1 else named
    return named or list(going_on)


def _means_other(chat: Chat) -> bool:
    """把护照的那个撤了, said when it was asked about another case: no yes to that one."""
    named = frozenset() if is_question(chat) else named_items(chat)
    return bool(named) and chat.memory.get("target")["item"] not in named


def _agrees(chat: Chat) -> bool:
    text = chat.turn.text
    if text == texts.WITHDRAW_YES or choices.says_yes(text):
        return True
    return chat.turn.intent in ("affirm", "withdraw") and not asks(text)


def _refuses(chat: Chat) -> bool:
    text = chat.turn.text
    kept = bool(_KEEPS.search(text)) or choices.says_no(text)
    return kept or chat.turn.intent in ("deny", "stop")


async def _again(chat: Chat) -> None:
    """A question is answered; then it is asked again what is to be withdrawn, as things are now."""
    if not await answer_choice_on_the_way(chat, ""):
        if is_question(chat):
            await answer_on_the_way(chat, "")
        else:
            chat.say(reply(texts.NOT_UNDERSTOOD_IN_FORM))
    target = chat.memory.get("target")
    if target:
        await _ask_agreement(chat, target["id"])
        return
    going_on = [each for each in await my_cases(chat) or [] if not is_over(each)]
    if going_on:
        _ask_which(chat, going_on)
    else:
        finish(chat)


def _ask_which(chat: Chat, cases: Sequence[Json]) -> None:
    ask_case(chat, cases, texts.WHICH_WITHDRAW, texts.WITHDRAW_NO)


async def _nothing(chat: Chat) -> None:
    """Nothing to withdraw; a draft needs none, a booking is cancelled."""
    drafts, booked = await chat.api.drafts(), live(await chat.api.appointments())
    text = texts.NOTHING_TO_WITHDRAW_DRAFT if drafts else texts.NOTHING_TO_WITHDRAW
    chat.say(reply(text, [quick(texts.CANCEL)] if booked else []))
    finish(chat)


async def _ask_agreement(chat: Chat, id: str) -> None:
    """Reads the case anew, says which one it is, and asks."""
    case = await read_case(chat, id)
    if case is None:
        finish(chat)
    elif "withdraw" not in case["may"]:
        _too_late(chat, case)
    else:
        target = {name: case[name] for name in ("id", "version", "item")}
        chat.memory.set(target=target, offered=None)
        ask(chat, "agreed")
        text = texts.WITHDRAW_CHECK.format(
            item=case["item_name"], day=submitted_on(case), state=case["state_name"]
        )
        buttons = [quick(texts.WITHDRAW_YES), quick(texts.WITHDRAW_NO)]
        chat.say(reply(text, buttons, links=[case_link(case)]))


def _too_late(chat: Chat, case: Json) -> None:
    text = texts.WITHDRAW_TOO_LATE.format(item=case["item_name"], state=case["state_name"])
    chat.say(reply(text, links=[case_link(case)]))
    finish(chat)


async def _withdraw(chat: Chat) -> None:
    target = chat.memory.get("target")
    try:
        case = await chat.api.withdraw(target["id"], target["version"])
    except ApiUnavailable:
        # it may or may not be withdrawn by now: withdrawing the same version again is harmless
        chat.say(reply(texts.WITHDRAW_DOWN, [quick(texts.WITHDRAW_YES), quick(texts.WITHDRAW_NO)]))
    except ApiRefusal as refusal:
        await _refused(chat, target["id"], refusal)
    else:
        _withdrawn(chat, case)


async def _refused(chat: Chat, id: str, refusal: ApiRefusal) -> None:
    """Somebody acted meanwhile, or our own repeat did: what is true now is said."""
    case = await read_case(chat, id) if refusal.code in LOOK_AGAIN else None
    if case and case["state"] == "withdrawn":
        _withdrawn(chat, case)
    elif case:
        chat.say(reply(texts.WITHDRAW_CHANGED))
        await _ask_agreement(chat, id)
    else:
        if not chat.said:
            chat.say(reply(texts.REFUSED.format(detail=refusal.detail)))
        finish(chat)


def _withdrawn(chat: Chat, case: Json) -> None:
    chat.memory.set(misses=0)
    text = texts.WITHDRAWN.format(item=case["item_name"])
    chat.say(reply(text, links=[case_link(case)]))
    finish(chat)
