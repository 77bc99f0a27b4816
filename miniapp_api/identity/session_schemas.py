"""Request and response shapes of sessions, devices and WeChat log-in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from miniapp_api.identity.schemas import CitizenView
from miniapp_api.platform.http import Shape

WeChatCode = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[\x21-\x7e]+$")]


class Session(Shape):
    """A session (会话): both times in seconds; the refresh token works once."""

    token: str
    expires_in: int
    refresh_token: str
    refresh_expires_in: int
    citizen: CitizenView


class RefreshRequest(Shape):
    """Renew a session (续期)."""

    refresh_token: Annotated[str, Field(min_length=1, max_length=200)]


class WeChatSessionRequest(Shape):
    """Log in with WeChat: phone_code when we do not know the user yet, or his phone is new."""

    code: WeChatCode
    phone_code: WeChatCode | None = None


class DeviceView(Shape):
    """A device that is logged in (登录设备)."""

    id: UUID
    label: str
    channel: Literal["sms", "wechat"]
    current: bool
    logged_in_at: datetime
    used_at: datetime


class Devices(Shape):
    """A citizen's devices."""

    devices: list[DeviceView]
