"""The one way a case moves (办件流转): table, clocks, event and message in one transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.applications import case_store, rules
from miniapp_api.applications.case_store import Case, Dates, Event
from miniapp_api.applications.errors import ActionNotAllowed, CaseChanged
from miniapp_api.applications.ports import Cashier
from miniapp_api.applications.rules import Action, Actor, Clock, Pause, State
from miniapp_api.guides.service import GuidesService
from miniapp_api.messages.service import MessageService
from miniapp_api.platform import clock as clocks
from miniapp_api.platform.key_rotation import place
from miniapp_api.platform.sealing import Sealer
from miniapp_api.settings import Applications as ApplicationSettings

# What the citizen is told when a case arrives in a state.
MESSAGES: dict[State, str] = {
    "submitted": "case_submitted",
    "correction": "case_correction",
    "accepted": "case_accepted",
    "refused": "case_refused",
    "granted": "case_granted",
    "denied": "case_denied",
    "issued": "case_issued",
    "withdrawn": "case_withdrawn",
    "lapsed": "case_lapsed",
}
FEE_BACK = "事项没有办成，缴的费退回"
FEE_GONE = "事项现在不收费，缴的费退回"
# Whoever has a case keeps it through these; in the others nobody or somebody else goes on.
KEPT = frozenset(("pre_review", "accepted", "review", "special", "decision", "granted", "issued"))


@dataclass(frozen=True)
class Doer:
    """Who takes a step."""

    kind: Actor
    id: UUID | None = None


@dataclass(frozen=True)
class Said:
    """What goes with a step: facts, words for the citizen, what else changes."""

    detail: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    answers: bytes | None = None
    certificate: UUID | None = None
    lease_until: datetime | None = None
    quiet: bool = False  # the citizen is told otherwise: of a bundle, once for all
    release: bool = False  # others go on


# What else follows from a step, in its transaction.
Follower = Callable[[BaseDBAsyncClient, Case], Awaitable[None]]


class Steps:
    """Moves cases."""

    def __init__(
        self,
        guides: GuidesService,
        clock: clocks.Clock,
        sealer: Sealer,
        messages: MessageService,
        cashier: Cashier,
        settings: ApplicationSettings,
    ) -> None:
        self._guides = guides
        self._clock = clock
        self._sealer = sealer
        self._messages = messages
        self._cashier = cashier
        self._settings = settings
        self.followers: list[Follower] = []

    async def begin(
        self, connection: BaseDBAsyncClient, case: Case, doer: Doer, said: Said | None = None
    ) -> None:
        """Write a new case and its first step; what was paid for other options goes back."""
        await case_store.insert(connection, case)
        if not case.fee_fen:
            await self._cashier.call_off(connection, case.id, FEE_GONE)
        await self._written(connection, case, None, "submit", doer, said or Said())

    async def take(
        self, connection: BaseDBAsyncClient, case: Case, action: Action, doer: Doer, said: Said
    ) -> Case:
        """Take a case one step on; raise ActionNotAllowed or CaseChanged.

        A clerk must have the case at this moment: CaseChanged is raised when he has not.
        """
        state = self._after(case, action, doer)
        now = self._clock.now()
        dates = await self._dates(case, action, state, now)
        correcting = action == "request_correction"
        moved = await case_store.step(
            connection,
            case,
            state,
            now,
            dates,
            corrections=int(correcting),
            correct_until=dates.act_by if correcting else None,
            answers=said.answers,
            certificate=said.certificate,
            release=said.release or state not in KEPT,
            lease_until=said.lease_until,
            holder=doer.id if doer.kind == "clerk" else None,
        )
        if moved is None:
            raise CaseChanged()
        await self._written(connection, moved, case.state, action, doer, said)
        if moved.fee_fen and state in rules.FRUITLESS:
            back = rules.fee_goes_back(state, moved.accepted_on, moved.fee_due)
            await self._cashier.call_off(connection, case.id, FEE_BACK if back else None)
        for follow in self.followers:
            await follow(connection, moved)
        return moved

    def first_dates(self, today: date) -> date:
        """Return until when a case that arrives today must be looked at (受理期限)."""
        return self._guides.calendar.add_workdays(today, rules.ACCEPTANCE_DAYS)

    def _after(self, case: Case, action: Action, doer: Doer) -> State:
        allowed = rules.actions(case.state, doer.kind, case.corrections)
        if action not in allowed:
            raise ActionNotAllowed(state=case.state, allowed=allowed)
        return rules.after(case.state, action, doer.kind)

    async def _written(
        self,
        connection: BaseDBAsyncClient,
        case: Case,
        before: str | None,
        action: str,
        doer: Doer,
        said: Said,
    ) -> None:
        id, now = uuid4(), self._clock.now()
        sealed = await self._sealer.seal(said.note, note_place(id)) if said.note else None
        await case_store.write_event(
            connection, case, before, action, doer.kind, doer.id, now, said.detail, id, sealed
        )
        kind = MESSAGES.get(case.state)
        if kind and before != case.state and not said.quiet:
            about = {"item_name": case.item_name, "number": case.number, "case": str(case.id)}
            if case.due_on:
                about["due"] = f"{case.due_on:%Y-%m-%d}"
            if case.correct_until:
                about["until"] = f"{case.correct_until:%Y-%m-%d}"
            told = {case.citizen} | ({case.applicant} if case.kind == "person" else set())
            for citizen in told:
                used = before is None and case.grant and citizen != case.citizen
                said_to = "consent_used" if used else kind
                await self._messages.tell(connection, citizen, said_to, about=about, due=now)
        later = rules.pays_later(case.fee_fen, case.fee_due, case.channel)
        if later and case.state == "granted" and before != "granted":
            await self._tell_fee(connection, case, now)

    async def _tell_fee(self, connection: BaseDBAsyncClient, case: Case, now: datetime) -> None:
        """Tell who applied that the certificate waits for its fee; `fee_unpaid` guards it."""
        about = {
            "item_name": case.item_name,
            "number": case.number,
            "case": str(case.id),
            "fen": case.fee_fen,
            "yuan": f"{case.fee_fen // 100}.{case.fee_fen % 100:02d}",
        }
        await self._messages.tell(connection, case.citizen, "fee_due", about=about, due=now)

    async def fee_unpaid(self, about: Mapping[str, Any]) -> bool:
        """Return whether a case's fee is still to be paid."""
        return not await self._cashier.paid(UUID(about["case"]), about["fen"])

    # -- clocks ----------------------------------------------------------------------------------

    async def _dates(self, case: Case, action: Action, state: State, now: datetime) -> Dates:
        """Return where the clocks stand after a step."""
        today, calendar = now.date(), self._guides.calendar
        if action == "accept":
            return self._running(case, today, ())
        if action in ("begin_special", "end_special"):
            pauses = _pauses(await case_store.events(case.id), now)
            if action == "begin_special":
                pauses = (*pauses, Pause(today))
            elif pauses:
                pauses = (*pauses[:-1], Pause(pauses[-1].start, today))
            return self._running(case, case.accepted_on or today, pauses)
        act_by = case.act_by
        if state == "submitted":
            act_by = self.first_dates(today)
        elif state == "correction":
            act_by = today + timedelta(days=rules.CORRECTION_DAYS)
        elif state in ("granted", "denied"):
            act_by = calendar.add_workdays(today, rules.DELIVERY_DAYS)
        return Dates(
            act_by, case.accepted_on, case.yellow_on, case.red_on, case.due_on, case.statutory_on
        )

    def _running(self, case: Case, accepted: date, pauses: tuple[Pause, ...]) -> Dates:
        is_workday = self._guides.calendar.is_workday
        statutory_on = None
        if case.statutory_days is not None:
            law = Clock(accepted, case.statutory_days, case.statutory_working, pauses)
            statutory_on = rules.due(law, is_workday)
        days = case.promised_days if case.promised_days is not None else case.statutory_days
        if days is None:
            return Dates(case.act_by, accepted, statutory_on=statutory_on)
        working = case.promised_days is not None or case.statutory_working
        promise = Clock(accepted, days, working, pauses)
        due = rules.due(promise, is_workday)
        yellow, red = (
            rules.warning_day(promise, is_workday, percent)
            for percent in (self._settings.yellow_percent, self._settings.red_percent)
        )
        return Dates(due or case.act_by, accepted, yellow, red, due, statutory_on)


def note_place(id: UUID) -> str:
    """Return the place that a step's note is sealed for."""
    return place("case_event", "note_sealed", id)


def _pauses(events: list[Event], now: datetime) -> tuple[Pause, ...]:
    """Return the pauses of a case so far, from its steps."""
    found: list[Pause] = []
    for event in events:
        day = event.at.astimezone(now.tzinfo).date()
        if event.action == "begin_special":
            found.append(Pause(day))
        elif event.action == "end_special" and found:
            found[-1] = Pause(found[-1].start, day)
    return tuple(found)
