"""A draft as its citizen sees it."""

from __future__ import annotations

from miniapp_api.applications import forms
from miniapp_api.applications.drafts import Sheet
from miniapp_api.applications.opening import circumstance_views, material_views, section_views
from miniapp_api.applications.schemas import (
    CheckView,
    DraftView,
    FaultView,
    FeeView,
    FormChange,
)
from miniapp_api.guides.forms import FormBook
from miniapp_api.identity.rules import mask_name


def draft_view(sheet: Sheet, book: FormBook) -> DraftView:
    """Return a draft with its form, what is filled in, and what a new version changed."""
    form, draft, item = sheet.form, sheet.draft, sheet.form.item
    name = sheet.applicant.name
    return DraftView(
        id=draft.id,
        item=item.code,
        item_name=item.name,
        kind=form.kind,
        applicant_masked=mask_name(name) if name and form.kind == "person" else name,
        revision=draft.revision,
        form_version=form.version,
        changed=_change(sheet, book) if form.version != draft.form_version else None,
        circumstances=circumstance_views(form),
        sections=section_views(form, sheet.answers, sheet.sources),
        materials=material_views(form, sheet.attached, sheet.names),
        fees=[FeeView(name=rule.name, amount_fen=rule.amount_fen) for rule in form.fees],
        fee_due=item.fee.due if item.fee else "submission",
        delivery=draft.delivery,
        deliveries=[way.value for way in item.result.delivery] if item.result else [],
        assurance=item.online.assurance if item.online else 1,
        updated_at=draft.updated_at,
    )


def check_view(faults: list[forms.Fault]) -> CheckView:
    """Return the pre-check."""
    return CheckView(ready=not faults, faults=[FaultView(**vars(fault)) for fault in faults])


def _change(sheet: Sheet, book: FormBook) -> FormChange:
    """Return what the new form does not ask any more, and what it asks that is not answered."""
    _, dropped = forms.split(sheet.form, sheet.answers)
    titles = [book.fields[name].title if name in book.fields else name for name in dropped]
    added = [
        ask.field.title
        for ask in sheet.form.asks
        if ask.required and sheet.answers.get(ask.name) in (None, "")
    ]
    return FormChange(dropped=titles, added=added)
