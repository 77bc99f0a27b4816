"""Opens cases and drafts into what is shown: the form with its answers and papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from miniapp_api.applications import forms
from miniapp_api.applications.case_store import Case
from miniapp_api.applications.draft_store import Attached
from miniapp_api.applications.forms import Form
from miniapp_api.applications.schemas import (
    CircumstanceView,
    FieldView,
    FileView,
    MaterialView,
    OptionView,
    SectionView,
)
from miniapp_api.guides.service import GuidesService
from miniapp_api.platform.key_rotation import place
from miniapp_api.platform.sealing import Sealer


class Opener:
    """Knows the forms behind cases."""

    def __init__(self, guides: GuidesService, sealer: Sealer) -> None:
        self._guides = guides
        self._sealer = sealer

    def form(self, case: Case) -> Form | None:
        """Return a case's form as the handbook has it today; None for an item that is gone."""
        item = self._guides.handbook.items.get(case.item)
        if item is None:
            return None
        kind: forms.Kind = "enterprise" if case.kind == "enterprise" else "person"
        return forms.build(item, self._guides.handbook.forms, kind, case.options)

    def titles(self, case: Case) -> dict[str, str]:
        """Return what a correction notice may name: materials by key, fields by name."""
        form = self.form(case)
        if form is None:
            return {}
        materials = {each.key: each.material.name for each in form.materials}
        return materials | {ask.name: ask.field.title for ask in form.asks}

    def certificate_of(self, case: Case) -> str | None:
        """Return the type of certificate that the case ends with (结果证照)."""
        item = self._guides.handbook.items.get(case.item)
        return item.result.certificate if item and item.result else None

    def issue_facts(self, case: Case) -> dict[str, Any]:
        """Return who issues the result, and for how long it is valid."""
        item = self._guides.handbook.items[case.item]
        department = self._guides.handbook.departments.get(case.department)
        return {
            "authority_name": department.name if department else case.department,
            "valid_months": item.result.valid_months if item.result else None,
        }

    async def file_names(self, attached: Sequence[Attached]) -> dict[UUID, str]:
        """Return the names of files, opened."""
        return {
            each.id: await self._sealer.open(
                each.name_sealed, place("attachment", "name_sealed", each.id)
            )
            for each in attached
            if each.name_sealed
        }


def section_views(
    form: Form, answers: Mapping[str, Any], sources: Mapping[str, str]
) -> list[SectionView]:
    """Return a form's fields with what is filled in, and where it comes from."""
    return [
        SectionView(
            id=section.id,
            title=section.title,
            fields=[
                FieldView(
                    name=ask.name,
                    title=ask.field.title,
                    widget=ask.field.widget,
                    required=ask.required,
                    hint=ask.field.hint,
                    accepts=ask.field.accepts,
                    choices=dict(ask.field.choices) if ask.field.choices else None,
                    value=answers.get(ask.name),
                    source=sources.get(ask.name),
                )
                for ask in section.asks
            ],
        )
        for section in form.sections
    ]


def material_views(
    form: Form, attached: Sequence[Attached], names: Mapping[UUID, str]
) -> list[MaterialView]:
    """Return a form's materials with the files and certificates that stand for them."""
    return [
        MaterialView(
            key=each.key,
            name=each.material.name,
            required=each.material.required,
            note=each.material.note,
            certificate=each.material.certificate,
            covered=any(a.certificate for a in attached if a.material == each.key),
            paper=any(a.is_paper for a in attached if a.material == each.key),
            files=file_views(each.key, attached, names),
        )
        for each in form.materials
    ]


def file_views(
    material: str, attached: Sequence[Attached], names: Mapping[UUID, str]
) -> list[FileView]:
    """Return the files that stand for a material."""
    return [
        FileView(
            id=each.id,
            name=names.get(each.id, ""),
            media_type=each.media_type or "",
            size=each.size or 0,
            pages=each.pages,
        )
        for each in attached
        if each.material == material and each.blob
    ]


def circumstance_views(form: Form) -> list[CircumstanceView]:
    """Return the circumstances with the options taken."""
    return [
        CircumstanceView(
            id=each.id,
            question=each.question,
            options=[OptionView(id=o.id, label=o.label) for o in each.options],
            chosen=form.options[each.id],
        )
        for each in form.item.circumstances
    ]
