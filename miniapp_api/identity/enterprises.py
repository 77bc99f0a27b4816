"""Use cases of enterprises (法人账号): open, delegate, accept, and who may act for whom.

The legal representative opens the account with his own verified identity number. Delegates act
within their scopes until their time is over; a manager appoints others, but no managers.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.identity import enterprise_store, rules
from miniapp_api.identity.citizens import Citizens
from miniapp_api.identity.enterprise_schemas import (
    DelegateRequest,
    DelegateView,
    EnterpriseRequest,
    EnterpriseView,
    OfferView,
)
from miniapp_api.identity.enterprise_store import Delegation, Enterprise
from miniapp_api.identity.errors import (
    AssuranceTooLow,
    DelegateUnknown,
    DelegationLapsed,
    DelegationNotFound,
    EnterpriseNotFound,
    EnterpriseUnknown,
    NotRepresentative,
    ScopeMissing,
    SelfDelegation,
)
from miniapp_api.identity.grants import OrganisationInvalid
from miniapp_api.identity.profiles import DAY, ProfileService
from miniapp_api.identity.real_name import RealNameRegistry
from miniapp_api.identity.rules import Scope
from miniapp_api.platform import audit, idempotency, outbox
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction
from miniapp_api.platform.errors import ValidationFailed
from miniapp_api.platform.limits import limit
from miniapp_api.platform.redis import Redis

ALL_SCOPES: list[Scope] = ["apply", "pay", "view", "manage"]
TRIES_A_DAY, OFFERS_A_DAY = 10, 100


class EnterpriseService:
    """Knows enterprises, and who may act for them."""

    def __init__(
        self,
        redis: Redis,
        clock: Clock,
        citizens: Citizens,
        profiles: ProfileService,
        registry: RealNameRegistry,
    ) -> None:
        self._redis = redis
        self._clock = clock
        self._citizens = citizens
        self._profiles = profiles
        self._registry = registry

    async def enterprise(self, id: UUID) -> Enterprise | None:
        """Return an enterprise, or None."""
        return await enterprise_store.read(id)

    async def may_act(self, citizen: UUID, enterprise: UUID, scope: Scope) -> bool:
        """Return whether a citizen may do something for an enterprise now."""
        found = await enterprise_store.scopes(enterprise, citizen, self._clock.now())
        return found is not None and (found[0] or scope in found[1])

    async def mine(self, citizen: UUID) -> list[EnterpriseView]:
        """Return the enterprises that a citizen may act for."""
        rows = await enterprise_store.of(citizen, self._clock.now())
        return [
            EnterpriseView(
                id=row["id"],
                uscc=row["uscc"],
                name=row["name"],
                representative=row["representative"],
                scopes=ALL_SCOPES if row["representative"] else row["scopes"],
                expires_at=None if row["representative"] else row["expires_at"],
            )
            for row in rows
        ]

    async def open(self, citizen: UUID, asked: EnterpriseRequest, key: str) -> EnterpriseView:
        """Open an enterprise's account; raise NotRepresentative and others."""
        uscc, company = rules.credit_code(asked.uscc), " ".join(asked.name.split())
        if uscc is None:
            raise OrganisationInvalid()
        if not company.isprintable():
            raise ValidationFailed(fields=["name"])
        name, request = idempotency.Key(citizen, "enterprise", key), [uscc, company]
        if kept := (await idempotency.kept_many([name])).get(name):
            return EnterpriseView.model_validate(kept.answer_to(request))
        index = await self._verified(citizen, uscc, company)
        now = self._clock.now()
        async with transaction() as connection:
            new = Enterprise(uuid4(), uscc, company, citizen)
            stored, out = await enterprise_store.open_account(connection, new, index, now)
            view = EnterpriseView(
                id=stored.id, uscc=uscc, name=company, representative=True, scopes=ALL_SCOPES,
                expires_at=None,
            )  # fmt: skip
            # Opening twice is opening once, so that a retry's second writing does no harm.
            earlier = await idempotency.earlier(connection, name, request, view)
            await self._record(connection, citizen, "enterprise.opened", stored.id)
            for delegate in out:
                await self._tell(connection, delegate, "delegation_revoked", stored.id)
        return EnterpriseView.model_validate(earlier) if earlier else view

    async def _verified(self, citizen: UUID, uscc: str, company: str) -> str:
        """Return the index of the representative's number, once the regulator confirms him."""
        person = await self._profiles.person(citizen)
        if person is None:
            raise AssuranceTooLow(level=rules.REAL_NAME, current=rules.PHONE)
        await limit(self._redis, f"enterprise:{citizen}", most=TRIES_A_DAY, seconds=DAY)
        verdict = await self._registry.enterprise(uscc, company, person.id_number)
        if verdict != "match":
            raise NotRepresentative() if verdict == "mismatch" else EnterpriseUnknown()
        return self._profiles.id_index(person.id_number)

    async def delegate(
        self, citizen: UUID, enterprise: UUID, asked: DelegateRequest, key: str
    ) -> DelegateView:
        """Offer scopes to a citizen known by his phone; a repeated key gives the first answer."""
        scopes = sorted(set(asked.scopes), key=ALL_SCOPES.index)
        await self._require_manager(citizen, enterprise, frozenset(scopes))
        number = self._citizens.number(asked.phone)
        name = idempotency.Key(citizen, "delegate", key)
        request = [str(enterprise), self._citizens.index(number), scopes, asked.days]
        if kept := (await idempotency.kept_many([name])).get(name):
            return DelegateView.model_validate(kept.answer_to(request))
        await limit(self._redis, f"delegate:{citizen}", most=OFFERS_A_DAY, seconds=DAY)
        delegate = await self._delegate(enterprise, number)
        now = self._clock.now()
        until = now + timedelta(days=asked.days)
        new = Delegation(
            uuid4(), enterprise, delegate, list(scopes), rules.mask(number), citizen, now, None,
            until,
        )  # fmt: skip
        async with transaction() as connection:
            view = _view(await enterprise_store.offer(connection, new))
            earlier = await idempotency.earlier(connection, name, request, view)
            if earlier is None:
                await self._tell(connection, delegate, "delegation_offered", enterprise, until)
            await self._record(connection, citizen, "enterprise.delegated", enterprise)
        return DelegateView.model_validate(earlier) if earlier else view

    async def _delegate(self, enterprise: UUID, number: str) -> UUID:
        delegate = await self._citizens.find(number)
        if delegate is None:
            raise DelegateUnknown()
        found = await enterprise_store.read(enterprise)
        if found is None:
            raise EnterpriseNotFound()
        if delegate == found.representative:
            raise SelfDelegation()
        return delegate

    async def delegates(self, citizen: UUID, enterprise: UUID) -> list[DelegateView]:
        """Return an enterprise's delegates; only who may view it sees them."""
        if not (
            await self.may_act(citizen, enterprise, "view")
            or await self.may_act(citizen, enterprise, "manage")
        ):
            raise EnterpriseNotFound()
        found = await enterprise_store.delegates(enterprise, self._clock.now())
        return [_view(delegation) for delegation in found]

    async def revoke(self, citizen: UUID, enterprise: UUID, id: UUID) -> None:
        """Revoke a delegation, as its manager, or give up one's own."""
        found = await enterprise_store.delegation(id)
        if found is None or found.enterprise != enterprise:
            raise DelegationNotFound()
        if found.delegate != citizen:
            await self._require_manager(citizen, enterprise, frozenset(found.scopes))
        async with transaction() as connection:
            if not await enterprise_store.revoke(connection, id, enterprise, self._clock.now()):
                raise DelegationNotFound()
            gave_up = found.delegate == citizen
            other = found.offered_by if gave_up else found.delegate
            kind = "delegation_given_up" if gave_up else "delegation_revoked"
            await self._tell(connection, other, kind, enterprise)
            await self._record(connection, citizen, "enterprise.delegation_revoked", enterprise)

    async def offers(self, citizen: UUID) -> list[OfferView]:
        """Return what was delegated to a citizen, accepted or not."""
        return [
            OfferView.model_validate(row)
            for row in await enterprise_store.offers(citizen, self._clock.now())
        ]

    async def accept(self, citizen: UUID, id: UUID) -> None:
        """Accept a delegation; raise DelegationNotFound or DelegationLapsed."""
        found = await enterprise_store.delegation(id)
        if found is None or found.delegate != citizen:
            raise DelegationNotFound()
        async with transaction() as connection:
            if not await enterprise_store.accept(connection, id, citizen, self._clock.now()):
                raise DelegationLapsed()
            if found.accepted_at is None:
                kind = "delegation_accepted"
                await self._tell(connection, found.offered_by, kind, found.enterprise)
            await self._record(
                connection, citizen, "enterprise.delegation_accepted", found.enterprise
            )

    async def _require_manager(
        self, citizen: UUID, enterprise: UUID, scopes: frozenset[str]
    ) -> None:
        """Raise EnterpriseNotFound for a stranger, ScopeMissing for who may not delegate this."""
        found = await enterprise_store.scopes(enterprise, citizen, self._clock.now())
        if found is None or not (found[0] or found[1]):
            raise EnterpriseNotFound()
        if not rules.may_grant(scopes, representative=found[0], own=found[1]):
            raise ScopeMissing()

    async def _tell(
        self,
        connection: BaseDBAsyncClient,
        citizen: UUID,
        kind: str,
        enterprise: UUID,
        until: datetime | None = None,
    ) -> None:
        """Tell the other side of a delegation: an enterprise's name is public."""
        now, found = self._clock.now(), await enterprise_store.read(enterprise, connection)
        about = {"company": found.name if found else ""}
        if until:
            about["until"] = until.astimezone(now.tzinfo).date().isoformat()
        body = {"citizen": str(citizen), "kind": kind, "about": about}
        await outbox.put(connection, "message", body, due=now)

    async def _record(
        self, connection: BaseDBAsyncClient, citizen: UUID, action: str, enterprise: UUID
    ) -> None:
        actor, subject = audit.Actor("citizen", citizen), f"enterprise:{enterprise}"
        await audit.record(connection, actor, action, subject, at=self._clock.now())


def _view(found: Delegation) -> DelegateView:
    return DelegateView(
        id=found.id,
        phone_masked=found.phone_masked,
        scopes=found.scopes,
        offered_at=found.offered_at,
        accepted_at=found.accepted_at,
        expires_at=found.expires_at,
    )
