"""Time and circumstance extractor (时间与情形): dates and tags as entities of Rasa."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES
from rasa.shared.nlu.training_data.message import Message

from bot.components.shared import is_command, understanding
from intents.types import TimeSpan, Understanding

ComponentType = DefaultV1Recipe.ComponentType


def time_entity(span: TimeSpan, extractor: str) -> dict[str, Any]:
    """The entity `time`; its value survives JSON."""
    return {
        "entity": "time",
        "value": {
            "start": span.start.isoformat(),
            "end": span.end.isoformat(),
            "part": span.part,
            "at": span.at.strftime("%H:%M") if span.at else None,
            "text": span.text,
        },
        "start": span.begin,
        "end": span.stop,
        "extractor": extractor,
    }


def tag_entity(tag: str, found: Understanding, extractor: str) -> dict[str, Any]:
    """The entity `tag`; a tag is a property of the whole sentence."""
    end = len(found.text)
    return {"entity": "tag", "value": tag, "start": 0, "end": end, "extractor": extractor}


@DefaultV1Recipe.register(ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class CircumstanceExtractor(GraphComponent, EntityExtractorMixin):
    """Adds the entities `time` and `tag`."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> CircumstanceExtractor:
        """Made by Rasa's graph."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Reads each message."""
        for message in messages:
            if not is_command(message):
                self._extract(message)
        return messages

    def _extract(self, message: Message) -> None:
        found, name = understanding(message), type(self).__name__
        entities = [time_entity(span, name) for span in found.times]
        entities += [tag_entity(tag, found, name) for tag in sorted(found.tags)]
        message.set(ENTITIES, [*message.get(ENTITIES, []), *entities], add_to_output=True)
