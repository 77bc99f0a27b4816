"""Who applies, and for whom (申请人与经办人)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from miniapp_api.applications.errors import EnterpriseForbidden, ProxyNotAllowed, WrongApplicant
from miniapp_api.applications.forms import Kind
from miniapp_api.applications.ports import Enterprise, Enterprises, People, Person
from miniapp_api.guides.item import Item
from miniapp_api.identity.grants import GrantService

OBJECT_OF: dict[Kind, str] = {"person": "personal", "enterprise": "legal_person"}


@dataclass(frozen=True)
class Applicant:
    """Whose matter it is, and what is known of him for certain.

    citizen: who types; person: the verified applicant, or for an enterprise the verified agent.
    """

    citizen: UUID
    kind: Kind
    id: UUID
    grant: UUID | None
    person: Person | None
    enterprise: Enterprise | None
    representative: str | None
    phone: str | None
    assurance: int

    @property
    def facts(self) -> dict[str, Any]:
        """Return what a form's sources stand for: "person.name" → the name."""
        person, enterprise = self.person, self.enterprise
        known: dict[str, Any] = {"person.phone": self.phone}
        if person:
            known |= {
                "person.name": person.name,
                "person.id_number": person.id_number,
                "person.address": person.address,
            }
        if enterprise:
            known |= {
                "enterprise.name": enterprise.name,
                "enterprise.credit_code": enterprise.uscc,
                "enterprise.legal_representative": self.representative,
            }
        return {source: value for source, value in known.items() if value}

    @property
    def name(self) -> str | None:
        """Return the verified name of whose matter it is."""
        if self.kind == "enterprise":
            return self.enterprise.name if self.enterprise else None
        return self.person.name if self.person else None

    @property
    def code(self) -> str | None:
        """Return the verified identity number or credit code of whose matter it is."""
        if self.kind == "enterprise":
            return self.enterprise.uscc if self.enterprise else None
        return self.person.id_number if self.person else None


class Applicants:
    """Finds out who applies for whom."""

    def __init__(self, people: People, enterprises: Enterprises, grants: GrantService) -> None:
        self._people = people
        self._enterprises = enterprises
        self._grants = grants

    async def of(
        self,
        citizen: UUID,
        item: Item,
        *,
        grant: UUID | None = None,
        enterprise: UUID | None = None,
    ) -> Applicant:
        """Return the applicant; raise what forbids it.

        grant: the consent (代办授权) under which the citizen applies for somebody else.
        """
        kind: Kind = "enterprise" if enterprise else "person"
        if OBJECT_OF[kind] not in item.objects:
            raise WrongApplicant()
        if enterprise:
            return await self._of_enterprise(citizen, enterprise)
        if grant is None:
            return await self._of_person(citizen, citizen, None)
        if item.proxy is not None and not item.proxy.allowed:
            raise ProxyNotAllowed()
        given = await self._grants.principal(citizen, grant)
        return await self._of_person(citizen, given.principal, grant)

    async def again(
        self, citizen: UUID, kind: str, applicant: UUID, grant: UUID | None
    ) -> Applicant:
        """Return the applicant of a draft; raise what has come to forbid it since."""
        if kind == "enterprise":
            return await self._of_enterprise(citizen, applicant)
        if grant is not None:
            await self._grants.principal(citizen, grant)
        return await self._of_person(citizen, applicant, grant)

    async def _of_person(self, citizen: UUID, applicant: UUID, grant: UUID | None) -> Applicant:
        person = await self._people.person(applicant)
        agent = person if applicant == citizen else await self._people.person(citizen)
        assurance = agent.assurance if agent else 1
        phone = await self._people.phone(applicant)
        return Applicant(citizen, "person", applicant, grant, person, None, None, phone, assurance)

    async def _of_enterprise(self, citizen: UUID, id: UUID) -> Applicant:
        found = await self._enterprises.enterprise(id)
        if found is None or not await self._enterprises.may_act(citizen, id, "apply"):
            raise EnterpriseForbidden()
        agent, phone = await self._people.person(citizen), await self._people.phone(citizen)
        head = await self._people.person(found.representative)
        name, assurance = head.name if head else None, agent.assurance if agent else 1
        return Applicant(citizen, "enterprise", id, None, agent, found, name, phone, assurance)
