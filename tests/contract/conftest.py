"""The bot as the API sees it: a service token and a conversation."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.miniapp_api.applications.conftest import clerk, office, wang
from tests.miniapp_api.certificates.conftest import department_server
from tests.miniapp_api.identity.conftest import real_name, real_name_server, verified

__all__ = [
    "clerk",
    "department_server",
    "office",
    "real_name",
    "real_name_server",
    "verified",
    "wang",
]

SAMPLES = Path(__file__).parent / "samples"


def sample_of(name: str) -> dict[str, Any]:
    return json.loads((SAMPLES / f"bot_{name}.json").read_text())


def fits(sample: Any, real: Any, path: str = "$") -> None:
    """Every field that the bot was promised is there, with the promised type."""
    if isinstance(sample, dict):
        assert isinstance(real, dict), path
        for key, value in sample.items():
            assert key in real, f"{path}.{key} is missing"
            fits(value, real[key], f"{path}.{key}")
    elif isinstance(sample, list):
        assert isinstance(real, list), path
        for each in real if sample else []:
            fits(sample[0], each, f"{path}[]")
    elif sample is not None and real is not None:
        assert type(real) is type(sample), f"{path} is {real!r}, promised {sample!r}"


class Bot:
    """Sends the samples' requests to the real API."""

    def __init__(self, client: Any) -> None:
        self.client = client

    async def send(self, name: str, key: str = "k", **changes: Any) -> Any:
        sample = sample_of(name)
        request = sample["request"]
        path = re.sub(r"(?<=/)[0-9a-f-]{36}(?=/|$)", changes.pop("id", ""), request["path"])
        body = {**request["json"], **changes} if request.get("json") else None
        keyed = {"Idempotency-Key": key} if "Idempotency-Key" in request["headers"] else {}
        reply = await self.client.call(
            request["method"], path, json=body, params=request.get("query"), headers=keyed
        )
        assert reply.status == sample["response"]["status"], f"{name}: {reply.text}"
        if reply.status >= 400:
            assert reply.code == sample["response"]["json"]["code"]
            assert reply.json["detail"]
        else:
            fits(sample["response"]["json"], reply.json)
        return reply.json


@pytest.fixture
def bot_of(api: Any, app: Any) -> Any:
    """The bot in a conversation in which a citizen is logged in."""

    async def bot_of(citizen: Any, conversation: str) -> Bot:
        token = citizen.headers["Authorization"].split()[1]
        me = await app.ctx.identity.citizen_of_token(token)
        await app.ctx.identity.bind_conversation(conversation, me, token)
        return Bot(api.as_bot(conversation))

    return bot_of
