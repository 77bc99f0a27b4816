"""Questions asked inside a form (中途提问): answered, and the form goes on."""

from __future__ import annotations

from bot.actions.guides import GUIDES, SOCIAL, offer_candidates, questions_of, tell
from bot.actions.log_in import NEEDS_LOGIN
from bot.actions.mine import tell_bookings
from bot.actions.missing import tell_missing
from bot.actions.my_cases import tell_cases
from bot.api_client import ApiRefusal
from bot.dialogue.chat import Chat
from bot.replies import reply

# said inside a form, these are answers to the form rather than questions
ANSWERS = frozenset({"apply"})
PERSONAL = frozenset({"my_bookings", "my_progress", "missing"})


def is_question(chat: Chat) -> bool:
    """True when the turn asks something that the form itself does not."""
    asked = (GUIDES | SOCIAL | PERSONAL) - ANSWERS
    return not chat.turn.picks and bool(asked & set(chat.turn.questions))


async def answer_on_the_way(chat: Chat, back: str) -> None:
    """Answers without changing what the form is about or has offered, then leads back."""
    offered = chat.memory.get("offered")
    await _answer(chat)
    chat.memory.set(offered=offered)
    if back:
        chat.say(reply(back))


async def _answer(chat: Chat) -> None:
    if await _personal(chat):
        return
    if chat.turn.decision == "ask" and not chat.means_focus:
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


async def _personal(chat: Chat) -> bool:
    """Answers what is asked about the citizen's own bookings and cases; False when nothing is."""
    asked = set(chat.turn.questions)
    if "my_progress" in asked:
        await tell_cases(chat)
    if "my_bookings" in asked:
        await tell_bookings(chat)
    if "missing" in asked:
        return await _missing(chat)
    return bool(asked & PERSONAL)


async def _missing(chat: Chat) -> bool:
    """Nobody logged in has handed anything in: the guide answers."""
    try:
        return await tell_missing(chat)
    except ApiRefusal as refusal:
        if refusal.code not in NEEDS_LOGIN:
            raise
        return False


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
