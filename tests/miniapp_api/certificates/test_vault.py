"""The vault: issued once, suspended, revoked, shown to its holder only, sealed on disk."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from miniapp_api.certificates.errors import (
    CertificateNotChangeable,
    CertificateNotFound,
    CertificateTypeUnknown,
)
from miniapp_api.certificates.rules import Holder
from miniapp_api.platform import audit
from miniapp_api.platform.database import fetch, transaction
from miniapp_api.platform.sealing import SealBroken

TODAY = date(2026, 11, 24)
CLERK = audit.Actor("staff", UUID(int=7))


async def _change(app: Any, id: UUID, action: str) -> Any:
    async with transaction() as connection:
        return await app.ctx.certificates.change(
            connection, id, action, reason="复核不符合条件", actor=CLERK
        )


async def _covered(app: Any, citizen: Any, day: date = TODAY) -> set[str]:
    return set(await app.ctx.certificates.covering(citizen.holder, ["residence-permit"], day))


async def test_an_issued_certificate_covers_until_its_last_day(
    app: Any, wang: Any, issue: Any
) -> None:
    issued = await issue(wang)
    assert issued.brief.valid_until == date(2027, 11, 23)  # twelve months, by its type
    assert await _covered(app, wang) == {"residence-permit"}
    assert await _covered(app, wang, date(2027, 11, 23)) == {"residence-permit"}
    assert await _covered(app, wang, date(2027, 11, 24)) == set()
    assert await _covered(app, wang, TODAY - timedelta(days=1)) == set()


async def test_an_expired_certificate_is_not_covering(app: Any, wang: Any, issue: Any) -> None:
    await issue(wang, valid_from=date(2020, 1, 1), valid_until=date(2026, 11, 23))
    assert await _covered(app, wang) == set()
    (shown,) = (await wang.client.get("/certificates/")).json["certificates"]
    assert shown["state"] == "expired"


async def test_a_certificate_covers_its_holder_only(
    app: Any, wang: Any, li: Any, issue: Any
) -> None:
    await issue(wang)
    assert await _covered(app, li) == set()
    same_id = Holder("enterprise", wang.id)
    assert await app.ctx.certificates.covering(same_id, ["residence-permit"], TODAY) == {}


async def test_a_suspended_certificate_can_come_back_and_a_revoked_one_cannot(
    app: Any, wang: Any, issue: Any
) -> None:
    id = (await issue(wang)).brief.id
    assert (await _change(app, id, "suspend")).brief.status == "suspended"
    assert await _covered(app, wang) == set()
    assert (await _change(app, id, "restore")).brief.status == "valid"
    assert await _covered(app, wang) == {"residence-permit"}
    revoked = await _change(app, id, "revoke")
    assert (revoked.brief.status, revoked.status_reason) == ("revoked", "复核不符合条件")
    assert await _covered(app, wang) == set()
    for action in ("suspend", "restore", "revoke"):
        with pytest.raises(CertificateNotChangeable):
            await _change(app, id, action)
    with pytest.raises(CertificateNotFound):
        await _change(app, uuid4(), "revoke")


async def test_what_a_department_told_is_not_ours_to_revoke(
    app: Any, wang: Any, obtain: Any
) -> None:
    brief = (await obtain(wang, "id-card"))["id-card"]
    with pytest.raises(CertificateNotChangeable):
        await _change(app, brief.id, "revoke")


async def test_every_change_is_in_the_audit_trail(app: Any, wang: Any, issue: Any) -> None:
    id = (await issue(wang)).brief.id
    await _change(app, id, "revoke")
    rows = await fetch(
        "SELECT action, actor_kind FROM audit_entry WHERE subject = $1 ORDER BY id",
        f"certificate:{id}",
    )
    assert [(r["action"], r["actor_kind"]) for r in rows] == [
        ("certificate.issued", "system"),
        ("certificate.revoked", "staff"),
    ]


async def test_twenty_decisions_of_one_case_at_once_issue_one_certificate(
    wang: Any, issue: Any
) -> None:
    case = uuid4()
    issued = await asyncio.gather(*(issue(wang, case=case) for _ in range(20)))
    assert len({each.brief.id for each in issued}) == 1
    (row,) = await fetch("SELECT count(*) AS n FROM certificate WHERE case_id = $1", case)
    assert row["n"] == 1
    entries = await fetch(
        "SELECT id FROM audit_entry WHERE subject = $1", f"certificate:{issued[0].brief.id}"
    )
    assert len(entries) == 1


async def test_one_case_can_issue_to_two_holders_and_two_types(
    wang: Any, li: Any, issue: Any
) -> None:
    case, kind = uuid4(), "marriage-certificate"
    issued = [
        await issue(wang, case=case, type_id=kind),
        await issue(li, case=case, type_id=kind),
        await issue(wang, case=case),
    ]
    assert len({each.brief.id for each in issued}) == 3


async def test_a_decision_that_is_rolled_back_issues_nothing(
    app: Any, wang: Any, issue: Any
) -> None:
    async def fail() -> None:
        raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        await issue(wang, afterwards=fail)
    assert (await wang.client.get("/certificates/")).json == {"certificates": []}


async def test_a_type_that_the_handbook_does_not_know_is_refused(wang: Any, issue: Any) -> None:
    with pytest.raises(CertificateTypeUnknown):
        await issue(wang, type_id="pilot-licence")


async def test_the_holder_sees_his_certificate_masked(wang: Any, issue: Any) -> None:
    issued = await issue(wang, content={"住址": "青年大街1号", "联系": "13800138000王小明"})
    (listed,) = (await wang.client.get("/certificates/")).json["certificates"]
    assert listed["certificate_holder_name"] == "王**"
    assert listed["certificate_holder_code"] == "1101**********002X"
    reply = await wang.client.get(f"/certificates/{issued.brief.id}")
    assert reply.json["content"]["住址"] == "青年大街1号"
    for secret in (wang.name, wang.id_number, "13800138000"):
        assert secret not in reply.text


async def test_nobody_sees_another_s_certificate(wang: Any, li: Any, issue: Any, api: Any) -> None:
    path = f"/certificates/{(await issue(wang)).brief.id}"
    assert (await wang.client.get(path)).status == 200
    for reply in (
        await li.client.get(path),
        await li.client.post(f"{path}/codes"),
        await li.client.get(f"/certificates/{uuid4()}"),
        await li.client.get("/certificates/not-an-id"),
    ):
        assert (reply.status, reply.code) == (404, "certificate_not_found")
    assert (await li.client.get("/certificates/")).json == {"certificates": []}
    assert (await api.get(path)).code == "login_required"


async def test_the_database_holds_no_name_number_or_content_in_plain(
    app: Any, wang: Any, issue: Any, obtain: Any, staff: Any
) -> None:
    issued = await issue(wang, content={"住址": "青年大街一号院"})
    fetched = await obtain(wang, "id-card", "real-estate-certificate")
    assert [type(each).__name__ for each in fetched.values()] == ["CertificateBrief"] * 2
    await _change(app, issued.brief.id, "suspend")
    await wang.client.post(
        "/certificates/fetches", {"types": ["id-card"], "authorised": True}, key="k"
    )
    held = ""
    tables = "certificate, data_authorisation, data_ledger, idempotent_answer, audit_entry, outbox"
    for table in tables.split(", "):
        for row in await fetch(f"SELECT to_jsonb(t)::text AS row FROM {table} t"):
            held += row["row"]
    assert "certificate_holder_name" in held
    for secret in (wang.name, wang.id_number, "青年大街一号院", "北京市朝阳区", "复核不符合条件"):
        assert secret not in held
        assert secret.encode().hex() not in held


async def test_a_sealed_name_moved_to_another_certificate_does_not_open(
    app: Any, wang: Any, li: Any, issue: Any
) -> None:
    one, other = await issue(wang), await issue(li)
    await fetch(
        "UPDATE certificate SET certificate_holder_name = (SELECT certificate_holder_name "
        "FROM certificate WHERE id = $1) WHERE id = $2 RETURNING id",
        one.brief.id,
        other.brief.id,
    )
    with pytest.raises(SealBroken):
        await app.ctx.certificates.open(other.brief.id)


async def test_what_departments_told_can_be_deleted_and_what_we_issued_stays(
    app: Any, wang: Any, issue: Any, obtain: Any
) -> None:
    await issue(wang)
    await obtain(wang, "id-card", "driving-licence")
    async with transaction() as connection:
        assert await app.ctx.certificates.forget_fetched(connection, wang.holder) == 2
    held = (await wang.client.get("/certificates/")).json["certificates"]
    assert [each["type_id"] for each in held] == ["residence-permit"]
