"""A client without PATCH says so in a header."""

from __future__ import annotations

from typing import Any

HEADER = {"X-HTTP-Method-Override": "PATCH"}
DRAFT = "/applications/drafts/00000000-0000-4000-8000-000000000000"


async def test_a_post_that_means_patch_is_one(citizen: Any) -> None:
    patched = await citizen.call("PATCH", DRAFT, json={"revision": 1})
    posted = await citizen.post(DRAFT, {"revision": 1}, headers=HEADER)
    assert (
        (posted.status, posted.code) == (patched.status, patched.code) == (404, "draft_not_found")
    )


async def test_no_other_method_is_overridden(citizen: Any) -> None:
    reply = await citizen.post(DRAFT, {"revision": 1})
    assert (reply.status, reply.code) == (405, "method_not_allowed")
    reply = await citizen.post(DRAFT, headers={"X-HTTP-Method-Override": "DELETE"})
    assert reply.status == 405
    reply = await citizen.get("/applications/drafts", headers=HEADER)
    assert reply.status == 200
