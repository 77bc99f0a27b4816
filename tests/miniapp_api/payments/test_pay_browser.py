"""Paying in a browser outside WeChat (H5支付): the cashier's page, and what goes wrong there."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest

BACK = "http://127.0.0.1/pages/payment/detail"


async def _browser(citizen: Any, order: str) -> Any:
    return await citizen.post(f"/payments/orders/{order}/browser", {})


async def _at_the_cashier(citizen: Any, url: str, do: str, wechat_pay: Any) -> tuple[int, str]:
    """Open the page, press a button of it, and return where that leads."""
    address = f"{url}&redirect_url={quote(BACK, safe='')}"
    async with citizen.session.get(address) as page:
        shown = await page.text()
        assert page.status == 200
    (back,) = re.findall(r'name="redirect_url" value="([^"]*)"', shown)
    form = {"do": do, "redirect_url": back}
    async with citizen.session.post(address, data=form, allow_redirects=False) as reply:
        await wechat_pay.settled()
        return reply.status, reply.headers.get("Location", "")


async def _status(citizen: Any, order: str) -> str:
    found: str = (await citizen.get(f"/payments/orders/{order}")).json["status"]
    return found


async def test_what_is_confirmed_at_the_cashier_is_paid_and_leads_back(
    citizen: Any, order: Any, told: Any, wechat_pay: Any
) -> None:
    id = await order()
    url = (await _browser(citizen, id)).json["url"]
    assert await _at_the_cashier(citizen, url, "pay", wechat_pay) == (303, BACK)
    assert (await _status(citizen, id), told) == ("paid", [id])
    assert (await _browser(citizen, id)).code == "order_paid"


async def test_the_cashier_shows_what_is_paid_for_and_how_much(
    citizen: Any, order: Any, wechat_pay: Any
) -> None:
    url = (await _browser(citizen, await order(amount=12_345))).json["url"]
    async with citizen.session.get(url) as page:
        shown = await page.text()
    assert "¥123.45" in shown
    assert "护照" in shown


async def test_who_cancels_comes_back_and_has_paid_nothing(
    citizen: Any, order: Any, told: Any, wechat_pay: Any
) -> None:
    id = await order()
    url = (await _browser(citizen, id)).json["url"]
    assert await _at_the_cashier(citizen, url, "cancel", wechat_pay) == (303, BACK)
    assert (await _status(citizen, id), told) == ("prepaid", [])


async def test_asking_again_opens_the_same_order_and_pays_once(
    citizen: Any, order: Any, told: Any, wechat_pay: Any
) -> None:
    id = await order()
    first = (await _browser(citizen, id)).json["url"]
    second = (await _browser(citizen, id)).json["url"]
    await _at_the_cashier(citizen, second, "pay", wechat_pay)
    async with citizen.session.post(first, data={"do": "pay"}) as reply:
        assert "已经处理过" in await reply.text()
    assert told == [id]


async def test_the_cashiers_page_opens_for_five_minutes(
    citizen: Any, order: Any, wechat_pay: Any, clock: Any
) -> None:
    url = (await _browser(citizen, await order())).json["url"]
    clock.advance(timedelta(minutes=5))
    async with citizen.session.get(url) as page:
        assert page.status == 410


async def test_wechat_is_told_from_which_address_the_browser_pays_and_in_what(
    citizen: Any, order: Any, wechat_pay: Any
) -> None:
    id = await order()
    await _browser(citizen, id)
    asked = wechat_pay.ledger.orders[UUID(id).hex].asked
    assert asked["scene_info"] == {"payer_client_ip": "127.0.0.1", "h5_info": {"type": "Wap"}}
    assert "payer" not in asked


async def test_an_order_begun_in_the_mini_program_is_closed_there_and_opened_anew(
    citizen: Any, order: Any, told: Any, wechat_pay: Any
) -> None:
    id = await order()
    await citizen.post(f"/payments/orders/{id}/prepay", {"openid": "oPayer"})
    assert (await _browser(citizen, id)).code == "order_expired"
    assert await _status(citizen, id) == "closed"
    assert wechat_pay.ledger.orders[UUID(id).hex].state == "CLOSED"
    again = await order()
    url = (await _browser(citizen, again)).json["url"]
    await _at_the_cashier(citizen, url, "pay", wechat_pay)
    assert (await _status(citizen, again), told) == ("paid", [again])


async def test_an_order_paid_in_the_mini_program_this_moment_is_not_paid_again(
    citizen: Any, order: Any, told: Any, wechat_pay: Any, app: Any
) -> None:
    id = await order()
    await citizen.post(f"/payments/orders/{id}/prepay", {"openid": "oPayer"})
    wechat_pay.behaviour.notify = "lose"
    port = app.ctx.settings.payments.fake_port
    async with citizen.session.post(f"http://127.0.0.1:{port}/pay/{UUID(id).hex}") as paid:
        assert paid.status == 200
    assert (await _browser(citizen, id)).code == "order_paid"
    assert (await _status(citizen, id), told) == ("paid", [id])


@pytest.mark.parametrize("mode", ["error", "garbage", "unsigned", "forge"])
async def test_an_answer_that_cannot_be_believed_opens_no_cashier(
    citizen: Any, order: Any, wechat_pay: Any, mode: str
) -> None:
    wechat_pay.behaviour.api = mode
    assert (await _browser(citizen, await order())).code == "pay_unavailable"


async def test_the_cashier_leads_nowhere_but_to_a_page(
    citizen: Any, order: Any, wechat_pay: Any
) -> None:
    url = (await _browser(citizen, await order())).json["url"]
    form = {"do": "cancel", "redirect_url": "javascript:alert(1)"}
    async with citizen.session.post(url, data=form, allow_redirects=False) as reply:
        assert (reply.status, "Location" in reply.headers) == (200, False)


async def test_another_citizen_neither_pays_nor_sees_an_order_in_his_list(
    citizen: Any, order: Any, log_in: Any, wechat_pay: Any
) -> None:
    id, other = await order(), await log_in("13900000000")
    assert (await _browser(other, id)).code == "order_not_found"
    assert (await other.get("/payments/orders")).json == {"orders": []}
    mine = (await citizen.get("/payments/orders")).json["orders"]
    assert [each["id"] for each in mine] == [id]
    assert json.dumps(mine).count("openid") == 0
