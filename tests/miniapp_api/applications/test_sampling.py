"""Quality sampling (质量抽查): the same cases whoever draws, within days that there are."""

from __future__ import annotations

from typing import Any

import pytest

from tests.miniapp_api.applications.conftest import Office

DEPARTMENT = "public-security"


async def _draw(auditor: Any, **body: Any) -> Any:
    return await auditor.post("/applications/desk/samples", body)


async def test_two_who_draw_get_the_same_closed_cases(
    wang: Any, office: Office, clerk: Any, staff: Any
) -> None:
    closed = [(await office.submitted(wang))["id"] for _ in range(4)]
    for case in closed:
        await office.go(clerk, case, "refuse")
    await office.submitted(wang)  # still open
    days = {"since": "2026-11-24", "until": "2026-11-24"}
    drawn = []
    for role in ("auditor", "hall_manager"):
        member = await staff(role, departments=(DEPARTMENT,))
        drawn.append((await _draw(member, percent=50, **days)).json["cases"])
    assert sorted(drawn[0]) == sorted(drawn[1])
    assert len(drawn[0]) == 2
    assert set(drawn[0]) < set(closed)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_days_that_no_calendar_needs_are_refused(staff: Any, day: str) -> None:
    auditor = await staff("auditor", departments=(DEPARTMENT,))
    reply = await _draw(auditor, since=day, until=day)
    assert (reply.status, reply.code) == (422, "validation_failed")
