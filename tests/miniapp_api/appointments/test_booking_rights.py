"""A citizen's rights over his bookings: a copy of all, and deletion gives seats back."""

from __future__ import annotations

from typing import Any

import pytest

from miniapp_api.platform.database import fetch
from tests.miniapp_api.identity.conftest import fresh_code

__all__ = ["fresh_code"]

PHONE, ITEM, ID_NUMBER = "13800138000", "id-card-lost-replacement", "11010519491231002X"
DAY, FULL_DAY = "2026-11-26", "2026-11-27"
SELL_OUT = """
UPDATE allotment SET remaining = 0, capacity = capacity - remaining
WHERE slot_id IN (SELECT id FROM slot WHERE queue = 'public-security'
                  AND starts_at::date = $1::text::date) RETURNING id
"""


async def _free() -> int:
    (row,) = await fetch("SELECT sum(remaining)::int AS n FROM allotment")
    return int(row["n"])


@pytest.fixture
async def booked(citizen: Any) -> str:
    listed = (await citizen.get(f"/appointments/slots?item={ITEM}&from={DAY}&to={DAY}")).json
    slot = listed["days"][0]["slots"][0]["id"]
    wish = {"slot": slot, "item": ITEM, "id_number": ID_NUMBER}
    held = await citizen.post("/appointments/holds", wish, key="h")
    assert held.status == 201, held.text
    confirmed = await citizen.post(f"/appointments/{held.json['id']}/confirm")
    assert confirmed.status == 200, confirmed.text
    return str(held.json["id"])


async def test_the_copy_has_every_booking(citizen: Any, booked: str) -> None:
    copy = (await citizen.get("/identity/me/export")).json["data"]
    assert [each["id"] for each in copy["appointments"]] == [booked]
    assert ID_NUMBER not in str(copy["appointments"])


async def test_deletion_gives_the_seat_back_and_forgets_the_number(
    citizen: Any, booked: str, fresh_code: Any
) -> None:
    await fetch(SELL_OUT, FULL_DAY)
    wish = {"item": ITEM, "first": FULL_DAY, "last": FULL_DAY}
    waits = await citizen.post("/appointments/waiting", wish, key="w")
    assert waits.status == 201, waits.text
    free = await _free()
    reply = await citizen.post("/identity/me/deletion", {"code": await fresh_code(PHONE)})
    assert reply.status == 200, reply.text
    told = {"还没到的预约（已取消）", "候补登记", "预约里证件号的密文索引"}
    assert told <= set(reply.json["erased"])
    assert await _free() == free + 1
    (row,) = await fetch("SELECT status, document_index FROM appointment")
    assert (row["status"], row["document_index"]) == ("cancelled", None)
    (row,) = await fetch("SELECT status FROM waiting")
    assert row["status"] == "left"


async def test_what_was_booked_for_somebody_else_stays(
    citizen: Any, booked: str, fresh_code: Any
) -> None:
    await fetch("UPDATE appointment SET principal = gen_random_uuid() RETURNING id")
    await citizen.post("/identity/me/deletion", {"code": await fresh_code(PHONE)})
    (row,) = await fetch("SELECT status FROM appointment")
    assert row["status"] == "confirmed"
