"""Frequent questions (常见问题): a sentence that is nearly one of them gets its answer."""

from __future__ import annotations

import re

from miniapp_api.guides.item import Faq, Item

CLOSE_ENOUGH = 0.6
_NOT_WORDS = re.compile(r"[^\w]+")
_FILLERS = re.compile("请问|一下|我想问|那个|的话|怎么办|咋办|咋整|呢|啊|吗|了")


def matching_faq(item: Item, text: str) -> Faq | None:
    """Return the item's question nearest to the text, if it is near enough."""
    asked = _grams(text)
    scored = [(_dice(asked, _grams(faq.q)), faq) for faq in item.faqs]
    score, best = max(scored, key=lambda pair: pair[0], default=(0.0, None))
    return best if score >= CLOSE_ENOUGH else None


def _grams(text: str) -> frozenset[str]:
    plain = _FILLERS.sub("", _NOT_WORDS.sub("", text))
    return frozenset(plain[i : i + 2] for i in range(len(plain) - 1))


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    """Twice what is shared over what there is (Dice 系数)."""
    total = len(one) + len(other)
    return 2 * len(one & other) / total if total else 0.0
