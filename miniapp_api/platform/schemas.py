"""Shapes of the platform's own routes."""

from __future__ import annotations

from typing import Literal

from miniapp_api.platform.http import Shape


class Health(Shape):
    """What works right now."""

    status: Literal["ok"]
    database: bool
    redis: bool
    rasa: Literal["ready", "training", "down"]
