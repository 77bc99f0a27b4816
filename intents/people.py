"""Who and in what circumstances (人和情形): tags found in a sentence by the rules of people.tsv.

A match is dropped when the words right before it deny it (没丢, 不是公司的), unless the pattern
itself holds the denial (没工作).
"""

from __future__ import annotations

import re
from functools import lru_cache

from intents.tables import read_lines

_DENIED = re.compile(r"(?:没有?|不是|不|未|并非|不算|不用|别|非)(?:被|给|真的|到|有)?$")
_CARED = frozenset({"for_child", "for_elder", "for_spouse", "for_other"})


def tags(text: str) -> frozenset[str]:
    """Tags (标签) of people and circumstances in a normalised sentence."""
    rules, parts = _rules()
    found = {tag for tag, pattern in rules if _holds(pattern, text)}
    if "expiring" in found:  # 快过期了 holds the words of both
        found.discard("expired")
    if "deceased" in found:  # the one who died is not the one it is done for
        found -= {"for_elder", "for_spouse"}
    if "by_proxy" in found and re.search(
        f"(?:让|叫|喊)我?(?:{parts['child']}|{parts['elder']})", text
    ):
        found -= _CARED  # 让我儿子替我去: the son acts, it is not done for him
    return frozenset(found)


@lru_cache(maxsize=1)
def _rules() -> tuple[tuple[tuple[str, re.Pattern[str]], ...], dict[str, str]]:
    parts: dict[str, str] = {}
    rules = []
    for line in read_lines("people.tsv"):
        kind, name, pattern = line.split("\t")
        for part, words in parts.items():
            pattern = pattern.replace("{" + part + "}", words)
        if kind == "let":
            parts[name] = pattern
        else:
            rules.append((name, re.compile(pattern)))
    return tuple(rules), parts


def _holds(pattern: re.Pattern[str], text: str) -> bool:
    """Whether some match is not denied by the words right before it."""
    return any(not _DENIED.search(text[: match.start()]) for match in pattern.finditer(text))
