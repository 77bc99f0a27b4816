"""Questions asked inside a form (中途提问): answered, and the form goes on."""

from __future__ import annotations

from bot.actions.guides import GUIDES, SOCIAL, offer_candidates, questions_of, tell
from bot.actions.mine import tell_bookings
from bot.dialogue.chat import Chat
from bot.replies import reply

# said inside a form, these are answers to the form rather than questions
ANSWERS = frozenset({"apply"})
PERSONAL = frozenset({"my_bookings", "my_progress"})


def is_question(chat: Chat) -> bool:
    """True when the turn asks something that the form itself does not."""
    asked = (GUIDES | SOCIAL | PERSONAL) - ANSWERS
    return not chat.turn.picks and any(each in asked for each in chat.turn.questions)


async def answer_on_the_way(chat: Chat, back: str) -> None:
    """Answers without changing what the form is about or has offered, then leads back."""
    offered = chat.memory.get("offered")
    await _answer(chat)
    chat.memory.set(offered=offered)
    if back:
        chat.say(reply(back))


async def _answer(chat: Chat) -> None:
    if PERSONAL & set(chat.turn.questions):
        await tell_bookings(chat)
    elif chat.turn.decision == "ask" and not _is_focus(chat):
        chat.memory.note(beside=questions_of(chat))
        await offer_candidates(chat, chat.turn.candidates, "candidates")
    elif chat.turn.decision == "unknown" and not set(questions_of(chat)) <= SOCIAL:
        await offer_candidates(chat, chat.turn.candidates, "unknown")
    else:
        named = chat.turn.item
        item = named.id if named else chat.memory.get("item")
        if item == chat.memory.get("item"):
            chat.memory.add_tags(chat.turn.tags)
            chat.memory.add_options(chat.turn.options)
        await tell(chat, questions_of(chat), item)


def _is_focus(chat: Chat) -> bool:
    """One of the close candidates is what the form is about: that one is meant."""
    return chat.memory.get("item") in [each.id for each in chat.turn.candidates]


async def answer_choice_on_the_way(chat: Chat, back: str) -> bool:
    """The choice after an asking back on the way answers that question, not the form."""
    beside, picked = chat.memory.draft.get("beside"), chat.turn.picks.get("item")
    chat.memory.note(beside=None)
    if not (beside and picked):
        return False
    await tell(chat, beside, picked)
    if back:
        chat.say(reply(back))
    return True
