"""Facts about the whole API: every route has a rule, errors are problems."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from miniapp_api.platform import openapi
from miniapp_api.platform.auth import Auth
from miniapp_api.platform.database import fetch
from miniapp_api.tables import ROOMS

# The API's own documentation, the WebSocket, the files of the citizen's client, the hall's screen,
# and the console, whose pages state their rules in their own way (tests/miniapp_api/console/).
UNDECLARED = {"docs", "chat/ws", "", "pages", "assets", "static", "console", "screen"}


def test_every_route_states_its_rule(app: Any) -> None:
    silent = [
        route.path
        for route in app.router.routes
        if not hasattr(route.handler, "endpoint")
        and route.path.split("/")[0] not in UNDECLARED
        and route.path not in UNDECLARED
    ]
    assert silent == []


def test_personal_routes_are_for_citizens(app: Any) -> None:
    rules = {(e.method, path): e.auth for path, e in openapi.endpoints(app)}
    rooms = ("/appointments", "/messages", "/identity/principals", "/hall")
    public = {
        ("GET", "/appointments/halls"),
        ("GET", "/appointments/slots"),
        ("GET", "/appointments/crowds"),
        ("GET", "/appointments/days"),
        ("GET", "/hall/<hall:str>/board"),
        ("GET", "/hall/<hall:str>/stream"),
    }
    personal = {key: rule for key, rule in rules.items() if key[1].startswith(rooms)}
    assert {k for k, rule in personal.items() if rule is Auth.PUBLIC} == public
    staff = {k for k, rule in personal.items() if rule is Auth.STAFF}
    assert all("/manage/" in path or "/desk/" in path or "/hall/" in path for _, path in staff)
    assert {rule for k, rule in personal.items() if k not in public | staff} == {Auth.CITIZEN}


def test_every_staff_route_names_its_roles(app: Any) -> None:
    for path, declared in openapi.endpoints(app):
        assert bool(declared.roles) == (declared.auth is Auth.STAFF), path


def test_every_post_that_creates_takes_an_idempotency_key(app: Any) -> None:
    creating = {
        path: e.idempotency
        for path, e in openapi.endpoints(app)
        if e.method == "POST" and e.status == 201 and not path.endswith("/sessions")
    }
    assert set(creating.values()) == {"required"}


async def test_the_tables_match_the_models(app: Any) -> None:
    """Tortoise's own autodetector finds nothing to migrate."""
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).parent / "tortoise"),
        "-c",
        "miniapp_api.tables.TORTOISE_ORM",
        "makemigrations",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=Path(__file__).resolve().parents[2],
    )
    output, _ = await process.communicate()
    assert b"No changes" in output, output.decode()


async def test_the_database_itself_forbids_overselling(api: Any) -> None:
    rows = await fetch(
        "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid::regclass::text = "
        "ANY('{slot,allotment,closure,waiting,certificate}') UNION "
        "SELECT indexname FROM pg_indexes WHERE indexname LIKE '%_one_live'"
    )
    assert {r["conname"] for r in rows} >= {
        "allotment_seats",
        "slot_order",
        "closure_order",
        "waiting_order",
        "appointment_one_live",
        "waiting_one_live",
        "proxy_grant_one_live",
        "certificate_order",
        "certificate_origin",
    }
    assert len(ROOMS) == len(set(ROOMS))


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing/here", 404, "not_found"),
        ("DELETE", "/health", 405, "method_not_allowed"),
        ("POST", "/identity/codes", 400, "malformed_json"),
    ],
)
async def test_every_error_is_a_problem(
    api: Any, method: str, path: str, status: int, code: str
) -> None:
    reply = await api.call(method, path, data=b"{" if method == "POST" else None)
    assert (reply.status, reply.code) == (status, code)
    assert reply.json["request_id"] == reply.headers["X-Request-ID"]


async def test_a_body_that_is_too_large_is_refused(api: Any) -> None:
    reply = await api.call("POST", "/identity/codes", data=b"x" * 1_100_000)
    assert reply.code == "payload_too_large"


async def test_the_api_is_healthy_and_says_that_rasa_is_not(api: Any) -> None:
    health = (await api.get("/health")).json
    assert health == {"status": "ok", "database": True, "redis": True, "rasa": "down"}


async def test_the_documentation_needs_no_other_host(api: Any) -> None:
    page = (await api.get("/docs/")).text
    assert "http" not in page.replace("http-equiv", "")
    assert (await api.get("/docs/ui/swagger-ui-bundle.js")).status == 200


async def test_nothing_personal_is_logged(
    api: Any, log_in: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    citizen = await log_in("13812345678")
    await citizen.post("/chat/messages", {"text": "我叫王小明,身份证11010519491231002X丢了"})
    await citizen.post("/appointments/holds", {"slot": "王小明", "item": "13812345678"}, key="k")
    logged = "".join(capfd.readouterr())
    assert '"event": "request"' in logged
    for personal in (
        "13812345678",
        "王小明",
        "11010519491231002X",
        citizen.headers["Authorization"],
    ):
        assert personal not in logged
