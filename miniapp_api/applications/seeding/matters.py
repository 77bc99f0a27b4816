"""What made-up cases are about (样例事项): items, and answers to their forms. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from miniapp_api.applications import forms
from miniapp_api.applications.desk_texts import PROBLEMS, REASONS, SPECIAL_DEFAULT
from miniapp_api.applications.forms import Ask, Form
from miniapp_api.applications.rules import Action
from miniapp_api.applications.seeding.people import (
    Company,
    Person,
    address,
    identity_number,
    name,
)
from miniapp_api.guides.handbook import Handbook
from miniapp_api.guides.item import Item

KINDS: dict[str, forms.Kind] = {"personal": "person", "legal_person": "enterprise"}


@dataclass(frozen=True)
class Matter:
    """An item as somebody applies for it (事项与情形), with what its cases have in common."""

    item: Item
    form: Form
    hall: str
    ways: tuple[str, ...]

    @property
    def promised(self) -> int:
        """Working days that are promised; 0 when none are."""
        return (self.item.limits.promised if self.item.limits else None) or 0


def matters(handbook: Handbook) -> tuple[list[Matter], list[float]]:
    """Return what is applied for, the hot items first, and how often, summed up.

    Free of charge only: a paid fee would need a payment that WeChat Pay knows of.
    """
    hot = {code: place for place, code in enumerate(handbook.hot)}
    found: list[Matter] = []
    for item in sorted(handbook.own, key=lambda i: (hot.get(i.code, len(hot)), i.code)):
        if handbook.applies_online(item) and item.department in handbook.departments:
            found += _of(handbook, item)
    weights = (1 / (place + 8) + 0.004 for place in range(len(found)))
    return found, list(itertools.accumulate(weights))


def _of(handbook: Handbook, item: Item) -> Iterator[Matter]:
    places = handbook.places(item)
    hall = (places[0][0] if places else handbook.hall).id
    ways = tuple(way.value for way in item.result.delivery) if item.result else ()
    for target in item.objects:
        form = _free_form(handbook, item, KINDS[target.value])
        if form is not None:
            yield Matter(item, form, hall, ways)


def _free_form(handbook: Handbook, item: Item, kind: forms.Kind) -> Form | None:
    """Return an item's form under the first circumstances that cost nothing."""
    for options in itertools.product(*(each.options for each in item.circumstances)):
        taken = {c.id: o.id for c, o in zip(item.circumstances, options, strict=True)}
        form = forms.build(item, handbook.forms, kind, taken)
        if form.fee_fen == 0:
            return form
    return None


def answers(random: Random, form: Form, citizen: Person, firm: Company | None) -> dict[str, Any]:
    """Return what somebody typed into a form: every field that is required, some of the others."""
    facts = _facts(citizen, firm)
    return {
        ask.name: facts.get(ask.field.source or "") or _typed(random, ask)
        for ask in form.asks
        if ask.required or random.random() < 0.4
    }


def _facts(citizen: Person, firm: Company | None) -> dict[str, str]:
    facts = {
        "person.name": citizen.name, "person.id_number": citizen.id_number,
        "person.phone": citizen.phone, "person.address": citizen.address,
    }  # fmt: skip
    if firm is None:
        return facts
    return facts | {
        "enterprise.name": firm.name, "enterprise.credit_code": firm.credit_code,
        "enterprise.legal_representative": firm.head.name,
    }  # fmt: skip


def _typed(random: Random, ask: Ask) -> Any:
    """Return something that a field takes."""
    field, accepts = ask.field, ask.field.accepts
    if field.choices:
        return random.choice(tuple(field.choices))
    if accepts["type"] in ("number", "integer"):
        return random.randint(1, 30) if accepts["type"] == "integer" else random.randint(1, 200)
    if "pattern" in accepts:
        return "".join(random.choices("123456789", k=17))
    match accepts.get("format"):
        case "id-number":
            return identity_number(random, random.randrange(10**7))
        case "past-date":
            return str(date(2015, 1, 1) + timedelta(days=random.randrange(3_000)))
    if field.widget == "address":
        return address(random)
    return name(random) if ask.name.endswith("name") else f"样例{random.randrange(10**6):06d}"


def said(random: Random, form: Form, action: Action) -> tuple[dict[str, Any], str]:
    """Return the facts and the words that go with a step."""
    if action == "request_correction":
        problem = random.choice(tuple(PROBLEMS))
        named = [(each.key, each.material.name) for each in form.materials]
        key, title = random.choice(named or [(a.name, a.field.title) for a in form.asks])
        return {"missing": [{"name": key, "title": title, "problem": PROBLEMS[problem]}]}, ""
    note = random.choice(REASONS[action]) if action in REASONS else ""
    return ({"special": SPECIAL_DEFAULT} if action == "begin_special" else {}), note
