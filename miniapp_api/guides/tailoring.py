"""Which materials a citizen needs (情形定材料): options from answers and tags, then the list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from miniapp_api.guides.item import Circumstance, Item, Material, Option


@dataclass(frozen=True)
class Choice:
    """The option taken for one circumstance (选定的情形), and whether it was only assumed."""

    circumstance: Circumstance
    option: Option
    assumed: bool

    @property
    def others(self) -> tuple[Option, ...]:
        """Return the options not taken (其他选项)."""
        return tuple(o for o in self.circumstance.options if o.id != self.option.id)


def choose(
    item: Item, options: Mapping[str, str] | None = None, tags: Iterable[str] = ()
) -> tuple[Choice, ...]:
    """Take an option per circumstance: the stated one, else the best by tags, else the default."""
    given, found = options or {}, frozenset(tags)
    return tuple(_choose(each, given.get(each.id), found) for each in item.circumstances)


def _choose(circumstance: Circumstance, stated: str | None, tags: frozenset[str]) -> Choice:
    for option in circumstance.options:
        if option.id == stated:
            return Choice(circumstance, option, assumed=False)
    best = max(circumstance.options, key=lambda option: len(tags & frozenset(option.tags)))
    if tags & frozenset(best.tags):
        return Choice(circumstance, best, assumed=False)
    return Choice(circumstance, circumstance.default, assumed=True)


def needed(item: Item, choices: Iterable[Choice]) -> tuple[Material, ...]:
    """Return the materials (材料) needed under the choices."""
    taken = {choice.circumstance.id: choice.option.id for choice in choices}
    return tuple(material for material in item.materials if _applies(material, taken))


def _applies(material: Material, taken: Mapping[str, str]) -> bool:
    when = material.when or {}
    return all(taken.get(circumstance) in options for circumstance, options in when.items())
