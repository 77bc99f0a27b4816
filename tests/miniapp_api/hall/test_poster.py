"""The code at a hall's entrance: WeChat's, kept; a plain one while WeChat is away."""

from __future__ import annotations

from typing import Any

import pytest

from tests.miniapp_api.identity.conftest import wechat, wechat_server

__all__ = ["wechat", "wechat_server"]

POSTER, CODE = "/hall/municipal/poster.png", "/wxa/getwxacodeunlimit"
PNG = b"\x89PNG"


@pytest.fixture
async def manager(staff: Any, wechat: Any, app: Any) -> Any:
    app.ctx.posters._made.clear()
    return await staff("hall_manager")


async def test_the_code_is_made_once(manager: Any, wechat: Any) -> None:
    for _ in range(3):
        reply = await manager.get(POSTER)
        assert (reply.status, reply.headers["Content-Type"]) == (200, "image/png")
        assert reply.content.startswith(PNG)
        assert reply.headers["Cache-Control"].startswith("private")
    assert wechat.counts[CODE] == 1


@pytest.mark.parametrize("fault", [-1, 45009, 41030, "timeout"])
async def test_while_wechat_is_away_it_is_a_plain_code_and_asked_for_again(
    manager: Any, wechat: Any, fault: Any
) -> None:
    wechat.errcodes[CODE].append(fault)
    plain = await manager.get(POSTER)
    assert (plain.status, plain.content[:4]) == (200, PNG)
    assert plain.headers["Cache-Control"] == "no-store"
    again = await manager.get(POSTER)
    assert again.content != plain.content
    assert again.headers["Cache-Control"].startswith("private")


async def test_only_the_manager_of_the_hall_gets_it(manager: Any, staff: Any, api: Any) -> None:
    assert (await api.get(POSTER)).code == "login_required"
    assert (await (await staff("clerk")).get(POSTER)).code == "forbidden"
    assert (await manager.get("/hall/elsewhere/poster.png")).code == "forbidden"
