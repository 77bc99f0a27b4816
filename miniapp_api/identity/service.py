"""Use cases of identity: ask for a code, log in, and who is asking."""

from __future__ import annotations

from uuid import UUID

from miniapp_api.identity import rules, store
from miniapp_api.identity.citizens import Citizens, PhoneInvalid
from miniapp_api.identity.schemas import CodeSent
from miniapp_api.identity.session_schemas import Session
from miniapp_api.identity.sessions import Sessions
from miniapp_api.identity.sms import SmsGateway, SmsUnavailable
from miniapp_api.platform.errors import Refusal, Unavailable
from miniapp_api.platform.limits import limit
from miniapp_api.platform.redis import Redis, RedisError
from miniapp_api.settings import Identity

__all__ = ["CodeWrong", "IdNumberInvalid", "IdentityService", "PhoneInvalid"]

DAY = 86_400


class CodeWrong(Refusal):
    """The code is wrong, expired, used, or void after too many tries: which one is not said."""

    status, code, title = 401, "code_wrong", "验证码不对或已过期，请重新获取"


class IdNumberInvalid(Refusal):
    """Not an identity number: the check character or the date is wrong."""

    status, code, title = 422, "id_number_invalid", "身份证号不对，请检查后再试"


class IdentityService:
    """Knows citizens by their phones, and sessions by their tokens."""

    def __init__(
        self,
        redis: Redis,
        sms: SmsGateway,
        citizens: Citizens,
        sessions: Sessions,
        settings: Identity,
        pepper: str,
    ) -> None:
        self._redis = redis
        self._sms = sms
        self._citizens = citizens
        self._sessions = sessions
        self._settings = settings
        self._pepper = pepper

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

    async def log_in(self, phone: str, code: str, agent: str = "") -> Session:
        """Open a session; raise PhoneInvalid, CodeWrong or Unavailable.

        agent: what the device calls itself.
        """
        number = await self.redeem(phone, code)
        return await self._sessions.open(await self._citizens.enrol(number), "sms", agent)

    async def prove(self, citizen: UUID, code: str) -> None:
        """Check that who asks holds the citizen's phone, by a fresh code; raise CodeWrong."""
        phone = await self._citizens.phone(citizen)
        if phone is None:
            raise CodeWrong()
        await self.redeem(phone, code)

    async def bind_conversation(self, conversation: str, citizen: UUID, token: str) -> None:
        """Let a chat's bot act for the citizen who is logged in in it."""
        await self._sessions.bind_conversation(conversation, citizen, token)

    async def citizen_of_token(self, token: str) -> UUID | None:
        """Return the citizen of a live session, or None; raise Unavailable without Redis."""
        return await self._sessions.citizen_of_token(token)

    async def citizen_of_conversation(self, conversation: str) -> UUID | None:
        """Return the citizen logged in in a conversation, or None."""
        return await self._sessions.citizen_of_conversation(conversation)

    async def citizen_of_phone(self, phone: str) -> UUID | None:
        """Return the citizen of a phone number, or None; raise PhoneInvalid."""
        return await self._citizens.find(phone)

    async def enrol(self, phone: str) -> tuple[UUID, str]:
        """Return the citizen of a phone, new if need be, and the masked number; or PhoneInvalid."""
        number = self._citizens.number(phone)
        return await self._citizens.enrol(number), rules.mask(number)

    def document_index(self, number: str) -> str:
        """Return the keyed hash of an identity number (身份证号); raise IdNumberInvalid."""
        plain = rules.id_number(number)
        if plain is None:
            raise IdNumberInvalid()
        return rules.keyed_hash(self._pepper, "document", plain).hex()

    async def redeem(self, phone: str, code: str) -> str:
        """Return the phone's number if the code is right; it works once. Or CodeWrong."""
        number, index = self._known(phone)
        hashed, attempts = self._hash(number, code), self._settings.code_attempts
        try:
            right = await store.redeem_code(self._redis, index, hashed, attempts)
        except RedisError:
            raise Unavailable(retry_after=5) from None
        if not right:
            raise CodeWrong()
        return number

    def _known(self, phone: str) -> tuple[str, bytes]:
        number = self._citizens.number(phone)
        return number, bytes.fromhex(self._citizens.index(number))

    def _hash(self, number: str, code: str) -> bytes:
        return rules.keyed_hash(self._pepper, "code", number, code)
