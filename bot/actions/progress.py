"""Progress of a case (办件进度表单): the bookings' state, and honestly what is not open yet."""

from __future__ import annotations

from bot import texts
from bot.actions.digress import answer_on_the_way, is_question
from bot.actions.mine import my_bookings
from bot.actions.target import take_target
from bot.actions.topic import FormTopic, ask, finish
from bot.dialogue import choices
from bot.dialogue.bookings import booking_card, title
from bot.dialogue.chat import Chat
from bot.replies import BOOKING_PAGE, link, pick, quick, reply

FORM = "progress_form"


class ValidateProgressForm(FormTopic):
    """Shows one booking's state; asks which when there are several."""

    form = FORM

    async def begin(self, chat: Chat) -> None:
        """我的事办到哪了."""
        found = await my_bookings(chat)
        if not found:
            if found is not None:
                chat.say(reply(texts.PROGRESS_NONE))
            finish(chat)
        elif len(found) == 1:
            chat.memory.set(target=found[0])
            _show(chat)
        else:
            chat.offer("booking", [[each["id"], title(each, chat.today), each] for each in found])
            _ask_which(chat)

    async def resume(self, chat: Chat) -> None:
        """Which one, a question, or a stop."""
        if take_target(chat):
            _show(chat)
        elif chat.turn.intent in ("stop", "deny", "cancel") or choices.says_no(chat.turn.text):
            chat.say(reply(texts.NOTHING_TO_STOP))
            finish(chat)
        elif is_question(chat):
            await answer_on_the_way(chat, "")
            _ask_which(chat)
        else:
            chat.say(reply(texts.NOT_UNDERSTOOD_IN_FORM))
            _ask_which(chat)


def _ask_which(chat: Chat) -> None:
    ask(chat, "target")
    options = chat.offered("booking")
    buttons = [pick("booking", option[0], str(option[1])) for option in options]
    chat.say(reply(texts.PROGRESS_WHICH, [*buttons, quick(texts.STOP)]))


def _show(chat: Chat) -> None:
    target = chat.memory.get("target")
    links = [link(texts.SEE_BOOKINGS, BOOKING_PAGE)]
    chat.say(reply(texts.PROGRESS, card=booking_card(target, chat.today), links=links))
    finish(chat)
