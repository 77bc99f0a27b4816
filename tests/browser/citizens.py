"""What the tests of the citizen's pages do again and again."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import Page, Route, expect

ITEM = "id-card-lost-replacement"
TOMORROW = "2026-11-25"
CHANNEL = "web_phone"


def token_of(citizen: Any) -> str:
    """The session's token of a citizen's or a member of staff's client."""
    token: str = citizen.headers["Authorization"].removeprefix("Bearer ")
    return token


async def slots_of(client: Any, day: str = TOMORROW) -> list[dict[str, Any]]:
    """The free slots of a day, as the client on H5 sees them."""
    query = f"item={ITEM}&from={day}&to={day}&channel={CHANNEL}"
    found: list[dict[str, Any]] = (await client.get(f"/appointments/slots?{query}")).json["days"][
        0
    ]["slots"]
    return found


async def hold(citizen: Any, *, day: str = TOMORROW, nth: int = 1, key: str = "hold") -> str:
    """Keep a seat through the API and return the booking's id."""
    slot = (await slots_of(citizen, day))[nth]["id"]
    body = {"slot": slot, "item": ITEM, "channel": CHANNEL}
    reply = await citizen.post("/appointments/holds", body, key=key)
    assert reply.status == 201, reply.text
    id: str = reply.json["id"]
    return id


async def book(citizen: Any, **which: Any) -> str:
    """Book through the API and return the booking's id."""
    id = await hold(citizen, **which)
    reply = await citizen.post(f"/appointments/{id}/confirm", {})
    assert reply.status == 200, reply.text
    return id


async def bookings_of(citizen: Any, *, active: bool = True) -> list[dict[str, Any]]:
    """A citizen's bookings."""
    reply = await citizen.get(f"/appointments?active={str(active).lower()}")
    found: list[dict[str, Any]] = reply.json["appointments"]
    return found


async def forget_limits(app: Any) -> None:
    """Let phones ask for the next code at once: Redis counts by its own clock."""
    if names := await app.ctx.redis.keys("limit:*"):
        await app.ctx.redis.delete(*names)


async def type_log_in(page: Page, sms: Any, phone: str = "13800138000") -> None:
    """Log in by typing: number, code, consent."""
    await page.get_by_label("手机号", exact=True).fill(phone)
    await page.get_by_role("button", name="获取验证码").click()
    await expect(page.get_by_text("短信发出去了")).to_be_visible()
    await page.get_by_label("短信验证码").fill(sms.last[phone]["parameters"]["code"])
    await page.get_by_label("我同意按隐私说明使用我的手机号").check()
    await page.get_by_role("button", name="登录", exact=True).click()


class Losing:
    """A network that loses the answer of the next request, or the request itself."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.keys: list[str | None] = []

    async def answers(self, pattern: str, times: int = 1) -> None:
        """The server does it, the answer never comes."""

        async def lose(route: Route) -> None:
            self.keys.append(route.request.headers.get("idempotency-key"))
            if len(self.keys) > times:
                return await route.continue_()
            await route.fetch()
            return await route.abort("connectionreset")

        await self._page.route(pattern, lose)

    async def requests(self, pattern: str | re.Pattern[str], times: int = 1) -> None:
        """The request never leaves the phone."""

        async def lose(route: Route) -> None:
            self.keys.append(route.request.headers.get("idempotency-key"))
            if len(self.keys) > times:
                return await route.continue_()
            return await route.abort("internetdisconnected")

        await self._page.route(pattern, lose)
