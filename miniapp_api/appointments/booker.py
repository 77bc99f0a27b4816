"""Who books, and for whom (预约人与办理人)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from miniapp_api.identity.grants import GrantService
from miniapp_api.identity.service import IdentityService


@dataclass(frozen=True)
class Booker:
    """A citizen who books, the person whose matter it is, and that person's consent."""

    citizen: UUID
    principal: UUID
    attendee: str = "self"
    grant: UUID | None = None
    organisation: str | None = None
    document_index: str | None = None


class Bookers:
    """Finds out who books for whom."""

    def __init__(self, identity: IdentityService, grants: GrantService) -> None:
        self._identity = identity
        self._grants = grants

    async def of(
        self, citizen: UUID, grant: UUID | None = None, id_number: str | None = None
    ) -> Booker:
        """Return the booker; raise PrincipalNotFound, ConsentExpired or IdNumberInvalid.

        grant: the consent (代办授权) under which the citizen books for somebody else.
        """
        document = self._identity.document_index(id_number) if id_number else None
        if grant is None:
            return Booker(citizen, citizen, document_index=document)
        given = await self._grants.principal(citizen, grant)
        return Booker(
            citizen, given.principal, given.relation, given.id, given.organisation, document
        )

    async def of_phone(self, phone: str) -> Booker:
        """Return the citizen of a phone, who asks at the desk or by telephone; or PhoneInvalid."""
        citizen, _ = await self._identity.enrol(phone)
        return Booker(citizen, citizen)
