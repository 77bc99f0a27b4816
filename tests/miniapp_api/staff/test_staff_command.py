"""`shenban staff` at an operator's terminal."""

from __future__ import annotations

from typing import Any

import pytest
from typer.testing import CliRunner

from miniapp_api.commands.staff import app as commands
from tests.api import PASSWORD, Client

ADD = ("add", "wang.fang", "--name", "王芳", "--hall", "municipal", "--password-stdin")


@pytest.fixture
def shenban(api: Client, command: Any) -> Any:
    """Runs `shenban staff …`, which is told a password."""

    async def run(*arguments: str, typed: str = PASSWORD) -> tuple[int, str]:
        found: tuple[int, str] = await command("staff", *arguments, typed=f"{typed}\n")
        return found

    return run


async def test_an_account_is_made_used_changed_and_disabled(api: Client, shenban: Any) -> None:
    body = {"login": "wang.fang", "password": PASSWORD}
    code, output = await shenban(*ADD, "--role", "clerk", "--role", "hall_manager")
    assert (code, "窗口人员、大厅管理员" in output) == (0, True), output
    reply = await api.post("/staff/sessions", body)
    assert reply.json["member"]["roles"] == ["clerk", "hall_manager"]
    client = api.as_staff(reply.json["token"])

    code, output = await shenban("password", "wang.fang", "--password-stdin", typed="x" * 12)
    assert code == 0, output
    assert (await client.get("/staff/me")).code == "session_expired"
    assert (await api.post("/staff/sessions", body)).code == "staff_login_wrong"
    assert (await api.post("/staff/sessions", {**body, "password": "x" * 12})).status == 201

    code, output = await shenban("disable", "wang.fang")
    assert code == 0, output
    code, output = await shenban("list")
    assert code == 0
    assert all(text in output for text in ("wang.fang", "王芳", "municipal", "停用"))


async def test_what_a_clerk_works_on_is_given_and_changed(api: Client, shenban: Any) -> None:
    work = ("--department", "public-security", "--skill", "household-id")
    code, output = await shenban(*ADD, "--role", "clerk", *work)
    assert code == 0, output
    body = {"login": "wang.fang", "password": PASSWORD}
    client = api.as_staff((await api.post("/staff/sessions", body)).json["token"])

    async def works_on() -> tuple[list[str], list[str]]:
        me = (await client.get("/staff/me")).json
        return me["departments"], me["skills"]

    assert await works_on() == (["public-security"], ["household-id"])
    assert (await shenban("skills", "wang.fang", "vehicles", "exit-entry"))[0] == 0
    assert await works_on() == (["public-security"], ["exit-entry", "vehicles"])
    assert (await shenban("departments", "wang.fang", "civil-affairs"))[0] == 0
    assert await works_on() == (["civil-affairs"], ["exit-entry", "vehicles"])
    assert (await shenban("skills", "wang.fang"))[0] == 0
    assert await works_on() == (["civil-affairs"], [])
    code, output = await shenban("skills", "nobody", "vehicles")
    assert (code, output.strip()) == (2, "没有账号 nobody")


def test_an_unknown_skill_is_named_with_those_there_are() -> None:
    result = run("skills", "wang.fang", "magic")
    assert result.exit_code == 2
    assert "没有这个主题:magic" in result.output
    assert "vehicles 车辆驾驶" in result.output


async def test_the_first_administrator_is_made_here_and_handles_no_cases(shenban: Any) -> None:
    code, output = await shenban(*ADD, "--role", "administrator", "--role", "clerk")
    assert (code, output.strip()) == (2, "系统管理员和窗口人员不能由一个人兼任")
    code, output = await shenban(*ADD, "--role", "administrator")
    assert (code, "系统管理员" in output) == (0, True), output


async def test_what_the_database_refuses_ends_with_2(shenban: Any) -> None:
    assert (await shenban(*ADD, "--role", "clerk"))[0] == 0
    code, output = await shenban(*ADD, "--role", "clerk")
    assert (code, output.strip()) == (2, "账号 wang.fang 已经有了")
    code, output = await shenban("disable", "nobody")
    assert (code, output.strip()) == (2, "没有账号 nobody")


def run(*arguments: str, typed: bytes = PASSWORD.encode()) -> Any:
    return CliRunner().invoke(commands, arguments, input=typed)


def test_an_unknown_role_is_named_with_those_there_are() -> None:
    result = run(*ADD, "--role", "boss")
    assert result.exit_code == 2
    assert "没有这种角色:boss" in result.output
    assert "clerk 窗口人员" in result.output


def test_an_unknown_hall_is_named_with_those_there_are() -> None:
    result = run(*[part.replace("municipal", "nowhere") for part in ADD], "--role", "clerk")
    assert result.exit_code == 2
    assert "没有这个大厅:nowhere" in result.output
    assert "municipal 沈阳市政务服务中心" in result.output


def test_a_password_that_is_no_text_is_refused() -> None:
    result = run(*ADD, "--role", "clerk", typed=b"\xff\xfe\n")
    assert (result.exit_code, "UTF-8" in result.output) == (2, True)


def test_a_database_that_is_away_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHENBAN_DATABASE__URL", "postgresql://127.0.0.1:1/nothing")
    result = run("list")
    assert result.exit_code == 2
    assert "数据库连不上" in result.output


def test_the_password_is_never_an_argument() -> None:
    result = run("add", "--help")
    assert "--password-stdin" in result.output
    assert "--password " not in result.output
