"""Logging in and out of the console, and the second factor (登录、退出、动态口令)."""

from __future__ import annotations

import segno
from pydantic import Field
from sanic import HTTPResponse, Request

from miniapp_api.console import guarding
from miniapp_api.console.pages import page, subject
from miniapp_api.console.rendering import go
from miniapp_api.console.shapes import Form, Redirect, Typed, View
from miniapp_api.platform.auth import StaffMember
from miniapp_api.platform.errors import Refusal
from miniapp_api.staff.errors import PasswordUnfit
from miniapp_api.staff.rules import LONGEST_PASSWORD, ROLES, SHORTEST_PASSWORD, names_of

room = subject(__name__)
# A kiosk (取号机) is a device: it has no pages.
ANYBODY = frozenset(ROLES) - {"kiosk"}


class NextQuery(Form):
    """Where to go on after the log-in."""

    next: str = ""


class LoginForm(Form):
    """Log in with an account of the hall."""

    login: str = Field(max_length=40, title="账号")
    password: Typed = Field(max_length=200, title="密码")
    code: str | None = Field(default=None, pattern=r"^[0-9]{6}$", title="动态口令")
    next: str = ""


class PasswordForm(Form):
    """A password of one's own, typed twice."""

    old: Typed = Field(max_length=LONGEST_PASSWORD, title="现在的密码")
    new: Typed = Field(
        min_length=SHORTEST_PASSWORD, max_length=LONGEST_PASSWORD, title="新密码（至少10个字符）"
    )
    again: Typed = Field(max_length=LONGEST_PASSWORD, title="再输一遍")


class CodeForm(Form):
    """A code of the authenticator app."""

    code: str = Field(pattern=r"^[0-9]{6}$", title="6位数字")


@page(room, "GET", "/login", query=NextQuery)
async def show_log_in(
    request: Request, member: StaffMember | None, query: NextQuery
) -> View | Redirect:
    """Show the log-in (登录)."""
    if member is not None:
        return Redirect(guarding.local(query.next))
    return _log_in_page(query.next)


@page(room, "POST", "/login", form=LoginForm)
async def log_in(request: Request, form: LoginForm) -> View | HTTPResponse:
    """Log in (登录): what was wrong is said on the same page, and the account stays typed."""
    try:
        opened = await request.app.ctx.staff.log_in(form.login, form.password, form.code)
    except Refusal as refusal:
        return _log_in_page(form.next, form.login, refusal)
    response = go(request, Redirect(guarding.local(form.next)))
    guarding.keep(request, response, opened.token, opened.expires_in)
    return response


@page(room, "POST", "/logout", roles=ANYBODY, first_password=True)
async def log_out(request: Request, token: str) -> HTTPResponse:
    """Log out (退出): the session is over for every copy of its cookie."""
    await request.app.ctx.staff.log_out(token)
    return _logged_out(request, "已退出")


@page(room, "GET", "/", roles=ANYBODY)
async def start(request: Request) -> View:
    """Show what one may do (工作台)."""
    return View("start.html")


@page(room, "GET", "/account", roles=ANYBODY)
async def account(request: Request, member: StaffMember) -> View:
    """Show one's own account (我的账号)."""
    found = await request.app.ctx.staff.me(member.id)
    return View("account.html", account=found, roles=names_of(member.roles))


@page(room, "GET", "/account/password", roles=ANYBODY, first_password=True)
async def show_password(request: Request, member: StaffMember) -> View:
    """Show where one's own password is changed (改密码)."""
    return View("password.html", shortest=SHORTEST_PASSWORD)


@page(room, "POST", "/account/password", roles=ANYBODY, first_password=True, form=PasswordForm)
async def change_password(
    request: Request, member: StaffMember, token: str, form: PasswordForm
) -> Redirect:
    """Change one's own password (改密码); whoever is logged in with it elsewhere is out."""
    if form.new != form.again:
        raise PasswordUnfit("两次输入的新密码不一样")
    await request.app.ctx.staff.change_password(member.id, token, form.old, form.new)
    return Redirect("/console/account", said="密码改好了")


@page(room, "POST", "/account/totp", roles=ANYBODY)
async def enrol(request: Request, member: StaffMember) -> View:
    """Show a new secret for the authenticator app (绑定动态口令)."""
    name = (await request.app.ctx.staff.me(member.id)).name
    made = await request.app.ctx.second_factor.enrol(member, name)
    picture = segno.make(made.uri, error="m").png_data_uri(scale=5)
    return View("totp.html", secret=made.secret, picture=picture)


@page(room, "POST", "/account/totp/confirmation", roles=ANYBODY, form=CodeForm)
async def confirm(
    request: Request, member: StaffMember, token: str, form: CodeForm
) -> HTTPResponse:
    """Switch the second factor on (确认绑定), and ask to log in with it."""
    await request.app.ctx.second_factor.confirm(member, form.code)
    await request.app.ctx.staff.log_out(token)
    return _logged_out(request, "绑定好了，请用动态口令重新登录")


def _log_in_page(next: str, login: str = "", problem: Refusal | None = None) -> View:
    shown = {"next": guarding.local(next), "login": login, "problem": problem}
    return View("login.html", problem.status if problem else 200, **shown)


def _logged_out(request: Request, said: str) -> HTTPResponse:
    response = go(request, Redirect("/console/login", said=said))
    guarding.forget(response)
    return response
