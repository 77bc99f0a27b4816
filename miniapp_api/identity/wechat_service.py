"""Log-in with WeChat: the same citizen as on H5, by his phone number."""

from __future__ import annotations

from uuid import UUID, uuid4

from miniapp_api.identity import rules, wechat_store
from miniapp_api.identity.citizens import Citizens
from miniapp_api.identity.errors import PhoneNeeded
from miniapp_api.identity.session_schemas import Session
from miniapp_api.identity.sessions import Sessions
from miniapp_api.identity.wechat import WeChatLogin
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.errors import Unavailable
from miniapp_api.platform.key_rotation import place
from miniapp_api.platform.redis import RedisError
from miniapp_api.platform.sealing import Sealer


class WeChatLogInService:
    """Logs users of the mini-program in."""

    def __init__(
        self,
        wechat: WeChatLogin,
        citizens: Citizens,
        sessions: Sessions,
        sealer: Sealer,
        clock: Clock,
    ) -> None:
        self._wechat = wechat
        self._citizens = citizens
        self._sessions = sessions
        self._sealer = sealer
        self._clock = clock

    async def log_in(self, code: str, phone_code: str | None, agent: str) -> Session:
        """Open a session; raise PhoneNeeded for a user whom we do not know yet."""
        try:
            citizen = await self._citizen(code, phone_code)
        except RedisError:
            raise Unavailable(retry_after=5) from None
        return await self._sessions.open(citizen, "wechat", agent)

    async def openid(self, citizen: UUID) -> str | None:
        """Return the openid of a citizen's WeChat account, for payment and messages; or None."""
        accounts = await wechat_store.of(citizen)
        if not accounts:
            return None
        id, sealed = accounts[0]
        return await self._sealer.open(sealed, _place(id))

    async def citizen(self, openid: str) -> UUID | None:
        """Return the citizen that a WeChat user is; None for one who never logged in."""
        return await wechat_store.find(self._sealer.index("openid", openid))

    async def openid_of_session(self, token: str) -> str | None:
        """Return the openid of who logged in with WeChat in a session; None for others."""
        session = rules.session_of(token)
        account = await wechat_store.of_session(UUID(session)) if session else None
        return await self._sealer.open(account[1], _place(account[0])) if account else None

    async def speaks(self, openid: str, conversation: str, seconds: int) -> UUID | None:
        """Return whom a WeChat user's own words are from; None for one who never logged in.

        WeChat's signature proves the user: the chat's bot may act for the citizen for so long.
        """
        citizen = await self.citizen(openid)
        if citizen is not None:
            await self._sessions.let_speak(conversation, citizen, seconds)
        return citizen

    async def _citizen(self, code: str, phone_code: str | None) -> UUID:
        user = await self._wechat.user(code)
        index = self._sealer.index("openid", user.openid)
        if phone_code is None:
            known = await wechat_store.find(index)
            if known is None:
                raise PhoneNeeded()
            return known
        number = self._citizens.number(await self._wechat.phone(phone_code, user.openid))
        citizen, id = await self._citizens.enrol(number), uuid4()
        sealed = await self._sealer.seal(user.openid, _place(id))
        await wechat_store.link(id, index, sealed, citizen, self._clock.now())
        return citizen


def _place(id: UUID) -> str:
    return place("wechat_account", "openid_sealed", id)
