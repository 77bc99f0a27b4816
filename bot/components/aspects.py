"""Aspect classifier (问点分类): what is asked, as Rasa's intent."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.clauses import asked
from bot.components.shared import is_command, library, moment, understanding
from intents.types import Understanding

ComponentType = DefaultV1Recipe.ComponentType

FALLBACK = "nlu_fallback"
QUESTIONS = "questions"
RANKING = "intent_ranking"
RANKED = 3
# an errand leads when a sentence holds both an errand and questions: its form answers them too
ERRANDS = ("book", "reschedule", "cancel", "withdraw")


def leading(aspects: list[tuple[str, float]]) -> tuple[str, float]:
    """The intent of a sentence that asks several things."""
    errands = [each for each in aspects if each[0] in ERRANDS]
    return (errands or aspects)[0]


def is_unsure(found: Understanding, aspects: list[tuple[str, float]], threshold: float) -> bool:
    """Not understood: no clear question and no matter that we know."""
    return len(aspects) == 1 and aspects[0][1] < threshold and found.decision in ("none", "unknown")


@DefaultV1Recipe.register(ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class AspectClassifier(GraphComponent, IntentClassifier):
    """Sets the intent, its ranking and the property `questions` (all aspects asked)."""

    def __init__(self, config: dict[str, Any], resource: Resource) -> None:
        self._resource = resource
        self._fallback = float(config["fallback_threshold"])
        self._clause = float(config["clause_threshold"])

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Thresholds; config.yml explains them."""
        return {"fallback_threshold": 0.30, "clause_threshold": 0.50}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> AspectClassifier:
        """Made by Rasa's graph."""
        return cls(config, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> AspectClassifier:
        """Made by Rasa's graph when a trained model is loaded."""
        return cls(config, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """The library trains on the same files and keeps its result in SHENBAN_MODELS/cache."""
        library()
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Classifies each message."""
        for message in messages:
            if not is_command(message):
                self._classify(message)
        return messages

    def _classify(self, message: Message) -> None:
        found = understanding(message)
        now = moment(message.get("metadata"))
        understander = library().current()
        aspects = asked(found, lambda part: understander.understand(part, now), self._clause)
        name, confidence = leading(aspects)
        if is_unsure(found, aspects, self._fallback):
            name = FALLBACK
        message.set(INTENT, _ranked(name, confidence), add_to_output=True)
        ranking = [_ranked(*each) for each in found.aspects[:RANKED]]
        message.set(RANKING, ranking, add_to_output=True)
        message.set(QUESTIONS, [aspect for aspect, _ in aspects], add_to_output=True)


def _ranked(name: str, confidence: float) -> dict[str, Any]:
    return {"name": name, "confidence": round(float(confidence), 4)}
