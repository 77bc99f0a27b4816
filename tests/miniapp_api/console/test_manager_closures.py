"""The hall's manager closes for a time, sees first whom that meets, and lifts it again."""

from __future__ import annotations

from typing import Any

import pytest

from miniapp_api.platform.database import fetch
from tests.miniapp_api.console.conftest import Desk, Page

CLOSURES = "/console/manager/closures"
ITEM, QUEUE = "id-card-lost-replacement", "public-security"
DAY = "2026-11-25"
TYPED = {
    "place": QUEUE,
    "starts_at": f"{DAY}T09:00",
    "ends_at": f"{DAY}T12:00",
    "reason": "设备检修",
}
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
async def manager(desks: Any, staff: Any) -> Desk:
    desk: Desk = desks(await staff("hall_manager"))
    return desk


async def _slots(api: Any) -> list[dict[str, Any]]:
    reply = await api.get(f"/appointments/slots?item={ITEM}&from={DAY}&to={DAY}")
    slots: list[dict[str, Any]] = reply.json["days"][0]["slots"]
    return slots


@pytest.fixture
async def booked(citizen: Any) -> Any:
    """A booking of the first slot."""
    body = {"slot": (await _slots(citizen))[0]["id"], "item": ITEM}
    held = await citizen.post("/appointments/holds", body, key="b")
    return (await citizen.post(f"/appointments/{held.json['id']}/confirm")).json


async def _press(desk: Desk, page: Page, do: str, **typed: str) -> Page:
    return await desk.submit(page, CLOSURES, do=do, **typed)


async def _previewed(desk: Desk, **typed: str) -> Page:
    return await _press(desk, await desk.open(CLOSURES), "preview", **{**TYPED, **typed})


async def _status(citizen: Any) -> str:
    (mine,) = (await citizen.get("/appointments/")).json["appointments"]
    return str(mine["status"])


async def test_a_closure_is_looked_at_made_and_lifted(
    manager: Desk, citizen: Any, booked: Any
) -> None:
    preview = await _previewed(manager)
    assert "停约的时段 5个" in preview.words
    assert "1 个预约要改期" in preview.words
    assert booked["reference"] in preview.words
    assert await _status(citizen) == "confirmed"  # nothing has changed yet
    done = await _press(manager, preview, "close")
    assert done.url == CLOSURES
    assert "1个预约要改期，已经通知本人" in done.words
    assert "设备检修" in done.words
    assert await _status(citizen) == "displaced"
    lift = done.html.partition(f'action="{CLOSURES}/')[2].partition('"')[0]
    lifted = await manager.submit(done, f"/{lift}")
    assert "1个预约回到原来的时间" in lifted.words
    assert "现在没有停办" in lifted.words
    assert await _status(citizen) == "confirmed"


async def test_the_whole_hall_is_closed(manager: Desk, api: Any) -> None:
    preview = await _previewed(manager, place="whole")
    assert "停哪里 全大厅" in preview.words
    assert "没有预约受影响" in preview.words
    assert "停办了" in (await _press(manager, preview, "close")).words
    assert (await _slots(api))[0]["start"] == "13:00"


async def test_some_windows_are_looked_at_closed_and_opened(manager: Desk, api: Any) -> None:
    typed = {"place": "windows", "windows": "14-15、21"}
    preview = await _previewed(manager, **typed)
    assert "停哪里 014-015、021号窗口" in preview.words
    assert "少了名额的时段 5个，一共少30个名额" in preview.words
    assert "没有预约受影响" in preview.words
    before = (await _slots(api))[0]["remaining"]
    back = await _press(manager, preview, "edit")
    assert typed.items() <= back.form(CLOSURES).fields.items()
    done = await _press(manager, preview, "close")
    assert "市公安局 014-015、021号窗口" in done.words
    after = (await _slots(api))[0]
    assert after["start"] == "09:00"
    assert after["remaining"] < before
    lift = done.html.partition(f'action="{CLOSURES}/')[2].partition('"')[0]
    assert "现在没有停办" in (await manager.submit(done, f"/{lift}")).words
    assert (await _slots(api))[0]["remaining"] == before


async def test_who_gives_way_is_named_before_windows_are_closed(
    manager: Desk, citizen: Any, booked: Any
) -> None:
    some = await _previewed(manager, place="windows", windows="014-020")
    assert "没有预约受影响" in some.words  # the window that is left has two seats
    every = await _previewed(manager, place="windows", windows="014-021")
    assert booked["reference"] in every.words
    assert "后约的先改期" in every.words
    await _press(manager, every, "close")
    assert await _status(citizen) == "displaced"


async def test_what_was_typed_comes_back_from_the_preview(manager: Desk) -> None:
    back = await _press(manager, await _previewed(manager), "edit")
    assert TYPED.items() <= back.form(CLOSURES).fields.items()


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ({"ends_at": f"{DAY}T08:00"}, 422, "结束时间应晚于开始时间"),
        ({"starts_at": "2026-11-23T09:00"}, 422, "停办的开始时间已经过去了"),
        ({"place": ""}, 422, "请检查：停哪里"),
        ({"place": "nobody"}, 422, "没有这个队列"),
        ({"place": "windows"}, 422, "再写窗口号"),
        ({"windows": "014"}, 422, "停哪里选“只停几个窗口”"),
        ({"place": "windows", "windows": "014、777"}, 422, "没有这些窗口：777"),
        ({"place": "windows", "windows": "001、014"}, 422, "不在同一个队列"),
        ({"reason": ""}, 422, "请检查：原因"),
        ({"starts_at": "明天"}, 422, "请检查：从什么时候"),
        ({"do": "explode"}, 422, "请检查：操作"),
    ],
)
async def test_what_does_not_fit_is_refused(
    manager: Desk, typed: dict[str, str], status: int, said: str
) -> None:
    page = await manager.open(CLOSURES)
    for do in ("preview", "close"):
        refused = await manager.submit(page, CLOSURES, **{**TYPED, "do": do, **typed})
        assert refused.status == status
        assert said in refused.words
    assert await fetch("SELECT id FROM closure") == []


async def test_the_same_twice_and_what_is_lifted_are_refused(manager: Desk) -> None:
    preview = await _previewed(manager)
    done = await _press(manager, preview, "close")
    again = await _press(manager, preview, "close")
    assert (again.status, "已经登记了停办" in again.words) == (409, True)
    lift = done.html.partition(f'action="{CLOSURES}/')[2].partition('"')[0]
    assert (await manager.submit(done, f"/{lift}")).status == 200
    assert (await manager.submit(done, f"/{lift}")).status == 404
    fields = done.form(f"/{lift}").fields
    assert (await manager.post(f"{CLOSURES}/x/lift", fields)).status == 404


async def test_a_script_in_a_reason_is_shown_as_text(manager: Desk) -> None:
    preview = await _previewed(manager, reason=SCRIPT)
    done = await _press(manager, preview, "close")
    for page in (preview, done):
        assert SCRIPT not in page.html
        assert "&lt;script&gt;" in page.html


async def test_another_halls_manager_does_not_lift_ours(
    manager: Desk, desks: Any, staff: Any
) -> None:
    done = await _press(manager, await _previewed(manager), "close")
    lift = done.html.partition(f'action="{CLOSURES}/')[2].partition('"')[0]
    other: Desk = desks(await staff("hall_manager", hall="district"))
    page = await other.open("/console/account")
    csrf = page.html.partition('name="csrf" value="')[2].partition('"')[0]
    assert (await other.post(f"{CLOSURES}/{lift}", {"csrf": csrf})).status == 404
    assert "设备检修" in (await manager.open(CLOSURES)).words
