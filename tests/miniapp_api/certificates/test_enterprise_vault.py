"""An enterprise's certificates: seen by who represents it, or whom it lets see them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from miniapp_api.certificates.rules import Holder
from miniapp_api.platform.database import transaction
from tests.miniapp_api.identity.conftest import fresh_code, real_name, real_name_server, verified

__all__ = ["fresh_code", "real_name", "real_name_server", "verified"]

USCC, NAME = "91350100M000100Y43", "沈阳好味道餐饮有限公司"
DELEGATE = "13600000000"


@pytest.fixture
async def boss(verified: Any) -> Any:
    return await verified()


@pytest.fixture
async def company(boss: Any, app: Any) -> str:
    """An enterprise with a food licence."""
    opened = await boss.post("/identity/enterprises", {"uscc": USCC, "name": NAME}, key="open")
    assert opened.status == 201, opened.text
    async with transaction() as connection:
        await app.ctx.certificates.issue(
            connection,
            type_id="food-business-licence",
            holder=Holder("enterprise", UUID(opened.json["id"])),
            holder_name=NAME,
            holder_code=USCC,
            authority_name="沈阳市市场监督管理局",
            valid_from=date(2026, 11, 24),
            valid_until=None,
            content={"法定代表人": "王小明"},
            case=uuid4(),
        )
    id: str = opened.json["id"]
    return id


@pytest.fixture
async def delegate(boss: Any, company: str, log_in: Any) -> Any:
    """Somebody to whom some scopes are delegated, and who accepted."""

    async def delegate(*scopes: str) -> Any:
        client = await log_in(DELEGATE)
        body = {"phone": DELEGATE, "scopes": scopes, "days": 30}
        offer = await boss.post(f"/identity/enterprises/{company}/delegates", body, key="k")
        assert offer.status == 201, offer.text
        await client.post(f"/identity/delegations/{offer.json['id']}/accept")
        return client

    return delegate


async def test_the_representative_sees_the_enterprises_certificates(
    boss: Any, company: str
) -> None:
    reply = await boss.get(f"/certificates/enterprises/{company}")
    (found,) = reply.json["certificates"]
    assert found["type_id"] == "food-business-licence"
    assert (found["certificate_holder_name"], found["certificate_holder_code"]) == (NAME, USCC)
    assert "王小明" not in reply.text
    assert (await boss.get("/certificates/")).json["certificates"] == []  # they are not his own


async def test_a_delegate_who_may_view_sees_them_until_his_time_is_over(
    delegate: Any, company: str, clock: Any, api: Any, fresh_code: Any
) -> None:
    client, path = await delegate("view"), f"/certificates/enterprises/{company}"
    assert len((await client.get(path)).json["certificates"]) == 1
    clock.advance(timedelta(days=31))
    body = {"phone": DELEGATE, "code": await fresh_code(DELEGATE)}
    again = api.as_citizen((await api.post("/identity/sessions", body)).json["token"])
    assert (await again.get(path)).code == "enterprise_not_found"


@pytest.mark.parametrize("scopes", [("apply",), ("pay",), ("manage",), ("apply", "pay", "manage")])
async def test_a_delegate_without_that_scope_sees_nothing(
    delegate: Any, company: str, scopes: tuple[str, ...]
) -> None:
    reply = await (await delegate(*scopes)).get(f"/certificates/enterprises/{company}")
    assert reply.code == "enterprise_not_found"


async def test_a_stranger_does_not_learn_that_the_enterprise_is_there(
    company: str, citizen: Any
) -> None:
    for id in (company, str(uuid4()), "x", "%00"):
        reply = await citizen.get(f"/certificates/enterprises/{id}")
        assert (reply.status, reply.code) == (404, "enterprise_not_found")


async def test_an_enterprises_certificate_is_shown_and_verified_under_its_name(
    delegate: Any, company: str, staff: Any
) -> None:
    client, path = await delegate("view"), f"/certificates/enterprises/{company}"
    (listed,) = (await client.get(path)).json["certificates"]
    one = f"{path}/{listed['id']}"
    assert (await client.get(one)).json["certificate_holder_name"] == NAME
    code = await client.post(f"{one}/codes")
    assert code.status == 200, code.text
    assert USCC not in code.json["token"]
    clerk = await staff("clerk")
    body = {"token": code.json["token"], "window": "001"}
    verified = (await clerk.post("/certificates/verifications", body)).json
    assert (verified["state"], verified["certificate_holder_name"]) == ("valid", NAME)


async def test_nobody_shows_a_certificate_of_an_enterprise_that_he_may_not_see(
    boss: Any, delegate: Any, company: str, log_in: Any
) -> None:
    path = f"/certificates/enterprises/{company}"
    (listed,) = (await boss.get(path)).json["certificates"]
    for client in (await delegate("apply"), await log_in("13611112222")):
        for call in (
            client.get(f"{path}/{listed['id']}"),
            client.post(f"{path}/{listed['id']}/codes"),
        ):
            assert (await call).code == "enterprise_not_found"
    assert (await boss.post(f"{path}/{uuid4()}/codes")).code == "certificate_not_found"
    assert (await boss.post(f"/certificates/{listed['id']}/codes")).code == "certificate_not_found"
