"""Shapes of what the client is told about this installation."""

from __future__ import annotations

from miniapp_api.platform.http import Shape


class ClientConfig(Shape):
    """What the client needs to know before anybody logs in (客户端配置)."""

    city: str
    hotline: str
    hall: str
    demo_sms: str | None
    """Where SMS codes can be read while our own stand-in plays the gateway; null in earnest."""
