"""What keeps the console's pages safe: the session's cookie, the token of forms, the policy.

The cookie is the staff token of the API, which scripts cannot read and other sites do not send. A
form proves by its token that this session's own page made it. The policy lets nothing run but our
own files.
"""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import quote, unquote, urlsplit

from sanic import HTTPResponse, Request

from miniapp_api.platform.errors import Refusal

COOKIE = "shenban_staff"
SAID = "shenban_said"  # what the last step did, told once
FIELD = "csrf"
HEADER = "X-CSRF-Token"
PATH = "/console"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
SAME = frozenset({"same-origin", "none"})


class FormForged(Refusal):
    """A form without this session's token, or from another site."""

    status, code, title = 403, "form_forged", "页面已经过期，请刷新后再做一次"


def form_token(token: str, secret: str) -> str:
    """Return the token of a session's forms."""
    return hmac.new(secret.encode(), f"console:{token}".encode(), hashlib.sha256).hexdigest()


def require_own(request: Request) -> None:
    """Raise FormForged for a request that another site made this browser send."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in SAME:
        raise FormForged()
    origin = request.headers.get("origin")
    if origin not in (None, "null") and urlsplit(origin).netloc != request.host:
        raise FormForged()


def require_form_token(request: Request, expected: str, *, read_form: bool) -> None:
    """Raise FormForged unless htmx's header, or the form if it may be read, carries the token."""
    given = request.headers.get(HEADER)
    if given is None and read_form and request.form:
        given = request.form.get(FIELD)
    if not given or not hmac.compare_digest(given.encode(), expected.encode()):
        raise FormForged()


def local(path: str | None) -> str:
    """Return a path of the console, or its start for whatever leads elsewhere."""
    inside = path is not None and (path == PATH or path.startswith(f"{PATH}/"))
    return path if inside and path and "\\" not in path and path.isprintable() else f"{PATH}/"


def keep(request: Request, response: HTTPResponse, token: str, seconds: int) -> None:
    """Give the browser its session."""
    response.add_cookie(
        COOKIE, token, path=PATH, max_age=seconds, httponly=True, samesite="Strict",
        secure=request.scheme == "https",
    )  # fmt: skip


def forget(response: HTTPResponse) -> None:
    """Take the session from the browser."""
    response.delete_cookie(COOKIE, path=PATH)


def say_next(request: Request, response: HTTPResponse, said: str) -> None:
    """Let the next page say what was done."""
    response.add_cookie(
        SAID, quote(said), path=PATH, max_age=60, httponly=True, samesite="Strict",
        secure=request.scheme == "https",
    )  # fmt: skip


def said_before(request: Request) -> str:
    """Return what the step before wants to be said."""
    return unquote(request.cookies.get(SAID) or "")
