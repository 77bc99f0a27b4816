"""What the form's lists offer (表单里的选项)."""

from __future__ import annotations

from miniapp_api.guides.handbook import Handbook
from miniapp_api.guides.terms import (
    AppointmentRule,
    DayUnit,
    MaterialForm,
    OnlineDepth,
    PlaceKind,
    Tag,
    Term,
)

Pairs = list[tuple[str, str]]
DUE = [("submission", "提交前"), ("issue", "发证前")]


def _terms(of: type[Term]) -> Pairs:
    return [(member.value, member.term) for member in of]


def choices_of(handbook: Handbook) -> dict[str, Pairs]:
    """Return every list's values with their names."""
    queues = {
        queue.id: queue.name for plan in handbook.floor_plans.values()
        for queue in plan.queues.values()
    }  # fmt: skip
    return {
        "form": _terms(MaterialForm),
        "statutory_unit": [(unit.value, unit.term.removeprefix("个")) for unit in DayUnit],
        "place": _terms(PlaceKind),
        "depth": _terms(OnlineDepth),
        "appointment": _terms(AppointmentRule),
        "tags": _terms(Tag),
        "due": DUE,
        "queue": list(queues.items()),
        "certificate": [(each.id, each.name) for each in handbook.certificates.values()],
        "hall": [(hall.id, hall.name) for hall in handbook.halls.values()],
    }
