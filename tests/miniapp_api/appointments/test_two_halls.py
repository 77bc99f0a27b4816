"""Two halls in one city (同城通办): any hall that serves the item, each with its own plan."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import yaml

from miniapp_api.appointments import wiring
from miniapp_api.appointments.booker import Booker
from miniapp_api.appointments.errors import DayLimit, HallNotFound
from miniapp_api.appointments.service import Wish
from miniapp_api.guides.checks import check_folder
from miniapp_api.guides.hot import HotItems
from miniapp_api.guides.library import Library
from miniapp_api.guides.schemas import AnswerRequest
from miniapp_api.guides.service import GuidesService
from miniapp_api.settings import ROOT

ITEM, OTHER = "id-card-lost-replacement", "id-card-renewal"
SATURDAY = date(2026, 11, 28)


def _write_second_hall(folder: Path) -> None:
    """A hall with two queues and three windows, open on Saturday mornings."""
    hall = yaml.safe_load((folder / "halls" / "municipal.yaml").read_text(encoding="utf-8"))
    span = [{"from": "09:00", "to": "11:00"}]
    booking = hall["booking"] | {"per_person_per_day": 1, "first_working_day": 1}
    hall |= {
        "id": "hunnan",
        "name": "浑南区政务服务中心",
        "address": "示例路1号",
        "departments_count": None,
        "windows_count": None,
        "staff_count": None,
        "hours": {"monday": span, "saturday": span},
        "booking": booking,
    }
    (folder / "halls" / "hunnan.yaml").write_text(
        yaml.safe_dump(hall, allow_unicode=True), encoding="utf-8"
    )
    window = {"zone": "A", "floor": 1}
    police, tax = "public-security", "tax"
    plan = {
        "hall": "hunnan",
        "placeholders": ["queues", "windows"],
        "queues": [
            {
                "id": police,
                "name": "公安",
                "prefix": "A",
                "department": police,
                "windows": ["001", "002"],
                "appointment_capacity_per_window_per_slot": 1,
                "items": [ITEM, OTHER],
            },
            {
                "id": tax,
                "name": "税务",
                "prefix": "B",
                "department": tax,
                "windows": ["003"],
                "appointment_capacity_per_window_per_slot": 1,
            },
        ],
        "windows": [
            {"number": "001", "queue": police, "department": police, **window},
            {"number": "002", "queue": police, "department": police, **window},
            {"number": "003", "queue": tax, "department": tax, **window},
        ],
    }
    (folder / "windows" / "hunnan.yaml").write_text(
        yaml.safe_dump(plan, allow_unicode=True), encoding="utf-8"
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("two-halls") / "handbook"
    shutil.copytree(ROOT / "handbook", copy)
    _write_second_hall(copy)
    return copy


@pytest.fixture
async def ctx(api: Any, app: Any, folder: Path, tmp_path: Path, clock: Any) -> Any:
    """The services of a city with two halls, on the same database."""
    hot = HotItems(app.ctx.redis, clock)  # its own: what is looked at here is nobody's concern
    guides = GuidesService(Library(folder, tmp_path), hot, clock, "沈阳市", "12345", 10)
    names = ("settings", "identity", "grants", "messages")
    kept = {name: getattr(app.ctx, name) for name in names}
    city = SimpleNamespace(ctx=SimpleNamespace(**kept, guides=guides, clock=clock))
    wiring._compose(city)  # type: ignore[arg-type]
    await city.ctx.schedules.open_slots()
    yield city.ctx
    app.ctx.messages.guard("booking_reminder", app.ctx.visits.still_booked)


def test_a_handbook_with_two_halls_is_sound(folder: Path) -> None:
    assert [f for f in check_folder(folder).faults if f.level == "error"] == []


async def test_any_hall_that_serves_the_item_is_offered(ctx: Any) -> None:
    halls = (await ctx.listing.halls(ITEM)).halls
    assert [hall.id for hall in halls] == ["municipal", "hunnan"]  # the main one first
    others = ctx.guides.items_of("municipal", "public-security")
    narrow = next(i for i in others if i.appointment != "none" and i.code not in (ITEM, OTHER))
    assert [hall.id for hall in (await ctx.listing.halls(narrow.code)).halls] == ["municipal"]


async def test_the_answer_where_to_go_names_both(ctx: Any) -> None:
    answer = ctx.guides.answer(AnswerRequest(aspect="place", item=ITEM))
    assert "沈阳市政务服务中心" in answer.text
    assert "浑南区政务服务中心" in answer.text


async def test_each_hall_has_its_own_days_and_rules(ctx: Any) -> None:
    async def open_on(hall: str) -> list[str]:
        listed = await ctx.listing.slots(ITEM, hall, SATURDAY, SATURDAY)
        return [slot["start"] for slot in listed["days"][0]["slots"]]

    assert await open_on("municipal") == []
    assert await open_on("hunnan") == ["09:00", "09:30", "10:00", "10:30"]
    (day,) = (await ctx.closures.hall_days("hunnan", SATURDAY, SATURDAY)).days
    assert day.hours == [["09:00", "11:00"]]


async def test_a_booking_belongs_to_its_hall(ctx: Any) -> None:
    person = uuid4()
    listed = await ctx.listing.slots(ITEM, "hunnan", SATURDAY, SATURDAY)
    slots = [int(slot["id"]) for slot in listed["days"][0]["slots"]]

    async def hold(item: str, hall: str, slot: int) -> Any:
        wish = Wish(slot, item, hall, "mini_program")
        return await ctx.appointments.hold(Booker(person, person), wish, uuid4().hex)

    held = await hold(ITEM, "hunnan", slots[0])
    assert held.hall.id == "hunnan"
    with pytest.raises(DayLimit):  # one a day here, three in the main hall
        await hold(OTHER, "hunnan", slots[1])
    with pytest.raises(HallNotFound):
        await hold(ITEM, "elsewhere", slots[0])
