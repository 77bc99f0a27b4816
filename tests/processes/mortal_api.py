"""The API, mortal: it kills itself before the n-th statement of a request, and rises again.

A file says when: {"path": "/applications/…", "at": 3}. The statement is not sent: what was sent
before it in the same transaction is lost with the connection, as in a power cut. Every life is a
fork of a process that has loaded everything already, so that rising takes a moment only.
"""

from __future__ import annotations

import contextvars
import json
import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from asyncpg.connection import Connection
from sanic import Request, Sanic

# The command of the same name hides the module.
api: Any = import_module("miniapp_api.commands.api")
ORDERS = Path(sys.argv[1])
left: contextvars.ContextVar[list[int] | None] = contextvars.ContextVar("left", default=None)


def _count(method: Any) -> Any:
    async def counted(self: Connection, *args: Any, **options: Any) -> Any:
        remaining = left.get()
        if remaining is not None:
            remaining[0] -= 1
            if remaining[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return await method(self, *args, **options)

    return counted


def _mortal(create_app: Any) -> Any:
    def create(*args: Any, **options: Any) -> Sanic:
        app: Sanic = create_app(*args, **options)

        @app.on_request
        async def read_orders(request: Request) -> None:
            left.set(None)
            if ORDERS.exists():
                orders = json.loads(ORDERS.read_text())
                if orders["path"] == request.path:
                    ORDERS.unlink()
                    left.set([orders["at"]])

        return app

    return create


def main() -> None:
    """Live, die, and live again, until told to stop."""
    Connection.fetch = _count(Connection.fetch)
    Connection.execute = _count(Connection.execute)
    api.create_app = _mortal(api.create_app)
    child = 0

    def stop(*_: Any) -> None:
        os.kill(child, signal.SIGKILL)
        sys.exit(0)

    signal.signal(signal.SIGTERM, stop)
    while True:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            api.run()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WTERMSIG(status) != signal.SIGKILL:
            sys.exit(1)


if __name__ == "__main__":
    main()
