"""A plan that begins on a day (从某日起的排班), pure: old hours until then, new ones from then on.

A plan has no day of its own, its patterns have: the old ones end the day before, the new ones begin
on it; what stands at the same place in both runs on. Rules and channels are the new plan's at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import zip_longest

from miniapp_api.appointments.plan_schemas import PatternBody, PlanBody
from miniapp_api.guides.places import WEEKDAYS

DAY = timedelta(days=1)


def succeed(old: PlanBody, new: PlanBody, start: date, today: date) -> PlanBody:
    """Return the plan whose hours are the old plan's before `start` and the new plan's from it.

    A queue that only one of them names has the common hours of the other, said by name: else it
    would be closed in the other's time. Raises ValueError when it gets too long for a plan.
    """
    named = _named(old.patterns) | _named(new.patterns)
    own_minutes = old.rules.slot_minutes != new.rules.slot_minutes
    before, after = (list(_expanded(body, named, own_minutes)) for body in (old, new))
    # Of several patterns of a day the first decides: their order is kept.
    found: list[PatternBody] = []
    for each, other in zip_longest(before, after):
        if each == other:
            found.append(each)
        else:
            found.extend(_within(each, None, start - DAY))
            found.extend(_within(other, start, None))
    found += [_never(queue, today) for queue in sorted(named - _named(found))]
    patterns = [each.model_dump() for each in _without_past(found, today)]
    return PlanBody.model_validate({**new.model_dump(), "patterns": patterns})


def merged(patterns: Iterable[PatternBody]) -> list[PatternBody]:
    """Return patterns with neighbours that differ by their weekdays only made one."""
    found: list[PatternBody] = []
    for each in patterns:
        last = found[-1] if found and not set(found[-1].weekdays) & set(each.weekdays) else None
        if last and last.model_copy(update={"weekdays": each.weekdays}) == each:
            weekdays = [*last.weekdays, *each.weekdays]
            found[-1] = last.model_copy(update={"weekdays": weekdays})
        else:
            found.append(each)
    return found


def _named(patterns: Iterable[PatternBody]) -> set[str]:
    return {queue for pattern in patterns for queue in pattern.queues or ()}


def _expanded(body: PlanBody, named: set[str], own_minutes: bool) -> Iterator[PatternBody]:
    """Yield a plan's patterns, and the common ones again for the queues that need their names.

    own_minutes: each says how long its slots are, for the rules are about to say something else.
    """
    others = sorted(named - _named(body.patterns))
    for pattern in merged(body.patterns):
        minutes = pattern.slot_minutes or (body.rules.slot_minutes if own_minutes else None)
        said = pattern.model_copy(update={"slot_minutes": minutes})
        yield said
        if pattern.queues is None and others:
            yield said.model_copy(update={"queues": others})


def _within(
    pattern: PatternBody | None, first: date | None, last: date | None
) -> Iterator[PatternBody]:
    """Yield a pattern as far as it lies between two days."""
    if pattern is None:
        return
    begins = max(filter(None, (pattern.first, first)), default=None)
    ends = min(filter(None, (pattern.last, last)), default=None)
    if not (begins and ends and begins > ends):
        yield pattern.model_copy(update={"first": begins, "last": ends})


def _never(queue: str, today: date) -> PatternBody:
    """Return a pattern that names a queue and holds on no day: without it the common ones would."""
    return PatternBody.model_validate(
        {
            "weekdays": [WEEKDAYS[(today.weekday() + 1) % 7]],
            "openings": [["00:00", "23:00"]],
            "queues": [queue],
            "first": today,
            "last": today,
        }
    )


def _without_past(patterns: Sequence[PatternBody], today: date) -> Iterator[PatternBody]:
    """Yield what is not over; of what is over, that which still keeps a queue from the common."""
    named = _named(each for each in patterns if not _over(each, today))
    for pattern in patterns:
        if not _over(pattern, today):
            yield pattern
        elif missing := sorted(set(pattern.queues or ()) - named):
            named.update(missing)
            yield pattern.model_copy(update={"queues": missing})


def _over(pattern: PatternBody, today: date) -> bool:
    return pattern.last is not None and pattern.last < today
