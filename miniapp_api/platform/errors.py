"""Refusals as application/problem+json (RFC 9457): a stable code and a sentence for the citizen."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import asyncpg
import orjson
from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import MethodNotAllowed, NotFound, PayloadTooLarge, SanicException
from tortoise.exceptions import DBConnectionError

from miniapp_api.platform.logs import log

PROBLEM_TYPE = "application/problem+json"


# Connections that are refused or break, and PostgreSQL that shuts down or starts.
OUT_OF_REACH = (
    DBConnectionError,
    ConnectionError,
    asyncio.TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the line broke in the middle of the protocol
    FileNotFoundError,  # a unix socket whose server is away
    asyncpg.exceptions.OperatorInterventionError,
)


class Refusal(Exception):
    """An expected refusal (拒绝): subclasses fix the status, the code and the Chinese title."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "refused"
    title: ClassVar[str] = "请求没有被接受"

    def __init__(self, detail: str = "", **extra: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.extra = extra


class MalformedJson(Refusal):
    """The body is not JSON."""

    status, code, title = 400, "malformed_json", "提交的内容格式不对，请重试"


class ValidationFailed(Refusal):
    """A field is missing or wrong; `fields` names them, never their values."""

    status, code, title = 422, "validation_failed", "填写的内容有误，请检查后再试"


class RouteNotFound(Refusal):
    """No such page."""

    status, code, title = 404, "not_found", "没有找到这个页面"


class WrongMethod(Refusal):
    """The page exists but not for this method."""

    status, code, title = 405, "method_not_allowed", "不支持这种操作"


class TooLarge(Refusal):
    """The body is larger than the server accepts."""

    status, code, title = 413, "payload_too_large", "提交的内容太大了"


class LoginRequired(Refusal):
    """The route is personal and nobody is logged in."""

    status, code, title = 401, "login_required", "请先用手机号登录"


class SessionExpired(Refusal):
    """The session token is unknown, expired or was logged out."""

    status, code, title = 401, "session_expired", "登录已过期，请重新登录"


class Forbidden(Refusal):
    """The caller may not do this."""

    status, code, title = 403, "forbidden", "您没有权限进行这个操作"


class TooManyRequests(Refusal):
    """A limit was reached; `retry_after` seconds. `beyond`: how many uses are over it, if known."""

    status, code, title = 429, "too_many_requests", "操作太频繁了，请稍后再试"
    beyond = 0


class Unavailable(Refusal):
    """A part we need does not answer."""

    status, code, title = 503, "unavailable", "系统正忙，请稍后再试"


class Unexpected(Refusal):
    """Our own bug: the log has the trace, the citizen only an apology and the request id."""

    status, code, title = 500, "internal_error", "系统出了点问题，我们正在处理"


def problem(refusal: Refusal, request_id: str) -> HTTPResponse:
    """Render a refusal."""
    body = {
        "type": f"urn:shenban:problem:{refusal.code}",
        "title": refusal.title,
        "status": refusal.status,
        "code": refusal.code,
        "detail": refusal.detail,
        "request_id": request_id,
        **refusal.extra,
    }
    headers = (
        {"Retry-After": str(refusal.extra["retry_after"])} if "retry_after" in refusal.extra else {}
    )
    return HTTPResponse(
        orjson.dumps(body), status=refusal.status, content_type=PROBLEM_TYPE, headers=headers
    )


def translate(error: Exception) -> Refusal:
    """Turn any exception into the refusal that the caller sees."""
    match error:
        case Refusal():
            return error
        case NotFound():
            return RouteNotFound()
        case MethodNotAllowed():
            return WrongMethod()
        case PayloadTooLarge():
            return TooLarge()
        case _ if _out_of_reach(error):
            return Unavailable(retry_after=5)
        case SanicException() if error.status_code == 503:
            return Unavailable(retry_after=5)
        case SanicException() if error.status_code < 500:
            return MalformedJson()
        case _:
            return Unexpected()


def _out_of_reach(error: BaseException | None) -> bool:
    """Return whether a server that we need went away, be it in the middle of a statement."""
    while error is not None:
        if isinstance(error, OUT_OF_REACH):
            return True
        error = error.__cause__ or error.__context__
    return False


def install(app: Sanic) -> None:
    """Answer every exception of the app as a problem."""

    @app.exception(Exception)
    async def answer(request: Request | None, error: Exception) -> HTTPResponse:
        refusal = translate(error)
        if refusal.status >= 500:
            # The type and trace only: an exception's message may carry what the citizen typed.
            log.error("request_failed", error=type(error).__name__, code=refusal.code, trace=error)
        request_id = str(request.id) if request else ""
        return problem(refusal, request_id)
