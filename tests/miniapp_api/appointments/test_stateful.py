"""Every sequence of what may happen to a day's seats, on real PostgreSQL, found by hypothesis.

After every step: seats taken and free add up to the capacity of every slot and channel, nobody has
more than the rules allow, whoever booked has his seats. What is listed can be held at that instant,
and what is not listed cannot.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from miniapp_api.appointments.booker import Booker
from miniapp_api.appointments.schedule_schemas import ClosureRequest
from miniapp_api.appointments.service import Wish
from miniapp_api.appointments.waiting_schemas import WaitingRequest
from miniapp_api.platform.database import fetch
from miniapp_api.platform.errors import Refusal
from tests.api import TUESDAY, _open_slots, empty

ITEM = "labour-capacity-assessment"
QUEUE, WINDOWS = "hrss", ("038", "039", "040")  # a seat each
DAY = date(2026, 11, 25)
PEOPLE = [UUID(int=n) for n in range(1, 6)]
MANAGER = UUID(int=99)
# Of the whole hall three slots of one day are left, with few seats: everything meets there.
FEW = f"""
WITH kept AS (
    SELECT id FROM slot WHERE queue = '{QUEUE}' AND starts_at >= '2026-11-25'
    AND starts_at < '2026-11-26' ORDER BY starts_at LIMIT 3
), gone AS (DELETE FROM slot WHERE id NOT IN (SELECT id FROM kept))
UPDATE allotment SET (capacity, remaining) = (
    SELECT n, n FROM (SELECT CASE channel WHEN 'mini_program' THEN 2 WHEN 'web_phone' THEN 1
                      ELSE 0 END) AS seats(n))
WHERE slot_id IN (SELECT id FROM kept)
"""
UNBALANCED = """
SELECT a.id FROM allotment a LEFT JOIN seat s ON s.allotment_id = a.id
GROUP BY a.id HAVING count(s.id) + a.remaining <> a.capacity
"""
# Of slots that have not begun: the others keep what they had.
CAPACITY = """
SELECT slot_id, sum(capacity)::int AS seats, sum(remaining)::int AS free
FROM allotment a JOIN slot s ON s.id = a.slot_id WHERE s.starts_at > $1 GROUP BY slot_id
"""
UNSEATED = """
SELECT a.id FROM appointment a LEFT JOIN seat s ON s.appointment_id = a.id
GROUP BY a.id HAVING (count(s.id) = 1) <> (a.status IN ('held', 'confirmed', 'checked_in'))
  AND a.status NOT IN ('no_show', 'completed')
"""
TOO_MANY = """
SELECT principal FROM appointment WHERE status IN ('held', 'confirmed', 'displaced', 'checked_in')
GROUP BY principal, item, day HAVING count(*) > 1
"""
channels = st.sampled_from(["mini_program", "web_phone"])
people = st.sampled_from(PEOPLE)


class Hall(RuleBasedStateMachine):
    """A hall with three slots of three seats each, and five people."""

    app: Any
    clock: Any
    loop: asyncio.AbstractEventLoop

    def __init__(self) -> None:
        super().__init__()
        self.closures: list[int] = []
        self.shut: dict[int, tuple[set[str], int]] = {}  # windows and slots, by closure
        self.do(self._begin())

    def do(self, work: Awaitable[Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(_finished(work), self.loop).result(60)

    async def _begin(self) -> None:
        self.clock.set(TUESDAY)
        await empty()
        await self.app.ctx.plans.refresh()
        await _open_slots(self.app)
        await fetch(FEW)
        self.slots = [row["id"] for row in await fetch("SELECT id FROM slot ORDER BY starts_at")]
        await asyncio.sleep(0)

    def listed(self, channel: Any) -> dict[int, int]:
        found = self.do(self.app.ctx.listing.slots(ITEM, "municipal", DAY, DAY, channel))
        return {int(s["id"]): s["remaining"] for s in found["days"][0]["slots"]}

    def hold(self, person: UUID, slot: int, channel: Any) -> Any:
        who, wish = Booker(person, person), Wish(slot, ITEM, "municipal", channel)
        return self.do(self.app.ctx.appointments.hold(who, wish, uuid4().hex))

    def mine(self, person: UUID) -> list[Any]:
        found = self.do(self.app.ctx.appointments.mine(person, active=True))
        return list(found.appointments)

    # -- what may happen ---------------------------------------------------------------------------

    @rule(channel=channels, which=st.integers(0, 2))
    def a_stranger_tries_every_slot(self, channel: Any, which: int) -> None:
        """What is listed can be held at that instant; what is not listed cannot."""
        slot = self.slots[which]
        listed = slot in self.listed(channel)
        held = self.hold(uuid4(), slot, channel)
        assert listed == (not isinstance(held, Refusal)), (listed, held)

    @rule(person=people, channel=channels, which=st.integers(0, 2))
    def hold_one(self, person: UUID, channel: Any, which: int) -> None:
        self.hold(person, self.slots[which], channel)

    @rule(person=people, channel=channels)
    def race_with_oneself(self, person: UUID, channel: Any) -> None:
        async def race() -> None:
            who = Booker(person, person)
            wishes = [Wish(slot, ITEM, "municipal", channel) for slot in self.slots * 2]
            hold = self.app.ctx.appointments.hold
            await asyncio.gather(*(_finished(hold(who, w, uuid4().hex)) for w in wishes))

        self.do(race())

    @rule(person=people)
    def confirm(self, person: UUID) -> None:
        for booking in self.mine(person):
            if booking.status == "held":
                self.do(self.app.ctx.appointments.confirm(person, booking.id))

    @rule(person=people)
    def cancel(self, person: UUID) -> None:
        for booking in self.mine(person):
            self.do(self.app.ctx.appointments.cancel(person, booking.id))

    @rule(person=people, which=st.integers(0, 2))
    def move(self, person: UUID, which: int) -> None:
        for booking in self.mine(person):
            move = self.app.ctx.appointments.reschedule
            self.do(move(person, booking.id, self.slots[which], uuid4().hex))

    @rule(minutes=st.sampled_from([1, 9, 10, 11, 29, 31, 60, -5]))
    def the_clock_jumps(self, minutes: int) -> None:
        self.clock.advance(timedelta(minutes=minutes))

    @rule()
    def sweep(self) -> None:
        self.do(self.app.ctx.appointments.sweep())

    @rule()
    def evening_comes(self) -> None:
        self.clock.set(max(self.clock.now(), TUESDAY.replace(hour=17)))
        self.do(self.app.ctx.schedules.pool())

    @rule(person=people, channel=channels)
    def wait(self, person: UUID, channel: Any) -> None:
        wish = WaitingRequest(item=ITEM, first=DAY, last=DAY, channel=channel)
        self.do(self.app.ctx.waiting.join(Booker(person, person), wish, uuid4().hex))

    @rule()
    def offer(self) -> None:
        self.do(self.app.ctx.waiting.offer())

    @rule(length=st.integers(1, 3))
    def close(self, length: int) -> None:
        start = TUESDAY.replace(day=25, hour=9, minute=0)
        span = {"starts_at": start, "ends_at": start + timedelta(minutes=30 * length)}
        asked = ClosureRequest.model_validate({"reason": "检修", **span})
        closed = self.do(self.app.ctx.closures.close("municipal", asked, MANAGER))
        if not isinstance(closed, Refusal):
            self.closures.append(closed.id)

    @rule(windows=st.sets(st.sampled_from(WINDOWS), min_size=1), length=st.integers(1, 3))
    def close_windows(self, windows: set[str], length: int) -> None:
        """Nobody loses his time while a seat of his slot is free."""
        start = TUESDAY.replace(day=25, hour=9, minute=0)
        span = {"starts_at": start, "ends_at": start + timedelta(minutes=30 * length)}
        values = {"reason": "检修", "windows": sorted(windows), **span}
        asked = ClosureRequest.model_validate(values)
        preview = self.do(self.app.ctx.closures.preview("municipal", asked))
        closed = self.do(self.app.ctx.closures.close("municipal", asked, MANAGER))
        if isinstance(closed, Refusal):
            return
        assert closed.model_copy(update={"id": None}) == preview
        self.closures.append(closed.id)
        self.shut[closed.id] = (windows, length)
        free = {row["slot_id"]: row["free"] for row in self.do(fetch(CAPACITY, self.clock.now()))}
        starts = {f"{9 + n // 2:02}:{n % 2 * 30:02}": slot for n, slot in enumerate(self.slots)}
        assert [each for each in closed.displaced if free.get(starts[each.start], 0)] == []

    @rule()
    def lift(self) -> None:
        for id in self.closures:
            self.do(self.app.ctx.closures.lift("municipal", id, MANAGER))
        self.closures.clear()
        self.shut.clear()

    # -- what always holds -------------------------------------------------------------------------

    @invariant()
    def seats_add_up(self) -> None:
        assert self.do(fetch(UNBALANCED)) == []
        for row in self.do(fetch(CAPACITY, self.clock.now())):
            nth = self.slots.index(row["slot_id"])
            closed = {w for windows, length in self.shut.values() if nth < length for w in windows}
            assert row["seats"] == len(WINDOWS) - len(closed)

    @invariant()
    def whoever_booked_has_a_seat(self) -> None:
        assert self.do(fetch(UNSEATED)) == []

    @invariant()
    def nobody_has_more_than_the_rules_allow(self) -> None:
        assert self.do(fetch(TOO_MANY)) == []


async def _finished(work: Awaitable[Any]) -> Any:
    """Return what comes out; a refusal is an answer too."""
    try:
        return await work
    except Refusal as refusal:
        return refusal


async def test_no_sequence_of_events_loses_or_doubles_a_seat(
    api: Any, app: Any, clock: Any
) -> None:
    Hall.app, Hall.clock, Hall.loop = app, clock, asyncio.get_running_loop()
    chosen = settings(
        max_examples=20,
        stateful_step_count=30,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, Hall, settings=chosen)
