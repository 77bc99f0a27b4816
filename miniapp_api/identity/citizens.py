"""Citizens by their phone numbers: found by an index, shown masked, kept sealed."""

from __future__ import annotations

from uuid import UUID, uuid4

from tortoise.exceptions import IntegrityError

from miniapp_api.identity import rules, store
from miniapp_api.platform.errors import Refusal
from miniapp_api.platform.key_rotation import place
from miniapp_api.platform.sealing import Sealer


class PhoneInvalid(Refusal):
    """Not a mainland mobile number."""

    status, code, title = 422, "phone_invalid", "手机号不对，请输入11位手机号"


class PhoneTaken(Refusal):
    """The phone is somebody's already, or the citizen has another one."""

    status, code, title = 409, "phone_taken", "这个手机号已有账号，或本人已绑定其他手机号"


class Citizens:
    """Knows citizens (市民) by their phones."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def number(self, phone: str) -> str:
        """Return the 11 digits of a phone; raise PhoneInvalid."""
        number = rules.canonical_phone(phone)
        if number is None:
            raise PhoneInvalid()
        return number

    def index(self, number: str) -> str:
        """Return a number's blind index (盲索引)."""
        return self._sealer.index("phone", number)

    async def find(self, phone: str) -> UUID | None:
        """Return the citizen of a phone, or None; raise PhoneInvalid."""
        return await store.find(self.index(self.number(phone)))

    async def enrol(self, number: str) -> UUID:
        """Return the citizen of a number, new if need be; his phone is sealed afterwards."""
        new = uuid4()
        sealed = await self._seal(new, number)
        citizen, unsealed = await store.enrol(new, self.index(number), rules.mask(number), sealed)
        if unsealed:
            await store.fill_phone(citizen, await self._seal(citizen, number))
        return citizen

    async def add_phone(self, citizen: UUID, number: str) -> None:
        """Give a citizen who has no phone this one; raise PhoneTaken."""
        sealed = await self._seal(citizen, number)
        try:
            added = await store.add_phone(citizen, self.index(number), rules.mask(number), sealed)
        except IntegrityError:
            raise PhoneTaken() from None
        if not added:
            raise PhoneTaken()

    async def phone(self, citizen: UUID) -> str | None:
        """Return a citizen's phone in full; None when it is not kept."""
        row = await store.read(citizen)
        if row is None or row["phone_sealed"] is None:
            return None
        return await self._sealer.open(row["phone_sealed"], _place(citizen))

    async def masked(self, citizen: UUID) -> str:
        """Return a citizen's masked phone, empty when it was deleted."""
        row = await store.read(citizen)
        return str(row["phone_masked"]) if row else ""

    async def _seal(self, citizen: UUID, number: str) -> bytes:
        return await self._sealer.seal(number, _place(citizen))


def _place(citizen: UUID) -> str:
    return place("citizen", "phone_sealed", citizen)
