"""Which words of a sentence name a matter (实词), and which only ask or tell about one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from intents.segment import Segmenter
from intents.tables import read_lines

_OFTEN = 2  # a word of this many matterless questions frames questions in general


class ContentWords:
    """Finds the words of a normalised sentence that questions without a matter do not use."""

    def __init__(self, segmenter: Segmenter, questions: Iterable[str]) -> None:
        """Learn the words of `questions`, sentences that name no matter (不含事项的问句)."""
        self._segmenter = segmenter
        counts = Counter(w for question in questions for w in set(segmenter.cut(question)))
        often = {word for word, count in counts.items() if count >= _OFTEN}
        listed = {word for line in read_lines("frames.txt") for word in line.split()}
        self._frames = frozenset(often | listed)

    def __call__(self, text: str, without: Sequence[str] = ()) -> list[str]:
        """The words that name something, in order; `without` are time expressions."""
        for span in without:
            text = text.replace(span, " ")
        return [word for word in self._segmenter.cut(text) if self._names(word)]

    def _names(self, word: str) -> bool:
        if len(word) < 2 or word in self._frames or word.isdigit():
            return False
        return word.isalnum() and self._segmenter.may_name(word)
