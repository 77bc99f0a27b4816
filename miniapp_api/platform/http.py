"""The one way to write a route: its rule, its shapes and its refusals, stated and documented."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError
from sanic import Blueprint, HTTPResponse, Request

from miniapp_api.platform.auth import Auth
from miniapp_api.platform.errors import MalformedJson, Refusal, ValidationFailed

JSON = "application/json"
IDEMPOTENCY_HEADER = "Idempotency-Key"
KEY_LENGTH = 64

# What a handler returns that has sent its own response, bit by bit.
STREAMED = object()

Handler = Callable[..., Awaitable[Any]]


class Shape(BaseModel):
    """A request or response body: no unknown field passes, nothing is coerced silently."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Endpoint:
    """What a route declares; /docs and the architecture tests read it."""

    method: str
    auth: Auth
    summary: str
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    returns: type[BaseModel] | None
    status: int
    media: str
    errors: tuple[type[Refusal], ...]
    idempotency: str | None
    tag: str
    roles: frozenset[str] = frozenset()
    second_factor: bool = False
    first_password: bool = False
    stream: bool = False


class KeyRequired(Refusal):
    """A POST that creates came without a usable Idempotency-Key."""

    status, code, title = 400, "idempotency_key_required", "请求缺少防重复标识，请刷新后重试"


def endpoint(
    room: Blueprint,
    method: str,
    path: str,
    *,
    auth: Auth,
    summary: str,
    body: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None,
    returns: type[BaseModel] | None = None,
    status: int = 200,
    media: str = JSON,
    errors: tuple[type[Refusal], ...] = (),
    idempotency: str | None = None,
    roles: frozenset[str] = frozenset(),
    second_factor: bool = False,
    first_password: bool = False,
    stream: bool = False,
) -> Callable[[Handler], Handler]:
    """Register a handler.

    The handler receives, by the names of its parameters, what it asks for: `principal`, `body`,
    `query`, `key` (the Idempotency-Key, None when optional and not sent) and the path's parts.
    It returns a model, bytes that are already JSON, a ready HTTPResponse, or None for no content.
    `idempotency` is "required", "optional" or None; `roles` are those that a STAFF route is for,
    and with `second_factor` it is only for those of them who logged in with one; who still has his
    first password (初始密码) is refused unless `first_password` lets him in. With `stream` the body
    is not read before the handler reads it: a file may be larger than other bodies.
    """
    declared = Endpoint(
        method, auth, summary, body, query, returns, status, media, errors, idempotency,
        room.name, roles, second_factor, first_password, stream,
    )  # fmt: skip

    def register(handler: Handler) -> Handler:
        wanted = frozenset(inspect.signature(handler).parameters)

        @wraps(handler)
        async def answer(request: Request, **path_parts: str) -> HTTPResponse | None:
            given: dict[str, Any] = dict(path_parts)
            principal = await request.app.ctx.authenticator.authenticate(
                request, auth, roles, second_factor=second_factor, first_password=first_password
            )
            if body is not None:
                given["body"] = parse_body(request, body)
            if query is not None:
                given["query"] = parse_query(request, query)
            if idempotency is not None:
                given["key"] = parse_key(request, required=idempotency == "required")
            if "principal" in wanted:
                given["principal"] = principal
            result = await handler(request, **given)
            return None if result is STREAMED else render(result, status)

        answer.endpoint = declared  # type: ignore[attr-defined]
        room.add_route(answer, path, methods=[method], name=handler.__name__, stream=stream)
        return handler

    return register


def parse_body[Model: BaseModel](request: Request, model: type[Model]) -> Model:
    """Read the JSON body (none is {}), or raise MalformedJson or ValidationFailed."""
    with _refusing(model):
        return model.model_validate_json(request.body or b"{}", strict=True)


def parse_query[Model: BaseModel](request: Request, model: type[Model]) -> Model:
    """Read the query string; a repeated or unknown key is refused."""
    pairs = request.get_query_args(keep_blank_values=True)
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValidationFailed("查询参数重复了")
    with _refusing(model):
        return model.model_validate(values)


def parse_key(request: Request, *, required: bool) -> str | None:
    """Read the Idempotency-Key: 1 to 64 visible ASCII characters."""
    key: str | None = request.headers.get(IDEMPOTENCY_HEADER)
    if key is None and not required:
        return None
    if not key or len(key) > KEY_LENGTH or not (key.isascii() and key.isprintable()):
        raise KeyRequired()
    return key


@contextmanager
def _refusing(model: type[BaseModel]) -> Iterator[None]:
    """Turn pydantic's faults into a refusal that names our fields and never repeats a value."""
    try:
        yield
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        if any(fault["type"] == "json_invalid" for fault in faults):
            raise MalformedJson() from None
        ours = {name for f, info in model.model_fields.items() for name in (f, info.alias)}
        fields = {str(fault["loc"][0]) for fault in faults if fault["loc"]} & ours
        raise ValidationFailed(fields=sorted(fields)) from None


def render(result: Any, status: int) -> HTTPResponse:
    """Turn a handler's result into a response."""
    match result:
        case HTTPResponse():
            return result
        case None:
            return HTTPResponse(status=204)
        case bytes():
            return HTTPResponse(result, status=status, content_type=JSON)
        case BaseModel():
            # By alias, because `from` is a word of Python and of our JSON.
            content = result.__pydantic_serializer__.to_json(result, by_alias=True)
            return HTTPResponse(content, status=status, content_type=JSON)
        case _:
            return HTTPResponse(orjson.dumps(result), status=status, content_type=JSON)
