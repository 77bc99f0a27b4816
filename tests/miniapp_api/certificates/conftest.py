"""The five departments, people with real names, and a vault to issue into."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp import web

from miniapp_api.certificates import wiring
from miniapp_api.certificates.fake_departments import LI, WANG, FakeDepartments
from miniapp_api.certificates.people import Person
from miniapp_api.certificates.rules import Certificate, Holder
from miniapp_api.platform import embedded
from miniapp_api.platform.database import fetch, transaction

TODAY = date(2026, 11, 24)


class KnownPeople:
    """Citizens whose real names a test knows."""

    def __init__(self) -> None:
        self.known: dict[UUID, Person] = {}

    async def person(self, citizen: UUID) -> Person | None:
        return self.known.get(citizen)


@dataclass
class Citizen:
    """A citizen's client, and who he is."""

    client: Any
    id: UUID
    name: str
    id_number: str

    @property
    def holder(self) -> Holder:
        return Holder("person", self.id)


@pytest.fixture(scope="session")
async def department_server() -> AsyncIterator[FakeDepartments]:
    fake, port = FakeDepartments(), embedded.free_port()
    runner = web.AppRunner(fake.application(), shutdown_timeout=0.1)  # slow answers are cut
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    fake.url = f"http://127.0.0.1:{port}"  # type: ignore[attr-defined]
    yield fake
    await runner.cleanup()


@pytest.fixture
def people() -> KnownPeople:
    return KnownPeople()


@pytest.fixture
def departments(
    api: Any, app: Any, settings: Any, department_server: Any, people: KnownPeople
) -> FakeDepartments:
    """The fake departments as new; the app asks them, with breakers that never opened."""
    department_server.reset()
    changes = {
        "department_url": department_server.url,
        "breaker_failures": 3,
    }
    wiring.connect(app, settings.certificates.model_copy(update=changes), people)
    return department_server


@pytest.fixture
async def enrol(departments: Any, log_in: Any, people: KnownPeople) -> Any:
    """Logs somebody in whose real name is known."""

    async def enrol(phone: str, name: str, id_number: str) -> Citizen:
        client = await log_in(phone)
        rows = await fetch("SELECT id FROM citizen ORDER BY created_at DESC LIMIT 1")
        citizen = UUID(str(rows[0]["id"]))
        people.known[citizen] = Person(name, id_number)
        return Citizen(client, citizen, name, id_number)

    return enrol


@pytest.fixture
async def wang(enrol: Any) -> Citizen:
    citizen: Citizen = await enrol("13800138000", *WANG)
    return citizen


@pytest.fixture
async def li(enrol: Any) -> Citizen:
    citizen: Citizen = await enrol("13911112222", *LI)
    return citizen


@pytest.fixture
def issue(app: Any, departments: Any) -> Any:
    """Issues a certificate as the decision of a case does."""

    async def issue(citizen: Citizen, afterwards: Any = None, **changes: Any) -> Certificate:
        values = {
            "type_id": "residence-permit",
            "holder": citizen.holder,
            "holder_name": citizen.name,
            "holder_code": citizen.id_number,
            "authority_name": "沈阳市公安局",
            "valid_from": TODAY,
            "valid_until": None,
            "content": {"住址": "沈阳市沈河区青年大街1号"},
            "case": uuid4(),
            **changes,
        }
        async with transaction() as connection:
            issued: Certificate = await app.ctx.certificates.issue(connection, **values)
            if afterwards:
                await afterwards()
        return issued

    return issue


@pytest.fixture
def obtain(app: Any, departments: Any) -> Any:
    """Gets certificates for a case of a citizen."""

    async def obtain(citizen: Citizen, *types: str, **changes: Any) -> Any:
        values = {"item": "residence-permit-application", "case": uuid4(), "authorised": True}
        return await app.ctx.data_sharing.obtain(
            citizen.id,
            changes.pop("holder", citizen.holder),
            changes.pop("name", citizen.name),
            changes.pop("code", citizen.id_number),
            types,
            **{**values, **changes},
        )

    return obtain
