"""Segmenting tokenizer (分词): cuts as the intents library cuts, names of items kept whole."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from bot.components.shared import segment

ComponentType = DefaultV1Recipe.ComponentType


def words_with_offsets(text: str, words: list[str]) -> list[tuple[str, int]]:
    """Finds each word in the text; words that normalisation changed are left out."""
    found, position = [], 0
    for word in words:
        start = text.find(word, position)
        if start >= 0 and word.strip():
            found.append((word, start))
            position = start + len(word)
    return found


@DefaultV1Recipe.register(ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class SegmentingTokenizer(Tokenizer):
    """Tokens from intents.segment."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Rasa's own settings of a tokenizer, unused."""
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SegmentingTokenizer:
        """Made by Rasa's graph."""
        return cls(config)

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """The words of the message."""
        text = str(message.get(attribute) or "")
        pairs = words_with_offsets(text, segment(text))
        return [Token(word, start) for word, start in pairs]
