"""The bot sends what tests/contract/samples says, and lives on what it says is answered."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.api_client import ApiClient, ApiRefusal, ConversationApi

SAMPLES = Path(__file__).resolve().parents[1] / "contract" / "samples"
ID = "6b0f3a52-6d0e-4a8b-9f0c-1f2f6f1f0c11"
ITEM, DAY = "id-card-lost-replacement", "2026-11-25"
PERMIT = "residence-permit-application"

CALLS: dict[str, Any] = {
    "answer": lambda api, body: api.answer(body),
    "answer_without_item": lambda api, body: api.answer(body),
    "answer_candidates": lambda api, body: api.answer(body),
    "ask_human": lambda api, _: api.ask_human(),
    "halls": lambda api, _: api.halls(ITEM),
    "slots": lambda api, _: api.slots(ITEM, "municipal", DAY, DAY),
    "slots_beyond_horizon": lambda api, _: api.slots(ITEM, "municipal", "2027-06-01", "2027-06-01"),
    "hold": lambda api, body: api.hold(body, "k" * 48),
    "hold_login_required": lambda api, body: api.hold(body, "k" * 48),
    "hold_slot_full": lambda api, body: api.hold(body, "k" * 48),
    "confirm": lambda api, _: api.confirm(ID),
    "confirm_expired": lambda api, _: api.confirm(ID),
    "cancel": lambda api, _: api.cancel(ID),
    "reschedule": lambda api, body: api.reschedule(ID, body["slot"], "k" * 48),
    "appointments": lambda api, _: api.appointments(),
    "principals": lambda api, _: api.principals(),
    "waiting": lambda api, _: api.waiting(),
    "join_waiting": lambda api, body: api.join_waiting(body, "k" * 48),
    "leave_waiting": lambda api, _: api.leave_waiting(ID),
    "tickets": lambda api, _: api.tickets(),
    "take_ticket": lambda api, body: api.take_ticket("municipal", body["item"], "k" * 48),
    "leave_ticket": lambda api, _: api.leave_ticket(ID),
    "crowds": lambda api, _: api.crowds(ITEM, "municipal"),
    "hall_days": lambda api, _: api.hall_days("municipal", DAY, DAY),
    "item": lambda api, _: api.item(PERMIT),
    "enterprises": lambda api, _: api.enterprises(),
    "start_draft": lambda api, body: api.start_draft(body),
    "start_draft_not_online": lambda api, body: api.start_draft(body),
    "drafts": lambda api, _: api.drafts(),
    "check_draft": lambda api, _: api.check_draft(ID),
    "cases": lambda api, _: api.cases(),
    "case": lambda api, _: api.case(ID),
    "case_not_found": lambda api, _: api.case(ID),
    "withdraw": lambda api, _: api.withdraw(ID, 3),
    "withdraw_changed": lambda api, _: api.withdraw(ID, 3),
    "withdraw_too_late": lambda api, _: api.withdraw(ID, 3),
}


def sample(name: str) -> dict[str, Any]:
    """One exchange."""
    found: dict[str, Any] = json.loads((SAMPLES / f"bot_{name}.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture
async def seen() -> AsyncIterator[dict[str, Any]]:
    """A server that answers as the sample it is given, and keeps what it was sent."""
    kept: dict[str, Any] = {}

    async def handle(request: web.Request) -> web.Response:
        text = await request.text()
        kept.update(
            method=request.method,
            path=request.path,
            query=dict(request.query),
            headers=dict(request.headers),
            json=json.loads(text) if text else None,
        )
        answer = kept["sample"]["response"]
        return web.json_response(answer["json"], status=answer["status"])

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handle)
    async with TestServer(app) as server:
        client = ApiClient(str(server.make_url("/")), "token")
        kept["api"] = client.conversation("conversation")
        yield kept
        await client.close()


def test_every_exchange_with_the_api_has_a_call() -> None:
    names = {path.stem.removeprefix("bot_") for path in SAMPLES.glob("bot_*.json")}
    assert {name for name in names if not name.startswith("turn")} == set(CALLS)


@pytest.mark.parametrize("name", list(CALLS))
async def test_request_and_answer_are_as_the_sample_says(name: str, seen: dict[str, Any]) -> None:
    expected = seen["sample"] = sample(name)
    asked, api = expected["request"], seen["api"]
    assert isinstance(api, ConversationApi)
    if expected["response"]["status"] >= 400:
        with pytest.raises(ApiRefusal) as refusal:
            await CALLS[name](api, asked.get("json"))
        assert refusal.value.code == expected["response"]["json"]["code"]
    else:
        assert await CALLS[name](api, asked.get("json"))
    assert (seen["method"], seen["path"]) == (asked["method"], asked["path"])
    assert seen["query"] == asked.get("query", {})
    assert seen["json"] == asked.get("json")
    assert set(asked["headers"]) <= set(seen["headers"])
