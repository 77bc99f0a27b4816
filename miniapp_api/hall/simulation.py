"""A day of the hall, simulated (大厅仿真): seeded arrivals through the real rules of the queue.

People arrive and windows serve on simpy's clock; who is called is decided by the same `rules` that
the windows of the real hall use. What is assumed of people stands in `Assumptions`: none of it was
measured in Shenyang, so the figures compare policies and slot sizes, they do not forecast a day.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Literal
from uuid import UUID

import simpy

from miniapp_api.appointments.plan import Opening, slot_times
from miniapp_api.hall import rules

Group = Literal["appointment", "walk_in", "priority"]
GROUPS: tuple[Group, ...] = ("appointment", "walk_in", "priority")
PRIORITIES: tuple[rules.Priority, ...] = ("elderly", "disabled", "soldier", "pregnant")


@dataclass(frozen=True)
class Assumptions:
    """What is assumed of a day (假设); times in minutes, shares of 1."""

    load: float = 0.8  # of the windows' hours that people need, if nobody is lost
    booked_share: float = 0.7  # of the bookable seats that are booked
    no_show: float = 0.08
    early_mean: float = 8.0  # how long before the slot who booked arrives
    early_spread: float = 9.0
    late_tolerance: float = 15.0
    priority_share: float = 0.12
    absent_when_called: float = 0.03  # comes back a while later, if at all
    service_spread: float = 0.6  # standard deviation of a service, as a share of its mean
    peaks: tuple[float, ...] = (1.5, 1.2, 0.8, 0.4, 1.3, 1.1, 0.8, 0.5)  # walk-ins by open hour


@dataclass(frozen=True)
class QueueSpec:
    """A queue: its windows, the mean service in minutes, and the seats per slot of 30 minutes."""

    id: str
    windows: int
    service_minutes: float
    seats: int


@dataclass(frozen=True)
class Person:
    """Somebody who comes."""

    queue: str
    group: Group
    arrives: float  # minutes after the doors open
    booked_for: float | None
    service: float
    priority: rules.Priority | None


@dataclass(frozen=True)
class Served:
    """Somebody who was served: minutes after the doors open."""

    person: Person
    called: float
    finished: float

    @property
    def wait(self) -> float:
        """Minutes of waiting; who came before the time booked waits from that time on."""
        since = self.person.arrives
        if self.person.booked_for is not None:
            since = max(since, self.person.booked_for)
        return max(0.0, self.called - since)


@dataclass
class Day:
    """What came of a day."""

    served: list[Served] = field(default_factory=list)
    absent: int = 0
    busy: dict[int, float] = field(default_factory=dict)  # window minutes at work, by hour
    calls: list[tuple[float, str, int]] = field(default_factory=list)  # when, queue, sequence


def people_of(
    queues: Sequence[QueueSpec],
    openings: Sequence[Opening],
    slot_minutes: int,
    seed: int,
    assumed: Assumptions,
) -> list[Person]:
    """Return who comes on a day: the same people for the same seed and slot size."""
    random = Random(seed)  # noqa: S311 - people, not secrets
    found: list[Person] = []
    for queue in queues:
        booked = list(_booked(queue, openings, slot_minutes, random, assumed))
        found += booked
        found += _walk_ins(queue, openings, sum(p.service for p in booked), random, assumed)
    return sorted(found, key=lambda person: (person.arrives, person.queue))


def _booked(
    queue: QueueSpec,
    openings: Sequence[Opening],
    slot_minutes: int,
    random: Random,
    assumed: Assumptions,
) -> Iterator[Person]:
    seats = max(1, round(queue.seats * slot_minutes / 30)) if queue.seats else 0
    begin = _minutes(openings[0].start)
    for slot in slot_times(openings, slot_minutes):
        start = _minutes(slot.start) - begin
        for _ in range(seats):
            if random.random() >= assumed.booked_share or random.random() < assumed.no_show:
                continue
            early = random.gauss(assumed.early_mean, assumed.early_spread)
            yield _person(queue, start - early, start, random, assumed)


def _walk_ins(
    queue: QueueSpec,
    openings: Sequence[Opening],
    booked_work: float,
    random: Random,
    assumed: Assumptions,
) -> Iterator[Person]:
    """Those who fill the windows' hours up to the assumed load, more of them in the peaks."""
    begin = _minutes(openings[0].start)
    hours = [
        (start - begin, min(start + 60, end) - begin)
        for start, end in _hours(openings)
        if start < end
    ]
    length = sum(end - start for start, end in hours)
    work = max(0.0, queue.windows * length * assumed.load - booked_work)
    weights = [
        assumed.peaks[i % len(assumed.peaks)] * (end - start)
        for i, (start, end) in enumerate(hours)
    ]
    expected = work / queue.service_minutes
    for (start, end), weight in zip(hours, weights, strict=True):
        mean = expected * weight / sum(weights)
        at = start + random.expovariate(mean / (end - start)) if mean > 0 else end
        while at < end:
            yield _person(queue, at, None, random, assumed)
            at += random.expovariate(mean / (end - start))


def _hours(openings: Sequence[Opening]) -> Iterator[tuple[float, float]]:
    for opening in openings:
        start, end = _minutes(opening.start), _minutes(opening.end)
        while start < end:
            yield start, end
            start += 60


def _person(
    queue: QueueSpec,
    arrives: float,
    booked_for: float | None,
    random: Random,
    assumed: Assumptions,
) -> Person:
    priority = random.choice(PRIORITIES) if random.random() < assumed.priority_share else None
    group: Group = "priority" if priority else "walk_in" if booked_for is None else "appointment"
    service = random.gammavariate(
        1 / assumed.service_spread**2, queue.service_minutes * assumed.service_spread**2
    )
    return Person(queue.id, group, max(arrives, -20.0), booked_for, max(service, 1.0), priority)


class Simulation:
    """One day under one policy."""

    def __init__(
        self,
        queues: Sequence[QueueSpec],
        openings: Sequence[Opening],
        policy: rules.Policy,
        day: date,
        assumed: Assumptions,
        seed: int,
    ) -> None:
        self._queues = {queue.id: queue for queue in queues}
        begin = _minutes(openings[0].start)
        self._openings = [(_minutes(o.start) - begin, _minutes(o.end) - begin) for o in openings]
        self._policy = policy
        self._opens = datetime.combine(day, openings[0].start)
        self._assumed = assumed
        self._random = Random(seed + 1)  # noqa: S311 - people, not secrets
        self._environment = simpy.Environment(initial_time=-30)
        self._waiting: dict[str, dict[UUID, tuple[rules.Waiting, Person]]] = {
            queue.id: {} for queue in queues
        }
        self._came = {queue.id: self._environment.event() for queue in queues}
        self._sequence: dict[str, int] = dict.fromkeys(self._queues, 0)
        self._called: dict[str, int] = dict.fromkeys(self._queues, 0)
        self._coming = 0
        self.day = Day()

    def run(self, people: Sequence[Person]) -> Day:
        """Play the day until everybody is served."""
        self._coming = len(people)
        self._environment.process(self._arrivals(people))
        for queue in self._queues.values():
            for _ in range(queue.windows):
                self._environment.process(self._window(queue))
        self._environment.run(until=24 * 60)
        return self.day

    def _arrivals(self, people: Sequence[Person]) -> Generator[simpy.Event, Any, None]:
        for person in people:
            yield self._environment.timeout(max(0.0, person.arrives - self._environment.now))
            self._take_ticket(person)
            self._coming -= 1

    def _take_ticket(self, person: Person) -> None:
        """Check in or walk in, as TicketService does."""
        self._sequence[person.queue] += 1
        sequence, now = self._sequence[person.queue], self._now()
        booked_for = None if person.booked_for is None else self._at(person.booked_for)
        tolerance = timedelta(minutes=self._assumed.late_tolerance)
        late = booked_for is not None and now > booked_for + tolerance
        kind: rules.Kind = "walk_in" if booked_for is None else "appointment"
        due = rules.due_at(kind, now, booked_for, person.priority, late=late)
        id = UUID(int=sequence)
        ticket = rules.Waiting(id, sequence, kind, now, due, booked_for, person.priority)
        self._waiting[person.queue][id] = (ticket, person)
        came, self._came[person.queue] = self._came[person.queue], self._environment.event()
        came.succeed()

    def _window(self, queue: QueueSpec) -> Generator[simpy.Event, Any, None]:
        while True:
            now = self._environment.now
            if pause := self._closed_for(now):
                yield self._environment.timeout(pause)
                continue
            chosen = self._choose(queue.id)
            if chosen is None:
                if now > self._openings[-1][1] and not self._coming:
                    return
                yield self._came[queue.id] | self._environment.timeout(30)
                continue
            ticket, person = chosen
            if self._random.random() < self._assumed.absent_when_called:
                self.day.absent += 1
                yield self._environment.timeout(1.5)  # called three times again
                continue
            self.day.calls.append((now, queue.id, ticket.sequence))
            yield self._environment.timeout(person.service)
            self.day.served.append(Served(person, now, self._environment.now))
            self._count(now, self._environment.now)

    def _choose(self, queue: str) -> tuple[rules.Waiting, Person] | None:
        waiting = [ticket for ticket, _ in self._waiting[queue].values()]
        chosen = self._policy.choose(waiting, self._now(), self._called[queue])
        if chosen is None:
            return None
        self._called[queue] += 1
        return self._waiting[queue].pop(chosen.id)

    def _closed_for(self, now: float) -> float:
        """Minutes until the windows call again; after the last opening they serve who is left."""
        for start, _ in self._openings:
            if now < start and not any(a <= now < b for a, b in self._openings):
                return start - now
        return 0.0

    def _count(self, start: float, end: float) -> None:
        while start < end:
            hour = int(start // 60)
            part = min(end, (hour + 1) * 60) - start
            self.day.busy[hour] = self.day.busy.get(hour, 0.0) + part
            start += part

    def _now(self) -> datetime:
        return self._at(self._environment.now)

    def _at(self, minutes: float) -> datetime:
        return self._opens + timedelta(minutes=minutes)


def waits(day: Day, group: Group) -> list[float]:
    """Return the waits of a group, sorted, minutes."""
    return sorted(each.wait for each in day.served if each.person.group == group)


def share_within(sorted_waits: Sequence[float], minutes: float) -> float:
    """Return the share that waited no longer."""
    if not sorted_waits:
        return 1.0
    return sum(1 for wait in sorted_waits if wait <= minutes) / len(sorted_waits)


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """Return a percentile of sorted values, 0 for none."""
    if not sorted_values:
        return 0.0
    return sorted_values[min(len(sorted_values) - 1, int(share * len(sorted_values)))]


def by_hour(day: Day, group: Group) -> Mapping[int, float]:
    """Return the mean wait of a group by the hour in which it came (or was booked)."""
    sums: dict[int, list[float]] = {}
    for each in day.served:
        if each.person.group == group:
            since = each.person.booked_for
            at = each.person.arrives if since is None else since
            sums.setdefault(max(0, int(at // 60)), []).append(each.wait)
    return {hour: sum(found) / len(found) for hour, found in sorted(sums.items())}


def _minutes(clock: Any) -> float:
    return float(clock.hour * 60 + clock.minute)
