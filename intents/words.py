"""Which words of a sentence name a matter (实词), and which only ask or tell about one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from intents.segment import Segmenter
from intents.tables import read_lines

_OFTEN = 2  # a word of this many matterless questions may frame questions in general


class ContentWords:
    """Finds the words of a normalised sentence that questions without a matter do not use."""

    def __init__(
        self, segmenter: Segmenter, questions: Sequence[str], names: Iterable[str] = ()
    ) -> None:
        """Learn from `questions` that name no matter (不含事项的问句), and from items' `names`.

        A word frames questions if they use it relatively more often than the names do.
        """
        self._segmenter = segmenter
        asked = Counter(w for question in questions for w in set(segmenter.cut(question)))
        named, size = Counter[str](), 1
        for name in names:
            named.update(set(segmenter.cut(name)))
            size += 1
        share = len(questions) / size
        often = {w for w, n in asked.items() if n >= _OFTEN and n >= named[w] * share}
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
