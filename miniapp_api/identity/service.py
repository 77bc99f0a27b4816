"""Use cases of identity: ask for a code, log in, log out, and who is asking."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from uuid import UUID

from miniapp_api.identity import rules, store
from miniapp_api.identity.schemas import CitizenView, CodeSent, Session
from miniapp_api.identity.sms import SmsGateway, SmsUnavailable
from miniapp_api.platform.batching import Batched
from miniapp_api.platform.errors import Refusal, Unavailable
from miniapp_api.platform.limits import limit
from miniapp_api.platform.redis import Redis, RedisError
from miniapp_api.settings import Identity

DAY = 86_400
TOKEN_BYTES = 32


class PhoneInvalid(Refusal):
    """Not a mainland mobile number."""

    status, code, title = 422, "phone_invalid", "手机号不对，请输入11位手机号"


class CodeWrong(Refusal):
    """The code is wrong, expired, used, or void after too many tries: which one is not said."""

    status, code, title = 401, "code_wrong", "验证码不对或已过期，请重新获取"


class IdNumberInvalid(Refusal):
    """Not an identity number: the check character or the date is wrong."""

    status, code, title = 422, "id_number_invalid", "身份证号不对，请检查后再试"


class IdentityService:
    """Knows citizens by their phones, and sessions by their tokens."""

    def __init__(self, redis: Redis, sms: SmsGateway, settings: Identity, pepper: str) -> None:
        self._redis = redis
        self._sms = sms
        self._settings = settings
        self._pepper = pepper
        self._sessions_of = Batched(self._read_sessions)

    async def _read_sessions(self, tokens: list[str]) -> Mapping[str, UUID]:
        return await store.read_sessions(self._redis, tokens)

    async def send_code(self, phone: str) -> CodeSent:
        """Send a log-in code, or raise PhoneInvalid, TooManyRequests or (Sms)Unavailable."""
        number, index = self._known(phone)
        every = self._settings.code_every_seconds
        await limit(self._redis, f"code:minute:{index.hex()}", most=1, seconds=every)
        await limit(
            self._redis, f"code:day:{index.hex()}", most=self._settings.codes_per_day, seconds=DAY
        )
        code = rules.new_code(self._settings.code_digits)
        seconds = self._settings.code_seconds
        try:
            await store.keep_code(self._redis, index, self._hash(number, code), seconds)
        except RedisError:
            raise Unavailable(retry_after=5) from None
        try:
            await self._sms.send_code(number, code, seconds // 60)
        except SmsUnavailable:
            await store.drop_code(self._redis, index)
            raise
        return CodeSent(expires_in=seconds, retry_after=every)

    async def log_in(self, phone: str, code: str) -> Session:
        """Open a session; raise PhoneInvalid, CodeWrong or Unavailable."""
        number, index = self._known(phone)
        seconds = self._settings.session_hours * 3600
        token = secrets.token_urlsafe(TOKEN_BYTES)
        try:
            right = await store.redeem_code(
                self._redis, index, self._hash(number, code), self._settings.code_attempts
            )
            if not right:
                raise CodeWrong()
            citizen = await store.enrol(index, rules.mask(number))
            await store.open_session(self._redis, token, citizen, seconds)
        except RedisError:
            raise Unavailable(retry_after=5) from None
        view = CitizenView(id=citizen, phone_masked=rules.mask(number))
        return Session(token=token, expires_in=seconds, citizen=view)

    async def log_out(self, token: str) -> None:
        """Close a session; its conversations stop acting for the citizen at once."""
        try:
            await store.close_session(self._redis, token)
        except RedisError:
            raise Unavailable(retry_after=5) from None

    async def bind_conversation(self, conversation: str, citizen: UUID, token: str) -> None:
        """Let a chat's bot act for the citizen who is logged in in it."""
        seconds = self._settings.session_hours * 3600
        try:
            await store.bind_conversation(self._redis, conversation, citizen, token, seconds)
        except RedisError:
            raise Unavailable(retry_after=5) from None

    async def citizen_of_token(self, token: str) -> UUID | None:
        """Return the citizen of a live session, or None; raise Unavailable without Redis."""
        try:
            return await self._sessions_of.get(token)
        except RedisError:
            raise Unavailable(retry_after=5) from None

    async def citizen_of_phone(self, phone: str) -> UUID | None:
        """Return the citizen of a phone number, or None; raise PhoneInvalid."""
        _, index = self._known(phone)
        return await store.find(index)

    async def enrol(self, phone: str) -> tuple[UUID, str]:
        """Return the citizen of a phone, new if need be, and the masked number; or PhoneInvalid."""
        number, index = self._known(phone)
        return await store.enrol(index, rules.mask(number)), rules.mask(number)

    def document_index(self, number: str) -> str:
        """Return the keyed hash of an identity number (身份证号); raise IdNumberInvalid."""
        plain = rules.id_number(number)
        if plain is None:
            raise IdNumberInvalid()
        return rules.keyed_hash(self._pepper, "document", plain).hex()

    async def citizen_of_conversation(self, conversation: str) -> UUID | None:
        """Return the citizen logged in in a conversation, or None."""
        try:
            return await store.read_conversation(self._redis, conversation)
        except RedisError:
            raise Unavailable(retry_after=5) from None

    def _known(self, phone: str) -> tuple[str, bytes]:
        number = rules.canonical_phone(phone)
        if number is None:
            raise PhoneInvalid()
        return number, rules.keyed_hash(self._pepper, "phone", number)

    def _hash(self, number: str, code: str) -> bytes:
        return rules.keyed_hash(self._pepper, "code", number, code)
