"""Accounts of the hall's staff (工作人员): find, add, change, switch off, help to log in."""

from __future__ import annotations

from typing import Any, Literal
from uuid import uuid4

from pydantic import Field, ValidationError
from sanic import Request

from miniapp_api.console import numbers
from miniapp_api.console.administrator import texts
from miniapp_api.console.pages import page, subject
from miniapp_api.console.shapes import Form, Redirect, View
from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.errors import ValidationFailed
from miniapp_api.platform.http import Shape
from miniapp_api.staff.account_routes import ADMINISTRATORS, account_id
from miniapp_api.staff.account_schemas import (
    AccountChange,
    AccountsQuery,
    AccountView,
    NewAccount,
)
from miniapp_api.staff.administration import Administration
from miniapp_api.staff.audit_schemas import AuditQuery
from miniapp_api.staff.rules import LONGEST_NAME, ROLE_NAMES, Role

room = subject(__name__)

HOME = "/console/staff"
ONE = "/staff/<id:str>"
SHOWN = 50
HISTORY = 20  # entries of the trail that a member's page shows
LONGEST_WINDOWS = 2_000  # characters
TITLES = {
    "login": "账号", "name": "姓名", "roles": "角色", "departments": "部门", "skills": "主题",
    "windows": "窗口",
}  # fmt: skip


class FindQuery(Form):
    """Which accounts are looked for."""

    q: str = Field(default="", max_length=40, title="账号或姓名")
    role: Role | None = Field(default=None, title="角色")
    state: Literal["active", "disabled"] | None = Field(default=None, title="状态")
    after: str = Field(default="", max_length=40, title="页码")


class WorkForm(Form):
    """What somebody may do."""

    name: str = Field(max_length=LONGEST_NAME, title="姓名")
    roles: list[Role] = Field(default_factory=list, title="角色")
    departments: list[str] = Field(default_factory=list, title="部门")
    skills: list[str] = Field(default_factory=list, title="主题")
    windows: str = Field(default="", max_length=LONGEST_WINDOWS, title="窗口")

    def work(self) -> dict[str, Any]:
        """Return it as the service takes it."""
        shown = self.model_dump(include={"name", "roles", "departments", "skills"})
        return {**shown, "windows": numbers.read(self.windows)}


class NewForm(WorkForm):
    """A new account; the key tells a form sent twice from two."""

    login: str = Field(max_length=40, title="账号")
    key: str = Field(pattern=r"^[0-9a-f]{32}$", title="页面")


class ChangeForm(WorkForm):
    """An account as it is from now on."""

    version: int = Field(ge=1, le=2**31 - 1, title="页面")


class VersionForm(Form):
    """The account as it was seen."""

    version: int = Field(ge=1, le=2**31 - 1, title="页面")


def _administration(request: Request) -> Administration:
    service: Administration = request.app.ctx.administration
    return service


@page(room, "GET", "/staff", roles=ADMINISTRATORS, second_factor=True, query=FindQuery)
async def accounts(request: Request, member: StaffMember, query: FindQuery) -> View:
    """List accounts (工作人员)."""
    asked = _asked(AccountsQuery, {**query.model_dump(), "limit": SHOWN})
    found = await _administration(request).accounts(member, asked)
    return View(
        "administrator/staff.html",
        found=found,
        query=query,
        next=query.model_copy(update={"after": found.next}) if found.next else None,
        roles=ROLE_NAMES,
        states=texts.STATES,
        passwords=texts.PASSWORDS,
    )


@page(room, "GET", "/staff/new", roles=ADMINISTRATORS, second_factor=True)
async def new(request: Request, member: StaffMember) -> View:
    """Show the form of a new account (新增)."""
    return View("administrator/new.html", key=uuid4().hex, **_choices(request, member))


@page(room, "POST", "/staff/new", roles=ADMINISTRATORS, second_factor=True, form=NewForm)
async def add(request: Request, member: StaffMember, form: NewForm) -> Redirect:
    """Add an account (新增)."""
    asked = _asked(NewAccount, {**form.work(), "login": form.login})
    added = await _administration(request).add(member, asked, form.key)
    return _to(added, "新增好了，再给他发一个初始密码")


@page(room, "GET", ONE, roles=ADMINISTRATORS, second_factor=True)
async def account(request: Request, member: StaffMember, id: str) -> View:
    """Show an account, what may be done with it, and what was done (账号详情)."""
    found = await _administration(request).account(member, account_id(id))
    query = AuditQuery(subject=f"staff:{found.id}", limit=HISTORY)
    history = await request.app.ctx.audit_reading.entries(member, query)
    return View(
        "administrator/account.html",
        account=found,
        windows=numbers.written(found.windows),
        history=history.entries,
        action_name=texts.action_name,
        states=texts.STATES,
        passwords=texts.PASSWORDS,
        kinds=texts.ACTOR_KINDS,
        own=found.id == member.id,
        **_choices(request, member),
    )


@page(room, "POST", ONE, roles=ADMINISTRATORS, second_factor=True, form=ChangeForm)
async def change(request: Request, member: StaffMember, id: str, form: ChangeForm) -> Redirect:
    """Change an account (改账号)."""
    asked = _asked(AccountChange, {**form.work(), "version": form.version})
    return _to(await _administration(request).change(member, account_id(id), asked), "改好了")


@page(
    room,
    "POST",
    f"{ONE}/first-password",
    roles=ADMINISTRATORS,
    second_factor=True,
    form=VersionForm,
)
async def give_first_password(
    request: Request, member: StaffMember, id: str, form: VersionForm
) -> View:
    """Give a first password and show it, this once (发初始密码)."""
    service = _administration(request)
    given = await service.give_first_password(member, account_id(id), form.version)
    return View("administrator/first_password.html", given=given)


@page(room, "POST", f"{ONE}/disabling", roles=ADMINISTRATORS, second_factor=True, form=VersionForm)
async def disable(request: Request, member: StaffMember, id: str, form: VersionForm) -> Redirect:
    """Switch an account off (停用)."""
    done = await _administration(request).disable(member, account_id(id), form.version)
    return _to(done, "停用了，他已经退出登录")


@page(room, "POST", f"{ONE}/enabling", roles=ADMINISTRATORS, second_factor=True, form=VersionForm)
async def enable(request: Request, member: StaffMember, id: str, form: VersionForm) -> Redirect:
    """Switch an account on (恢复使用)."""
    done = await _administration(request).enable(member, account_id(id), form.version)
    return _to(done, "可以用了")


@page(
    room,
    "POST",
    f"{ONE}/second-factor-reset",
    roles=ADMINISTRATORS,
    second_factor=True,
    form=VersionForm,
)
async def reset_second_factor(
    request: Request, member: StaffMember, id: str, form: VersionForm
) -> Redirect:
    """Reset the second factor (重置动态口令)."""
    service = _administration(request)
    done = await service.reset_second_factor(member, account_id(id), form.version)
    return _to(done, "动态口令去掉了，他登录后重新绑定")


@page(room, "POST", f"{ONE}/sessions-end", roles=ADMINISTRATORS, second_factor=True)
async def end_sessions(request: Request, member: StaffMember, id: str) -> Redirect:
    """End an account's sessions (强制下线)."""
    await _administration(request).end_sessions(member, account_id(id))
    return Redirect(f"{HOME}/{account_id(id)}", said="他已经退出登录")


def _choices(request: Request, member: StaffMember) -> dict[str, Any]:
    """Return what may be ticked: roles, departments, themes."""
    handbook = request.app.ctx.guides.handbook
    return {
        "roles": ROLE_NAMES,
        "departments": {id: each.name for id, each in handbook.departments.items()},
        "skills": {id: each.name for id, each in handbook.themes.items()},
    }


def _asked[Model: Shape](model: type[Model], asked: dict[str, Any]) -> Model:
    try:
        return model.model_validate(asked)
    except ValidationError as error:
        names = {str(fault["loc"][0]) for fault in error.errors() if fault["loc"]}
        titles = [title for name, title in TITLES.items() if name in names]
        raise ValidationFailed(f"请检查：{'、'.join(titles)}" if titles else "") from None


def _to(account: AccountView, said: str) -> Redirect:
    return Redirect(f"{HOME}/{account.id}", said=said)
