"""What applications need of other rooms, in their own words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.platform.auth import StaffMember

Scope = Literal["apply", "pay", "view", "manage"]


class Person(Protocol):
    """A citizen whose name was verified (实名市民)."""

    @property
    def name(self) -> str:
        """The name (姓名)."""

    @property
    def id_number(self) -> str:
        """The identity number (身份证号)."""

    @property
    def phone(self) -> str | None:
        """The phone (手机号)."""

    @property
    def address(self) -> str | None:
        """The address (地址)."""

    @property
    def assurance(self) -> int:
        """The assurance level (认证等级)."""


class People(Protocol):
    """Knows who a citizen is."""

    async def person(self, citizen: UUID) -> Person | None:
        """Return a verified citizen, or None."""

    async def phone(self, citizen: UUID) -> str | None:
        """Return a citizen's phone."""


class Enterprise(Protocol):
    """An enterprise (企业)."""

    @property
    def name(self) -> str:
        """The name (名称)."""

    @property
    def uscc(self) -> str:
        """The unified social credit code (统一社会信用代码)."""

    @property
    def representative(self) -> UUID:
        """The citizen who is the legal representative (法定代表人)."""


class Enterprises(Protocol):
    """Knows enterprises, and who acts for them."""

    async def enterprise(self, id: UUID) -> Enterprise | None:
        """Return an enterprise, or None."""

    async def may_act(self, citizen: UUID, enterprise: UUID, scope: Scope) -> bool:
        """Tell whether a citizen acts for an enterprise."""


class StoredFile(Protocol):
    """A file that was checked, cleaned and stored."""

    @property
    def key(self) -> str:
        """Where it is stored."""

    @property
    def media_type(self) -> str:
        """What it is, by its content."""

    @property
    def size(self) -> int:
        """Its size in bytes, cleaned."""

    @property
    def sha256(self) -> str:
        """The hash of its cleaned content, hex."""

    @property
    def pages(self) -> int | None:
        """How many pages a PDF has."""


class Files(Protocol):
    """Takes files in and gives them back."""

    async def take(self, chunks: AsyncIterator[bytes], *, max_bytes: int) -> StoredFile:
        """Check, clean and store a file; raise what is wrong with it."""

    def read(self, key: str) -> AsyncIterator[bytes]:
        """Return a stored file's content."""

    async def delete(self, key: str) -> None:
        """Delete a stored file."""


class Served(Protocol):
    """A ticket that is being served (正在办理的号)."""

    @property
    def id(self) -> UUID:
        """Its id."""

    @property
    def number(self) -> str:
        """Its number, as called."""

    @property
    def item(self) -> str | None:
        """The item it was taken for."""


class Counter(Protocol):
    """Knows whom a clerk serves (窗口)."""

    async def serving(self, clerk: StaffMember) -> Served:
        """Return the ticket that a clerk serves; raise what says that there is none."""


class InPerson(Protocol):
    """Knows people by the card that they show (窗口核验)."""

    async def meet(self, clerk: UUID, name: str, id_number: str) -> UUID:
        """Return the citizen of an identity card, new if need be."""

    async def add_phone(self, citizen: UUID, phone: str, code: str) -> None:
        """Give a citizen without a phone the one whose code he tells."""


class MyEnterprise(Protocol):
    """An enterprise that a citizen may act for."""

    @property
    def id(self) -> UUID:
        """Its id."""

    @property
    def uscc(self) -> str:
        """The unified social credit code (统一社会信用代码)."""


class MyEnterprises(Protocol):
    """Knows for which enterprises a citizen may act."""

    async def mine(self, citizen: UUID) -> Sequence[MyEnterprise]:
        """Return them."""


@dataclass(frozen=True)
class Obtained:
    """A certificate that was found, or why there is none (manual: upload instead)."""

    certificate: UUID | None
    outcome: str


class Applicant(Protocol):
    """Whose certificates they are."""

    @property
    def citizen(self) -> UUID:
        """Who authorises (授权人)."""

    @property
    def kind(self) -> Literal["person", "enterprise"]:
        """What he is."""

    @property
    def id(self) -> UUID:
        """His id."""

    @property
    def name(self) -> str | None:
        """The verified name."""

    @property
    def code(self) -> str | None:
        """The verified number."""


class Vault(Protocol):
    """Holds electronic certificates (电子证照库)."""

    async def obtain(
        self, applicant: Applicant, types: Iterable[str], item: str, case: UUID, *, authorised: bool
    ) -> Mapping[str, Obtained]:
        """Return the certificates of an applicant by type, from the vault or the departments."""

    async def issue(
        self, connection: BaseDBAsyncClient, case: Mapping[str, Any], name: str, code: str
    ) -> UUID:
        """Write the certificate that a case ends with and return its id."""


@dataclass(frozen=True)
class Fee:
    """The order of a fee (缴费单)."""

    id: UUID
    amount_fen: int
    paid: bool


class Cashier(Protocol):
    """Takes fees (缴费)."""

    async def order(
        self,
        connection: BaseDBAsyncClient,
        citizen: UUID,
        application: UUID,
        amount_fen: int,
        description: str,
    ) -> Fee:
        """Return the order of a case's fee, opened if there is none of this amount.

        The caller has locked the draft or case: nobody calls the fee off meanwhile.
        """

    async def paid(self, application: UUID, amount_fen: int) -> bool:
        """Tell whether exactly a case's fee is paid, and not given back."""

    async def call_off(
        self, connection: BaseDBAsyncClient, application: UUID, refund: str | None
    ) -> None:
        """Let nobody pay for a case any more (关闭缴费).

        refund: why what was paid is given back (退费); None keeps it.
        """
