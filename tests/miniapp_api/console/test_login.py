"""Who gets into the console, and who is kept out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyotp
import pytest

from miniapp_api.staff.rules import ROLES
from tests.api import PASSWORD

LOGIN = "/console/login"


async def _typed(desk: Any, **typed: str) -> Any:
    return await desk.submit(await desk.open(LOGIN), LOGIN, **typed)


async def test_a_member_of_staff_logs_in_and_out(desks: Any, staff: Any) -> None:
    await staff("clerk", second_factor=False)
    desk = desks()
    page = await _typed(desk, login="s0", password=PASSWORD)
    assert (page.status, page.url) == (200, "/console/")
    page = await desk.submit(page, "/console/logout")
    assert page.url == LOGIN
    assert "已退出" in page.words
    assert (await desk.open("/console/account")).url.startswith(LOGIN)


async def test_a_wrong_password_is_said_and_the_account_stays_typed(desks: Any, staff: Any) -> None:
    await staff("clerk")
    page = await _typed(desks(), login="s0", password="wrong-wrong-wrong")
    assert page.status == 401
    assert "账号或密码不对" in page.words
    assert page.form(LOGIN).fields["login"] == "s0"
    assert "wrong-wrong-wrong" not in page.html


async def test_a_password_is_what_was_typed_here_and_at_the_api(
    desks: Any, staff: Any, api: Any
) -> None:
    """Blanks at its ends belong to it: both doors take the same password."""
    await staff("clerk", second_factor=False)
    desk, new = desks(), "  two blanks before, one after "
    await _typed(desk, login="s0", password=PASSWORD)
    page = await desk.open("/console/account/password")
    done = await desk.submit(page, "/account/password", old=PASSWORD, new=new, again=new)
    assert "密码改好了" in done.words
    for typed, right in ((new, True), (new.strip(), False), (f"{new} ", False)):
        reply = await api.post("/staff/sessions", {"login": "s0", "password": typed})
        assert reply.status == (201 if right else 401)
        page = await _typed(desks(), login=" s0 ", password=typed)
        assert page.status == (200 if right else 401)


async def test_the_second_factor_is_bound_and_then_asked_for(
    desks: Any, staff: Any, clock: Any
) -> None:
    await staff("clerk", second_factor=False)
    desk = desks()
    await _typed(desk, login="s0", password=PASSWORD)
    page = await desk.submit(await desk.open("/console/account"), "/console/account/totp")
    secret = page.html.partition("<code>")[2].partition("</code>")[0]
    code = pyotp.TOTP(secret).at(clock.now())
    page = await desk.submit(page, "/console/account/totp/confirmation", code=code)
    assert page.url == LOGIN
    page = await _typed(desk, login="s0", password=PASSWORD)
    assert "请输入动态口令" in page.words
    code = pyotp.TOTP(secret).at(clock.now() + timedelta(seconds=30))
    page = await _typed(desk, login="s0", password=PASSWORD, code=code)
    assert page.url == "/console/"
    assert "还没有用动态口令登录" not in page.words


@pytest.mark.parametrize(
    "next",
    ["https://evil.example/", "//evil.example/", "/console/\\evil", "/pages/x", "/consolex", ""],
)
async def test_the_log_in_leads_nowhere_else(desks: Any, staff: Any, next: str) -> None:
    await staff("clerk")
    desk = desks(await staff("clerk"))
    page = await desk.open(LOGIN, params={"next": next})
    assert page.url == "/console/"


async def test_a_page_that_was_asked_for_opens_after_the_log_in(desks: Any, staff: Any) -> None:
    await staff("clerk", second_factor=False)
    desk = desks()
    asked = await desk.open("/console/account")
    page = await desk.submit(asked, LOGIN, login="s0", password=PASSWORD)
    assert page.url == "/console/account"


async def test_a_form_without_its_token_or_from_elsewhere_is_refused(
    desks: Any, staff: Any
) -> None:
    desk = desks(await staff("clerk"))
    fields = (await desk.open("/console/account")).form("/console/logout").fields
    for sent, headers in (
        ({}, {}),
        ({"csrf": "0" * 64}, {}),
        (fields, {"Origin": "https://evil.example"}),
        (fields, {"Sec-Fetch-Site": "cross-site"}),
    ):
        page = await desk.post("/console/logout", sent, headers=headers)
        assert page.status == 403
        assert "页面已经过期" in page.words
    assert (await desk.open("/console/account")).status == 200


async def test_the_session_of_a_disabled_account_is_over_at_once(
    desks: Any, staff: Any, app: Any
) -> None:
    desk = desks(await staff("clerk"))
    assert (await desk.open("/console/account")).url == "/console/account"
    await app.ctx.staff.disable("s0")
    assert (await desk.open("/console/account")).url.startswith(LOGIN)


async def test_a_cookie_that_was_stolen_is_worthless_after_the_log_out(
    desks: Any, staff: Any
) -> None:
    member = await staff("clerk")
    desk, thief = desks(member), desks(member)
    await desk.submit(await desk.open("/console/account"), "/console/logout")
    assert (await thief.open("/console/account")).url.startswith(LOGIN)


async def test_every_page_is_for_those_it_names(desks: Any, staff: Any, app: Any) -> None:
    pages = [r.handler.page for r in app.router.routes if hasattr(r.handler, "page")]
    members = {role: desks(await staff(role)) for role in ROLES}
    nobody = desks()
    seen = 0
    for page in pages:
        if page.method != "GET" or "<" in page.path:
            continue
        seen += 1
        if page.roles:
            reply = await nobody.open(page.path, allow_redirects=False)
            assert (reply.status, reply.reply.headers["Location"][: len(LOGIN)]) == (303, LOGIN)
        for role, desk in members.items():
            found = await desk.open(page.path, allow_redirects=False)
            refused = found.status == 403 and "没有权限" in found.words
            assert refused == bool(page.roles and role not in page.roles), (page, role)
    assert seen >= 3


async def test_pages_let_no_script_run_but_their_own_files(desks: Any, staff: Any) -> None:
    page = await desks(await staff("clerk")).open("/console/account")
    policy = page.reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert page.reply.headers["Cache-Control"] == "no-store"
    assert " style=" not in page.html
    assert " onclick=" not in page.html
