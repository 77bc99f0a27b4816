"""Administrators keep the accounts of their hall, and nobody's rights but others'."""

from __future__ import annotations

import asyncio
import itertools
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pyotp
import pytest

from miniapp_api.platform import openapi
from miniapp_api.platform.auth import Auth
from miniapp_api.platform.database import fetch
from miniapp_api.staff import rules
from tests.api import PASSWORD

ACCOUNTS = "/staff/accounts/"
NEW = {"login": "li.na", "name": "李娜", "roles": ["clerk"], "departments": ["public-security"]}
OWN = "my-own-password"


@pytest.fixture
async def administrator(staff: Any) -> Any:
    return await staff("administrator")


async def _add(administrator: Any, **changed: Any) -> Any:
    reply = await administrator.post(ACCOUNTS, {**NEW, **changed}, key=uuid4().hex)
    assert reply.status == 201, reply.text
    return reply.json


async def _act(administrator: Any, account: Any, what: str) -> Any:
    path = f"{ACCOUNTS}{account['id']}/{what}"
    return await administrator.post(path, {"version": account["version"]})


async def _with_password(administrator: Any, **changed: Any) -> Any:
    """An account and its first password."""
    given = await _act(administrator, await _add(administrator, **changed), "first-password")
    assert given.status == 200, given.text
    return given.json


async def _log_in(api: Any, password: str, login: str = "li.na", **more: str) -> Any:
    body = {"login": login, "password": password, **more}
    return await api.post("/staff/sessions", body)


async def _trail(id: str) -> list[Any]:
    rows = await fetch(
        "SELECT action, actor, detail::text AS detail FROM audit_entry WHERE subject = $1 "
        "ORDER BY id", f"staff:{id}",
    )  # fmt: skip
    return list(rows)


# -- the way in --------------------------------------------------------------------------------


async def test_an_added_account_opens_with_its_first_password_only(
    api: Any, administrator: Any
) -> None:
    added = await _add(administrator)
    assert (added["password"], added["roles"]) == ("none", ["clerk"])
    assert (await _log_in(api, "")).status == 422
    assert (await _log_in(api, "anything-at-all")).code == "staff_login_wrong"
    given = (await _act(administrator, added, "first-password")).json
    assert given["account"]["password"] == "first"
    assert (await _log_in(api, given["password"])).status == 201


async def test_who_has_a_first_password_may_only_change_it(
    api: Any, app: Any, administrator: Any
) -> None:
    given = await _with_password(administrator, roles=["clerk", "hall_manager", "editor"])
    member = api.as_staff((await _log_in(api, given["password"])).json["token"])
    refused = 0
    for path, declared in openapi.endpoints(app):
        roles = {"clerk", "hall_manager", "editor"} & declared.roles
        if declared.auth is not Auth.STAFF or not roles or declared.first_password:
            continue
        target = path.replace("<hall:str>", "municipal").replace("<id:str>", str(uuid4()))
        reply = await member.call(declared.method, target, json={})
        assert reply.code == "password_change_required", (declared.method, path, reply.text)
        refused += 1
    assert refused > 20
    body = {"old": given["password"], "new": OWN}
    assert (await member.call("PUT", "/staff/me/password", json=body)).status == 204
    assert (await member.get("/staff/me")).json["first_password"] is False
    assert (await _log_in(api, given["password"])).code == "staff_login_wrong"
    assert (await _log_in(api, OWN)).status == 201


async def test_a_first_password_lapses(api: Any, clock: Any, administrator: Any) -> None:
    given = await _with_password(administrator)
    clock.advance(timedelta(days=7))
    assert (await _log_in(api, given["password"])).code == "first_password_lapsed"
    assert (await _log_in(api, "something-wrong")).code == "staff_login_wrong"
    shown = (await administrator.get(f"{ACCOUNTS}{given['account']['id']}")).json
    assert shown["password"] == "lapsed"


async def test_a_new_first_password_replaces_the_old_and_ends_the_sessions(
    api: Any, administrator: Any
) -> None:
    first = await _with_password(administrator)
    member = api.as_staff((await _log_in(api, first["password"])).json["token"])
    second = (await _act(administrator, first["account"], "first-password")).json
    assert first["password"] != second["password"]
    assert (await member.get("/staff/me")).code == "session_expired"
    assert (await _log_in(api, first["password"])).code == "staff_login_wrong"
    assert (await _log_in(api, second["password"])).status == 201


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("not-my-password", OWN, "password_wrong"),
        (PASSWORD, PASSWORD, "password_unfit"),
        (PASSWORD, "short", "validation_failed"),
    ],
)
async def test_a_password_is_changed_by_who_knows_it_to_another_one(
    staff: Any, old: str, new: str, code: str
) -> None:
    clerk = await staff("clerk")
    body = {"old": old, "new": new}
    assert (await clerk.call("PUT", "/staff/me/password", json=body)).code == code


async def test_a_changed_password_ends_the_other_sessions(api: Any, staff: Any) -> None:
    clerk = await staff("clerk")
    elsewhere = api.as_staff((await _log_in(api, PASSWORD, "s0")).json["token"])
    body = {"old": PASSWORD, "new": OWN}
    assert (await clerk.call("PUT", "/staff/me/password", json=body)).status == 204
    assert (await clerk.get("/staff/me")).status == 200
    assert (await elsewhere.get("/staff/me")).code == "session_expired"


async def test_passwords_are_not_guessed_from_within(staff: Any) -> None:
    clerk = await staff("clerk")
    body = {"old": "a-wrong-password", "new": OWN}
    replies = [await clerk.call("PUT", "/staff/me/password", json=body) for _ in range(11)]
    assert replies[-1].code == "too_many_requests"


def test_first_passwords_are_long_and_not_twice_the_same() -> None:
    made = {rules.first_password() for _ in range(200)}
    assert len(made) == 200
    assert min(map(len, made)) >= rules.SHORTEST_PASSWORD


# -- adding ------------------------------------------------------------------------------------


async def test_a_form_sent_twice_adds_once(administrator: Any) -> None:
    key = uuid4().hex
    replies = await asyncio.gather(*(administrator.post(ACCOUNTS, NEW, key=key) for _ in range(4)))
    assert {reply.status for reply in replies} == {201}
    assert len({reply.json["id"] for reply in replies}) == 1
    again = await administrator.post(ACCOUNTS, {**NEW, "name": "别人"}, key=key)
    assert again.code == "idempotency_conflict"


async def test_a_login_is_given_once(administrator: Any) -> None:
    await _add(administrator)
    reply = await administrator.post(ACCOUNTS, {**NEW, "login": "LI.NA"}, key=uuid4().hex)
    assert (reply.status, reply.code) == (409, "login_taken")


@pytest.mark.parametrize(
    "changed",
    [
        {"login": "李娜"},
        {"name": " "},
        {"departments": ["no-such"]},
        {"skills": ["no-such"]},
        {"windows": ["999"]},
    ],
)
async def test_what_the_hall_does_not_have_is_refused(administrator: Any, changed: Any) -> None:
    reply = await administrator.post(ACCOUNTS, {**NEW, **changed}, key=uuid4().hex)
    assert (reply.status, reply.code) == (422, "account_wrong")


@pytest.mark.parametrize(
    "roles",
    [
        ["administrator", "clerk"],
        ["administrator", "hall_manager"],
        ["administrator", "agent"],
        ["auditor", "clerk"],
        ["auditor", "administrator"],
        ["kiosk", "clerk"],
    ],
)
async def test_roles_that_exclude_each_other_are_refused(
    administrator: Any, roles: list[str]
) -> None:
    reply = await administrator.post(ACCOUNTS, {**NEW, "roles": roles}, key=uuid4().hex)
    assert (reply.status, reply.code) == (422, "roles_exclude")
    added = await _add(administrator)
    body = {"version": 1, "name": "李娜", "roles": roles}
    reply = await administrator.call("PUT", f"{ACCOUNTS}{added['id']}", json=body)
    assert (reply.status, reply.code) == (422, "roles_exclude")


def test_whoever_may_have_two_roles_may_have_each_alone() -> None:
    allowed = {
        pair
        for pair in itertools.combinations(rules.ROLES, 2)
        if rules.excluding(frozenset(pair)) is None
    }
    assert ("editor", "administrator") in allowed
    reads = {"clerk", "queue_manager", "hall_manager", "operator", "cashier", "agent"}
    assert not [pair for pair in allowed if "auditor" in pair or "kiosk" in pair]
    assert not [pair for pair in allowed if "administrator" in pair and reads & set(pair)]


async def test_the_administrator_reads_no_case_and_decides_none(app: Any) -> None:
    for path, declared in openapi.endpoints(app):
        if "administrator" in declared.roles:
            assert declared.second_factor or path.startswith(("/staff/me", "/staff/sessions")), path
            assert path.startswith("/staff/"), path


# -- finding -----------------------------------------------------------------------------------


async def test_accounts_are_found_by_words_role_and_state_page_by_page(administrator: Any) -> None:
    for n in range(5):
        await _add(administrator, login=f"zhao{n}", name=f"赵{n}")
    await _add(administrator, login="qian", name="钱", roles=["cashier"], departments=[])
    found = (await administrator.get(f"{ACCOUNTS}?q=赵&limit=3")).json
    assert (found["total"], len(found["accounts"]), found["next"]) == (5, 3, "zhao2")
    found = (await administrator.get(f"{ACCOUNTS}?q=ZHAO&limit=3&after=zhao2")).json
    assert [each["login"] for each in found["accounts"]] == ["zhao3", "zhao4"]
    assert found["next"] is None
    (cashier,) = (await administrator.get(f"{ACCOUNTS}?role=cashier")).json["accounts"]
    await _act(administrator, cashier, "disabling")
    found = (await administrator.get(f"{ACCOUNTS}?state=disabled")).json
    assert [each["login"] for each in found["accounts"]] == ["qian"]


async def test_another_halls_accounts_are_not_there(administrator: Any, staff: Any) -> None:
    added = await _add(administrator)
    stranger = await staff("administrator", hall="elsewhere")
    shown = (await stranger.get(ACCOUNTS)).json["accounts"]
    assert {each["hall"] for each in shown} == {"elsewhere"}
    assert (await stranger.get(f"{ACCOUNTS}{added['id']}")).code == "account_not_found"
    assert (await _act(stranger, added, "disabling")).code == "account_not_found"


# -- changing ----------------------------------------------------------------------------------


async def test_rights_change_for_sessions_that_are_open(
    api: Any, app: Any, administrator: Any
) -> None:
    given = await _with_password(administrator)
    await app.ctx.staff.set_password("li.na", OWN)
    member = api.as_staff((await _log_in(api, OWN)).json["token"])
    shown = (await administrator.get(f"{ACCOUNTS}{given['account']['id']}")).json
    body = {
        "version": shown["version"], "name": "李娜", "roles": ["queue_manager"],
        "windows": ["001", "002"], "skills": ["vehicles"],
    }  # fmt: skip
    reply = await administrator.call("PUT", f"{ACCOUNTS}{shown['id']}", json=body)
    assert reply.status == 200, reply.text
    me = (await member.get("/staff/me")).json
    assert (me["roles"], me["windows"]) == (["queue_manager"], ["001", "002"])
    assert (me["departments"], me["skills"]) == ([], ["vehicles"])


async def test_of_two_administrators_who_change_at_once_one_is_told(
    administrator: Any, staff: Any
) -> None:
    other, added = await staff("administrator"), await _add(administrator)

    async def change(by: Any, name: str) -> Any:
        body = {"version": 1, "name": name, "roles": ["clerk"]}
        return await by.call("PUT", f"{ACCOUNTS}{added['id']}", json=body)

    replies = await asyncio.gather(change(administrator, "甲"), change(other, "乙"))
    assert sorted(reply.status for reply in replies) == [200, 409]
    assert [reply.code for reply in replies if reply.status == 409] == ["account_changed"]


@pytest.mark.parametrize("what", ["first-password", "disabling", "enabling", "second-factor-reset"])
async def test_nobody_changes_his_own_account(administrator: Any, staff: Any, what: str) -> None:
    await staff("administrator")
    me = (await administrator.get("/staff/me")).json
    own = (await administrator.get(f"{ACCOUNTS}{me['id']}")).json
    assert (await _act(administrator, own, what)).code == "own_account"
    body = {"version": own["version"], "name": "我", "roles": ["administrator", "editor"]}
    reply = await administrator.call("PUT", f"{ACCOUNTS}{own['id']}", json=body)
    assert reply.code == "own_account"
    assert (await administrator.call("DELETE", f"{ACCOUNTS}{own['id']}/sessions")).code == (
        "own_account"
    )


@pytest.mark.parametrize("round", range(3))
async def test_of_two_who_take_the_rights_from_each_other_one_stays(
    administrator: Any, staff: Any, round: int
) -> None:
    other = await staff("administrator")
    found = (await administrator.get(f"{ACCOUNTS}?role=administrator")).json["accounts"]
    mine = (await administrator.get("/staff/me")).json["id"]
    (theirs,) = [each for each in found if each["id"] != mine]
    (own,) = [each for each in found if each["id"] == mine]
    replies = await asyncio.gather(
        _act(administrator, theirs, "disabling"), _act(other, own, "disabling")
    )
    assert 200 in {reply.status for reply in replies}
    rows = await fetch(
        "SELECT id FROM staff_account WHERE 'administrator' = ANY(roles) AND disabled_at IS NULL"
    )
    assert len(rows) == 1


async def test_switched_off_is_out_at_once_and_comes_back(
    api: Any, app: Any, administrator: Any
) -> None:
    account = (await _with_password(administrator))["account"]
    await app.ctx.staff.set_password("li.na", OWN)
    member = api.as_staff((await _log_in(api, OWN)).json["token"])
    account = (await administrator.get(f"{ACCOUNTS}{account['id']}")).json
    assert len(account["sessions"]) == 1
    off = (await _act(administrator, account, "disabling")).json
    assert off["state"] == "disabled"
    assert (await member.get("/staff/me")).code == "session_expired"
    assert (await _log_in(api, OWN)).code == "staff_login_wrong"
    assert (await _act(administrator, off, "enabling")).json["state"] == "active"
    assert (await member.get("/staff/me")).code == "session_expired"
    assert (await _log_in(api, OWN)).status == 201


async def test_a_second_factor_is_reset_and_bound_anew(
    api: Any, app: Any, clock: Any, administrator: Any
) -> None:
    account = await _add(administrator)
    await app.ctx.staff.set_password("li.na", OWN)
    member = api.as_staff((await _log_in(api, OWN)).json["token"])
    secret = (await member.post("/staff/me/totp")).json["secret"]
    code = {"code": pyotp.TOTP(secret).at(clock.now())}
    assert (await member.post("/staff/me/totp/confirmation", code)).status == 204
    assert (await _log_in(api, OWN)).code == "totp_required"
    account = (await administrator.get(f"{ACCOUNTS}{account['id']}")).json
    assert account["second_factor"]
    assert not (await _act(administrator, account, "second-factor-reset")).json["second_factor"]
    assert (await member.get("/staff/me")).code == "session_expired"
    assert (await _log_in(api, OWN)).status == 201


async def test_sessions_are_ended(api: Any, app: Any, administrator: Any) -> None:
    account = await _add(administrator)
    await app.ctx.staff.set_password("li.na", OWN)
    member = api.as_staff((await _log_in(api, OWN)).json["token"])
    path = f"{ACCOUNTS}{account['id']}/sessions"
    assert (await administrator.call("DELETE", path)).status == 204
    assert (await member.get("/staff/me")).code == "session_expired"


async def test_a_clerk_opens_the_windows_of_his_account_only(
    app: Any, api: Any, administrator: Any
) -> None:
    own, other = app.ctx.guides.queue("municipal", "public-security").windows[:2]
    account = await _add(administrator, windows=[own])
    await app.ctx.staff.set_password("li.na", OWN)
    clerk = api.as_staff((await _log_in(api, OWN)).json["token"])
    refused = await clerk.post(f"/hall/municipal/windows/{other}/open")
    assert (refused.status, refused.code) == (403, "window_not_yours")
    assert (await clerk.post(f"/hall/municipal/windows/{own}/open")).status == 200
    assert account["windows"] == [own]


async def test_every_act_is_in_the_trail_and_names_nobody(administrator: Any) -> None:
    given = await _with_password(administrator)
    account = given["account"]
    body = {"version": account["version"], "name": "李某", "roles": ["clerk", "editor"]}
    account = (await administrator.call("PUT", f"{ACCOUNTS}{account['id']}", json=body)).json
    account = (await _act(administrator, account, "second-factor-reset")).json
    account = (await _act(administrator, account, "disabling")).json
    await _act(administrator, account, "enabling")
    await administrator.call("DELETE", f"{ACCOUNTS}{account['id']}/sessions")
    trail = await _trail(account["id"])
    assert [row["action"] for row in trail] == [
        "staff.created", "staff.first_password_given", "staff.changed", "staff.totp_reset",
        "staff.disabled", "staff.enabled", "staff.sessions_ended",
    ]  # fmt: skip
    me = (await administrator.get("/staff/me")).json["id"]
    assert {str(row["actor"]) for row in trail} == {me}
    assert '"after": ["clerk", "editor"]' in trail[2]["detail"]
    said = "".join(row["detail"] for row in trail)
    assert not [each for each in ("李", "li.na", given["password"]) if each in said]


async def test_a_first_password_is_kept_nowhere(administrator: Any) -> None:
    given = await _with_password(administrator)
    for table in ("idempotent_answer", "audit_entry", "outbox", "staff_account"):
        (row,) = await fetch(
            f"SELECT count(*) AS n FROM {table} t WHERE t::text LIKE '%' || $1 || '%'",
            given["password"],
        )
        assert row["n"] == 0, table
