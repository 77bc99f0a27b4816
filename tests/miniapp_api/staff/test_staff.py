"""Accounts, sessions and roles of staff; the audit trail that nobody can edit; the command."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from miniapp_api.platform.database import fetch
from tests.api import PASSWORD


async def _account(app: Any, login: str = "wang", *roles: str) -> Any:
    chosen = frozenset(roles or ("clerk",))
    return await app.ctx.staff.create(login, "王某", "municipal", chosen, PASSWORD)


async def _log_in(api: Any, login: str = "wang", password: str = PASSWORD) -> Any:
    return await api.post("/staff/sessions", {"login": login, "password": password})


async def test_a_clerk_logs_in_and_out(api: Any, app: Any) -> None:
    await _account(app)
    reply = await _log_in(api)
    assert reply.status == 201, reply.text
    assert reply.json["member"]["roles"] == ["clerk"]
    clerk = api.as_staff(reply.json["token"])
    assert (await clerk.get("/staff/me")).json["hall"] == "municipal"
    assert (await clerk.call("DELETE", "/staff/sessions/current")).status == 204
    assert (await clerk.get("/staff/me")).code == "session_expired"


@pytest.mark.parametrize(
    ("login", "password"), [("wang", "wrong"), ("nobody", PASSWORD), ("wang", "")]
)
async def test_what_was_wrong_is_not_said(api: Any, app: Any, login: str, password: str) -> None:
    await _account(app)
    reply = await _log_in(api, login, password)
    assert reply.code in ("staff_login_wrong", "validation_failed")
    assert login not in reply.text


async def test_tries_are_limited(api: Any, app: Any) -> None:
    for _ in range(10):
        assert (await _log_in(api, "nobody", "wrong")).code == "staff_login_wrong"
    assert (await _log_in(api, "nobody", "wrong")).code == "too_many_requests"


async def test_a_disabled_clerk_is_out_at_once(api: Any, app: Any) -> None:
    await _account(app)
    clerk = api.as_staff((await _log_in(api)).json["token"])
    await app.ctx.staff.disable("wang")
    assert (await clerk.get("/staff/me")).code == "session_expired"
    assert (await _log_in(api)).code == "staff_login_wrong"


async def test_a_new_password_ends_open_sessions(api: Any, app: Any) -> None:
    await _account(app)
    clerk = api.as_staff((await _log_in(api)).json["token"])
    await app.ctx.staff.set_password("wang", "another-password")
    assert (await clerk.get("/staff/me")).code == "session_expired"
    assert (await _log_in(api, password="another-password")).status == 201


async def test_a_session_ends(api: Any, app: Any, clock: Any) -> None:
    await _account(app)
    clerk = api.as_staff((await _log_in(api)).json["token"])
    clock.advance(timedelta(hours=721))
    assert (await clerk.get("/staff/me")).code == "session_expired"


async def test_clerks_work_on_while_redis_is_away(api: Any, app: Any, staff: Any) -> None:
    clerk = await staff("clerk")
    redis, app.ctx.redis = app.ctx.redis, None
    try:
        assert (await clerk.get("/staff/me")).status == 200
    finally:
        app.ctx.redis = redis


async def test_citizens_and_staff_do_not_pass_for_each_other(
    api: Any, citizen: Any, staff: Any
) -> None:
    clerk = await staff("clerk")
    assert (await citizen.get("/staff/me")).code == "forbidden"
    assert (await api.get("/staff/me")).code == "login_required"
    assert (await clerk.get("/appointments/")).code == "login_required"
    assert (await api.as_bot("c" * 20).get("/staff/me")).code == "forbidden"


async def test_only_auditors_and_managers_read_the_trail_of_their_hall(staff: Any) -> None:
    assert (await (await staff("clerk")).get("/staff/audit")).code == "forbidden"
    elsewhere = await staff("auditor", hall="elsewhere")
    shown = (await elsewhere.get("/staff/audit")).json["entries"]
    assert {entry["hall"] for entry in shown} == {"elsewhere"}


@pytest.mark.parametrize(
    "sql",
    ["UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"],
)
async def test_nobody_edits_the_trail(staff: Any, sql: str) -> None:
    await staff("clerk")
    with pytest.raises(Exception, match="append-only"):
        await fetch(sql)


async def test_nothing_personal_is_in_the_trail(api: Any, app: Any) -> None:
    await _account(app, "zhang")
    await _log_in(api, "zhang")
    rows = await fetch("SELECT detail::text || subject AS text FROM audit_entry")
    assert not [row for row in rows if "王某" in row["text"] or "zhang" in row["text"]]
