"""Circumstances (情形) of an item: what was said already, what is still to be asked. No I/O."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from bot.dialogue import choices

Json = dict[str, Any]

_UNSURE = re.compile(r"不(?:太)?(?:清楚|知道|懂|明白|确定|晓得)|都行|都可以|随便|说不好|弄不明白")
_DENIES = re.compile(r"(?:都|全)?(?:不|没|无|非|否)")
_NEGATION = re.compile(r"[不没无非别]")
_DENIAL = re.compile(r"(?:都|全)?(?:不是?|没有?|无|否)(?:的|啊|呀)?")


def taken(item: Json, options: Mapping[str, str], tags: Iterable[str]) -> dict[str, str]:
    """The options that were said, by circumstance: outright, else by the tags of a sentence."""
    found = {each["id"]: _taken(each, options, frozenset(tags)) for each in _all(item)}
    return {circumstance: option for circumstance, option in found.items() if option}


def to_ask(item: Json, said: Mapping[str, str]) -> list[Json]:
    """The circumstances that nobody said anything about, in the item's order."""
    return [each for each in _all(item) if each["id"] not in said]


def default(circumstance: Json) -> str:
    """The option to assume (默认选项): the marked one, else the first."""
    marked = [each for each in circumstance["options"] if each.get("default")]
    return str((marked or circumstance["options"])[0]["id"])


def read_option(text: str, options: Sequence[Sequence[Any]]) -> str | None:
    """Which of [value, label] an answer means: by place, by its words, by a plain yes or no."""
    plain = text.strip()
    exact = [each for each in options if each[1] == plain]
    chosen = exact[0] if exact else choices.by_position(plain, options)
    chosen = chosen or choices.by_name(plain, options) or _by_yes_or_no(plain, options)
    return str(chosen[0]) if chosen else None


def by_words(text: str, options: Sequence[Sequence[Any]]) -> str | None:
    """The option whose own words are used: 我租房住 → 有房或租房; a denial proves nothing."""
    if _NEGATION.search(text):
        return None
    often = Counter(pair for each in options for pair in _pairs(str(each[1])))
    said = {pair for pair in _pairs(text) if often[pair] == 1}
    scores = [len(said & _pairs(str(each[1]))) for each in options]
    best = max(scores, default=0)
    return str(options[scores.index(best)][0]) if best and scores.count(best) == 1 else None


def is_unsure(text: str) -> bool:
    """不清楚: the usual case is taken."""
    return bool(_UNSURE.search(text))


def _all(item: Json) -> list[Json]:
    return list(item.get("circumstances") or [])


def _taken(circumstance: Json, options: Mapping[str, str], tags: frozenset[str]) -> str | None:
    given = options.get(circumstance["id"])
    if given in [each["id"] for each in circumstance["options"]]:
        return given
    best = max(circumstance["options"], key=lambda each: len(tags & _tags(each)))
    return str(best["id"]) if tags & _tags(best) else None


def _pairs(text: str) -> set[str]:
    """Neighbouring characters: 租房住 → 租房, 房住."""
    return {first + second for first, second in pairwise(text)}


def _tags(option: Json) -> frozenset[str]:
    return frozenset(option.get("tags") or [])


def _by_yes_or_no(text: str, options: Sequence[Sequence[Any]]) -> Sequence[Any] | None:
    """不是 means the one option that denies, 是 the one that does not, when only one does."""
    denying = [each for each in options if _DENIES.match(str(each[1]))]
    other = [each for each in options if each not in denying]
    if denying and _DENIAL.fullmatch(text):
        return denying[0] if len(denying) == 1 else None
    return other[0] if denying and len(other) == 1 and choices.says_yes(text) else None
