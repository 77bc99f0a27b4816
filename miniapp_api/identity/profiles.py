"""Use cases of profiles (个人信息): who a citizen is, how sure we are, and what he shows of it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.identity import profile_store, rights_store, rules, wechat_store
from miniapp_api.identity.citizens import Citizens
from miniapp_api.identity.errors import (
    AssuranceTooLow,
    FaceMismatch,
    IdNumberFixed,
    IdNumberTaken,
    NameInvalid,
    RealNameMismatch,
    RealNameNotFound,
)
from miniapp_api.identity.hooks import Eraser, Exporter, Retainer
from miniapp_api.identity.profile_schemas import Me
from miniapp_api.identity.profile_store import Stored
from miniapp_api.identity.real_name import RealNameRegistry
from miniapp_api.identity.service import IdNumberInvalid
from miniapp_api.platform import audit
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.database import transaction
from miniapp_api.platform.errors import ValidationFailed
from miniapp_api.platform.key_rotation import place
from miniapp_api.platform.limits import limit
from miniapp_api.platform.redis import Redis
from miniapp_api.platform.sealing import Sealer

DAY = 86_400
TRIES_A_DAY = 5  # of a citizen, and for an identity number whoever asks


@dataclass(frozen=True, repr=False)
class Person:
    """A verified citizen, in full: not to be logged, and shown masked only."""

    name: str
    id_number: str
    phone: str | None
    address: str | None
    assurance: int


class ProfileService:
    """Knows who citizens are."""

    def __init__(
        self,
        redis: Redis,
        sealer: Sealer,
        clock: Clock,
        citizens: Citizens,
        registry: RealNameRegistry,
    ) -> None:
        self._redis = redis
        self._sealer = sealer
        self._clock = clock
        self._citizens = citizens
        self._registry = registry
        self.exporters: dict[str, Exporter] = {}
        self.retainers: dict[str, Retainer] = {}
        self.erasers: dict[str, Eraser] = {}

    def exporter(self, name: str, export: Exporter) -> None:
        """Let another room add, under a name, what it holds of a citizen to his copy."""
        self.exporters[name] = export

    def retainer(self, name: str, retain: Retainer) -> None:
        """Let another room say what it must keep of a citizen's data, and why."""
        self.retainers[name] = retain

    def eraser(self, name: str, erase: Eraser) -> None:
        """Let another room erase what it need not keep, in the deletion's transaction."""
        self.erasers[name] = erase

    async def person(self, citizen: UUID) -> Person | None:
        """Return a verified citizen in full; None when he did not verify his name."""
        found = await profile_store.read(citizen)
        if found is None or found.id_number_sealed is None:
            return None
        return Person(
            name=await self._open(found, "name_sealed") or "",
            id_number=await self._open(found, "id_number_sealed") or "",
            phone=await self._citizens.phone(citizen),
            address=await self._open(found, "address_sealed"),
            assurance=found.assurance,
        )

    async def phone(self, citizen: UUID) -> str | None:
        """Return a citizen's phone in full; None when it is not kept."""
        return await self._citizens.phone(citizen)

    async def citizen_of_id_number(self, number: str) -> UUID | None:
        """Return who verified an identity number, or None; raise IdNumberInvalid."""
        return await profile_store.owner(self.id_index(number))

    async def assurance(self, citizen: UUID) -> int:
        """Return a citizen's assurance level (认证等级)."""
        found = await profile_store.read(citizen)
        return found.assurance if found else rules.PHONE

    async def require_assurance(self, citizen: UUID, level: int) -> None:
        """Raise AssuranceTooLow, naming the level, unless the citizen has it."""
        current = await self.assurance(citizen)
        if current < level:
            detail = "请先完成人脸核验再办理" if current >= rules.REAL_NAME else ""
            raise AssuranceTooLow(detail, level=level, current=current)

    def id_index(self, number: str) -> str:
        """Return an identity number's blind index; raise IdNumberInvalid."""
        plain = rules.id_number(number)
        if plain is None:
            raise IdNumberInvalid()
        return self._sealer.index("document", plain)

    async def verify(self, citizen: UUID, name: str, id_number: str) -> Me:
        """Verify a name (实名认证), or correct it; raise what RealName… and IdNumber… say."""
        plain, number, index = rules.real_name(name), rules.id_number(id_number), ""
        if number is None:
            raise IdNumberInvalid()
        if plain is None:
            raise NameInvalid()
        index = self._sealer.index("document", number)
        found = await profile_store.read(citizen)
        if found and found.id_index and found.id_index != index:
            raise IdNumberFixed()
        await limit(self._redis, f"real-name:{citizen}", most=TRIES_A_DAY, seconds=DAY)
        await limit(self._redis, f"real-name:{index}", most=TRIES_A_DAY, seconds=DAY)
        verdict = await self._registry.verify(plain, number)
        if verdict != "match":
            raise RealNameMismatch() if verdict == "mismatch" else RealNameNotFound()
        await self._keep(citizen, plain, number, index)
        return await self.me(citizen)

    async def _keep(self, citizen: UUID, name: str, number: str, index: str) -> None:
        now = self._clock.now()
        sealed = await self._seal(citizen, "name_sealed", name)
        id_sealed = await self._seal(citizen, "id_number_sealed", number)
        async with transaction() as connection:
            await profile_store.lock_number(connection, index)
            if await profile_store.owner(index, connection) not in (None, citizen):
                raise IdNumberTaken()
            if not await profile_store.verify(connection, citizen, sealed, id_sealed, index, now):
                raise IdNumberFixed()
            await rights_store.give(connection, citizen, "real_name", rules.CONSENT_VERSION, now)
            await self._record(connection, citizen, "identity.verified")

    async def verify_face(self, citizen: UUID, token: str) -> Me:
        """Verify a face (人脸核验); raise AssuranceTooLow before the name, or FaceMismatch."""
        found = await profile_store.read(citizen)
        number = await self._open(found, "id_number_sealed") if found else None
        if found is None or number is None or found.id_index is None:
            raise AssuranceTooLow(level=rules.REAL_NAME, current=rules.PHONE)
        await limit(self._redis, f"face:{citizen}", most=TRIES_A_DAY, seconds=DAY)
        if await self._registry.face(token, number) != "match":
            raise FaceMismatch()
        now = self._clock.now()
        async with transaction() as connection:
            if not await profile_store.set_face(connection, citizen, found.id_index, now):
                raise FaceMismatch()
            await rights_store.give(connection, citizen, "face", rules.CONSENT_VERSION, now)
            await self._record(connection, citizen, "identity.face_verified")
        return await self.me(citizen)

    async def set_address(self, citizen: UUID, address: str | None) -> Me:
        """Keep an address (联系地址), or delete it."""
        now, sealed = self._clock.now(), None
        if address is not None:
            plain = " ".join(address.split())
            if len(plain) < 4 or not plain.isprintable():
                raise ValidationFailed(fields=["address"])
            sealed = await self._seal(citizen, "address_sealed", plain)
        async with transaction() as connection:
            await profile_store.set_address(connection, citizen, sealed, now)
        return await self.me(citizen)

    async def me(self, citizen: UUID) -> Me:
        """Return what a citizen sees of himself, masked."""
        found = await profile_store.read(citizen)
        name = await self._open(found, "name_sealed") if found else None
        number = await self._open(found, "id_number_sealed") if found else None
        address = await self._open(found, "address_sealed") if found else None
        return Me(
            id=citizen,
            phone_masked=await self._citizens.masked(citizen),
            assurance=found.assurance if found else rules.PHONE,
            name_masked=rules.mask_name(name) if name else None,
            id_number_masked=rules.mask_id_number(number) if number else None,
            address_masked=rules.mask_address(address) if address else None,
            verified_at=found.verified_at if found else None,
            wechat=bool(await wechat_store.of(citizen)),
        )

    async def address(self, citizen: UUID) -> str | None:
        """Return a citizen's address in full, also before he verified his name; or None."""
        found = await profile_store.read(citizen)
        return await self._open(found, "address_sealed") if found else None

    async def _record(self, connection: BaseDBAsyncClient, citizen: UUID, action: str) -> None:
        actor = audit.Actor("citizen", citizen)
        now = self._clock.now()
        await audit.record(connection, actor, action, f"citizen:{citizen}", at=now)

    async def _seal(self, citizen: UUID, column: str, text: str) -> bytes:
        return await self._sealer.seal(text, place("profile", column, citizen))

    async def _open(self, found: Stored, column: str) -> str | None:
        sealed = getattr(found, column)
        if sealed is None:
            return None
        return await self._sealer.open(sealed, place("profile", column, found.citizen))
