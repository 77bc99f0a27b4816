"""Applying (我要办): told how, or begun online with the circumstances, the checklist, the draft."""

from __future__ import annotations

from bot import texts
from bot.actions.apply_steps import OWN_NAME, advance
from bot.actions.digress import answer_choice_on_the_way, answer_on_the_way, is_question
from bot.actions.errands import APPLY_ONLINE, asks, begins_online, hand_over, online
from bot.actions.guides import answer_turn, questions_of, tell
from bot.actions.inform import chosen_item, focus_named
from bot.actions.topic import FormTopic, Topic, finish
from bot.dialogue import choices, circumstances, edits
from bot.dialogue.chat import Chat
from bot.replies import reply

FORM = "apply_form"
STOPS = ("stop", "cancel")
# for whom it rests on a consent; for a child the guardian applies, and is told how first
FOR_OTHERS = frozenset({"for_elder", "for_spouse", "for_other"})
# another wish to apply, progress and what is missing are taken on the way
OWN = ("apply", APPLY_ONLINE, "my_progress", "missing")


class ActionApply(Topic):
    """我要办, 能网上办吗: an answer of the guide, or the form that applies online."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_apply"

    async def converse(self, chat: Chat) -> None:
        """Who says that it should be online, or for whom, begins; who does not is told how."""
        others = chat.turn.intent == "apply" and chat.turn.tags & FOR_OTHERS
        if others or begins_online(chat.turn):
            chat.next_action = FORM
        else:
            await answer_turn(chat)


class ValidateApplyForm(FormTopic):
    """Fills in what the draft is made of, in any order; stops at any point."""

    form = FORM

    async def begin(self, chat: Chat) -> None:
        """我要网上办护照; 帮我妈办: the item named, else the one in focus."""
        focus_named(chat)
        _take_circumstances(chat)
        tags = frozenset(chat.memory.get("tags") or []) | chat.turn.tags
        chat.memory.set(attendee=edits.attendee(tags, chat.turn.text) or OWN_NAME, misses=0)
        await _tell_beside(chat)
        await advance(chat)

    async def resume(self, chat: Chat) -> None:
        """An answer, a change, another errand, a question, or a stop."""
        if chat.turn.text == texts.STOP_APPLY:
            _stop(chat)
        elif _option_picked(chat) is None and hand_over(chat, *OWN):
            return
        elif await answer_choice_on_the_way(chat, texts.BACK_TO_APPLY):
            await advance(chat)
        elif _take(chat):
            chat.memory.set(misses=0)
            await advance(chat)
        elif _stops(chat):
            _stop(chat)
        else:
            await _on_the_way(chat)

    def apologise(self, chat: Chat) -> None:
        """Nothing of the turn counts, so that the citizen can say it again."""
        chat.memory.undo()
        super().apologise(chat)


async def _on_the_way(chat: Chat) -> None:
    if is_question(chat):
        await answer_on_the_way(chat, texts.BACK_TO_APPLY)
    else:
        asked = chat.requested == "options"
        chat.say(reply(texts.WHICH_OPTION_AGAIN if asked else texts.NOT_UNDERSTOOD_IN_FORM))
    await advance(chat)


async def _tell_beside(chat: Chat) -> None:
    """What else the sentence asks; for 帮我妈办老年证, which need not be online, how it is done."""
    item = chat.memory.get("item")
    beside = [each for each in questions_of(chat) if each not in ("apply", "online")]
    if not online(chat.turn.text):
        beside = ["apply", *beside]
        chat.memory.note(told=True)
    if item:
        await tell(chat, beside[:2], item)


def _stop(chat: Chat) -> None:
    chat.say(reply(texts.APPLY_STOPPED))
    finish(chat)


def _stops(chat: Chat) -> bool:
    return chat.turn.intent in STOPS or choices.says_no(chat.turn.text)


# what the citizen says


def _take(chat: Chat) -> bool:
    """Takes everything the turn says; True when something became known."""
    if chat.memory.draft.get("login") and _is_back(chat):
        chat.memory.note(login=None)
        return True
    if chat.requested == "attendee" and _is_back(chat):
        return True  # the consent, or the enterprise, was added meanwhile
    return any([_take_item(chat), _take_option(chat), _take_enterprise(chat), _take_person(chat)])


def _is_back(chat: Chat) -> bool:
    text = chat.turn.text
    return edits.has_logged_in(text) or choices.says_yes(text) or chat.turn.intent == "affirm"


def _take_item(chat: Chat) -> bool:
    if edits.wants_other_item(chat.turn.text) and not chat.turn.item:
        _change_item(chat, None)
        return True
    chosen = _item_said(chat)
    if chosen is None or chosen[0] == chat.memory.get("item"):
        return False
    if chat.memory.get("item") and chosen[1]:
        chat.say(reply(texts.ITEM_CHANGED.format(item=chosen[1])))
    _change_item(chat, *chosen)
    return True


def _change_item(chat: Chat, code: str | None, name: str | None = None) -> None:
    chat.memory.focus(code, name)
    chat.memory.set(offered=None)
    chat.memory.note(listed=None, asked=None, enterprise=None, told=None, default=None)


def _item_said(chat: Chat) -> tuple[str, str | None] | None:
    if chat.requested == "item":
        found = chosen_item(chat)
        if found:
            return found
    if _answers_the_circumstance(chat):
        return None
    if is_question(chat) and chat.requested != "item":
        return None  # 户口本丢了咋办 on the way is a question, not another application
    if "item" in chat.turn.picks:
        return chat.turn.picks["item"], None
    return (chat.turn.item.id, chat.turn.item.name) if chat.turn.item else None


def _answers_the_circumstance(chat: Chat) -> bool:
    """丢了,要补领 is the option 丢失补领, whatever else can be lost; an item by its name is one."""
    item = chat.turn.item
    named = item is not None and bool(item.name) and str(item.name) in chat.turn.text
    return bool(_option_picked(chat) or (_option_said(chat) and not named))


def _take_option(chat: Chat) -> bool:
    """The answer to the circumstance asked, or one that a sentence tells (情形)."""
    value = _option_said(chat)
    if value:
        circumstance, _, option = value.partition("=")
        chat.memory.add_options({circumstance: option})
        chat.memory.set(offered=None)
        chat.memory.note(listed=None)
    return _take_circumstances(chat) or value is not None


def _option_picked(chat: Chat) -> str | None:
    """One of the offered options, by its button, its place or its name."""
    offered, picked = chat.offered("option"), chat.turn.picks.get("option")
    if picked:
        return next((str(each[0]) for each in offered if each[0] == picked), None)
    asked = chat.requested == "options" and bool(chat.turn.text)
    return circumstances.read_option(chat.turn.text, offered) if asked else None


def _option_said(chat: Chat) -> str | None:
    """One of the offered options, in whatever words; the usual one for 不清楚."""
    picked, text = _option_picked(chat), chat.turn.text
    if picked or chat.requested != "options" or asks(text) or chat.turn.picks:
        return picked
    if circumstances.is_unsure(text):
        return chat.memory.draft.get("default")
    return circumstances.by_words(text, chat.offered("option"))


def _take_circumstances(chat: Chat) -> bool:
    """What a sentence tells of the case (丢了, 给孩子办) is added; True when it is new."""
    if is_question(chat) and chat.active_form == FORM:
        return False
    before = set(chat.memory.get("tags") or [])
    chat.memory.add_tags(chat.turn.tags)
    chat.memory.add_options(chat.turn.options)
    return chat.requested == "options" and set(chat.memory.get("tags") or []) != before


def _take_enterprise(chat: Chat) -> bool:
    offered, text = chat.offered("enterprise"), chat.turn.text
    picked = [each for each in offered if each[0] == chat.turn.picks.get("enterprise")]
    named = choices.by_position(text, offered) or choices.by_name(text, offered)
    chosen = picked[0] if picked else named
    if chosen:
        chat.memory.note(enterprise=chosen[0])
        chat.memory.set(offered=None)
    return chosen is not None


def _take_person(chat: Chat) -> bool:
    if "principal" in chat.turn.picks:
        chat.memory.note(principal=chat.turn.picks["principal"])
        return True
    if chat.turn.text == texts.FOR_MYSELF_APPLY:
        who: str | None = OWN_NAME
    else:
        who = edits.attendee(chat.turn.tags, chat.turn.text)
    if who is None or is_question(chat) or who == chat.memory.get("attendee"):
        return False
    before = frozenset(chat.memory.get("tags") or []) - edits.ATTENDEE_TAGS.keys()
    chat.memory.set(attendee=who, tags=sorted(before | chat.turn.tags))
    chat.memory.note(principal=None, enterprise=None, listed=None)
    return True
