"""The OpenAPI 3.1 document and its page at /docs, built from what the routes declare."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson
import swagger_ui_bundle
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema
from sanic import Blueprint, HTTPResponse, Request, Sanic
from sanic.response import html

from miniapp_api.platform.auth import Auth, PasswordChangeRequired, SecondFactorRequired
from miniapp_api.platform.errors import (
    PROBLEM_TYPE,
    Forbidden,
    LoginRequired,
    MalformedJson,
    Refusal,
    SessionExpired,
    TooLarge,
    Unavailable,
    ValidationFailed,
)
from miniapp_api.platform.http import IDEMPOTENCY_HEADER, JSON, KEY_LENGTH, Endpoint, KeyRequired

OCTETS = "application/octet-stream"
REFS = "#/components/schemas/{model}"
PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>沈办 API</title>
<link rel="stylesheet" href="/docs/ui/swagger-ui.css"></head><body><div id="ui"></div>
<script src="/docs/ui/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script>
</body></html>"""
START = 'SwaggerUIBundle({url: "/docs/openapi.json", dom_id: "#ui", deepLinking: true})'
AUTH_ERRORS: dict[Auth, tuple[type[Refusal], ...]] = {
    Auth.PUBLIC: (),
    Auth.OPTIONAL: (SessionExpired,),
    Auth.CITIZEN: (LoginRequired, SessionExpired),
    Auth.SERVICE: (Forbidden, SessionExpired),
    Auth.STAFF: (LoginRequired, SessionExpired, Forbidden),
}


class Problem(BaseModel):
    """A refusal (RFC 9457)."""

    type: str
    title: str = Field(description="给市民看的一句话")
    status: int
    code: str = Field(description="stable, snake_case")
    detail: str
    request_id: str


def install(app: Sanic) -> None:
    """Serve /docs, /docs/openapi.json and the page's own files."""
    room = Blueprint("docs", url_prefix="/docs")

    @room.get("/")
    async def page(_request: Request) -> HTTPResponse:
        return html(PAGE)

    @room.get("/start.js")
    async def start(_request: Request) -> HTTPResponse:
        return HTTPResponse(START, content_type="text/javascript")

    @room.get("/openapi.json")
    async def document(request: Request) -> HTTPResponse:
        if not hasattr(app.ctx, "openapi"):
            app.ctx.openapi = orjson.dumps(build(app))
        return HTTPResponse(app.ctx.openapi, content_type=JSON)

    room.static("/ui", str(Path(swagger_ui_bundle.swagger_ui_path)))
    app.blueprint(room)


def endpoints(app: Sanic) -> list[tuple[str, Endpoint]]:
    """Return (path, endpoint) of every route written with @endpoint."""
    routes = app.router.routes
    return [
        ("/" + route.path, route.handler.endpoint)
        for route in routes
        if hasattr(route.handler, "endpoint")
    ]


def build(app: Sanic) -> dict[str, Any]:
    """Build the OpenAPI document."""
    declared = endpoints(app)
    models = {m for _, e in declared for m in (e.body, e.returns) if m is not None} | {Problem}
    ordered = sorted(models, key=lambda m: m.__name__)
    modes = [(m, "validation") for m in ordered]
    refs, schemas = models_json_schema(modes, ref_template=REFS, by_alias=True)  # type: ignore[arg-type]
    paths: dict[str, dict[str, Any]] = {}
    for path, each in declared:
        template = re.sub(r"<(\w+)(:[^>]*)?>", r"{\1}", path)
        operation = _operation(template, each, {m: refs[(m, "validation")] for m in ordered})
        paths.setdefault(template, {})[each.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "沈办 API", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(
    path: str, declared: Endpoint, refs: dict[type[BaseModel], dict[str, Any]]
) -> dict[str, Any]:
    success: dict[str, Any] = {"description": declared.summary}
    if declared.returns is not None:
        success["content"] = {declared.media: {"schema": refs[declared.returns]}}
    elif declared.media != JSON:
        success["content"] = {declared.media: {"schema": {"type": "string"}}}
    operation: dict[str, Any] = {
        "summary": declared.summary,
        "tags": [declared.tag],
        "operationId": f"{declared.method.lower()}_{re.sub(r'[^a-z]+', '_', path).strip('_')}",
        "parameters": _parameters(path, declared),
        "responses": {str(declared.status): success, **_refusals(declared, refs[Problem])},
    }
    if declared.roles:
        operation["description"] = "For staff: " + ", ".join(sorted(declared.roles))
    if declared.body is not None:
        operation["requestBody"] = {
            "required": any(f.is_required() for f in declared.body.model_fields.values()),
            "content": {JSON: {"schema": refs[declared.body]}},
        }
    if declared.stream:
        binary = {"schema": {"type": "string", "format": "binary"}}
        operation["requestBody"] = {"required": True, "content": {OCTETS: binary}}
    if declared.auth is not Auth.PUBLIC:
        optional: list[dict[str, list[str]]] = [{}] if declared.auth is Auth.OPTIONAL else []
        operation["security"] = [{"bearer": []}, *optional]
    return operation


def _parameters(path: str, declared: Endpoint) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in re.findall(r"{(\w+)}", path)
    ]
    if declared.query is not None:
        schema = declared.query.model_json_schema(by_alias=True)
        required = set(schema.get("required", ()))
        for name, field in schema.get("properties", {}).items():
            found.append(
                {"name": name, "in": "query", "required": name in required, "schema": field}
            )
    if declared.idempotency is not None:
        found.append(
            {
                "name": IDEMPOTENCY_HEADER,
                "in": "header",
                "required": declared.idempotency == "required",
                "schema": {"type": "string", "pattern": f"^[!-~]{{1,{KEY_LENGTH}}}$"},
            }
        )
    return found


def _refusals(declared: Endpoint, problem: dict[str, Any]) -> dict[str, Any]:
    """Group the possible refusals by status, naming their codes."""
    kinds: list[type[Refusal]] = [*declared.errors, *AUTH_ERRORS[declared.auth], Unavailable]
    if declared.body is not None:
        kinds += [MalformedJson, ValidationFailed, TooLarge]
    if declared.query is not None:
        kinds.append(ValidationFailed)
    if declared.idempotency is not None:
        kinds.append(KeyRequired)
    if declared.auth is Auth.STAFF and not declared.first_password:
        kinds.append(PasswordChangeRequired)
    if declared.second_factor:
        kinds.append(SecondFactorRequired)
    by_status: dict[int, list[str]] = {}
    for kind in kinds:
        codes = by_status.setdefault(kind.status, [])
        if kind.code not in codes:
            codes.append(kind.code)
    return {
        str(status): {
            "description": " · ".join(codes),
            "content": {PROBLEM_TYPE: {"schema": problem}},
        }
        for status, codes in sorted(by_status.items())
    }
