"""Cancelling a booking (取消表单): which one → once more 确认 → cancelled."""

from __future__ import annotations

from typing import Any

from bot import texts
from bot.actions.digress import answer_choice_on_the_way, answer_on_the_way, is_question
from bot.actions.log_in import NEEDS_LOGIN, login_reply
from bot.actions.target import ask_target, begin_target, take_target
from bot.actions.topic import FormTopic, ask, finish
from bot.api_client import ApiRefusal
from bot.dialogue import choices
from bot.dialogue.bookings import booking_card, when
from bot.dialogue.chat import Chat
from bot.replies import quick, reply

Json = dict[str, Any]

FORM = "cancel_form"
VERB = "取消"


class ValidateCancelForm(FormTopic):
    """Asks once before it cancels: a slip of the tongue must not cost a place."""

    form = FORM

    async def begin(self, chat: Chat) -> None:
        """算了不去了; 把明天那个取消."""
        old_day = next((s.start.isoformat() for s in chat.turn.spans if s.names_day), None)
        if await begin_target(chat, VERB, old_day):
            _ask_agreement(chat)

    async def resume(self, chat: Chat) -> None:
        """Which one, yes, no, or a question."""
        if chat.memory.get("target") is None:
            await self._choose(chat)
        elif _agrees(chat):
            await _cancel(chat)
        elif _refuses(chat):
            _keep(chat)
        elif await answer_choice_on_the_way(chat, ""):
            _ask_agreement(chat)
        elif is_question(chat):
            await answer_on_the_way(chat, "")
            _ask_agreement(chat)
        else:
            chat.say(reply(texts.NOT_UNDERSTOOD_IN_FORM))
            _ask_agreement(chat)

    async def _choose(self, chat: Chat) -> None:
        if take_target(chat):
            _ask_agreement(chat)
        elif _refuses(chat):
            chat.say(reply(texts.NOTHING_TO_STOP))
            finish(chat)
        else:
            if is_question(chat):
                await answer_on_the_way(chat, "")
            ask_target(chat, [each[2] for each in chat.offered("booking")], VERB)


def _agrees(chat: Chat) -> bool:
    if chat.turn.text == texts.KEEP or choices.says_no(chat.turn.text):
        return False
    return choices.says_yes(chat.turn.text) or chat.turn.intent in ("affirm", "cancel")


def _refuses(chat: Chat) -> bool:
    kept = chat.turn.text == texts.KEEP or choices.says_no(chat.turn.text)
    return kept or chat.turn.intent in ("deny", "stop")


def _ask_agreement(chat: Chat) -> None:
    target = chat.memory.get("target")
    item = str((target.get("item") or {}).get("name") or "")
    ask(chat, "agreed")
    text = texts.CANCEL_CHECK.format(when=when(target, chat.today), item=item)
    chat.say(reply(text, [quick(texts.YES), quick(texts.KEEP)]))


def _keep(chat: Chat) -> None:
    when_ = when(chat.memory.get("target"), chat.today)
    chat.say(reply(texts.KEPT.format(when=when_), [quick(texts.RESCHEDULE), quick(texts.MY)]))
    finish(chat)


async def _cancel(chat: Chat) -> None:
    target = chat.memory.get("target")
    try:
        cancelled = await chat.api.cancel(target["id"])
    except ApiRefusal as refusal:
        _refused(chat, refusal)
    else:
        if chat.memory.get("booking") == target["id"]:
            chat.memory.set(booking=None)
        chat.memory.set(misses=0)
        chat.say(reply(texts.CANCELLED, card=booking_card({**target, **cancelled}, chat.today)))
    finish(chat)


def _refused(chat: Chat, refusal: ApiRefusal) -> None:
    if refusal.code in NEEDS_LOGIN:
        chat.say(login_reply(texts.LOGIN_MINE, texts.CANCEL))
    else:
        chat.say(reply(texts.REFUSED.format(detail=refusal.detail)))
