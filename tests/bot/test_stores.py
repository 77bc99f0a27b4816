"""What is kept of a conversation between its turns."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.slots import AnySlot
from rasa.shared.core.trackers import DialogueStateTracker

from bot.stores import shortened

SLOTS = [AnySlot("item", mappings=[{}]), AnySlot("draft", mappings=[{}])]


def turn(text: str, *events: Event) -> list[Event]:
    """One turn's events."""
    said = UserUttered(text, intent={"name": "inform"})
    return [
        said,
        ActionExecuted("action_x"),
        BotUttered("a"),
        *events,
        ActionExecuted("action_listen"),
    ]


def tracker(events: Sequence[Event]) -> DialogueStateTracker:
    """A tracker of these events."""
    start = [ActionExecuted("action_session_start"), SessionStarted()]
    listen = [ActionExecuted("action_listen")]
    return DialogueStateTracker.from_events("s", [*start, *listen, *events], slots=SLOTS)


def reread(before: DialogueStateTracker) -> DialogueStateTracker:
    """The tracker after it was shortened."""
    return DialogueStateTracker.from_events("s", shortened(before), slots=SLOTS)


def test_slots_and_form_survive_shortening() -> None:
    before = tracker(
        [
            *turn("a", SlotSet("item", "id-card"), SlotSet("draft", {"page": 1})),
            *turn("b", ActiveLoop("booking_form"), SlotSet("draft", None)),
            *turn("c"),
            *turn("d"),
        ]
    )
    after = reread(before)
    assert after.current_slot_values() == before.current_slot_values()
    assert after.active_loop_name == before.active_loop_name == "booking_form"
    assert after.latest_action_name == before.latest_action_name


def test_ended_form_stays_ended() -> None:
    events = [*turn("a", ActiveLoop("booking_form")), *turn("b", ActiveLoop(None)), *turn("c")]
    assert reread(tracker([*events, *turn("d")])).active_loop_name is None


@pytest.mark.parametrize("turns", [3, 30, 300])
def test_size_does_not_grow_with_the_conversation(turns: int) -> None:
    events: list[Event] = []
    for number in range(turns):
        events += turn(str(number), SlotSet("item", str(number)))
    assert len(shortened(tracker(events))) <= 12


def test_earlier_words_of_the_citizen_are_not_kept() -> None:
    events = [*turn("我的手机号是13800000000"), *turn("b"), *turn("c")]
    texts = [each.text for each in shortened(tracker(events)) if isinstance(each, UserUttered)]
    assert texts == ["c"]


def test_new_session_starts_empty() -> None:
    events = [
        *turn("a", SlotSet("item", "id-card")),
        ActionExecuted("action_session_start"),
        SessionStarted(),
        ActionExecuted("action_listen"),
        *turn("b"),
        *turn("c"),
    ]
    assert reread(tracker(events)).get_slot("item") is None
