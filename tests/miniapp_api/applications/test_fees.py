"""Whoever paid for nothing gets his money back; whoever got what he paid for does not."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any, get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniapp_api.applications import rules
from miniapp_api.platform.database import fetch, transaction
from tests.miniapp_api.applications.conftest import PERMIT, Office, picture

REPLACED = {"kind": "replacement"}  # 2000 fen, before submitting
DEED = "real-estate-certificate-replacement"  # 1000 fen, before the result
ROUNDS = 12


@given(
    st.sampled_from(get_args(rules.State)),
    st.none() | st.just(date(2026, 11, 24)),
    st.sampled_from(("submission", "issue")),
)
def test_a_fee_goes_back_only_where_there_is_no_result(
    state: rules.State, accepted_on: date | None, due: str
) -> None:
    back = rules.fee_goes_back(state, accepted_on, due)
    may_still = any(state in t.before and t.after in ("issued", "granted") for t in FORWARD)
    assert not (back and may_still)
    assert not (back and state in ("issued", "delivered", "archived"))
    if state in rules.FRUITLESS:
        assert back == (due == "issue" or accepted_on is None)


FORWARD = tuple(rules.TABLE.values())


async def order_of(citizen: Any, path: str) -> str:
    reply = await citizen.post(f"{path}/order")
    assert reply.status == 200, reply.text
    id: str = reply.json["id"]
    return id


async def quiet(app: Any, wechat_pay: Any) -> None:
    """Until nothing is due and nothing is on its way."""
    await wechat_pay.settled()
    while await app.ctx.payments.poll():
        await wechat_pay.settled()


def kept(wechat_pay: Any, order: str) -> int:
    """What WeChat Pay took for an order and did not give back."""
    theirs = wechat_pay.ledger.orders.get(UUID(order).hex)
    if theirs is None or theirs.paid_at is None:
        return 0
    mine = [r for r in wechat_pay.ledger.refunds.values() if r.order is theirs]
    total: int = theirs.total - sum(
        r.asked["amount"]["refund"] for r in mine if r.state == "SUCCESS"
    )
    return total


@pytest.fixture
def paid(office: Office, pay: Any) -> Any:
    """A draft whose fee is paid, or the case of it."""

    async def paid(citizen: Any, *, submit: bool = False) -> tuple[dict[str, Any], str]:
        draft = await office.filled(citizen, **REPLACED)
        order = await order_of(citizen, f"/applications/drafts/{draft['id']}")
        await pay(citizen, order)
        if not submit:
            return draft, order
        reply = await office.submit(citizen, draft)
        assert reply.status == 200, reply.text
        return reply.json, order

    return paid


async def test_a_draft_that_is_discarded_gives_its_fee_back(
    wang: Any, paid: Any, app: Any, wechat_pay: Any
) -> None:
    draft, order = await paid(wang)
    reply = await wang.call("DELETE", f"/applications/drafts/{draft['id']}")
    assert reply.status == 204
    await quiet(app, wechat_pay)
    assert kept(wechat_pay, order) == 0
    assert (await wang.get(f"/payments/orders/{order}")).json["status"] == "refunded"
    while await app.ctx.messages.drain():
        pass
    told = (await wang.get("/messages/")).json["messages"]
    kinds = [m["kind"] for m in reversed(told) if m["kind"].startswith("refund")]
    assert kinds == ["refund_requested", "refund_succeeded"]
    assert all("居住证" in m["text"] and "20.00元" in m["text"] for m in told[:2])


async def test_a_draft_that_nobody_touched_gives_its_fee_back(
    wang: Any, paid: Any, app: Any, wechat_pay: Any, clock: Any
) -> None:
    _, order = await paid(wang)
    clock.advance(timedelta(days=91))
    await app.ctx.keeping.sweep()
    await quiet(app, wechat_pay)
    assert kept(wechat_pay, order) == 0


async def test_nobody_can_order_the_fee_of_a_draft_that_is_gone(
    wang: Any, office: Office, app: Any
) -> None:
    draft = await office.filled(wang, **REPLACED)
    path = f"/applications/drafts/{draft['id']}"
    replies = await asyncio.gather(
        *(wang.post(f"{path}/order") for _ in range(4)), wang.call("DELETE", path)
    )
    assert {r.status for r in replies} <= {200, 204, 404}
    rows = await fetch("SELECT status FROM pay_order WHERE status <> 'closed'")
    assert rows == []


async def test_paying_and_discarding_at_once_keeps_no_money_for_nothing(
    wang: Any, office: Office, app: Any, wechat_pay: Any, settings: Any
) -> None:
    for n in range(ROUNDS):
        begun = await wang.post("/applications/drafts", {"item": PERMIT, "options": REPLACED})
        path = f"/applications/drafts/{begun.json['id']}"
        order = await order_of(wang, path)
        url = f"http://127.0.0.1:{settings.payments.fake_port}/pay/{UUID(order).hex}"
        wechat_pay.behaviour.notify = ("ok", "lose", "duplicate")[n % 3]

        async def pay(order: str = order, url: str = url) -> None:
            await wang.post(f"/payments/orders/{order}/prepay", {"openid": "oPayer"})
            await wang.session.post(url)

        async def discard(wait: float, path: str = path) -> None:
            await asyncio.sleep(wait)
            await wang.call("DELETE", path)

        await asyncio.gather(pay(), discard(n * 0.004), app.ctx.payments.poll())
        wechat_pay.behaviour.notify = "ok"
        await quiet(app, wechat_pay)
        assert kept(wechat_pay, order) == 0, n
    refunds = list(wechat_pay.ledger.refunds.values())
    assert len({r.order.asked["out_trade_no"] for r in refunds}) == len(refunds)  # none twice


async def test_submitting_and_discarding_at_once_keeps_the_fee_with_a_case_or_gives_it_back(
    wang: Any, office: Office, paid: Any, app: Any, wechat_pay: Any
) -> None:
    outcomes = set()
    for n in range(6):
        draft, order = await paid(wang)
        path = f"/applications/drafts/{draft['id']}"

        async def discard(wait: float, path: str = path) -> Any:
            await asyncio.sleep(wait)
            return await wang.call("DELETE", path)

        submitted, _ = await asyncio.gather(office.submit(wang, draft), discard(n * 0.008))
        await quiet(app, wechat_pay)
        outcomes.add(submitted.status)
        assert kept(wechat_pay, order) == (2_000 if submitted.status == 200 else 0), n
    assert outcomes <= {200, 404, 422}  # 422: his files were gone when they were looked at


async def test_a_case_withdrawn_before_it_is_accepted_gives_its_fee_back(
    wang: Any, paid: Any, app: Any, wechat_pay: Any
) -> None:
    case, order = await paid(wang, submit=True)
    reply = await wang.post(f"/applications/{case['id']}/withdrawal", {"version": 1})
    assert reply.json["state"] == "withdrawn"
    await quiet(app, wechat_pay)
    assert kept(wechat_pay, order) == 0


async def test_a_case_withdrawn_after_it_was_accepted_keeps_the_fee_of_its_examination(
    wang: Any, paid: Any, office: Office, clerk: Any, app: Any, wechat_pay: Any
) -> None:
    case, order = await paid(wang, submit=True)
    moved = await office.go(clerk, case["id"], "accept")
    body = {"version": moved["version"]}
    reply = await wang.post(f"/applications/{case['id']}/withdrawal", body)
    assert reply.json["state"] == "withdrawn"
    await quiet(app, wechat_pay)
    assert kept(wechat_pay, order) == 2_000


async def test_a_case_that_is_refused_gives_its_fee_back(
    wang: Any, paid: Any, office: Office, clerk: Any, app: Any, wechat_pay: Any
) -> None:
    case, order = await paid(wang, submit=True)
    await office.go(clerk, case["id"], "refuse")
    await quiet(app, wechat_pay)
    assert kept(wechat_pay, order) == 0


async def test_a_case_that_lapses_gives_its_fee_back(
    wang: Any, paid: Any, office: Office, clerk: Any, app: Any, wechat_pay: Any, clock: Any
) -> None:
    case, order = await paid(wang, submit=True)
    claimed = await office.claim(clerk, case["id"])
    missing = [{"name": "employer", "problem": "missing"}]
    await office.act(clerk, case["id"], claimed["version"], "request_correction", missing=missing)
    clock.advance(timedelta(days=31))
    await app.ctx.keeping.sweep()
    await quiet(app, wechat_pay)
    assert kept(wechat_pay, order) == 0


@pytest.fixture
async def deed(wang: Any, office: Office, staff: Any) -> tuple[str, Any]:
    """A case whose fee is due before its result, and its clerk."""
    begun = (await wang.post("/applications/drafts", {"item": DEED})).json
    path = f"/applications/drafts/{begun['id']}"
    typed = {"revision": 1, "delivery": "window", "answers": DEED_ANSWERS}
    draft = (await wang.call("PATCH", path, json=typed)).json
    for material in draft["materials"]:
        if material["required"]:
            draft = await office.upload(wang, draft["id"], material["key"], picture())
    reply = await office.submit(wang, draft)
    assert reply.status == 200, reply.text
    return reply.json["id"], await staff("clerk", departments=("real-estate-registration",))


DEED_ANSWERS = {"address": "沈河区青年大街1号", "property_address": "沈河区青年大街1号2-3-1"}


async def test_a_case_that_is_denied_gives_the_fee_of_its_result_back(
    wang: Any, deed: Any, office: Office, pay: Any, app: Any, wechat_pay: Any
) -> None:
    case, clerk = deed
    await office.go(clerk, case, "accept")
    order = await order_of(wang, f"/applications/{case}")
    await pay(wang, order)
    await office.go(clerk, case, "start_review", "propose", "deny")
    await quiet(app, wechat_pay)
    assert kept(wechat_pay, order) == 0
    assert (await wang.post(f"/applications/{case}/order")).code == "no_fee"


async def test_a_result_that_is_issued_keeps_its_fee(
    wang: Any, deed: Any, office: Office, pay: Any, app: Any, wechat_pay: Any
) -> None:
    case, clerk = deed
    await office.go(clerk, case, "accept", "start_review", "propose", "grant")
    order = await order_of(wang, f"/applications/{case}")
    await pay(wang, order)
    await office.go(clerk, case, "issue", "deliver")
    await quiet(app, wechat_pay)
    assert kept(wechat_pay, order) == 1_000


@pytest.mark.parametrize("paid", [False, True])
async def test_a_granted_case_tells_of_its_fee_unless_it_is_paid(
    wang: Any, deed: Any, office: Office, pay: Any, app: Any, paid: bool
) -> None:
    case, clerk = deed
    await office.go(clerk, case, "accept")
    if paid:
        await pay(wang, await order_of(wang, f"/applications/{case}"))
    await office.go(clerk, case, "start_review", "propose", "grant")
    await app.ctx.messages.drain()
    told = (await wang.get("/messages")).json["messages"]
    fees = [each for each in told if each["kind"] == "fee_due"]
    assert [each["page"] for each in fees] == ([] if paid else [f"pages/case/detail?id={case}"])
    assert all("10.00元" in each["text"] for each in fees)


async def test_ordering_and_denying_at_once_leaves_nothing_to_pay(
    wang: Any, deed: Any, office: Office, app: Any
) -> None:
    case, clerk = deed
    moved = await office.go(clerk, case, "accept", "start_review", "propose")
    deny = office.act(clerk, case, moved["version"], "deny", note="理由")
    replies = await asyncio.gather(
        *(wang.post(f"/applications/{case}/order") for _ in range(3)), deny
    )
    assert replies[-1].status == 200, replies[-1].text
    assert {r.status for r in replies} <= {200, 409}
    rows = await fetch("SELECT status FROM pay_order WHERE status <> 'closed'")
    assert rows == []


async def test_another_fee_calls_the_first_one_off(
    wang: Any, paid: Any, app: Any, wechat_pay: Any
) -> None:
    """The handbook's fee went up between paying and submitting."""
    draft, order = await paid(wang)
    id, cashier = UUID(draft["id"]), app.ctx.drafts._cashier
    (row,) = await fetch("SELECT citizen FROM draft")
    citizen = UUID(str(row["citizen"]))
    async with transaction() as connection:
        dearer = await cashier.order(connection, citizen, id, 3_000, "居住证申领")
    assert (dearer.amount_fen, dearer.paid) == (3_000, False)
    assert not await cashier.paid(id, 2_000)
    await quiet(app, wechat_pay)
    assert kept(wechat_pay, order) == 0
    assert str(dearer.id) != order
    async with transaction() as connection:
        back = await cashier.order(connection, citizen, id, 2_000, "居住证申领")
    assert str(back.id) not in (order, str(dearer.id))
    rows = await fetch("SELECT status FROM pay_order WHERE id = $1", dearer.id)
    assert [row["status"] for row in rows] == ["closed"]


async def test_options_without_a_fee_give_back_what_was_paid_for_others(
    wang: Any, paid: Any, office: Office, app: Any, wechat_pay: Any
) -> None:
    draft, order = await paid(wang)
    body = {"revision": draft["revision"], "options": {"kind": "first"}}
    free = await wang.call("PATCH", f"/applications/drafts/{draft['id']}", json=body)
    await quiet(app, wechat_pay)
    assert kept(wechat_pay, order) == 2_000  # he may yet go back to what he paid for
    assert (await office.submit(wang, free.json)).status == 200
    await quiet(app, wechat_pay)
    assert kept(wechat_pay, order) == 0


async def test_an_order_of_options_that_changed_is_not_given(
    wang: Any, office: Office, app: Any
) -> None:
    draft = await office.filled(wang, **REPLACED)
    path = f"/applications/drafts/{draft['id']}"
    free = {"revision": draft["revision"], "options": {"kind": "first"}}
    replies = await asyncio.gather(
        *(wang.post(f"{path}/order") for _ in range(3)), wang.call("PATCH", path, json=free)
    )
    assert replies[-1].status == 200
    for reply in replies[:-1]:
        assert reply.status == 200 or reply.code in ("draft_changed", "no_fee")
    assert (await wang.post(f"{path}/order")).code == "no_fee"


async def test_what_a_cashier_gave_back_in_part_is_paid_anew(
    wang: Any, paid: Any, office: Office, staff: Any, pay: Any, app: Any, wechat_pay: Any
) -> None:
    draft, order = await paid(wang)
    cashier = await staff("cashier")
    body = {"amount_fen": 500, "reason": "多收"}
    assert (await cashier.post(f"/payments/orders/{order}/refunds", body, key="k")).status == 201
    assert (await office.submit(wang, draft)).code == "not_ready"
    anew = await order_of(wang, f"/applications/drafts/{draft['id']}")
    assert anew != order
    await pay(wang, anew)
    assert (await office.submit(wang, draft)).status == 200
    await quiet(app, wechat_pay)
    assert (kept(wechat_pay, order), kept(wechat_pay, anew)) == (0, 2_000)
