"""Who may call what: every cell of role × route, and of own × another's case, generated."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from miniapp_api.platform import openapi
from miniapp_api.platform.auth import Auth
from miniapp_api.platform.http import Endpoint
from miniapp_api.staff.rules import ROLES
from tests.miniapp_api.applications.bundles.office import BundleOffice
from tests.miniapp_api.applications.conftest import (
    Office,
    picture,
    real_name,
    real_name_server,
    verified,
)

__all__ = ["real_name", "real_name_server", "verified"]

LOGGING_OUT = {"/identity/sessions/current", "/staff/sessions/current", "/identity/devices"}
ENDLESS = {"/hall/<hall:str>/stream"}
SECOND_FACTORS = (True, False)


def _routes(app: Any) -> list[tuple[str, Endpoint]]:
    return [(path, e) for path, e in openapi.endpoints(app) if path not in LOGGING_OUT | ENDLESS]


def _path(template: str, **parts: str) -> str:
    def part(match: re.Match[str]) -> str:
        return parts.get(match[1]) or str(uuid4())

    return re.sub(r"<(\w+)(?::[^>]*)?>", part, template)


async def _call(client: Any, path: str, declared: Endpoint) -> Any:
    if declared.method == "GET":
        return await client.call("GET", path)
    body: dict[str, Any] = {"data": b"x"} if declared.stream else {"json": {}}
    return await client.call(declared.method, path, **body)


def _refused(reply: Any) -> str | None:
    """The code of a refusal for who asks; None when he was let in, whatever came then."""
    if reply.status in (401, 403) and reply.headers["Content-Type"].startswith("application/prob"):
        who = {"login_required", "session_expired", "forbidden", "second_factor_required"}
        return reply.code if reply.code in who else None
    return None


async def test_every_cell_of_role_and_route(api: Any, app: Any, citizen: Any, staff: Any) -> None:
    members = {
        (role, strong): await staff(role, second_factor=strong)
        for role in ROLES
        for strong in SECOND_FACTORS
    }
    cells = 0
    for path, declared in _routes(app):
        expected: dict[Any, str | None] = {"nobody": None, "citizen": None, "forged": None}
        match declared.auth:
            case Auth.OPTIONAL:
                expected |= {"forged": "session_expired"}
            case Auth.CITIZEN:
                expected |= {"nobody": "login_required", "forged": "session_expired"}
            case Auth.SERVICE:
                expected |= {"nobody": "forbidden", "citizen": "forbidden"}
                expected |= {"forged": "session_expired"}
            case Auth.STAFF:
                expected |= {"nobody": "login_required", "citizen": "forbidden"}
                expected |= {"forged": "session_expired"}
        clients: dict[Any, Any] = {
            "nobody": api,
            "citizen": citizen,
            "forged": api.as_citizen("staff_forged" if declared.roles else "forged"),
            **members,
        }
        for role, strong in members:
            expected[role, strong] = _of_staff(declared, role, strong)
        for who, client in clients.items():
            reply = await _call(client, _path(path, hall="municipal"), declared)
            assert _refused(reply) == expected[who], (declared.method, path, who, reply.text)
            assert reply.status != 500, (declared.method, path, who)
            cells += 1
    assert cells > 2_000


def _of_staff(declared: Endpoint, role: str, strong: bool) -> str | None:
    match declared.auth:
        case Auth.PUBLIC | Auth.OPTIONAL:
            return None
        case Auth.CITIZEN:
            return "login_required"
        case Auth.SERVICE:
            return "forbidden"
    if role not in declared.roles:
        return "forbidden"
    return "second_factor_required" if declared.second_factor and not strong else None


# What a route needs to get as far as looking whose the case is.
RECIPES: dict[tuple[str, str], dict[str, Any]] = {
    ("PATCH", "/applications/drafts/<id:str>"): {"json": {"revision": 1}},
    ("POST", "/applications/drafts/<id:str>/certificates"): {"json": {}},
    ("POST", "/applications/drafts/<id:str>/submission"): {
        "json": {"revision": 1, "declared_true": True}
    },
    ("POST", "/applications/drafts/<id:str>/materials/<material:str>/files"): {"data": picture()},
    ("POST", "/applications/<id:str>/materials/<material:str>/files"): {"data": picture()},
    ("POST", "/applications/<id:str>/withdrawal"): {"json": {"version": 99}},
    ("POST", "/applications/<id:str>/correction"): {"json": {"version": 99}},
    ("GET", "/applications/desk/cases/<id:str>"): {"params": {"purpose": "handling"}},
    ("GET", "/applications/desk/cases/<id:str>/files/<file:str>"): {
        "params": {"purpose": "handling"}
    },
    ("POST", "/applications/desk/cases/<id:str>/actions"): {
        "json": {"action": "accept", "version": 99}
    },
    ("POST", "/applications/desk/cases/<id:str>/hand-over"): {"json": {"to": str(uuid4())}},
    ("POST", "/applications/desk/cases/<id:str>/notes"): {"json": {"text": "请看一下"}},
    ("PATCH", "/applications/desk/walk-ins/<id:str>"): {"json": {"revision": 1}},
    ("POST", "/applications/desk/walk-ins/<id:str>/certificates"): {"json": {}},
    ("POST", "/applications/desk/walk-ins/<id:str>/materials/<material:str>/files"): {
        "data": picture()
    },
    ("POST", "/applications/desk/walk-ins/<id:str>/acceptance"): {"json": {"revision": 1}},
}
BUNDLE = "/applications/bundles/<id:str>"
RECIPES |= {
    ("PATCH", BUNDLE): {"json": {"revision": 1}},
    ("POST", f"{BUNDLE}/certificates"): {"json": {}},
    ("POST", f"{BUNDLE}/submission"): {"json": {"revision": 1, "declared_true": True}},
    ("POST", f"{BUNDLE}/materials/<material:str>/files"): {"data": picture()},
    ("POST", f"{BUNDLE}/withdrawal"): {"json": {"version": 99}},
    ("POST", f"{BUNDLE}/correction"): {"json": {"version": 99}},
    ("POST", f"{BUNDLE}/corrections/<material:str>/files"): {"data": picture()},
    ("GET", "/applications/desk/bundles/<id:str>"): {"params": {"purpose": "handling"}},
    ("GET", "/applications/desk/bundles/<id:str>/files/<file:str>"): {
        "params": {"purpose": "handling"}
    },
    ("POST", "/applications/desk/bundles/<id:str>/actions"): {
        "json": {"action": "accept", "version": 99}
    },
}
SUBMITTED = ("/progress", "/receipt", "/withdrawal", "/correction", "/desk/")  # of a bundle
NOT_ANOTHERS = {
    "draft_not_found", "application_not_found", "bundle_not_found", "other_department",
    "not_the_lead",
}  # fmt: skip


def _of_cases(app: Any) -> list[tuple[str, Endpoint]]:
    return [
        (path, e) for path, e in _routes(app) if path.startswith("/applications/") and "<id" in path
    ]


@pytest.fixture
async def belongings(verified: Any, api: Any) -> tuple[Any, Callable[[str], str]]:
    """A citizen with a case, a draft and two bundles; and whose id a path is about."""
    owner, office, bundles = await verified(), Office(api), BundleOffice()
    case = await office.submitted(owner)
    draft = await owner.post("/applications/drafts", {"item": "residence-permit-endorsement"})
    submitted, begun = await bundles.submitted(owner), await bundles.start(owner)

    def id(path: str) -> str:
        if "/bundles/" in path:
            return str((submitted if any(s in path for s in SUBMITTED) else begun)["id"])
        return str(draft.json["id"] if "/drafts/" in path else case["id"])

    return owner, id


async def test_another_citizen_gets_nowhere_with_anybody_elses_case(
    api: Any, app: Any, belongings: Any, verified: Any
) -> None:
    owner, id = belongings
    other = await verified("李梅", "440524188001010014")
    for path, declared in _of_cases(app):
        if declared.auth is not Auth.CITIZEN:
            continue
        options = RECIPES.get((declared.method, path), {})
        target = _path(path, id=id(path))
        reply = await other.call(declared.method, target, **options)
        assert reply.status == 404, (declared.method, path, reply.text)
        assert reply.code in NOT_ANOTHERS, (declared.method, path, reply.code)
        if declared.method == "DELETE":
            continue  # the owner still needs it
        own = await owner.call(declared.method, target, **options)
        shown = own.code if own.status >= 400 else None
        assert shown not in NOT_ANOTHERS, (declared.method, path, own.text)


async def test_a_clerk_of_another_department_gets_nowhere(
    api: Any, app: Any, belongings: Any, staff: Any
) -> None:
    _, id = belongings
    stranger = await staff("clerk", departments=("civil-affairs",))
    nobody = await staff("clerk", departments=())
    own = await staff("clerk", departments=("public-security",))
    for path, declared in _of_cases(app):
        if declared.auth is not Auth.STAFF:
            continue
        options = RECIPES.get((declared.method, path), {})
        target = _path(path, id=id(path))
        for clerk in (stranger, nobody):
            reply = await clerk.call(declared.method, target, **options)
            # What was begun at a window opens to whoever has its ticket in hand, else to nobody.
            forbids = "not_logged_in_at_window" if "/walk-ins/" in path else "other_department"
            forbids = "not_the_lead" if "/bundles/" in path else forbids
            assert reply.code == forbids, (declared.method, path, reply.text)
        reply = await own.call(declared.method, target, **options)
        shown = reply.code if reply.status >= 400 else None
        assert shown not in NOT_ANOTHERS, (declared.method, path, reply.text)


async def test_an_id_that_names_nothing_names_nothing(app: Any, citizen: Any) -> None:
    for path, declared in _routes(app):
        if declared.auth is not Auth.CITIZEN or "<" not in path:
            continue
        for id in (str(uuid4()), "x", "%00", "../../etc/passwd"):
            target = re.sub(r"<(\w+)(?::[^>]*)?>", id, path)
            options = RECIPES.get((declared.method, path), {})
            reply = await citizen.call(declared.method, target, **options)
            assert 400 <= reply.status < 500 or reply.status == 503, (path, id, reply.text)
