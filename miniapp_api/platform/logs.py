"""Structured logs, one JSON object a line, without personal data."""

from __future__ import annotations

import logging
import sys
import time
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog
from sanic import HTTPResponse, Request, Sanic

log = structlog.get_logger("shenban")


def configure() -> None:
    """Write our events as JSON lines to standard error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=False),
            _frames_only,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.__stderr__),
        cache_logger_on_first_use=True,
    )
    # SQL logs carry bound values, and Sanic's access log the URL: both may hold personal data.
    for name in ("tortoise", "tortoise.db_client", "sanic.access"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _frames_only(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace an exception by its frames: its message may carry what a citizen typed."""
    error = event.pop("trace", None)
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)[-12:]
        event["frames"] = [f"{f.filename}:{f.lineno}:{f.name}" for f in frames]
    return event


def install(app: Sanic) -> None:
    """Give every request an id and one log line: route, status and milliseconds."""

    @app.on_request
    async def start(request: Request) -> None:
        request.ctx.started = time.perf_counter()

    @app.on_response
    async def finish(request: Request, response: HTTPResponse) -> None:
        response.headers["X-Request-ID"] = str(request.id)
        started = getattr(request.ctx, "started", None)
        log.info(
            "request",
            method=request.method,
            route=request.route.path if request.route else None,
            status=response.status,
            milliseconds=round((time.perf_counter() - started) * 1000, 1) if started else None,
            request_id=str(request.id),
        )
