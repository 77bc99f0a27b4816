"""What citizens see of items and halls (展示): the handbook's models as response shapes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from miniapp_api.guides import texts
from miniapp_api.guides.handbook import Handbook
from miniapp_api.guides.item import Item, Material
from miniapp_api.guides.notices import field_name, notice
from miniapp_api.guides.places import Hall, Named
from miniapp_api.guides.scene import Scene
from miniapp_api.guides.schemas import (
    CircumstanceView,
    Group,
    HallInfo,
    ItemBrief,
    ItemView,
    Materials,
    MaterialView,
    OptionView,
    Suggestion,
)
from miniapp_api.guides.search import Surface
from miniapp_api.guides.tailoring import Choice
from miniapp_api.guides.wording import week

EVERYTHING = tuple(Item.model_fields)


def brief(item: Item, handbook: Handbook) -> ItemBrief:
    """Show an item in a list (事项摘要)."""
    return ItemBrief(
        code=item.code,
        name=item.name,
        department=handbook.department_name(item),
        themes=list(item.themes),
        catalogue=item.catalogue,
        label=item.label,
        bookable=handbook.bookable(item),
        online=item.online.depth.value if item.online else None,
    )


def suggestion(surface: Surface) -> Suggestion:
    """Show a completion (联想)."""
    item = surface.item
    return Suggestion(code=item.code, name=item.name, matched=surface.text, label=item.label)


def groups(
    handbook: Handbook, named: Mapping[str, Named], kind: Literal["themes", "life_events"]
) -> list[Group]:
    """Count our own items in each theme or life event."""
    counts = dict.fromkeys(named, 0)
    for item in handbook.own:
        for name in getattr(item, kind):
            counts[name] = counts.get(name, 0) + 1
    return [Group(id=each.id, name=each.name, count=counts[each.id]) for each in named.values()]


def item_view(item: Item, scene: Scene) -> ItemView:
    """Show an item in full (事项详情)."""
    handbook = scene.handbook
    queue = handbook.queue_of(item)
    near = (handbook.items.get(code) for code in item.related)
    return ItemView(
        item=item,
        department_name=handbook.department_name(item),
        catalogue=item.catalogue,
        label=item.label,
        notice=notice(item, EVERYTHING, scene),
        bookable=handbook.bookable(item),
        windows=list(queue.windows) if queue else [],
        related=[brief(each, handbook) for each in near if each],
    )


def materials(
    item: Item, choices: Iterable[Choice], found: Iterable[Material], scene: Scene
) -> Materials:
    """Show a tailored list of materials (材料清单)."""
    return Materials(
        item=item.code,
        name=item.name,
        version=item.version,
        effective=item.effective,
        notice=notice(item, ("materials", "circumstances"), scene),
        circumstances=[_circumstance(choice) for choice in choices],
        materials=[material_view(material, scene.handbook) for material in found],
    )


def _circumstance(choice: Choice) -> CircumstanceView:
    options = [
        OptionView(id=option.id, label=option.label, chosen=option is choice.option)
        for option in choice.circumstance.options
    ]
    return CircumstanceView(
        id=choice.circumstance.id,
        question=choice.circumstance.question,
        assumed=choice.assumed,
        options=options,
    )


def material_view(material: Material, handbook: Handbook) -> MaterialView:
    """Show a material (材料)."""
    certificate = handbook.certificates.get(material.certificate or "")
    return MaterialView(
        name=material.name,
        form=material.form.term if material.form else None,
        count=material.count,
        required=material.required,
        note=material.note,
        certificate=certificate.name if certificate else None,
    )


def hall_info(hall: Hall, handbook: Handbook) -> HallInfo:
    """Show a hall (大厅信息)."""
    marked = [f"hall.{path}" for path in hall.placeholders]
    unsure = [field_name(path) for path in marked if path in texts.FIELD_NAMES]
    here = hall.id == handbook.main_hall
    return HallInfo(
        id=hall.id,
        name=hall.name,
        address=hall.address,
        coordinates=hall.coordinates,
        transport=hall.transport,
        phone=hall.phone,
        hours=week(hall.hours),
        hours_note=hall.hours_note,
        floors=list(hall.floors),
        facilities=list(hall.facilities),
        windows=len(handbook.floor_plan(hall.id).windows),
        departments=len(handbook.departments) if here else 0,
        notice=texts.PLACEHOLDERS.format(fields="、".join(unsure)) if unsure else None,
    )
