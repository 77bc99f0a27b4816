"""schemathesis against every route, as everybody: what is declared is what is answered."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from miniapp_api.platform import openapi
from miniapp_api.platform.auth import Auth
from miniapp_api.platform.http import Endpoint
from miniapp_api.staff.rules import ROLES
from tests.miniapp_api.applications.conftest import (
    Office,
    real_name,
    real_name_server,
    verified,
)

__all__ = ["real_name", "real_name_server", "verified"]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# They would log the test itself out, or never end.
LEFT_OUT = {
    ("DELETE", "/identity/sessions/current"),
    ("DELETE", "/identity/devices"),
    ("DELETE", "/staff/sessions/current"),
    ("GET", "/hall/{hall}/stream"),
}
WECHATS = "/payments/notify"  # answered as WeChat wants it
OFTEN, SELDOM, ONCE = 15, 3, 1
HALL, WINDOW = "municipal", "001"

Times = Callable[[Endpoint], int]
Known = Callable[[str], dict[str, str]]


async def _schema(api: Any) -> Any:
    document = json.loads((await api.get("/docs/openapi.json")).text)
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=api.base)
    return schema


def _declared(app: Any) -> dict[tuple[str, str], Endpoint]:
    """Every route by method and path, as OpenAPI writes paths."""
    return {
        (e.method, re.sub(r"<(\w+)(?::[^>]*)?>", r"{\1}", path)): e
        for path, e in openapi.endpoints(app)
    }


def _fuzz(schema: Any, app: Any, headers: dict[str, str], times: Times, known: Known) -> int:
    """Send generated requests to every route, and return how many."""
    declared, sent = _declared(app), itertools.count()
    for operation in schema.get_all_operations():
        name = (operation.ok().method.upper(), operation.ok().path)
        if name not in LEFT_OUT:
            _send(operation.ok(), headers, times(declared[name]), known, sent)
    return next(sent)


def _send(
    operation: Any, headers: dict[str, str], times: int, known: Known, sent: Iterator[int]
) -> None:
    """Send generated requests to a route; every other one names things that are really there."""
    checks = CHECKS[:2] if operation.path == WECHATS else CHECKS

    @given(case=operation.as_strategy())
    @settings(
        max_examples=times,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def check(case: Any) -> None:
        if next(sent) % 2:
            real = known(operation.path)
            parts = case.path_parameters or {}
            parts.update({part: real[part] for part in parts.keys() & real.keys()})
        case.call_and_validate(checks=checks, headers=headers)

    check()


def _nothing(path: str) -> dict[str, str]:
    return {}


async def test_the_schema_holds_for_a_citizen(api: Any, app: Any, citizen: Any) -> None:
    schema = await _schema(api)

    def often(declared: Endpoint) -> int:
        return ONCE if declared.auth is Auth.STAFF else OFTEN

    await asyncio.to_thread(_fuzz, schema, app, citizen.headers, often, _nothing)


async def test_the_schema_holds_for_nobody(api: Any, app: Any) -> None:
    schema = await _schema(api)

    def times(declared: Endpoint) -> int:
        return SELDOM if declared.auth in (Auth.PUBLIC, Auth.OPTIONAL) else ONCE

    await asyncio.to_thread(_fuzz, schema, app, {}, times, _nothing)


@pytest.fixture
async def things(verified: Any, api: Any, app: Any, staff: Any, pay: Any) -> Known:
    """What is really there, by the part of a path that names it."""
    citizen, office = await verified(), Office(api)
    draft = await office.filled(citizen, kind="replacement")
    order = (await citizen.post(f"/applications/drafts/{draft['id']}/order")).json["id"]
    await pay(citizen, order)
    case = (await office.submit(citizen, draft)).json["id"]
    shown = (await citizen.get(f"/applications/{case}")).json
    assert shown["paid"]
    kiosk = await staff("kiosk")
    body = {"item": "id-card-renewal"}
    ticket = await kiosk.post(f"/hall/{HALL}/tickets", body, key="t")
    assert ticket.status == 201, ticket.text
    ids = {"/payments": order, "/applications": case, "/hall": ticket.json["id"]}

    def known(path: str) -> dict[str, str]:
        id = next((id for room, id in ids.items() if path.startswith(room)), None)
        day = f"{app.ctx.clock.now():%Y-%m-%d}"
        parts = {"hall": HALL, "number": WINDOW, "day": day}
        return {**parts, "id": id} if id else parts

    return known


@pytest.mark.parametrize("role", ROLES)
async def test_the_schema_holds_for_staff(
    api: Any, app: Any, staff: Any, things: Any, role: str
) -> None:
    departments = tuple(app.ctx.guides.handbook.departments)
    member = await staff(role, departments=departments)
    schema = await _schema(api)
    mine = 12 if role == "clerk" else OFTEN

    def times(declared: Endpoint) -> int:
        return mine if role in declared.roles else ONCE

    sent = await asyncio.to_thread(_fuzz, schema, app, member.headers, times, things)
    assert sent > len(_declared(app)) - len(LEFT_OUT)
