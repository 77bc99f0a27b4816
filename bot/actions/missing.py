"""What is still missing (还缺啥材料): of a case in correction, of a draft, or by the guide."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from bot import texts
from bot.actions.guides import answer_turn, questions_of, tell
from bot.actions.log_in import NEEDS_LOGIN, login_reply
from bot.actions.my_cases import draft_link, named_items, of_items
from bot.actions.topic import Topic
from bot.api_client import ApiRefusal
from bot.dialogue.cases import CORRECTION, case_link, correct_until, is_over
from bot.dialogue.chat import Chat
from bot.replies import reply

Json = dict[str, Any]

MOST_TOLD = 3
MOST_FAULTS = 8


class ActionMissing(Topic):
    """Tells what the citizen's own case or draft lacks; without one, what the item needs."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_missing"

    async def converse(self, chat: Chat) -> None:
        """还缺啥材料; 居住证还差啥; who is not logged in gets the guide's list."""
        chat.memory.set(misses=0)
        if "my_progress" in chat.turn.questions:
            chat.next_action = "progress_form"  # it answers both
            return
        try:
            told = await tell_missing(chat)
        except ApiRefusal as refusal:
            if refusal.code not in NEEDS_LOGIN:
                raise
            await answer_turn(chat)
            chat.say(login_reply(texts.LOGIN_CASES, chat.turn.text))
            return
        if not told:
            await answer_turn(chat)
            return
        beside = [each for each in questions_of(chat) if each != "materials"]
        if beside and chat.memory.get("item"):
            await tell(chat, beside, chat.memory.get("item"))


async def tell_missing(chat: Chat) -> bool:
    """Says what the citizen's own cases or drafts lack; False when there are none to speak of."""
    cases, drafts = await asyncio.gather(chat.api.cases(), chat.api.drafts())
    named = named_items(chat)
    returned = [each for each in cases if each["state"] == CORRECTION]
    cases, drafts = of_items(cases, named), of_items(drafts, named)
    asked = of_items(returned, named)
    if not asked and not chat.turn.item:
        asked = returned  # 补正通知让我补哪几样 sounds like many items and means what was returned
    if asked:
        await _tell_returned(chat, asked)
        return True
    if drafts:
        await _tell_drafts(chat, _in_focus(chat, drafts) or drafts)
        return True
    waiting = [each for each in cases if not is_over(each)]
    if not named and chat.memory.get("item"):
        waiting = _in_focus(chat, waiting)
    for each in waiting[:MOST_TOLD]:
        _say_complete(chat, each)
    return bool(waiting)


def _say_complete(chat: Chat, case: Json) -> None:
    text = texts.CASE_COMPLETE.format(item=case["item_name"], state=case["state_name"])
    chat.say(reply(text))


def _in_focus(chat: Chat, rows: Sequence[Json]) -> list[Json]:
    item = chat.memory.get("item")
    return [each for each in rows if item and each["item"] == item]


async def _tell_returned(chat: Chat, cases: Sequence[Json]) -> None:
    """What the correction notice names (补正告知), each with what is wrong."""
    for case in await asyncio.gather(*(chat.api.case(each["id"]) for each in cases[:MOST_TOLD])):
        if not case["missing"]:  # completed from elsewhere a moment ago
            _say_complete(chat, case)
            continue
        lines = [
            texts.MISSING_LINE.format(number=n, title=each["title"], problem=each["problem"])
            for n, each in enumerate(case["missing"], start=1)
        ]
        until, listed = correct_until(case, chat.today), "\n".join(lines)
        text = texts.MISSING_OF_CASE.format(item=case["item_name"], until=until, listed=listed)
        chat.say(reply(text, links=[case_link(case)]))


async def _tell_drafts(chat: Chat, drafts: Sequence[Json]) -> None:
    """What the pre-check (预检) finds in each draft."""
    shown = list(drafts[:MOST_TOLD])
    checked = await asyncio.gather(*(_checked(chat, each) for each in shown))
    for draft, text in zip(shown, checked, strict=True):
        chat.say(reply(text, links=[draft_link(draft, texts.GO_ON)]))


async def _checked(chat: Chat, draft: Json) -> str:
    """The pre-check in words, or why this draft cannot be checked any more."""
    try:
        found = await chat.api.check_draft(draft["id"])
    except ApiRefusal as refusal:
        if refusal.code in NEEDS_LOGIN:
            raise
        return texts.DRAFT_STUCK.format(item=draft["item_name"], detail=refusal.detail)
    return _faults(draft["item_name"], found["faults"])


def _faults(item: str, faults: Sequence[Json]) -> str:
    if not faults:
        return texts.DRAFT_READY.format(item=item)
    lines = [
        texts.MISSING_FAULT.format(number=n, message=each["message"])
        for n, each in enumerate(faults[:MOST_FAULTS], start=1)
    ]
    if len(faults) > MOST_FAULTS:
        lines.append(texts.MISSING_MORE.format(count=len(faults)))
    return texts.MISSING_OF_DRAFT.format(item=item, listed="\n".join(lines))
