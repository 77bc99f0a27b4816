"""A clerk handles cases from the console."""

from __future__ import annotations

from typing import Any

import pytest

from miniapp_api.platform.database import fetch
from tests.miniapp_api.applications.conftest import (
    Office,
    clerk,
    fresh_code,
    office,
    picture,
    real_name,
    real_name_server,
    verified,
    wang,
)

__all__ = ["clerk", "fresh_code", "office", "real_name", "real_name_server", "verified", "wang"]

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
async def case(wang: Any, office: Office) -> str:
    id: str = (await office.submitted(wang))["id"]
    return id


def _address(case: str) -> str:
    return f"/console/desk/cases/{case}"


async def test_a_case_goes_from_the_inbox_to_its_delivery(
    desks: Any, clerk: Any, case: str, wang: Any
) -> None:
    desk = desks(clerk)
    inbox = await desk.open("/console/desk")
    assert _address(case) in inbox.html
    assert "没人认领" in inbox.words
    page = await desk.submit(await desk.open(_address(case)), "/claim")
    assert "认领了" in page.words
    for action in ("accept", "start_review", "propose", "grant", "issue", "deliver"):
        page = await desk.submit(page, "/steps", action=action, note="符合条件")
        assert page.status == 200, page.words
    assert "送达：已办结" in page.words
    seen = (await wang.get(f"/applications/{case}")).json
    assert seen["state"] == "delivered"


async def test_a_correction_names_everything_and_reaches_the_citizen(
    desks: Any, clerk: Any, case: str, wang: Any
) -> None:
    desk = desks(clerk)
    page = await desk.submit(await desk.open(_address(case)), "/claim")
    keys = [part.partition('"')[0] for part in page.html.split('name="missing" value="')[1:]]
    photo = next(key for key in keys if f'name="problem_{key}"' in page.html)
    page = await desk.submit(
        page, "/correction", missing=photo, **{f"problem_{photo}": "unclear"}, note="请补"
    )
    assert "补正通知发出了" in page.words
    told = (await wang.get(f"/applications/{case}")).json
    assert told["state"] == "correction"


async def test_a_correction_without_anything_missing_is_refused(
    desks: Any, clerk: Any, case: str
) -> None:
    desk = desks(clerk)
    page = await desk.submit(await desk.open(_address(case)), "/claim")
    refused = await desk.submit(page, "/correction")
    assert refused.status == 422
    assert "受理号" in (await desk.open(_address(case))).words


async def test_a_refusal_needs_its_reason(desks: Any, clerk: Any, case: str) -> None:
    desk = desks(clerk)
    page = await desk.submit(await desk.open(_address(case)), "/claim")
    refused = await desk.submit(page, "/steps", action="refuse")
    assert refused.status == 422
    done = await desk.submit(page, "/steps", action="refuse", note="不属于本部门")
    assert "不予受理" in done.words


async def test_two_tabs_on_one_case_take_one_step(desks: Any, clerk: Any, case: str) -> None:
    desk = desks(clerk)
    page = await desk.submit(await desk.open(_address(case)), "/claim")
    other = await desk.open(_address(case))
    await desk.submit(page, "/steps", action="accept")
    late = await desk.submit(other, "/steps", action="accept")
    assert late.status == 409
    (row,) = await fetch("SELECT count(*) n FROM case_event WHERE action = 'accept'")
    assert row["n"] == 1


async def test_a_colleagues_case_offers_no_steps(
    desks: Any, clerk: Any, staff: Any, case: str
) -> None:
    desk = desks(clerk)
    await desk.submit(await desk.open(_address(case)), "/claim")
    other = desks(await staff("clerk", departments=("public-security",)))
    page = await other.open(_address(case))
    assert "/steps" not in page.html
    refused = await other.submit(page, "/claim")
    assert refused.status == 409


async def test_another_departments_clerk_does_not_open_a_case(
    desks: Any, staff: Any, case: str
) -> None:
    stranger = desks(await staff("clerk", departments=("civil-affairs",)))
    page = await stranger.open(_address(case))
    assert page.status in (403, 404)
    assert "王小明" not in page.html


async def test_a_password_alone_opens_no_case(desks: Any, staff: Any, case: str) -> None:
    member = await staff("clerk", departments=("public-security",), second_factor=False)
    page = await desks(member).open(_address(case))
    assert page.status == 403
    assert "动态口令" in page.words


async def test_reading_stands_in_the_audit_trail_with_its_purpose(
    desks: Any, clerk: Any, case: str
) -> None:
    desk = desks(clerk)
    await desk.open(_address(case), params={"purpose": "complaint"})
    rows = await fetch(
        "SELECT detail->>'purpose' AS purpose FROM audit_entry WHERE subject = $1", f"case:{case}"
    )
    assert "complaint" in [row["purpose"] for row in rows]
    assert (await desk.open(_address(case), params={"purpose": "curiosity"})).status == 422


async def test_what_a_citizen_wrote_is_shown_and_never_run(
    desks: Any, clerk: Any, wang: Any, office: Office
) -> None:
    draft = await office.filled(wang)
    key = next(m["key"] for m in draft["materials"] if m["files"])
    named = await wang.call(
        "POST",
        f"/applications/drafts/{draft['id']}/materials/{key}/files",
        params={"name": f"{SCRIPT}.jpg"},
        data=picture(),
    )
    assert named.status == 200, named.text
    typed = {"answers": {"employer": SCRIPT}, "revision": named.json["revision"]}
    saved = await wang.call("PATCH", f"/applications/drafts/{draft['id']}", json=typed)
    case = (await office.submit(wang, saved.json)).json["id"]
    desk = desks(clerk)
    page = await desk.open(_address(case))
    assert SCRIPT not in page.html
    assert "&lt;script&gt;" in page.html
    file = page.html.partition("/files/")[2].partition('"')[0]
    paper = await desk.open(f"{_address(case)}/files/{file}")
    assert paper.status == 200
    assert paper.reply.headers["Content-Type"].startswith("image/")
    assert paper.reply.headers["Content-Security-Policy"] == "sandbox"
    assert paper.reply.headers["X-Content-Type-Options"] == "nosniff"


async def test_receipts_of_several_cases_are_printed_at_once(
    desks: Any, clerk: Any, case: str
) -> None:
    desk = desks(clerk)
    await desk.submit(await desk.submit(await desk.open(_address(case)), "/claim"), "/steps",
                      action="accept")  # fmt: skip
    paper = await desk.open("/console/desk/papers", params={"id": case})
    assert paper.reply.content.startswith(b"%PDF")
    assert (await desk.open("/console/desk/papers")).status == 422


async def test_the_inbox_is_filtered_and_turned_over(desks: Any, clerk: Any, case: str) -> None:
    desk = desks(clerk)
    assert _address(case) in (await desk.open("/console/desk?state=submitted")).html
    assert "没有这样的办件" in (await desk.open("/console/desk?state=review")).words
    assert "没有这样的办件" in (await desk.open("/console/desk?mine=true")).words
    assert (await desk.open("/console/desk?state=nonsense")).status == 422
    assert (await desk.open("/console/desk?after=nonsense")).status == 422
