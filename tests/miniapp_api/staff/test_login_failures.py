"""Log-ins that failed are in the trail of the hall: two entries a period, however many."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import orjson
import pytest

from miniapp_api.platform.database import fetch
from tests.api import PASSWORD
from tests.miniapp_api.staff.test_totp import _enrolled, clerk

__all__ = ["clerk"]  # a fixture

WRONG = "wrong-but-long-enough"
MINE = """
SELECT action, subject, hall, detail::text AS detail FROM audit_entry
WHERE action LIKE 'staff.login%fail%' AND id > $1 ORDER BY id
"""


@pytest.fixture
async def wang(api: Any, app: Any) -> Any:
    return await app.ctx.staff.create("wang", "王某", "municipal", frozenset({"clerk"}), PASSWORD)


@pytest.fixture
async def told(api: Any, app: Any) -> Any:
    """What the trail says of failed log-ins since the test began."""
    (last,) = await fetch("SELECT coalesce(max(id), 0) AS id FROM audit_entry")

    async def told() -> list[dict[str, Any]]:
        rows = await fetch(MINE, last["id"])
        return [{**row, "detail": orjson.loads(row["detail"])} for row in rows]

    return told


@pytest.fixture
def over(app: Any, clock: Any) -> Any:
    """The period of failed log-ins ends, and the trail is told."""

    async def over() -> int:
        clock.advance(timedelta(minutes=16))
        return int(await app.ctx.login_failures.tell())

    return over


async def _log_in(api: Any, login: str = "wang", password: str = WRONG) -> Any:
    return await api.post("/staff/sessions", {"login": login, "password": password})


async def test_the_first_is_told_at_once_and_all_when_the_period_is_over(
    api: Any, wang: Any, told: Any, over: Any
) -> None:
    for _ in range(7):
        assert (await _log_in(api)).code == "staff_login_wrong"
    (first,) = await told()
    assert (first["action"], first["detail"]) == ("staff.login_failed", {"password": 1})
    assert (first["subject"], first["hall"]) == (f"staff:{wang.id}", "municipal")
    assert await over() == 1
    _, all_ = await told()
    assert all_["action"] == "staff.logins_failed"
    assert all_["detail"]["password"] == 7
    assert all_["detail"]["first"] <= all_["detail"]["last"]
    assert await over() == 0
    assert len(await told()) == 2


async def test_a_single_failure_is_one_entry(api: Any, wang: Any, told: Any, over: Any) -> None:
    await _log_in(api)
    assert await over() == 1
    assert len(await told()) == 1
    await _log_in(api)  # in another period
    assert [each["action"] for each in await told()] == ["staff.login_failed"] * 2


async def test_a_flood_is_two_entries(api: Any, wang: Any, told: Any, over: Any) -> None:
    codes = [(await _log_in(api)).code for _ in range(10 + 20)]
    assert codes == ["staff_login_wrong"] * 10 + ["too_many_requests"] * 20
    assert len(await told()) == 1
    await over()
    _, all_ = await told()
    counted = all_["detail"]
    assert (counted["password"], counted["locked"]) == (10, 16)  # of 20: at least so many


async def test_a_wrong_second_factor_is_told(
    api: Any,
    clock: Any,
    clerk: Any,
    told: Any,
) -> None:
    totp = await _enrolled(api, clock, clerk)
    used = totp.at(clock.now())
    assert (await clerk(used)).status == 201
    assert (await clerk()).code == "totp_required"  # a question, not a failure
    assert await told() == []
    assert (await clerk(used)).code == "totp_wrong"
    (entry,) = await told()
    assert entry["detail"] == {"code": 1}


async def test_a_disabled_account_and_a_lapsed_first_password_are_told(
    api: Any, app: Any, wang: Any, told: Any
) -> None:
    await fetch("UPDATE staff_account SET first_password_until = '2026-11-01'")
    assert (await _log_in(api, password=PASSWORD)).code == "first_password_lapsed"
    await app.ctx.staff.disable("wang")
    assert (await _log_in(api, password=PASSWORD)).code == "staff_login_wrong"
    await fetch("UPDATE login_failure SET began_at = began_at - interval '1 hour'")
    await app.ctx.login_failures.tell()
    first, all_ = await told()
    assert first["detail"] == {"lapsed": 1}
    assert (all_["detail"]["lapsed"], all_["detail"]["disabled"]) == (1, 1)


async def test_a_login_that_nobody_has_is_told_to_every_hall_and_not_kept(
    api: Any, app: Any, wang: Any, told: Any, over: Any
) -> None:
    await app.ctx.staff.create("li", "李某", "district", frozenset({"clerk"}), PASSWORD)
    for login in ("my-secret-password", "someone", "我的密码"):
        assert (await _log_in(api, login)).code == "staff_login_wrong"
    entries = await told()
    assert [(each["subject"], each["hall"]) for each in entries] == [
        ("staff:unknown", "district"),
        ("staff:unknown", "municipal"),
    ]
    await over()
    entries = await told()
    assert [each["detail"].get("password") for each in entries] == [1, 1, 3, 3]
    kept = await fetch("SELECT * FROM login_failure")
    assert not [word for word in ("secret", "someone", "密码") if word in f"{entries} {kept}"]


async def test_the_answer_says_no_more_than_before(api: Any, app: Any, wang: Any) -> None:
    await app.ctx.staff.create("off", "李某", "municipal", frozenset({"clerk"}), PASSWORD)
    await app.ctx.staff.disable("off")
    tries = (("wang", WRONG), ("nobody", PASSWORD), ("off", PASSWORD))
    answers = [(await _log_in(api, *typed)).json for typed in tries]
    shown = [{k: v for k, v in each.items() if k != "request_id"} for each in answers]
    assert shown[0] == shown[1] == shown[2]
    assert WRONG not in str(answers)


async def test_a_success_is_no_failure(api: Any, wang: Any, told: Any, over: Any) -> None:
    assert (await _log_in(api, password=PASSWORD)).status == 201
    assert await over() == 0
    assert await told() == []


async def test_of_several_replicas_one_tells(
    api: Any, app: Any, wang: Any, told: Any, clock: Any
) -> None:
    await asyncio.gather(*(_log_in(api) for _ in range(6)))
    clock.advance(timedelta(minutes=16))
    await asyncio.gather(*(app.ctx.login_failures.tell() for _ in range(4)))
    first, all_ = await told()
    assert (first["detail"], all_["detail"]["password"]) == ({"password": 1}, 6)
