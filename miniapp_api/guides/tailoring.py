"""Which materials a citizen needs (情形定材料): options from answers and tags, then the list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from miniapp_api.guides.item import Circumstance, FeeRule, Item, Material, Option


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


def fees(item: Item, choices: Iterable[Choice]) -> tuple[FeeRule, ...]:
    """Return what is to be paid online under the choices (应缴费用)."""
    taken = {choice.circumstance.id: choice.option.id for choice in choices}
    return tuple(rule for rule in (item.fee.rules if item.fee else ()) if _applies(rule, taken))


def applies(when: Mapping[str, tuple[str, ...]] | None, taken: Mapping[str, str]) -> bool:
    """Tell whether a condition on circumstances holds under the options taken."""
    return all(taken.get(circumstance) in options for circumstance, options in (when or {}).items())


def _applies(part: Material | FeeRule, taken: Mapping[str, str]) -> bool:
    return applies(part.when, taken)
