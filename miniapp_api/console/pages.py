"""The one way to write a page of the console: who may see it, what it takes, and its refusals."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast
from urllib.parse import quote

from pydantic import ValidationError
from sanic import Blueprint, HTTPResponse, Request

from miniapp_api.console import guarding
from miniapp_api.console.rendering import by_htmx, go, refuse, show
from miniapp_api.console.shapes import Form, Redirect, View
from miniapp_api.platform.auth import PasswordChangeRequired, Principal, StaffMember, admit
from miniapp_api.platform.errors import Unexpected, ValidationFailed, translate
from miniapp_api.platform.logs import log

LOGIN = f"{guarding.PATH}/login"
PASSWORD = f"{guarding.PATH}/account/password"
Handler = Callable[..., Awaitable[Any]]


@dataclass(frozen=True)
class Page:
    """What a page declares; the tests of who may see what read it. No roles: anybody."""

    method: str
    path: str
    roles: frozenset[str]
    second_factor: bool
    first_password: bool


def subject(name: str) -> Blueprint:
    """Return the blueprint of a subject, by its module's name."""
    return Blueprint(
        "console_" + name.rpartition("console.")[2].replace(".", "_"), url_prefix="/console"
    )


def page(
    room: Blueprint,
    method: str,
    path: str,
    *,
    roles: frozenset[str] = frozenset(),
    second_factor: bool = False,
    first_password: bool = False,
    query: type[Form] | None = None,
    form: type[Form] | None = None,
    stream: bool = False,
) -> Callable[[Handler], Handler]:
    """Register a page.

    The handler receives by the names of its parameters: `member`, `token`, `query`, `form` and the
    path's parts; it returns a View, a Redirect or a ready HTTPResponse. Without roles the page is
    for anybody. Who still has his first password (初始密码) is led to where he changes it, unless
    `first_password` lets him in. With `stream` the body is the handler's to read, and the form's
    token is a header.
    """
    declared = Page(method, f"{guarding.PATH}{path}", roles, second_factor, first_password)

    def register(handler: Handler) -> Handler:
        wanted = frozenset(inspect.signature(handler).parameters)

        @wraps(handler)
        async def answer(request: Request, **parts: str) -> HTTPResponse | None:
            token = request.cookies.get(guarding.COOKIE) or ""
            member = await request.app.ctx.staff.member_of_token(token) if token else None
            csrf = _csrf(request, token) if member else ""
            try:
                if method != "GET":
                    guarding.require_own(request)
                if roles and member is None:
                    return _to_log_in(request)
                _admit(member, declared)
                if method != "GET" and member is not None:
                    guarding.require_form_token(request, csrf, read_form=not stream)
                given: dict[str, Any] = {**parts, "member": member, "token": token}
                if query is not None:
                    given["query"] = _read(query, dict(request.get_query_args()))
                if form is not None:
                    given["form"] = _read(form, _fields(request, form))
                result = await handler(
                    request, **{name: value for name, value in given.items() if name in wanted}
                )
            except PasswordChangeRequired as due:
                return go(request, Redirect(PASSWORD, said=due.detail))
            except Exception as error:
                refusal = translate(error)
                if isinstance(refusal, Unexpected):
                    log.error("page_failed", error=type(error).__name__, trace=error)
                return refuse(request, refusal, member, csrf)
            if result is None or isinstance(result, HTTPResponse):
                return result  # none: the handler has sent its own, bit by bit
            if isinstance(result, Redirect):
                return go(request, result)
            return show(request, cast(View, result), member, csrf)

        answer.page = declared  # type: ignore[attr-defined]
        room.add_route(answer, path, methods=[method], name=handler.__name__, stream=stream)
        return handler

    return register


def _admit(member: StaffMember | None, declared: Page) -> None:
    if declared.roles:
        asked = {
            "second_factor": declared.second_factor,
            "first_password": declared.first_password,
        }
        admit(Principal(staff=member), declared.roles, **asked)


def _csrf(request: Request, token: str) -> str:
    return guarding.form_token(token, request.app.ctx.settings.secrets.pepper.get_secret_value())


def _to_log_in(request: Request) -> HTTPResponse:
    """Lead to the log-in, and from there back to a page that was asked for."""
    back = request.path if request.method == "GET" else guarding.PATH + "/"
    if by_htmx(request):
        back = guarding.local(request.headers.get("hx-current-url", "").partition(request.host)[2])
        return HTTPResponse(status=204, headers={"HX-Redirect": f"{LOGIN}?next={quote(back)}"})
    return go(request, Redirect(f"{LOGIN}?next={quote(back)}"))


def _fields(request: Request, form: type[Form]) -> dict[str, Any]:
    """Return a form's fields; those that the model holds as lists with all their values."""
    sent = request.form
    if not sent:
        return {}
    lists = {
        name for name, field in form.model_fields.items() if "list" in str(field.annotation).lower()
    }
    names = [name for name in sent if name != guarding.FIELD]
    return {name: sent.getlist(name) if name in lists else sent.get(name) for name in names}


def _read[Model: Form](model: type[Model], sent: dict[str, Any]) -> Model:
    """Read a form; raise ValidationFailed naming the fields as people know them."""
    try:
        return model.model_validate({k: v for k, v in sent.items() if v != ""})
    except ValidationError as error:
        names = {str(fault["loc"][0]) for fault in error.errors() if fault["loc"]}
        fields = model.model_fields
        titles = [fields[name].title or name for name in sorted(names) if name in fields]
        raise ValidationFailed(
            f"请检查：{'、'.join(titles)}" if titles else "", fields=sorted(names & set(fields))
        ) from None
