"""One form made of many (一件事表单), and one answer written to all who ask it. No I/O."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from miniapp_api.applications.forms import Answers, Ask, Fault, Form, Section, material_key
from miniapp_api.guides.bundles import Bundle, Paper


class Place(NamedTuple):
    """A material of a member (某事项的材料)."""

    item: str
    key: str


@dataclass(frozen=True)
class Filled:
    """What stands in a member's draft: the answers, and where each comes from."""

    answers: Answers
    sources: Mapping[str, str]


# -- one form of many ----------------------------------------------------------------------------


def merged(forms: Iterable[Form]) -> tuple[Section, ...]:
    """Return the sections of one form that asks every field of all, each once.

    A field is due when one member requires it; other remarks, with which forms end, come last.
    """
    needed: dict[str, bool] = {}
    titles: dict[str, str] = {}
    blocks: dict[str, list[Ask]] = {}
    last: list[str] = []
    for form in forms:
        last += [section.id for section in form.sections[-1:]]
        for section in form.sections:
            titles.setdefault(section.id, section.title)
            block = blocks.setdefault(section.id, [])
            block += [ask for ask in section.asks if ask.name not in needed]
            for ask in section.asks:
                needed[ask.name] = needed.get(ask.name, False) or ask.required
    order = sorted(blocks, key=lambda id: id in last)
    return tuple(
        Section(id, titles[id], tuple(Ask(a.name, a.field, needed[a.name]) for a in blocks[id]))
        for id in order
        if blocks[id]
    )


def known(filled: Iterable[Filled]) -> Filled:
    """Return what is known over all members; who comes first is believed."""
    answers: Answers = {}
    sources: dict[str, str] = {}
    for each in filled:
        for name, value in each.answers.items():
            if name not in answers:
                answers[name] = value
                if name in each.sources:
                    sources[name] = each.sources[name]
    return Filled(answers, sources)


def spread(
    typed: Mapping[str, Any], filled: Sequence[Filled], forms: Sequence[Form]
) -> list[Filled]:
    """Return what stands in every member after something was typed.

    An answer reaches every member that asks for it or holds it, so that all who hold it say the
    same; null takes it out of all. What nobody asks for stays with the first.
    """
    before = known(filled)
    takes = [
        {ask.name for ask in form.asks} | each.answers.keys()
        for each, form in zip(filled, forms, strict=True)
    ]
    takes[0] |= typed.keys() - set().union(*takes)
    return [_filled(before, typed, names) for names in takes]


def _filled(before: Filled, typed: Mapping[str, Any], names: Collection[str]) -> Filled:
    answers = {name: value for name, value in before.answers.items() if name in names}
    sources = {name: source for name, source in before.sources.items() if name in names}
    for name in typed.keys() & names:
        _write(answers, sources, name, typed[name])
    return Filled(answers, sources)


def _write(answers: Answers, sources: dict[str, str], name: str, value: Any) -> None:
    if value is None:
        answers.pop(name, None)
        sources.pop(name, None)
    elif answers.get(name) != value:
        answers[name], sources[name] = value, "typed"


# -- one set of materials ------------------------------------------------------------------------


def places(paper: Paper) -> list[Place]:
    """Return where a paper goes."""
    return [Place(item, material_key(name)) for item, name in paper.places]


def keys_of(bundle: Bundle | None, key: str) -> set[str]:
    """Return the members' own keys that a key of the merged form stands for."""
    found = {key}
    for same in bundle.same if bundle else ():
        if material_key(same.name) == key:
            found |= {material_key(name) for name in same.names}
    return found


def key_for(bundle: Bundle | None, key: str) -> str:
    """Return the key of the merged form that stands for a member's own."""
    for same in bundle.same if bundle else ():
        if key in {material_key(name) for name in same.names}:
            return material_key(same.name)
    return key


def merged_faults(
    bundle: Bundle, found: Iterable[tuple[str, Fault]]
) -> list[tuple[Fault, list[str]]]:
    """Return every fault once, with the items it is one of; found: (item, fault)."""
    faults: dict[tuple[str, str, str], tuple[Fault, list[str]]] = {}
    for item, fault in found:
        shared = fault.place in ("field", "material", "assurance")
        name = key_for(bundle, fault.name) if fault.place == "material" else fault.name
        shown = Fault(fault.place, name if shared else item, fault.code, fault.message)
        key = (shown.place, shown.name, shown.code)
        faults.setdefault(key, (shown, []))[1].append(item)
    return list(faults.values())


def way(offered: Sequence[str], wanted: str | None) -> str | None:
    """Return how a member's result is delivered: as wanted, or the only way there is."""
    if wanted in offered:
        return wanted
    return offered[0] if len(offered) == 1 else None
