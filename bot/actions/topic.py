"""What all actions share: from Rasa's tracker to a Chat, and back to events."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from functools import cache
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot import texts
from bot.api_client import ApiClient, ApiRefusal, ApiUnavailable
from bot.dialogue.chat import Chat
from bot.dialogue.memory import REQUESTED, Memory
from bot.dialogue.turn import read_turn
from bot.replies import reply
from bot.settings import settings

logger = logging.getLogger(__name__)

Event = dict[str, Any]


@cache
def client() -> ApiClient:
    """The process's API client."""
    found = settings()
    return ApiClient(found.api_url, found.service_token, found.turn_seconds)


def open_chat(tracker: Tracker) -> Chat:
    """The Chat of this turn."""
    said = (each for each in reversed(tracker.events) if each.get("event") == "user")
    user: dict[str, Any] = next(said, {})
    message = {**tracker.latest_message, "metadata": user.get("metadata")}
    loop = tracker.active_loop or {}
    return Chat(
        sender=tracker.sender_id,
        turn_id=f"{user.get('message_id')}{user.get('timestamp')}",
        turn=read_turn(message),
        memory=Memory(tracker.slots),
        api=client().conversation(tracker.sender_id),
        active_form=loop.get("name"),
        requested=tracker.slots.get(REQUESTED),
    )


class Topic(Action, ABC):
    """An action: one topic (话题) of conversation."""

    @abstractmethod
    async def converse(self, chat: Chat) -> None:
        """Says what there is to say and remembers what is to be remembered."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[Event]:
        """Runs the topic; whatever fails, the citizen gets a sentence."""
        chat = open_chat(tracker)
        try:
            await self.converse(chat)
        except ApiUnavailable as error:
            logger.warning("API unavailable in %s: %s", self.name(), error)
            self.apologise(chat)
        except ApiRefusal as refusal:
            chat.said = [reply(texts.REFUSED.format(detail=refusal.detail))]
        except Exception as error:
            # no traceback text of the message: it may hold personal data
            logger.error("%s failed: %s", self.name(), type(error).__name__, exc_info=True)
            self.apologise(chat)
        for answer in chat.said:
            dispatcher.utter_message(json_message=answer)
        return self.events(chat)

    def apologise(self, chat: Chat) -> None:
        """One fixed sentence with the hotline instead of silence."""
        chat.said = [reply(texts.API_DOWN)]

    def events(self, chat: Chat) -> list[Event]:
        """Slots that changed; then the next action, named so that Rasa need not predict it."""
        return [*chat.memory.events(), FollowupAction(chat.next_action)]


class FormTopic(Topic, ABC):
    """A form (表单): Rasa's loop keeps it active, this action reads the answer and asks on.

    `validate_<form>` both checks what was said and asks for the next slot, so that a turn of a
    form costs one call, and a question asked on the way is answered without leaving the form.
    """

    form: str

    def name(self) -> str:
        """The name by which Rasa's FormAction calls it."""
        return f"validate_{self.form}"

    async def converse(self, chat: Chat) -> None:
        """Starts the form afresh when it is not the active one."""
        chat.memory.set(misses=chat.memory.get("misses") or 0)
        if chat.active_form != self.form or not chat.requested:
            chat.memory.forget_form()
            chat.requested = None
            await self.begin(chat)
        else:
            await self.resume(chat)

    @abstractmethod
    async def begin(self, chat: Chat) -> None:
        """The turn that starts the form."""

    @abstractmethod
    async def resume(self, chat: Chat) -> None:
        """A turn inside the form."""

    def events(self, chat: Chat) -> list[Event]:
        """Adds the slot asked for; none ends the loop."""
        requested = chat.requested
        if not requested:
            chat.memory.forget_form()
        events = chat.memory.events()
        # a form action that sets nothing counts as rejected by Rasa: the counter is always set
        events.append(SlotSet("misses", chat.memory.get("misses") or 0))
        events.append(SlotSet(REQUESTED, requested))
        if not requested:
            events.append(ActiveLoop(None))
        return [*events, FollowupAction(chat.next_action)]


def ask(chat: Chat, slot: str) -> None:
    """The slot that the citizen's next message should fill."""
    chat.requested = slot


def finish(chat: Chat) -> None:
    """Ends the form."""
    chat.requested = None
