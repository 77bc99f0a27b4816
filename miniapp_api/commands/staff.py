"""`shenban staff`: add (新增), list (查看), disable (停用), password (改密码) — for operators."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from miniapp_api.commands.common import checked_settings, stop, with_database
from miniapp_api.guides.handbook import Handbook, HandbookError, load_handbook
from miniapp_api.platform.clock import SystemClock
from miniapp_api.platform.errors import Refusal
from miniapp_api.platform.sealing import sealer_of
from miniapp_api.settings import Settings
from miniapp_api.staff.login_failures import LoginFailures
from miniapp_api.staff.rules import ROLE_NAMES, names_of, unknown_roles
from miniapp_api.staff.service import StaffService
from miniapp_api.staff.store import Account
from miniapp_api.staff.totp import SecondFactor

app = typer.Typer(help="工作人员账号:新增、查看、停用、改密码", no_args_is_help=True)
console = Console(soft_wrap=True)

Login = Annotated[str, typer.Argument(help="登录用的账号")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="从标准输入读密码,不在终端里问")]


@app.command()
def add(
    login: Login,
    name: Annotated[str, typer.Option(help="姓名,或设备的名字")],
    hall: Annotated[str, typer.Option(help="大厅编码,如 municipal")],
    role: Annotated[list[str], typer.Option(help=f"角色,可重复:{'、'.join(ROLE_NAMES)}")],
    department: Annotated[
        list[str] | None, typer.Option(help="办哪些部门的件,可重复,如 public-security")
    ] = None,
    skill: Annotated[
        list[str] | None, typer.Option(help="会办哪些主题的事项,可重复;不给就是都会")
    ] = None,
    password_stdin: FromStdin = False,
) -> None:
    """新增一个工作人员账号,或取号机的账号。"""
    settings = checked_settings()
    roles = frozenset(role)
    departments, skills = frozenset(department or ()), frozenset(skill or ())
    _check_roles(roles)
    _check_hall(settings, hall)
    _check_departments(settings, departments)
    _check_skills(settings, skills)
    password = _password(password_stdin)

    async def work(staff: StaffService) -> Account:
        return await staff.create(
            login, name, hall, roles, password, departments=departments, skills=skills
        )

    account = _run(settings, work)
    console.print(f"已新增账号 {escape(account.login)}({escape(_named(account.roles))})")


@app.command("list")
def list_() -> None:
    """列出所有账号。"""
    accounts = _run(checked_settings(), StaffService.accounts)
    table = Table(title=f"工作人员账号({len(accounts)})")
    for heading in ("大厅", "账号", "姓名", "角色", "状态"):
        table.add_column(heading)
    for each in accounts:
        state = f"{each.disabled_at:%Y-%m-%d} 停用" if each.disabled_at else "可用"
        texts = (each.hall, each.login, each.name, _named(each.roles), state)
        table.add_row(*map(escape, texts))
    console.print(table)


@app.command()
def disable(login: Login) -> None:
    """停用一个账号;已登录的立即退出。"""

    async def work(staff: StaffService) -> None:
        await staff.disable(login)

    _run(checked_settings(), work)
    console.print(f"已停用 {escape(login)}")


@app.command()
def password(login: Login, password_stdin: FromStdin = False) -> None:
    """改一个账号的密码;已登录的需要重新登录。"""
    settings = checked_settings()
    new = _password(password_stdin)

    async def work(staff: StaffService) -> None:
        await staff.set_password(login, new)

    _run(settings, work)
    console.print(f"已改 {escape(login)} 的密码")


@app.command("totp-reset")
def totp_reset(login: Login) -> None:
    """去掉一个账号的动态口令,让本人重新绑定;已登录的需要重新登录。"""

    async def work(staff: StaffService) -> None:
        await staff.reset_totp(login)

    _run(checked_settings(), work)
    console.print(f"已去掉 {escape(login)} 的动态口令")


@app.command()
def departments(
    login: Login,
    department: Annotated[list[str], typer.Argument(help="办哪些部门的件")],
) -> None:
    """改一个账号办哪些部门的件。"""
    settings, chosen = checked_settings(), frozenset(department)
    _check_departments(settings, chosen)

    async def work(staff: StaffService) -> None:
        await staff.set_work(login, departments=chosen)

    _run(settings, work)
    console.print(f"已改 {escape(login)} 办件的部门")


@app.command()
def skills(
    login: Login,
    skill: Annotated[
        list[str] | None, typer.Argument(help="会办哪些主题的事项;不给就是都会")
    ] = None,
) -> None:
    """改一个账号会办哪些主题的事项:待办件只出现这些。"""
    settings, chosen = checked_settings(), frozenset(skill or ())
    _check_skills(settings, chosen)

    async def work(staff: StaffService) -> None:
        await staff.set_work(login, skills=chosen)

    _run(settings, work)
    console.print(f"已改 {escape(login)} 会办的主题")


def _check_roles(roles: frozenset[str]) -> None:
    if unknown := unknown_roles(roles):
        known = "、".join(f"{role} {name}" for role, name in ROLE_NAMES.items())
        stop(f"没有这种角色:{'、'.join(unknown)};可用:{known}")


def _check_hall(settings: Settings, hall: str) -> None:
    halls = _handbook(settings).halls
    if hall not in halls:
        known = "、".join(f"{id} {each.name}" for id, each in halls.items())
        stop(f"没有这个大厅:{hall};可用:{known}")


def _check_departments(settings: Settings, departments: frozenset[str]) -> None:
    if unknown := departments - set(_handbook(settings).departments):
        stop(f"没有这个部门:{'、'.join(sorted(unknown))}")


def _check_skills(settings: Settings, skills: frozenset[str]) -> None:
    themes = _handbook(settings).themes
    if unknown := skills - set(themes):
        known = "、".join(f"{id} {each.name}" for id, each in themes.items())
        stop(f"没有这个主题:{'、'.join(sorted(unknown))};可用:{known}")


def _handbook(settings: Settings) -> Handbook:
    try:
        return load_handbook(settings.data.handbook)
    except HandbookError as error:
        stop(str(error))


def _password(from_stdin: bool) -> str:
    """Read the password, which never stands in the command line, where others could read it."""
    if not from_stdin:
        typed: str = typer.prompt("密码", hide_input=True, confirmation_prompt="再输一遍")
        return typed
    try:
        return sys.stdin.buffer.readline().decode().rstrip("\r\n")
    except UnicodeDecodeError:
        stop("密码不是 UTF-8 文字")


def _named(roles: list[str]) -> str:
    return "、".join(names_of(roles))


def _run[Result](settings: Settings, work: Callable[[StaffService], Awaitable[Result]]) -> Result:
    """Do something with the accounts in the database of the configuration."""

    async def with_accounts() -> Result:
        clock = SystemClock(settings.city.timezone)
        totp = SecondFactor(clock, sealer_of(settings))
        failures = LoginFailures(clock, settings.staff.login_minutes)
        return await work(StaffService(None, clock, settings.staff, totp, failures))

    try:
        return with_database(settings, with_accounts)
    except Refusal as refusal:
        stop(refusal.detail)
