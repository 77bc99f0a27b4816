"""The printable checklist (打印清单): one A4 page in large print, to take to the window."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from miniapp_api.guides import texts
from miniapp_api.guides.compose_papers import form
from miniapp_api.guides.compose_visit import hall_hours_of_week, place_row
from miniapp_api.guides.item import Item, Material
from miniapp_api.guides.notices import notice, source_sentence
from miniapp_api.guides.scene import Scene
from miniapp_api.guides.tailoring import Choice, needed
from miniapp_api.guides.wording import long_date

FIELDS = ("materials", "circumstances", "place", "phone", "fee", "limits", "hall.hours", "windows")


@lru_cache(maxsize=1)
def _template() -> Template:
    folder = Path(__file__).parent / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("checklist.html")


def render(item: Item, choices: Sequence[Choice], scene: Scene) -> str:
    """Render the checklist (打印清单) of an item under the choices."""
    found = needed(item, choices)
    rows = [_row(material, scene) for material in found]
    return _template().render(
        name=item.name,
        department=scene.handbook.department_name(item) or "",
        choices=[choice.option.label for choice in choices],
        materials=rows,
        empty=_empty(item),
        facts=_facts(item, scene),
        source=source_sentence(item),
        notice=notice(item, FIELDS, scene) or "",
        printed=long_date(scene.today),
    )


def _row(material: Material, scene: Scene) -> dict[str, Any]:
    certificate = scene.handbook.certificates.get(material.certificate or "")
    return {
        "name": material.name,
        "form": form(material),
        "note": material.note or "",
        "required": material.required,
        "certificate": certificate.name if certificate else "",
    }


def _empty(item: Item) -> str:
    template = texts.CHECKLIST_EMPTY_IMPORTED if item.label else texts.MATERIALS_NONE
    return template.format(name=item.name)


def _facts(item: Item, scene: Scene) -> list[tuple[str, str]]:
    at_hall = scene.handbook.queue_of(item) is not None
    hours = item.hours or (hall_hours_of_week(scene) if at_hall else None)
    pairs = (
        ("去哪办", place_row(item, scene)),
        ("办公时间", hours),
        ("收费", item.fee.text if item.fee else None),
        ("电话", item.phone),
    )
    return [(label, value) for label, value in pairs if value]
