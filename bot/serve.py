"""Serves a trained model on 127.0.0.1 (对话服务): no TensorFlow, none of Rasa's HTTP API."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import sys

from bot.lean import leave_tensorflow_out
from bot.settings import BOT, settings
from bot.train import quiet

HOST = "127.0.0.1"


def main() -> None:
    """Loads the library while Rasa is imported, then runs Rasa's server."""
    quiet()
    leave_tensorflow_out()
    os.environ.setdefault("SANIC_WORKERS", "1")
    from rasa.core.run import serve_application
    from rasa.core.utils import AvailableEndpoints

    from bot.action_endpoint import KeptAliveEndpoint
    from bot.components.shared import library
    from bot.rasa_speed import speed_up

    library()
    speed_up()
    endpoints = AvailableEndpoints.read_endpoints(str(BOT / "endpoints.yml"))
    endpoints.action = KeptAliveEndpoint.like(endpoints.action)
    # what is loaded now lives as long as the process: the collector need not walk it each time
    gc.collect()
    gc.freeze()
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        serve_application(
            sys.argv[1],
            interface=HOST,
            port=settings().rasa_port,
            credentials=str(BOT / "credentials.yml"),
            endpoints=endpoints,
            enable_api=False,
        )


if __name__ == "__main__":
    main()
