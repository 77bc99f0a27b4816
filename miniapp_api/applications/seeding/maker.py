"""Makes cases out of a handbook (样例办件), as the real path leaves them; nothing is sealed yet.

Case n is always the same matter of the same citizen, so that a seed that was interrupted can be
continued; only its days move with the day it is made on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from random import Random
from typing import Any
from uuid import UUID

from miniapp_api.applications.case_store import Dates
from miniapp_api.applications.rules import Actor, State
from miniapp_api.applications.seeding import courses
from miniapp_api.applications.seeding.clocks import Clocks, Timed
from miniapp_api.applications.seeding.courses import CLOSING, Course
from miniapp_api.applications.seeding.matters import Matter, answers, matters, said
from miniapp_api.applications.seeding.people import Company, Person, company, id_of, person
from miniapp_api.applications.steps import KEPT
from miniapp_api.guides.handbook import Handbook

# Cases and citizens come in blocks: 50 cases of 20 citizens and their 2 enterprises.
BLOCK, PEOPLE, COMPANIES = 50, 20, 2
CLERKS = 4  # of each department
YEARS = 2  # that the archive goes back
OPENS = time(8, 30)
IN_HAND = 0.1  # of the cases that a clerk has claimed, those he is busy with at this moment


@dataclass(frozen=True)
class Step(Timed):
    """A step (办件环节) before its note is sealed."""

    id: UUID
    before: str | None
    after: str
    actor_kind: Actor
    actor: UUID | None
    detail: dict[str, Any]
    note: str


@dataclass(frozen=True)
class Made:
    """A case and its steps, before what is personal in them is sealed."""

    id: UUID
    matter: Matter
    citizen: Person
    company: Company | None
    answers: dict[str, Any]
    delivery: str | None
    channel: str
    state: State
    dates: Dates
    lease_until: datetime | None
    steps: tuple[Step, ...]

    @property
    def holder(self) -> UUID | None:
        """The clerk who has it."""
        return self.steps[-1].actor if self.state in KEPT else None


class Maker:
    """Makes cases, as of a moment."""

    def __init__(
        self, handbook: Handbook, now: datetime, percents: tuple[int, int], lease_minutes: int
    ) -> None:
        self._matters, self._weights = matters(handbook)
        self._clocks = Clocks(handbook.calendar, percents, now.tzinfo)
        self._lease = timedelta(minutes=lease_minutes)
        self._now = now
        self._days = _working_days(handbook, now.date())
        self._opens = [_opening(day, now.tzinfo) for day in self._days]

    def case(self, number: int) -> Made:
        """Return the n-th case."""
        random = Random(f"case:{number}")  # noqa: S311 - nobody's secrets
        matter = random.choices(self._matters, cum_weights=self._weights)[0]
        citizen, firm = _applicant(random, number // BLOCK, matter)
        state = courses.state(random)
        steps = self._steps(random, matter, citizen, courses.course(state, random))
        return Made(
            id=id_of("case", number),
            matter=matter,
            citizen=citizen,
            company=firm,
            answers=answers(random, matter.form, citizen, firm),
            delivery=random.choice(matter.ways) if matter.ways else None,
            channel="online" if random.random() < 0.9 else "window",
            state=state,
            dates=self._clocks.after(matter.item.limits, steps),
            lease_until=self._lease_of(random, steps[-1]) if state in KEPT else None,
            steps=steps,
        )

    def _steps(
        self, random: Random, matter: Matter, citizen: Person, course: Course
    ) -> tuple[Step, ...]:
        clerk = clerk_of(matter.item.department or "", random.randrange(CLERKS))
        found = []
        moments = self._moments(random, matter, course)
        for at, (action, before, after, kind) in zip(moments, courses.walked(course), strict=True):
            actor = {"citizen": citizen.id, "clerk": clerk}.get(kind)
            detail, note = said(random, matter.form, action)
            id = UUID(int=random.getrandbits(128), version=4)
            found.append(Step(at, action, id, before, after, kind, actor, detail, note))
        return tuple(found)

    def _moments(self, random: Random, matter: Matter, course: Course) -> list[datetime]:
        """Return when each step is taken: on working days, one after the other."""
        days = [self._last_day(random, course)]
        for action in reversed(course[1:]):
            days.append(max(0, days[-1] - courses.gap(random, action, matter.promised)))
        moments, before, minute = [], -1, 0
        for day in reversed(days):
            minute = minute + random.randint(2, 40) if day == before else random.randint(0, 420)
            moments.append(
                self._opens[day] + timedelta(minutes=minute, seconds=random.randrange(60))
            )
            before = day
        return moments

    def _last_day(self, random: Random, course: Course) -> int:
        """Return the place of the day of the last step among the working days.

        What waits for somebody moved these days; what is archived, in any of the last years.
        """
        latest = len(self._days) - 1
        if course[-1] == "archive":
            return latest - random.randrange(latest - 100)
        return latest - random.randrange(15 if course[-1] in CLOSING else 6)

    def _lease_of(self, random: Random, last: Step) -> datetime:
        if random.random() < IN_HAND:
            return self._now + self._lease * random.random()
        return last.at + self._lease


def clerk_of(department: str, number: int) -> UUID:
    """Return the id of one of the clerks who handle a department's seeded cases."""
    return id_of(f"clerk:{department}", number)


def people_of(block: int) -> Sequence[Person]:
    """Return the citizens of a block of cases."""
    return [person(block * PEOPLE + n) for n in range(PEOPLE)]


def _applicant(random: Random, block: int, matter: Matter) -> tuple[Person, Company | None]:
    """Return who applies, and for which enterprise; the first of a block have the most cases."""
    if matter.form.kind == "enterprise":
        chosen = random.randrange(COMPANIES)
        head = person(block * PEOPLE + chosen)
        return head, company(block * COMPANIES + chosen, head)
    return person(block * PEOPLE + int(PEOPLE * random.random() ** 2)), None


def _working_days(handbook: Handbook, today: date) -> list[date]:
    """Return the working days of the last years, before today."""
    span = (today - timedelta(days=n) for n in range(YEARS * 365, 0, -1))
    return [day for day in span if handbook.calendar.is_workday(day)]


def _opening(day: date, zone: tzinfo | None) -> datetime:
    return datetime.combine(day, OPENS, zone)
