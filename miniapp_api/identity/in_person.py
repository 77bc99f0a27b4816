"""People at a window (窗口核验): known by the identity card that they lay on the counter.

Who never logged in becomes a citizen without a phone; a phone can be added with the code that it
receives, and then he logs in with it and finds his cases.
"""

from __future__ import annotations

from uuid import UUID

from miniapp_api.identity import profile_store, rules, store
from miniapp_api.identity.citizens import Citizens
from miniapp_api.identity.profiles import ProfileService
from miniapp_api.identity.service import IdentityService
from miniapp_api.platform import audit
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction


class InPerson:
    """Knows citizens whom a clerk sees."""

    def __init__(
        self, clock: Clock, citizens: Citizens, identity: IdentityService, profiles: ProfileService
    ) -> None:
        self._clock = clock
        self._citizens = citizens
        self._identity = identity
        self._profiles = profiles

    async def meet(self, clerk: UUID, name: str, id_number: str) -> UUID:
        """Return the citizen of an identity card, new if need be; the clerk compared the face.

        Raises IdNumberInvalid, NameInvalid and what the identity check says (RealName…).
        """
        citizen = await self._profiles.citizen_of_id_number(id_number)
        if citizen is None:
            citizen = await self._new(name, id_number)
        elif not await self._is_called(citizen, name):
            await self._profiles.verify(citizen, name, id_number)
        await self._seen(clerk, citizen, self._profiles.id_index(id_number))
        return citizen

    async def add_phone(self, citizen: UUID, phone: str, code: str) -> None:
        """Give a citizen without a phone the one whose code he tells; raise PhoneTaken, CodeWrong.

        His own phone, told again, changes nothing.
        """
        if await self._identity.citizen_of_phone(phone) != citizen:
            number = await self._identity.redeem(phone, code)
            await self._citizens.add_phone(citizen, number)

    async def _is_called(self, citizen: UUID, name: str) -> bool:
        known = await self._profiles.person(citizen)
        return known is not None and known.name == rules.real_name(name)

    async def _new(self, name: str, id_number: str) -> UUID:
        citizen = await store.enrol_without_phone()
        try:
            await self._profiles.verify(citizen, name, id_number)
        except BaseException:
            await store.drop_unverified(citizen)  # nobody, as nothing was verified
            raise
        return citizen

    async def _seen(self, clerk: UUID, citizen: UUID, index: str) -> None:
        now, actor = self._clock.now(), audit.Actor("staff", clerk)
        async with transaction() as connection:
            await profile_store.set_face(connection, citizen, index, now)
            subject = f"citizen:{citizen}"
            await audit.record(connection, actor, "identity.seen_in_person", subject, at=now)
