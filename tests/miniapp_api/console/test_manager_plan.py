"""The hall's manager looks at the plan, changes it, sees what that does, and publishes it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.miniapp_api.console.conftest import Desk, Page
from tests.miniapp_api.console.sent import Fields

PLAN = "/console/manager/plan"
EDIT = f"{PLAN}/edit"
ITEM = "id-card-lost-replacement"
TODAY, TOMORROW, THURSDAY = "2026-11-24", "2026-11-25", "2026-11-26"
MORNINGS = "09:00-11:30"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
async def manager(desks: Any, staff: Any) -> Desk:
    desk: Desk = desks(await staff("hall_manager"))
    return desk


def _sent(page: Page, **typed: Any) -> list[tuple[str, str]]:
    """What the page's form would send, with some of it typed anew; `do` is the button."""
    reader = Fields()
    reader.feed(page.html.partition(f'action="{EDIT}"')[2].partition("</form>")[0])
    for name, value in typed.items():
        place = name.replace("__", ".")
        reader.sent[place] = value if isinstance(value, list) else [value]
    return [(name, value) for name, values in reader.sent.items() for value in values]


async def _press(desk: Desk, page: Page, do: str, **typed: Any) -> Page:
    return await desk.post(EDIT, _sent(page, do=do, **typed))  # type: ignore[arg-type]


async def _slots(api: Any, day: str) -> list[dict[str, Any]]:
    reply = await api.get(f"/appointments/slots?item={ITEM}&from={day}&to={day}")
    slots: list[dict[str, Any]] = reply.json["days"][0]["slots"]
    return slots


async def _booked(citizen: Any, day: str) -> dict[str, Any]:
    """Book the last slot of a day."""
    body = {"slot": (await _slots(citizen, day))[-1]["id"], "item": ITEM}
    held = await citizen.post("/appointments/holds", body, key=day)
    booked: dict[str, Any] = (await citizen.post(f"/appointments/{held.json['id']}/confirm")).json
    return booked


async def test_the_week_shows_every_queues_hours_and_seats(manager: Desk) -> None:
    page = await manager.open(PLAN)
    assert "11月24日（周二） 今天" in page.words
    assert "09:00–11:30 13:00–16:30 12个时段，各30分钟" in page.words
    assert "周末不办公" in page.words
    assert "市公安局 8 16 11 3 2" in page.words  # windows, seats, and each channel's
    holiday = await manager.open(PLAN, params={"week": "2027-01-01"})
    assert "元旦放假" in holiday.words


async def test_a_week_too_far_away_is_refused(manager: Desk) -> None:
    assert (await manager.open(PLAN, params={"week": "2029-01-01"})).status == 422
    assert (await manager.open(PLAN, params={"week": "gestern"})).status == 422


async def test_a_plan_is_looked_at_and_published(manager: Desk, citizen: Any, api: Any) -> None:
    booked = await _booked(citizen, TOMORROW)
    page = await manager.open(EDIT)
    preview = await _press(manager, page, "preview", patterns__0__openings=MORNINGS)
    assert preview.status == 200, preview.words
    assert "1 个预约要改期" in preview.words
    assert booked["reference"] in preview.words
    assert "11月25日（周三）" in preview.words
    assert (await _slots(api, TOMORROW))[-1]["start"] == "16:00"  # nothing has changed yet
    done = await _press(manager, preview, "publish")
    assert done.url == PLAN, done.words
    assert "1个预约要改期，已经通知本人" in done.words
    assert (await _slots(api, TOMORROW))[-1]["start"] == "11:00"
    (mine,) = (await citizen.get("/appointments/")).json["appointments"]
    assert mine["status"] == "displaced"


async def test_a_plan_begins_on_its_day(manager: Desk, citizen: Any, api: Any) -> None:
    await _booked(citizen, TOMORROW)
    page = await manager.open(EDIT)
    typed = {"start": THURSDAY, "patterns__0__openings": MORNINGS}
    preview = await _press(manager, page, "preview", **typed)
    assert "没有预约受影响" in preview.words
    assert "11月25日" not in preview.words
    assert (await _press(manager, preview, "publish")).url == PLAN
    assert (await _slots(api, TOMORROW))[-1]["start"] == "16:00"
    assert (await _slots(api, THURSDAY))[-1]["start"] == "11:00"
    again = _sent(await manager.open(EDIT))
    assert ("patterns.0.last", TOMORROW) in again
    assert ("patterns.1.first", THURSDAY) in again


async def test_what_was_typed_comes_back_from_the_preview(manager: Desk) -> None:
    page = await manager.open(EDIT)
    preview = await _press(manager, page, "preview", patterns__0__openings=MORNINGS)
    back = await _press(manager, preview, "edit")
    assert ("patterns.0.openings", MORNINGS) in _sent(back)


async def test_rows_are_added_and_removed_without_losing_what_is_typed(manager: Desk) -> None:
    page = await manager.open(EDIT)
    more = await _press(manager, page, "add:patterns", patterns__0__openings="九点")
    assert ("patterns.0.openings", "九点") in _sent(more)
    assert ("rows", "patterns.1") in _sent(more)
    fewer = await _press(manager, more, "remove:patterns.0")
    assert ("rows", "patterns.1") not in _sent(fewer)
    special = await _press(manager, page, "add:special_days")
    assert ("rows", "special_days.0") in _sent(special)


async def test_a_queue_has_hours_and_a_day_of_its_own(manager: Desk, api: Any) -> None:
    page = await _press(manager, await manager.open(EDIT), "add:patterns")
    page = await _press(manager, page, "add:special_days")
    typed = {
        "start": TODAY,
        "patterns__1__weekdays": ["wednesday", "thursday"],
        "patterns__1__openings": "10:00-12:00",
        "patterns__1__queues": ["public-security"],
        "special_days__0__date": THURSDAY,
        "special_days__0__note": SCRIPT,
    }
    preview = await _press(manager, page, "preview", **typed)
    assert "市公安局" in preview.words
    assert (await _press(manager, preview, "publish")).url == PLAN
    assert (await _slots(api, TOMORROW))[0]["start"] == "10:00"
    assert await _slots(api, THURSDAY) == []
    week = await manager.open(PLAN)
    assert SCRIPT not in week.html
    assert "&lt;script&gt;" in week.html


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"patterns__0__openings": "九点到十一点"}, "第1条办公时间的时间：请检查"),
        ({"patterns__0__openings": "11:00-09:00"}, "第1条办公时间的时间：结束时间应晚于开始时间"),
        ({"patterns__0__breaks": "12:00-12:30"}, "第1条办公时间的午休：休息时间不在办公时间里"),
        ({"channels__on_site": "50"}, "渠道比例：各渠道的比例之和应为100"),
        ({"rules__hold_minutes": "-1"}, "占号保留几分钟：请检查"),
        ({"rules__slot_minutes": "9" * 30}, "一个时段几分钟：请检查"),
        ({"start": "2026-11-23"}, "已经过去了"),
        ({"start": "明天"}, "从哪天起"),
    ],
)
async def test_what_does_not_fit_is_said_where_it_is(
    manager: Desk, typed: dict[str, str], said: str
) -> None:
    page = await manager.open(EDIT)
    for do in ("preview", "publish"):
        refused = await _press(manager, page, do, **typed)
        assert refused.status == 422
        assert said in refused.words


async def test_of_two_managers_the_second_is_told(
    manager: Desk, desks: Any, staff: Any, api: Any
) -> None:
    other: Desk = desks(await staff("hall_manager"))
    mine = await manager.open(EDIT)
    preview = await _press(manager, mine, "preview", patterns__0__openings=MORNINGS)
    theirs = await other.open(EDIT)
    assert (await _press(other, theirs, "publish", start=TODAY)).url == PLAN
    for page, do in ((preview, "publish"), (mine, "preview")):
        refused = await _press(manager, page, do, patterns__0__openings=MORNINGS)
        assert refused.status == 409
        assert "排班刚刚被别人改过" in refused.words
    assert (await _slots(api, TOMORROW))[-1]["start"] == "16:00"


async def test_a_clerk_and_an_editor_are_told_that_it_is_not_theirs(desks: Any, staff: Any) -> None:
    for role in ("clerk", "editor"):
        desk: Desk = desks(await staff(role))
        for path in (PLAN, EDIT, "/console/manager/closures", "/console/manager/appeals"):
            page = await desk.open(path)
            assert page.status == 403
            assert "没有权限" in page.words or "不能" in page.words, page.words
