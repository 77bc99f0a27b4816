"""Use cases of booking for somebody else (亲友代办, 单位代办): ask, consent, list, revoke.

The principal consents by a code sent to his own phone, which he tells the agent; for a child its
guardian declares. The same consent lets the agent apply online for the principal. Who may act for
an enterprise stands in enterprises.py; that its staff are booked for, they consent one by one.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.identity import grant_store, rules, store
from miniapp_api.identity.citizens import Citizens
from miniapp_api.identity.grant_schemas import GrantRequest, GrantView
from miniapp_api.identity.grant_store import Grant
from miniapp_api.identity.schemas import CodeSent
from miniapp_api.identity.service import CodeWrong
from miniapp_api.identity.sms import SmsGateway, SmsUnavailable
from miniapp_api.platform import idempotency, outbox
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction
from miniapp_api.platform.errors import Refusal, Unavailable, ValidationFailed
from miniapp_api.platform.limits import limit
from miniapp_api.platform.redis import Redis, RedisError
from miniapp_api.settings import Identity

DAY = 86_400
MOST_RELATIVES, MOST_EMPLOYEES = 5, 500


class PrincipalNotFound(Refusal):
    """No such consent of this citizen."""

    status, code, title = 404, "principal_not_found", "没有找到这位办理人，请先取得授权"


class ConsentExpired(Refusal):
    """The consent is over and must be given anew."""

    status, code, title = 409, "consent_expired", "这位办理人的授权过期了，请重新授权"


class SelfConsent(Refusal):
    """Nobody needs a consent of his own."""

    status, code, title = 422, "self_consent", "给自己办不需要授权"


class TooManyPrincipals(Refusal):
    """An agent acts for so many only."""

    status, code, title = 409, "too_many_principals", "您代办的人数已经到上限了"


class OrganisationInvalid(Refusal):
    """Not a unified social credit code."""

    status, code, title = 422, "organisation_invalid", "统一社会信用代码不对，请检查后再试"


class GrantService:
    """Knows who may book for whom."""

    def __init__(
        self,
        redis: Redis,
        sms: SmsGateway,
        citizens: Citizens,
        clock: Clock,
        settings: Identity,
        pepper: str,
    ) -> None:
        self._redis = redis
        self._sms = sms
        self._citizens = citizens
        self._clock = clock
        self._settings = settings
        self._pepper = pepper

    async def principal(self, agent: UUID, id: UUID) -> Grant:
        """Return a live consent; raise PrincipalNotFound or ConsentExpired."""
        found = await grant_store.read(id, agent)
        if found is None:
            raise PrincipalNotFound()
        if found.expires_at <= self._clock.now():
            raise ConsentExpired()
        return found

    async def send_code(self, agent: UUID, phone: str) -> CodeSent:
        """Send a consent code to the principal's phone; raise PhoneInvalid and others."""
        number = self._citizens.number(phone)
        index = self._code_index(agent, number)
        every = self._settings.code_every_seconds
        phone_index = rules.keyed_hash(self._pepper, "phone", number).hex()
        await limit(self._redis, f"consent:minute:{index.hex()}", most=1, seconds=every)
        most = self._settings.codes_per_day
        await limit(self._redis, f"consent:day:{phone_index}", most=most, seconds=DAY)
        await limit(self._redis, f"consent:agent:{agent}", most=most * 5, seconds=DAY)
        code = rules.new_code(self._settings.code_digits)
        seconds = self._settings.code_seconds
        try:
            await store.keep_code(self._redis, index, self._hash(number, code), seconds)
        except RedisError:
            raise Unavailable(retry_after=5) from None
        try:
            await self._sms.send_code(number, code, seconds // 60, "consent_code")
        except SmsUnavailable:
            await store.drop_code(self._redis, index)
            raise
        return CodeSent(expires_in=seconds, retry_after=every)

    async def grant(self, agent: UUID, asked: GrantRequest, key: str) -> GrantView:
        """Write a consent, or renew it; a repeated key gives the first answer, or KeyReused."""
        organisation = self._organisation(asked)
        if rules.label_holds_number(asked.label) or not asked.label.isprintable():
            raise ValidationFailed(fields=["label"])
        name, request = idempotency.Key(agent, "grant", key), self._request(asked)
        if kept := (await idempotency.kept_many([name])).get(name):
            return GrantView.model_validate(kept.answer_to(request))
        principal, masked = await self._consenting(agent, asked)
        now = self._clock.now()
        until = now + timedelta(days=self._settings.consent_days)
        consent = "guardian" if asked.relation == "child" else "code"
        new = Grant(
            uuid4(), agent, principal, asked.relation, asked.label, organisation, masked, consent,
            now, until,
        )  # fmt: skip
        async with transaction() as connection:
            await grant_store.lock_agent(connection, agent)
            # Of two with one key, the second waited at the lock and finds the first one's answer.
            if kept := (await idempotency.kept_many([name])).get(name):
                return GrantView.model_validate(kept.answer_to(request))
            await self._require_room(connection, new)
            granted = _view(await grant_store.grant(connection, new))
            await idempotency.earlier(connection, name, request, granted)
            if consent == "code":
                await self._tell(connection, new, principal, "consent_granted")
        return granted

    async def principals(self, agent: UUID) -> list[GrantView]:
        """Return for whom a citizen may book."""
        found = await grant_store.list_of(agent, self._clock.now(), as_agent=True)
        return [_view(grant) for grant in found]

    async def agents(self, principal: UUID) -> list[GrantView]:
        """Return who may book for a citizen; the label is what that agent calls him."""
        found = await grant_store.list_of(principal, self._clock.now(), as_agent=False)
        return [_view(grant) for grant in found]

    async def revoke(self, citizen: UUID, id: UUID) -> None:
        """Revoke a consent, as agent or as principal; raise PrincipalNotFound."""
        async with transaction() as connection:
            revoked = await grant_store.revoke(connection, id, citizen, self._clock.now())
            if revoked is None:
                raise PrincipalNotFound()
            other = revoked.agent if citizen == revoked.principal else revoked.principal
            await self._tell(connection, revoked, other, "consent_revoked")

    async def _consenting(self, agent: UUID, asked: GrantRequest) -> tuple[UUID, str | None]:
        """Return the principal and his masked phone; his code proves the consent."""
        if asked.relation == "child":
            if not asked.guardian:
                raise ValidationFailed("请确认您是孩子的监护人", fields=["guardian"])
            return uuid4(), None
        number = self._citizens.number(asked.phone or "")
        index, hashed = self._code_index(agent, number), self._hash(number, asked.code or "")
        attempts = self._settings.code_attempts
        try:
            right = await store.redeem_code(self._redis, index, hashed, attempts)
        except RedisError:
            raise Unavailable(retry_after=5) from None
        if not right:
            raise CodeWrong()
        principal = await self._citizens.enrol(number)
        if principal == agent:
            raise SelfConsent()
        return principal, rules.mask(number)

    async def _require_room(self, connection: BaseDBAsyncClient, new: Grant) -> None:
        employees = new.relation == "employee"
        most = MOST_EMPLOYEES if employees else MOST_RELATIVES
        live = await grant_store.count(connection, new, employees)
        if live >= most:
            raise TooManyPrincipals(most=most)

    async def _tell(
        self, connection: BaseDBAsyncClient, grant: Grant, citizen: UUID, kind: str
    ) -> None:
        until = grant.expires_at.astimezone(self._clock.now().tzinfo).date().isoformat()
        about = {"relation": grant.relation, "until": until}
        body = {"citizen": str(citizen), "kind": kind, "about": about}
        await outbox.put(connection, "message", body, due=self._clock.now())

    def _request(self, asked: GrantRequest) -> list[str | bool | None]:
        """Return what tells a request from another; the phone only as its index."""
        number = rules.canonical_phone(asked.phone) if asked.phone else None
        phone = self._citizens.index(number) if number else None
        return [asked.relation, asked.label, asked.organisation, asked.guardian, phone]

    def _organisation(self, asked: GrantRequest) -> str | None:
        if asked.relation != "employee":
            return None
        code = rules.credit_code(asked.organisation or "")
        if code is None:
            raise OrganisationInvalid()
        return code

    def _code_index(self, agent: UUID, number: str) -> bytes:
        return rules.keyed_hash(self._pepper, "consent", str(agent), number)

    def _hash(self, number: str, code: str) -> bytes:
        return rules.keyed_hash(self._pepper, "consent-code", number, code)


def _view(grant: Grant) -> GrantView:
    return GrantView(
        id=grant.id,
        relation=grant.relation,
        label=grant.label,
        phone_masked=grant.phone_masked,
        organisation=grant.organisation,
        expires_at=grant.expires_at,
    )
