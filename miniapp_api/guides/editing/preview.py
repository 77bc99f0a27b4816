"""The preview (预览): what citizens would be told, by the one composer, from a draft."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from miniapp_api.guides import views
from miniapp_api.guides.announcements import Announcement, view
from miniapp_api.guides.checklist import render
from miniapp_api.guides.composer import ABOUT_ITEM, compose
from miniapp_api.guides.editing.diff import Change, differences
from miniapp_api.guides.editing.patching import load
from miniapp_api.guides.editing.reading import MODELS, Draft, DraftFault
from miniapp_api.guides.editing.rules import Kind
from miniapp_api.guides.editing.schemas import AspectAnswer, ChangeView, FaultView
from miniapp_api.guides.item import HandbookItem
from miniapp_api.guides.scene import Question, Scene
from miniapp_api.guides.schemas import AnnouncementView, Materials
from miniapp_api.guides.tailoring import choose, needed
from miniapp_api.guides.terms import Aspect

SHOWN = tuple(aspect for aspect in ABOUT_ITEM if aspect != Aspect.INFORM)


def _with(scene: Scene, item: HandbookItem) -> Scene:
    """Return the scene as it would be with the draft in the handbook."""
    items = {**scene.handbook.items, item.code: item}
    return dataclasses.replace(scene, handbook=dataclasses.replace(scene.handbook, items=items))


def _known(item: HandbookItem, options: Mapping[str, str]) -> dict[str, str]:
    """Return the options that the draft still has."""
    has = {each.id: {option.id for option in each.options} for each in item.circumstances}
    return {name: option for name, option in options.items() if option in has.get(name, ())}


def answers(draft: Draft, scene: Scene, options: Mapping[str, str]) -> list[AspectAnswer]:
    """Answer every aspect from the draft (逐方面回答); nothing from one that cannot be read."""
    item = draft.content
    if not isinstance(item, HandbookItem):
        return []
    drafted, chosen = _with(scene, item), _known(item, options)
    return [
        AspectAnswer(
            aspect=aspect,
            term=Aspect(aspect).term,  # type: ignore[call-arg]
            answer=compose(Question(aspect, item, options=chosen), drafted),
        )
        for aspect in SHOWN
    ]


def materials(draft: Draft, scene: Scene, options: Mapping[str, str]) -> Materials | None:
    """Return the checklist under the options (材料清单)."""
    item = draft.content
    if not isinstance(item, HandbookItem):
        return None
    choices = choose(item, _known(item, options))
    return views.materials(item, choices, needed(item, choices), _with(scene, item))


def checklist(draft: Draft, scene: Scene, options: Mapping[str, str]) -> str | None:
    """Return the page to print (打印清单)."""
    item = draft.content
    if not isinstance(item, HandbookItem):
        return None
    return render(item, choose(item, _known(item, options)), _with(scene, item))


def announcement(draft: Draft, scene: Scene) -> AnnouncementView | None:
    """Return the notice as citizens would see it."""
    found = draft.content
    return view(found, scene.handbook) if isinstance(found, Announcement) else None


def changes(kind: Kind, old: str | None, new: str) -> list[Change]:
    """Return what a text changes, in words; as written when one of the two cannot be read."""
    before, after = load(old) if old else {}, load(new)
    if before is None or after is None:
        return []
    whole = _whole(kind, before) if old else {}, _whole(kind, after)
    if whole[0] is not None and whole[1] is not None:
        return differences(whole[0], whole[1])
    return differences(before, after)


def _whole(kind: Kind, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the values with their defaults, so that what goes without saying is no change."""
    try:
        return MODELS[kind].model_validate(values).model_dump(mode="json", by_alias=True)
    except ValueError:
        return None


def change_views(found: list[Change]) -> list[ChangeView]:
    """Show changes (改动)."""
    return [ChangeView(**dataclasses.asdict(each), sentence=each.sentence) for each in found]


def fault_views(found: tuple[DraftFault, ...]) -> list[FaultView]:
    """Show faults (错误)."""
    return [FaultView(**dataclasses.asdict(each)) for each in found]
