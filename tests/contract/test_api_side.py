"""The API answers what the bot's samples say: tests/bot holds the bot to the same files."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from miniapp_api.platform.database import fetch
from tests.contract.conftest import SAMPLES, Bot

ITEM = "id-card-lost-replacement"
CONVERSATION = "conversation-of-a-citizen"


@pytest.fixture
async def bot(citizen: Any, bot_of: Any) -> Bot:
    return await bot_of(citizen, CONVERSATION)


@pytest.mark.parametrize(
    "name", ["answer", "answer_without_item", "answer_candidates", "halls", "ask_human"]
)
async def test_what_is_read_fits_the_sample(bot: Bot, name: str) -> None:
    await bot.send(name)


async def test_a_booking_from_list_to_cancellation_fits_the_samples(bot: Bot, clock: Any) -> None:
    days = (await bot.send("slots"))["days"]
    first, second = days[0]["slots"][:2]
    held = await bot.send("hold", "k1", slot=first["id"])
    assert (await bot.send("confirm", id=held["id"]))["status"] == "confirmed"
    await bot.send("reschedule", "k2", id=held["id"], slot=second["id"])
    (booked,) = (await bot.send("appointments"))["appointments"]
    assert booked["start"] == second["start"]
    assert (await bot.send("cancel", id=held["id"]))["status"] == "cancelled"


async def test_the_refusals_fit_the_samples(
    bot: Bot, api: Any, log_in: Any, clock: Any, app: Any
) -> None:
    slot = (await bot.send("slots"))["days"][0]["slots"][0]
    await Bot(api.as_bot("conversation-of-nobody")).send("hold_login_required", slot=slot["id"])
    for n in range(slot["remaining"]):
        other = await log_in(f"133{n:08d}")
        await other.post("/appointments/holds", {"slot": slot["id"], "item": ITEM}, key="k")
    await bot.send("hold_slot_full", slot=slot["id"])
    later = (await bot.send("slots"))["days"][0]["slots"][0]
    held = await bot.send("hold", "k3", slot=later["id"])
    clock.advance(timedelta(minutes=11))
    await bot.send("confirm_expired", id=held["id"])


async def test_a_day_beyond_the_horizon_fits_the_sample(bot: Bot) -> None:
    await bot.send("slots_beyond_horizon")


async def test_the_hall_fits_the_samples(
    bot: Bot, api: Any, citizen: Any, log_in: Any, clock: Any
) -> None:
    await citizen.post(
        "/identity/principals", {"relation": "child", "label": "儿子", "guardian": True}, key="g"
    )
    assert (await bot.send("principals"))["principals"]
    await bot.send("crowds")
    await bot.send("hall_days")
    clock.advance(timedelta(minutes=30))
    ticket = await bot.send("take_ticket", "t")
    assert (await bot.send("tickets"))["tickets"]
    assert (await bot.send("leave_ticket", id=ticket["id"]))["status"] == "left"
    await fetch(
        "UPDATE allotment SET capacity = 0, remaining = 0 WHERE slot_id IN (SELECT id FROM slot "
        "WHERE queue = 'public-security' AND starts_at::date = '2026-11-25')"
    )
    place = await bot.send("join_waiting", "w")
    assert (await bot.send("waiting"))["waiting"]
    assert (await bot.send("leave_waiting", id=place["id"]))["status"] == "left"


def test_every_sample_is_checked() -> None:
    tests = Path(__file__).parent.glob("test_api_side*.py")
    source = "\n".join(path.read_text() for path in tests)
    names = {path.stem.removeprefix("bot_") for path in SAMPLES.glob("bot_*.json")}
    of_rasa = {"turn", "turn_failed"}  # chat sends these: tests/e2e talks to the real Rasa
    assert {name for name in names - of_rasa if f'"{name}"' not in source} == set()
