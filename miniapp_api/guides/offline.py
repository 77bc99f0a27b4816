"""Guides without a server (离线查看): for editors at a terminal."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from miniapp_api.guides.composer import compose
from miniapp_api.guides.handbook import Handbook, load_handbook
from miniapp_api.guides.item import Item
from miniapp_api.guides.scene import Question, Scene
from miniapp_api.guides.search import ItemSearch
from miniapp_api.platform.clock import Clock


def find(handbook: Handbook, words: str) -> Item | None:
    """Return the item with this code, else the one that the words most likely mean."""
    if words in handbook.items:
        return handbook.items[words]
    return next(iter(ItemSearch(handbook).find(words)), None)


def explain(folder: Path, catalogues: Path, words: str, aspect: str, clock: Clock) -> str | None:
    """Return what a citizen would be told about an aspect of an item, or None."""
    handbook = load_handbook(folder, catalogues)
    item = find(handbook, words)
    if item is None:
        return None
    answer = compose(Question(aspect, item), Scene(handbook, clock.now()))
    rows = answer.card.rows if answer.card else []
    facts = [f"  {row.label}:{row.value}" for row in rows]
    head = f"{item.name} [{item.code}] {item.label or ''}".rstrip()
    return "\n".join([head, *facts, "", answer.text])


def count_themes(folder: Path) -> Counter[str]:
    """Count our items by theme (主题)."""
    handbook = load_handbook(folder)
    counts = Counter(theme for item in handbook.own for theme in item.themes[:1])
    return Counter({theme.name: counts[theme.id] for theme in handbook.themes.values()})
