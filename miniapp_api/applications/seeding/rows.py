"""Made-up cases as the tables hold them: numbered, and sealed as the real path seals."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

import orjson

from miniapp_api.applications import rules
from miniapp_api.applications.case_store import Case
from miniapp_api.applications.progress import answers_place
from miniapp_api.applications.seeding.maker import Made, Step
from miniapp_api.applications.steps import note_place
from miniapp_api.guides.terms import DayUnit
from miniapp_api.identity.rules import mask_name
from miniapp_api.platform.key_rotation import place
from miniapp_api.platform.sealing import Sealer

Record = tuple[Any, ...]
CASE_COLUMNS = tuple(field.name for field in fields(Case))
EVENT_COLUMNS = (
    "id", "application", "version", "at", "action", "before", "after", "actor_kind", "actor",
    "detail", "note_sealed", "hall",
)  # fmt: skip


def number_of(made: Made, sequence: int) -> str:
    """Return the receipt number (受理编号) of a case: of the day it was submitted on."""
    return rules.receipt_number(submitted_on(made), sequence)


def submitted_on(made: Made) -> date:
    """Return the day a case was submitted on."""
    return made.steps[0].at.date()


async def case_record(made: Made, number: str, sealer: Sealer) -> Record:
    """Return a case as a row, its columns as in CASE_COLUMNS."""
    case = await case_of(made, number, sealer)
    values = {**vars(case), "options": orjson.dumps(case.options).decode()}
    return tuple(values[name] for name in CASE_COLUMNS)


async def case_of(made: Made, number: str, sealer: Sealer) -> Case:
    """Return a case as the store knows it."""
    form, item, dates, steps = made.matter.form, made.matter.item, made.dates, made.steps
    limits, kind = item.limits, form.kind
    name, code = _who(made)
    who = orjson.dumps({"name": name, "code": code}).decode()
    return Case(
        id=made.id,
        number=number,
        citizen=made.citizen.id,
        kind=kind,
        applicant=made.company.id if made.company else made.citizen.id,
        grant=None,
        item=item.code,
        item_name=item.name,
        item_version=getattr(item, "version", 0),
        department=item.department or "",
        hall=made.matter.hall,
        form_version=form.version,
        options=dict(form.options),
        answers_sealed=await sealer.seal(
            orjson.dumps(made.answers).decode(), answers_place(made.id)
        ),
        applicant_sealed=await sealer.seal(who, place("application", "applicant_sealed", made.id)),
        applicant_masked=name if kind == "enterprise" else mask_name(name),
        delivery=made.delivery,
        channel=made.channel,
        state=made.state,
        version=len(steps),
        since=steps[-1].at,
        submitted_at=steps[0].at,
        act_by=dates.act_by,
        accepted_on=dates.accepted_on,
        promised_days=limits.promised if limits else None,
        statutory_days=limits.statutory if limits else None,
        statutory_working=not limits or limits.statutory_unit is DayUnit.WORKING,
        yellow_on=dates.yellow_on,
        red_on=dates.red_on,
        due_on=dates.due_on,
        statutory_on=dates.statutory_on,
        corrections=sum(step.action == "request_correction" for step in steps),
        correct_until=dates.act_by if made.state == "correction" else None,
        assigned_to=made.holder,
        lease_until=made.lease_until,
        fee_fen=0,
        fee_due=item.fee.due if item.fee else "submission",
        result_certificate=None,
    )


async def event_records(made: Made, sealer: Sealer) -> list[Record]:
    """Return the steps of a case as rows, their columns as in EVENT_COLUMNS."""
    return [
        await _event(made, version, step, sealer)
        for version, step in enumerate(made.steps, start=1)
    ]


async def _event(made: Made, version: int, step: Step, sealer: Sealer) -> Record:
    note = await sealer.seal(step.note, note_place(step.id)) if step.note else None
    return (
        step.id, made.id, version, step.at, step.action, step.before, step.after, step.actor_kind,
        step.actor, orjson.dumps(step.detail).decode(), note, made.matter.hall,
    )  # fmt: skip


def _who(made: Made) -> tuple[str, str]:
    if made.company:
        return made.company.name, made.company.credit_code
    return made.citizen.name, made.citizen.id_number
