"""Bundles (一件事): several items that one event in life brings, applied for with one form.

What of two members is the same thing is said by the editors or by the same words; two papers that
one certificate could replace are not the same: an identity card is the parent's or the agent's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StrictBool, StrictInt

from miniapp_api.guides.item import (
    Circumstance,
    Id,
    Item,
    Material,
    Model,
    Name,
    Option,
    OwnCode,
    Source,
    Text,
)
from miniapp_api.guides.tailoring import choose, needed

Options = Mapping[str, str]  # circumstance → option


class BundleMember(Model):
    """An item of a bundle (一件事里的事项)."""

    item: OwnCode = Field(description="事项编码,须能网上申请")
    question: Name | None = Field(None, description="可选事项:问市民要不要办;必办的不写")
    default: StrictBool = Field(False, description="可选事项没问清时要不要办")
    options: dict[Id, Id] = Field(default_factory=dict, description="这件事里情形已定的选项")
    after: tuple[OwnCode, ...] = Field((), description="后置事项:等这些事项办成才受理")

    @property
    def required(self) -> bool:
        """Tell whether the member always takes part (必办)."""
        return self.question is None


class SameMaterial(Model):
    """A paper that members call by different names (同一份材料)."""

    name: Name = Field(description="合并后叫什么")
    names: tuple[Name, ...] = Field(min_length=2, description="各事项里的材料名称")


class ResultMaterial(Model):
    """Papers that an item of the bundle ends with (办出来的材料): nobody hands them in."""

    item: OwnCode = Field(description="办出这份材料的事项")
    names: tuple[Name, ...] = Field(min_length=1, description="后置事项里的材料名称")


class Bundle(Model):
    """A bundle of items (一件事): one form, one set of materials, one window."""

    id: Id = Field(description="编号,与文件名相同")
    name: Name = Field(description="名称")
    aliases: tuple[Name, ...] = Field(min_length=1, description="市民的说法")
    life_event: Id = Field(description="life_events.yaml 里的人生事件")
    lead: Id = Field(description="牵头部门,departments.yaml 里的编号")
    members: tuple[BundleMember, ...] = Field(min_length=2, description="事项")
    same: tuple[SameMaterial, ...] = Field((), description="名称不同的同一份材料")
    results: tuple[ResultMaterial, ...] = Field((), description="这件事里办出来的材料,不用交")
    legal_basis: tuple[Text, ...] = Field(min_length=1, description="依据,只写名称")
    version: Annotated[StrictInt, Field(ge=1)] = Field(description="版本号,每次改动加一")
    source: Source = Field(description="来源")
    verified: StrictBool = Field(description="是否经沈阳的工作人员核实")

    @property
    def ordered(self) -> tuple[BundleMember, ...]:
        """Return the members, whoever is waited for before who waits, else as written."""
        placed: dict[str, BundleMember] = {}
        left = list(self.members)
        while left:
            free = [m for m in left if not set(m.after) - placed.keys()] or left
            placed[free[0].item] = free[0]
            left.remove(free[0])
        return tuple(placed.values())

    def waits(self, item: str) -> frozenset[str]:
        """Return every member that one waits for, also through others (前置事项)."""
        after = {member.item: member.after for member in self.members}
        found: set[str] = set()
        left = list(after.get(item, ()))
        while left:
            each = left.pop()
            if each not in found:
                found.add(each)
                left += after.get(each, ())
        return frozenset(found)

    def comes(self, item: str, name: str, chosen: Collection[str]) -> bool:
        """Tell whether a member's material comes from the result of one that it waits for."""
        return any(
            each.item in chosen and name in each.names and each.item in self.waits(item)
            for each in self.results
        )

    def chosen(self, wanted: Collection[str] | None = None) -> tuple[BundleMember, ...]:
        """Return the members that take part: the required ones and those wanted.

        wanted: None takes the optional ones that are usual.
        """
        return tuple(
            m
            for m in self.ordered
            if m.required or (m.default if wanted is None else m.item in wanted)
        )


@dataclass(frozen=True)
class Question:
    """A circumstance that is asked once (情形), and which members' own one it stands for."""

    id: str
    circumstance: Circumstance
    askers: tuple[tuple[str, str], ...]  # (item, circumstance)


@dataclass(frozen=True)
class Paper:
    """A material that is handed in once (材料), and where it goes: (item, its name there)."""

    name: str
    material: Material
    places: tuple[tuple[str, str], ...]


def questions(bundle: Bundle, items: Mapping[str, Item]) -> tuple[Question, ...]:
    """Return every question that the bundle leaves open, each once, over all members.

    Two are the same question when they have the same id, words and options.
    """
    found: dict[tuple[str, ...], Question] = {}
    for member in bundle.ordered:
        for each in items[member.item].circumstances:
            if each.id in member.options:
                continue
            same = (each.id, each.question, *(option.id for option in each.options))
            first = found.get(same) or Question(f"{member.item}.{each.id}", each, ())
            askers = (*first.askers, (member.item, each.id))
            found[same] = Question(first.id, first.circumstance, askers)
    return tuple(found.values())


def asked_of(asked: Iterable[Question], members: Collection[str]) -> tuple[Question, ...]:
    """Return the questions that some of the members ask."""
    return tuple(q for q in asked if any(item in members for item, _ in q.askers))


def options_for(
    bundle: Bundle, items: Mapping[str, Item], answers: Options
) -> dict[str, dict[str, str]]:
    """Return every member's options: those fixed by the bundle, and the answers by question."""
    options = {member.item: dict(member.options) for member in bundle.members}
    for question in questions(bundle, items):
        taken = answers.get(question.id, question.circumstance.default.id)
        for item, circumstance in question.askers:
            options[item][circumstance] = taken
    return options


def option_of(question: Question, answers: Options) -> Option:
    """Return the option taken for a question."""
    taken = answers.get(question.id)
    options = question.circumstance.options
    return next((o for o in options if o.id == taken), question.circumstance.default)


def papers(bundle: Bundle, needs: Mapping[str, Iterable[Material]]) -> tuple[Paper, ...]:
    """Return the materials of the members, each paper once, in the order they are met.

    needs: what each member needs, by its item.
    """
    called = {name: same.name for same in bundle.same for name in same.names}
    met: dict[str, list[tuple[str, Material]]] = {}
    for item, materials in needs.items():
        for material in materials:
            met.setdefault(called.get(material.name, material.name), []).append((item, material))
    return tuple(_paper(name, places) for name, places in met.items())


def _paper(name: str, places: list[tuple[str, Material]]) -> Paper:
    materials = [material for _, material in places]
    shown = materials[0].model_copy(
        update={
            "name": name,
            "required": any(m.required for m in materials),
            "count": max((m.count or 0 for m in materials), default=0) or None,
            "certificate": next((m.certificate for m in materials if m.certificate), None),
            "note": next((m.note for m in materials if m.note), None),
        }
    )
    return Paper(name, shown, tuple((item, material.name) for item, material in places))


def needs_of(
    bundle: Bundle,
    members: Iterable[BundleMember],
    items: Mapping[str, Item],
    options: Mapping[str, Options],
) -> dict[str, tuple[Material, ...]]:
    """Return what each member needs under its options, but for what the bundle itself brings."""
    codes = [member.item for member in members]
    return {
        code: tuple(
            material
            for material in needed(items[code], choose(items[code], options[code]))
            if not bundle.comes(code, material.name, codes)
        )
        for code in codes
    }


def objects(bundle: Bundle, items: Mapping[str, Item]) -> tuple[str, ...]:
    """Return who can apply for every member (服务对象): persons, legal persons, both or nobody."""
    shared = [set(items[m.item].objects) for m in bundle.members if m.item in items]
    first = items[bundle.members[0].item].objects if shared else ()
    return tuple(o.value for o in first if all(o in each for each in shared))
