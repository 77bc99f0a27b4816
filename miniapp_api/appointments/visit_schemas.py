"""Response shapes of visits."""

from __future__ import annotations

from datetime import datetime

from miniapp_api.platform.http import Shape


class CheckInCode(Shape):
    """A check-in code (签到码): to be shown at the hall within two minutes, once."""

    token: str
    expires_at: datetime
    svg: str
