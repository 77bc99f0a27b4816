"""Every sequence of what citizens, clerks and time may do to a case, on real PostgreSQL.

After every step: the case is where the table leads, its steps tell its whole story in order, who
acts had the case, clocks never run backwards, and what was stopped adds up.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable
from datetime import date, timedelta
from typing import Any, ClassVar, get_args
from uuid import UUID, uuid4

import orjson
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from miniapp_api.applications import case_store, rules
from miniapp_api.applications.case_store import Case
from miniapp_api.applications.desk_schemas import DeskAction, MissingItem
from miniapp_api.applications.schemas import Correct, Withdraw
from miniapp_api.applications.steps import Doer
from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.database import fetch, transaction
from miniapp_api.platform.errors import Refusal
from miniapp_api.platform.key_rotation import place
from tests.api import TUESDAY, empty

ITEM = "residence-permit-application"
CITIZEN = UUID(int=7)
CLERKS = [
    StaffMember(
        UUID(int=n), "municipal", frozenset({"clerk"}), frozenset({"public-security"}), True
    )
    for n in (11, 12)
]
ACTIONS = [
    a for a in get_args(rules.Action) if a in get_args(DeskAction.model_fields["action"].annotation)
]
WAYS: tuple[tuple[rules.Action, ...], ...] = (
    ("accept", "start_review", "propose", "grant", "issue", "deliver"),
    ("accept", "start_review", "propose", "deny", "deliver", "archive"),
    ("request_correction",),
    ("accept", "start_review", "begin_special", "end_special", "propose"),
)
clerks = st.sampled_from(CLERKS)


class Workflow(RuleBasedStateMachine):
    """One case, its citizen, two clerks, and time."""

    app: Any
    clock: Any
    loop: asyncio.AbstractEventLoop

    def __init__(self) -> None:
        super().__init__()
        self.due: date | None = None
        self.run(self._begin())

    def run[Result](self, work: Awaitable[Result]) -> Result:
        async def bounded() -> Result:
            return await asyncio.wait_for(work, 60)

        return asyncio.run_coroutine_threadsafe(bounded(), self.loop).result()

    async def _begin(self) -> None:
        self.clock.set(TUESDAY)
        await empty()
        ctx, id = self.app.ctx, uuid4()

        async def seal(column: str, value: Any) -> bytes:
            text = orjson.dumps(value).decode()
            sealed: bytes = await ctx.sealer.seal(text, place("application", column, id))
            return sealed

        now = self.clock.now()
        case = Case(
            id=id, number=rules.receipt_number(now.date(), await case_store.next_sequence()),
            citizen=CITIZEN, kind="person", applicant=CITIZEN, grant=None, item=ITEM,
            item_name="居住证申领", item_version=2, department="public-security", hall="municipal",
            form_version="x", options={"ground": "job", "who": "self", "kind": "first"},
            answers_sealed=await seal("answers_sealed", {"employer": "某公司"}),
            applicant_sealed=await seal(
                "applicant_sealed", {"name": "王小明", "code": "11010519491231002X"}
            ),
            applicant_masked="王**", delivery="window", channel="online", state="submitted",
            version=1, since=now, submitted_at=now, act_by=now.date(), accepted_on=None,
            promised_days=10, statutory_days=15, statutory_working=False, yellow_on=None,
            red_on=None, due_on=None, statutory_on=None, corrections=0, correct_until=None,
            assigned_to=None, lease_until=None, fee_fen=0, fee_due="submission",
            result_certificate=None,
        )  # fmt: skip
        async with transaction() as connection:
            await ctx.desk._steps.begin(connection, case, Doer("citizen", CITIZEN))
        self.id = id

    reached: ClassVar[set[str]] = set()

    def case(self) -> Case:
        found = self.run(case_store.read(self.id))
        assert found is not None
        self.reached.add(found.state)
        return found

    def attempt(self, work: Awaitable[Any]) -> bool:
        try:
            self.run(work)
        except Refusal:
            return False
        return True

    @rule(clerk=clerks)
    def claim(self, clerk: StaffMember) -> None:
        before = self.case()
        free = before.assigned_to in (None, clerk.id) or (
            before.lease_until is not None and before.lease_until <= self.clock.now()
        )
        assert self.attempt(self.app.ctx.desk.claim(clerk, self.id)) == free

    @rule(clerk=clerks)
    def release(self, clerk: StaffMember) -> None:
        had = self.case().assigned_to == clerk.id
        assert self.attempt(self.app.ctx.desk.release(clerk, self.id)) == had

    @rule(clerk=clerks, to=clerks)
    def act_for_somebody_else_is_refused(self, clerk: StaffMember, to: StaffMember) -> None:
        if self.case().assigned_to == clerk.id:
            return
        version = self.case().version
        asked = DeskAction(action="accept", version=version)
        assert not self.attempt(self.app.ctx.desk.act(clerk, self.id, asked))

    @rule(clerk=clerks, action=st.sampled_from(ACTIONS), stale=st.booleans(), words=st.booleans())
    def act(self, clerk: StaffMember, action: Any, stale: bool, words: bool) -> None:
        before, now = self.case(), self.clock.now()
        asked = DeskAction(
            action=action,
            version=max(1, before.version - stale),
            note="理由" if words else "",
            missing=[MissingItem(name="employer", problem="mismatch")] if words else [],
        )
        allowed = (
            asked.version == before.version
            and before.assigned_to == clerk.id
            and before.lease_until is not None
            and before.lease_until > now
            and action in rules.actions(before.state, "clerk", before.corrections)
            and (words or not rules.TABLE[action].reason)
        )
        assert self.attempt(self.app.ctx.desk.act(clerk, self.id, asked)) == allowed
        after = self.case()
        expected = rules.after(before.state, action, "clerk") if allowed else before.state
        assert after.state == expected

    @rule()
    def withdraw(self) -> None:
        before = self.case()
        done = self.attempt(
            self.app.ctx.progress.withdraw(CITIZEN, self.id, Withdraw(version=before.version))
        )
        assert done == (before.state in rules.UNDECIDED)

    @rule(complete=st.booleans())
    def correct(self, complete: bool) -> None:
        before = self.case()
        answers = {"employer": "沈阳某某公司"} if complete else {}
        body = Correct(version=before.version, answers=answers)
        done = self.attempt(self.app.ctx.progress.correct(CITIZEN, self.id, body))
        assert done == (complete and before.state == "correction")

    @rule(clerk=clerks, choices=st.lists(st.integers(0, 9), min_size=1, max_size=6))
    def go_on(self, clerk: StaffMember, choices: list[int]) -> None:
        """Some steps that are allowed: so that sequences get far."""
        for choice in choices:
            if not self.attempt(self.app.ctx.desk.claim(clerk, self.id)):
                return
            case = self.case()
            if allowed := rules.actions(case.state, "clerk", case.corrections):
                self.act(clerk, allowed[choice % len(allowed)], stale=False, words=True)

    @rule(clerk=clerks, way=st.sampled_from(WAYS), steps=st.integers(1, 6))
    def go_a_way(self, clerk: StaffMember, way: tuple[Any, ...], steps: int) -> None:
        """Some steps of a usual way, where they are allowed: so that every state is reached."""
        for action in way[:steps]:
            if not self.attempt(self.app.ctx.desk.claim(clerk, self.id)):
                return
            case = self.case()
            if action in rules.actions(case.state, "clerk", case.corrections):
                self.act(clerk, action, stale=False, words=True)

    @rule(minutes=st.sampled_from([1, 29, 31]))
    def minutes_pass(self, minutes: int) -> None:
        self.clock.advance(timedelta(minutes=minutes))

    @rule(days=st.sampled_from([1, 4, 31]))
    def days_pass(self, days: int) -> None:
        self.clock.advance(timedelta(days=days))
        before = self.case()
        lapsed = self.run(self.app.ctx.keeping.sweep())
        today = self.clock.now().date()
        assert lapsed == (before.state == "correction" and before.act_by < today)

    @invariant()
    def the_steps_tell_the_whole_story(self) -> None:
        case, events = self.case(), self.run(case_store.events(self.id))
        assert [e.version for e in events] == list(range(1, case.version + 1))
        state: Any = None
        for event in events:
            assert event.before == state
            if state is not None:
                action: Any = event.action
                actor: Any = event.actor_kind
                assert rules.after(state, action, actor) == event.after
            state = event.after
        assert state == case.state
        assert all(a.at <= b.at for a, b in itertools.pairwise(events))
        assert sum(e.action == "request_correction" for e in events) == case.corrections <= 1

    @invariant()
    def the_clock_never_runs_backwards_and_adds_up(self) -> None:
        case = self.case()
        if case.accepted_on is None:
            assert case.due_on is None
            return
        ended = case.state in ("withdrawn", "archived")
        assert (case.due_on is None) == (case.state == "special") or ended
        if case.due_on is None:
            return
        assert case.yellow_on is not None
        assert case.red_on is not None
        assert case.accepted_on <= case.yellow_on <= case.red_on <= case.due_on
        assert self.due is None or case.due_on >= self.due
        self.due = case.due_on
        stopped = self._stopped(case)
        calendar = self.app.ctx.guides.calendar
        span = (case.due_on - case.accepted_on).days
        days = [case.accepted_on + timedelta(days=n) for n in range(1, span + 1)]
        worked = sum(calendar.is_workday(d) and d not in stopped for d in days)
        assert worked == case.promised_days

    def _stopped(self, case: Case) -> set[date]:
        zone, stopped, begun = self.clock.now().tzinfo, set(), None
        for event in self.run(case_store.events(self.id)):
            day = event.at.astimezone(zone).date()
            if event.action == "begin_special":
                begun = day
            elif event.action == "end_special" and begun is not None:
                span = (day - begun).days
                stopped |= {begun + timedelta(days=n) for n in range(1, span + 1)}
        return stopped

    @invariant()
    def a_granted_case_has_its_certificate_once(self) -> None:
        case = self.case()
        rows = self.run(fetch("SELECT id FROM certificate WHERE case_id = $1", self.id))
        issued = case.state in ("issued", "delivered") and case.result_certificate is not None
        assert len(rows) == (1 if case.result_certificate else 0) or issued


async def test_no_sequence_of_steps_leaves_the_table(app: Any, api: Any, clock: Any) -> None:
    Workflow.app, Workflow.clock, Workflow.loop = app, clock, asyncio.get_running_loop()
    await asyncio.to_thread(
        run_state_machine_as_test,
        Workflow,
        settings=settings(
            max_examples=100,
            stateful_step_count=25,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert len(Workflow.reached) > 8, "the sequences did not get far"


async def test_every_state_is_reached_by_its_way(app: Any, api: Any, clock: Any) -> None:
    """What random sequences may miss on a day: the same machine, led, with the same invariants."""
    Workflow.app, Workflow.clock, Workflow.loop = app, clock, asyncio.get_running_loop()
    Workflow.reached.clear()
    await asyncio.to_thread(_walk_every_way)
    # Only a member of a bundle waits: see test_joint_acceptance.py.
    assert Workflow.reached == set(get_args(rules.State)) - {"waiting"}


def _walk_every_way() -> None:
    for way in (*WAYS, ("refuse",), ("accept",)):
        led = Workflow()
        for action in way:
            led.claim(CLERKS[0])
            led.act(CLERKS[0], action, stale=False, words=True)
            _hold(led)
        if way in (WAYS[2], ("accept",)):  # the citizen is waited for, or takes it back
            led.days_pass(31) if way == WAYS[2] else led.withdraw()
            _hold(led)


def _hold(led: Workflow) -> None:
    """Let every invariant look."""
    led.the_steps_tell_the_whole_story()
    led.the_clock_never_runs_backwards_and_adds_up()
    led.a_granted_case_has_its_certificate_once()
