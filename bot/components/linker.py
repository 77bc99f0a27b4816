"""Item linker (事项链接): which service item a sentence is about, as an entity of Rasa."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES
from rasa.shared.nlu.training_data.message import Message

from bot.components.shared import is_command, understanding
from intents.types import Understanding

ComponentType = DefaultV1Recipe.ComponentType
MAX_CANDIDATES = 5
LINKING = "linking"
EQUAL = 0.1  # closer than this, two candidates are not told apart


def decision_of(found: Understanding) -> str:
    """The library's decision; two candidates as good as equal are always asked back (反问)."""
    first_two = [each.confidence for each in found.items[:2]]
    equal = len(first_two) == 2 and first_two[0] - first_two[1] < EQUAL
    return "ask" if found.decision == "answer" and equal else found.decision


def item_entity(found: Understanding, extractor: str) -> dict[str, Any] | None:
    """The entity `item`: value is the code; name, decision and candidates stand beside it."""
    if not found.items or found.decision == "none":
        return None
    first = found.items[0]
    return {
        "entity": "item",
        "value": first.id,
        "start": 0,
        "end": len(found.text),
        "extractor": extractor,
        "name": first.name,
        "confidence": round(first.confidence, 4),
        "decision": decision_of(found),
        "candidates": [
            {"id": each.id, "name": each.name, "confidence": round(each.confidence, 4)}
            for each in found.items[:MAX_CANDIDATES]
        ],
    }


@DefaultV1Recipe.register(ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ItemLinker(GraphComponent, EntityExtractorMixin):
    """Adds the entity `item` and the property `linking` (the decision, even with no item)."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ItemLinker:
        """Made by Rasa's graph."""
        return cls()

    def process(
        self, messages: list[Message], tracker: DialogueStateTracker | None = None
    ) -> list[Message]:
        """Links each message; a bare name is expected when a form has just asked for the item."""
        expected = tracker is not None and tracker.get_slot("requested_slot") == "item"
        for message in messages:
            if not is_command(message):
                self._link(message, expected)
        return messages

    def _link(self, message: Message, expected: bool) -> None:
        found = understanding(message, expect_item=expected)
        message.set(LINKING, decision_of(found), add_to_output=True)
        entity = item_entity(found, type(self).__name__)
        if entity:
            message.set(ENTITIES, [*message.get(ENTITIES, []), entity], add_to_output=True)
