"""`python -m bot.serve_actions`: the action server (动作服务) on 127.0.0.1."""

from __future__ import annotations

import logging
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from rasa_sdk.executor import ActionExecutor, ActionNotFoundException
from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot import actions
from bot.actions.topic import client
from bot.settings import settings

HOST = "127.0.0.1"

logger = logging.getLogger(__name__)


def executor() -> ActionExecutor:
    """Rasa's executor with every action of bot/actions."""
    for module in iter_modules([str(Path(actions.__file__).parent)]):
        import_module(f"bot.actions.{module.name}")
    found = ActionExecutor()
    found.register_package("bot.actions")
    return found


def create_app(name: str = "shenban_actions") -> Sanic:
    """The server: Rasa's protocol, no CORS, no echo of the request in errors."""
    app, actions_of_bot = Sanic(name, configure_logging=False), executor()

    @app.get("/health")
    async def health(_: Request) -> HTTPResponse:
        return response.json({"status": "ok"})

    @app.post("/webhook")
    async def webhook(request: Request) -> HTTPResponse:
        return await _run(actions_of_bot, request.json)

    async def close(_app: Sanic, _loop: Any) -> None:
        await client().close()

    app.register_listener(close, "after_server_stop")
    return app


async def _run(actions_of_bot: ActionExecutor, call: Any) -> HTTPResponse:
    if not isinstance(call, dict) or "tracker" not in call:
        return response.json({"error": "not an action call"}, status=400)
    try:
        return response.json(await actions_of_bot.run(call))
    except ActionNotFoundException as error:
        return response.json({"error": error.message}, status=404)
    except Exception as error:
        logger.error("action failed: %s", type(error).__name__)
        return response.json({"error": type(error).__name__}, status=500)


def main() -> None:
    """Serves until SIGTERM."""
    logging.basicConfig(level=logging.WARNING)
    create_app().run(HOST, settings().actions_port, access_log=False, workers=1)


if __name__ == "__main__":
    main()
