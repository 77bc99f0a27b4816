"""Use cases of data sharing (数据共享): certificates instead of papers, asked for once authorised.

The questions go out between two transactions: the first uses the authorisation up and writes into
the ledger what is asked, the second keeps the answers. Killed in between, a question stands in the
ledger without an answer, and the citizen authorises anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

from miniapp_api.certificates import ledger_store, rules
from miniapp_api.certificates.breaker import Breaker
from miniapp_api.certificates.departments import (
    DepartmentCertificate,
    DepartmentConnector,
    Question,
)
from miniapp_api.certificates.errors import (
    AuthorisationUsed,
    DepartmentBusy,
    DepartmentGarbled,
    DepartmentMismatch,
    DepartmentRefused,
    DepartmentUnavailable,
    RealNameRequired,
)
from miniapp_api.certificates.ledger_store import Authorisation, Entry
from miniapp_api.certificates.people import People, Person
from miniapp_api.certificates.rules import (
    CertificateBrief,
    Department,
    Holder,
    Manual,
    NotFound,
    Outcome,
    Reason,
)
from miniapp_api.certificates.schemas import Fetched, FetchedType
from miniapp_api.certificates.service import VaultService
from miniapp_api.certificates.store import Connection
from miniapp_api.certificates.types import Types
from miniapp_api.platform import idempotency, limits
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction
from miniapp_api.platform.logs import log
from miniapp_api.platform.redis import Redis

ACTION = "certificates.fetch"
AUTHORISATION_TIME = timedelta(minutes=5)
FETCHES_AN_HOUR = 30
FAULTS: dict[type[Exception], Reason] = {
    DepartmentBusy: "department_busy",
    DepartmentUnavailable: "department_unavailable",
    DepartmentGarbled: "department_garbled",
    DepartmentRefused: "department_refused",
    DepartmentMismatch: "department_mismatch",
}
# Of which so many in a row mean that the department's system is down.
DOWN: tuple[type[Exception], ...] = (DepartmentUnavailable, DepartmentGarbled)


@dataclass(frozen=True)
class Desk:
    """A department's system (部门系统): how to ask it, and whether it is worth trying."""

    connector: DepartmentConnector
    breaker: Breaker


@dataclass(frozen=True)
class _Asked:
    """A question that is out: its line of the ledger, and whom it asks."""

    type_id: str
    entry: int
    department: Department


@dataclass(frozen=True)
class _Kept:
    """Under which Idempotency-Key an answer is kept, and for which request."""

    name: idempotency.Key
    request: Any


Told = DepartmentCertificate | NotFound | Manual


class SharingService:
    """Gets certificates so that nobody hands them in twice."""

    def __init__(
        self,
        vault: VaultService,
        types: Types,
        desks: Mapping[Department, Desk],
        people: People,
        redis: Redis,
        clock: Clock,
    ) -> None:
        self._vault = vault
        self._types = types
        self._desks = desks
        self._people = people
        self._redis = redis
        self._clock = clock

    async def obtain(
        self,
        citizen: UUID,
        holder: Holder,
        holder_name: str,
        holder_code: str,
        type_ids: Iterable[str],
        *,
        item: str | None,
        case: UUID | None,
        authorised: bool,
    ) -> dict[str, Outcome]:
        """Return a certificate of every type, from the vault or its department.

        Call it outside of transactions, once it is sure that the citizen may act for the holder.
        Without authorisation nobody is asked, and only what we issued ourselves is used. A
        department that fails is Manual: the citizen uploads instead. Raises
        CertificateTypeUnknown.
        """
        types = self._known(type_ids)
        given = Authorisation(uuid4(), citizen, holder, types, "application", item, case)
        if not authorised:
            return await self._unasked(given)
        await self.authorise(given)
        return await self.ask(given.id, citizen, Person(holder_name, holder_code))

    async def fetch_own(self, citizen: UUID, type_ids: Iterable[str], key: str) -> Fetched:
        """Fill the citizen's own vault (领取电子证照), as he just authorised.

        Raises RealNameRequired, AuthorisationUsed, CertificateTypeUnknown, TooManyRequests.
        """
        types = self._known(type_ids)
        kept = _Kept(idempotency.Key(citizen, ACTION, key), list(types))
        if earlier := (await idempotency.kept_many([kept.name])).get(kept.name):
            return Fetched.model_validate(earlier.answer_to(kept.request))
        person = await self._people.person(citizen)
        if person is None:
            raise RealNameRequired()
        name = f"certificates:{citizen}"
        await limits.limit(self._redis, name, most=FETCHES_AN_HOUR, seconds=3600)
        # The same key is the same authorisation: sent twice at once, it is used once.
        id, holder = uuid5(citizen, f"{ACTION}:{key}"), Holder("person", citizen)
        await self.authorise(Authorisation(id, citizen, holder, types, "own_vault", None, None))
        return self._fetched(await self.ask(id, citizen, person, kept))

    async def authorise(self, given: Authorisation) -> None:
        """Write down that a citizen authorises (授权), for one use within minutes."""
        now = self._clock.now()
        async with transaction() as connection:
            await ledger_store.authorise(connection, given, now, now + AUTHORISATION_TIME)

    async def ask(
        self, authorisation: UUID, citizen: UUID, person: Person, kept: _Kept | None = None
    ) -> dict[str, Outcome]:
        """Use an authorisation: look into the vault, ask the departments, keep their answers.

        Raises AuthorisationUsed.
        """
        given, outcomes, asked = await self._begin(authorisation, citizen)
        told = await asyncio.gather(*(self._query(each, given, person) for each in asked))
        async with transaction() as connection:
            await self._vault.lock(connection, given.holder)
            for each, answer in zip(asked, told, strict=True):
                outcomes[each.type_id] = await self._settle(connection, each, given.holder, answer)
            found = {type_id: outcomes[type_id] for type_id in given.types}
            if kept is not None:
                answer_kept = self._fetched(found)
                await idempotency.earlier(connection, kept.name, kept.request, answer_kept)
        return found

    async def _begin(
        self, authorisation: UUID, citizen: UUID
    ) -> tuple[Authorisation, dict[str, Outcome], list[_Asked]]:
        """Use the authorisation up; return what the vault holds, and what has to be asked."""
        now = self._clock.now()
        outcomes: dict[str, Outcome] = {}
        asked: list[_Asked] = []
        async with transaction() as connection:
            given = await ledger_store.use(connection, authorisation, citizen, now)
            if given is None:
                raise AuthorisationUsed()
            holder, types = given.holder, given.types
            held = await self._vault.covering(holder, types, now.date(), connection)
            for type_id in types:
                source = self._types.require(type_id)
                if type_id in held:
                    outcomes[type_id] = held[type_id]
                    await self._note(connection, given, type_id, "vault", held[type_id])
                elif holder.kind not in source.holders:
                    outcomes[type_id] = Manual("not_for_holder")
                elif source.department is None:
                    outcomes[type_id] = Manual("not_shared")
                else:
                    entry = await self._note(
                        connection, given, type_id, "asked", department=source.department
                    )
                    asked.append(_Asked(type_id, entry, source.department))
        return given, outcomes, asked

    async def _note(
        self,
        connection: Connection,
        given: Authorisation,
        type_id: str,
        outcome: str,
        found: CertificateBrief | None = None,
        department: Department | None = None,
        authorised: bool = True,
    ) -> int:
        entry = Entry(
            at=self._clock.now(),
            purpose=given.purpose,
            asker_kind="citizen",
            asker=given.citizen,
            holder=given.holder,
            type_id=type_id,
            outcome=outcome,
            certificate=found.id if found else None,
            department=found.department if found else department,
            item=given.item,
            case=given.case,
            authorisation=given.id if authorised else None,
        )
        return await ledger_store.write(connection, entry) or 0

    async def _query(self, asked: _Asked, given: Authorisation, person: Person) -> Told:
        """Ask a department; however it fails, the citizen can upload instead."""
        desk = self._desks[asked.department]
        question = Question(asked.type_id, person.id_number, person.name, given.id)
        try:
            with desk.breaker.guard():
                return await desk.connector.query(question) or NotFound()
        except tuple(FAULTS) as fault:
            reason = FAULTS[type(fault)]
            log.warning("department_failed", department=asked.department, reason=reason)
            return Manual(reason)

    async def _settle(
        self, connection: Connection, asked: _Asked, holder: Holder, told: Told
    ) -> Outcome:
        """Keep an answer, and write into the ledger how it ended."""
        outcome: Outcome
        match told:
            case Manual():
                outcome = told
            case NotFound():
                await self._vault.keep(connection, holder, asked.department, None, asked.type_id)
                outcome = told
            case _:
                outcome = await self._keep(connection, asked, holder, told)
        now, id = self._clock.now(), outcome.id if isinstance(outcome, CertificateBrief) else None
        await ledger_store.answered(connection, asked.entry, word_of(outcome), id, now)
        return outcome

    async def _keep(
        self, connection: Connection, asked: _Asked, holder: Holder, told: DepartmentCertificate
    ) -> Outcome:
        kept = await self._vault.keep(connection, holder, asked.department, told, asked.type_id)
        if kept is None:
            return NotFound()
        usable = rules.state_on(kept, self._clock.now().date()) == "valid"
        return kept if usable else Manual("certificate_not_valid")

    async def _unasked(self, given: Authorisation) -> dict[str, Outcome]:
        """Use what we issued ourselves, and nothing else."""
        today = self._clock.now().date()
        held = await self._vault.covering(given.holder, given.types, today)
        ours = {id: brief for id, brief in held.items() if brief.source == "issued"}
        async with transaction() as connection:
            for type_id, brief in ours.items():
                await self._note(connection, given, type_id, "vault", brief, authorised=False)
        return {id: ours.get(id) or Manual("not_authorised") for id in given.types}

    def _known(self, type_ids: Iterable[str]) -> tuple[str, ...]:
        types = tuple(dict.fromkeys(type_ids))
        for type_id in types:
            self._types.require(type_id)
        return types

    def _fetched(self, outcomes: Mapping[str, Outcome]) -> Fetched:
        return Fetched(
            types=[
                FetchedType(
                    type_id=type_id,
                    name=self._types.name(type_id),
                    outcome=outcome_kind(outcome),
                    certificate=outcome.id if isinstance(outcome, CertificateBrief) else None,
                    reason=outcome.reason if isinstance(outcome, Manual) else None,
                    text=outcome.text if isinstance(outcome, Manual) else None,
                )
                for type_id, outcome in outcomes.items()
            ]
        )


def outcome_kind(outcome: Outcome) -> Any:
    """Return certificate, not_found or manual."""
    match outcome:
        case Manual():
            return "manual"
        case NotFound():
            return "not_found"
        case _:
            return "certificate"


def word_of(outcome: Outcome) -> str:
    """Return how the ledger calls a department's answer."""
    match outcome:
        case Manual(reason):
            return reason
        case NotFound():
            return "not_found"
        case _:
            return "fetched"
