"""What is asked for, and what was accepted: counted once, however often it is reported."""

from __future__ import annotations

import asyncio
from typing import Any

from miniapp_api.messages.delivery import store
from miniapp_api.messages.delivery.subscriptions import CHANGE, POPUP, Change
from miniapp_api.platform.database import fetch
from tests.miniapp_api.messages.delivery.conftest import OPENID

PATH = "/messages/subscriptions"


async def _left(citizen: Any) -> dict[str, int]:
    return {row["template"]: row["left"] for row in await store.subscriptions(citizen.id)}


async def test_a_wechat_user_is_asked_for_what_belongs_to_the_occasion(wang: Any, app: Any) -> None:
    ours = app.ctx.settings.messages
    found = {
        each["occasion"]: each["templates"] for each in (await wang.get(PATH)).json["occasions"]
    }
    assert found == {
        name: [ours.templates[each].id for each in names] for name, names in ours.occasions.items()
    }
    assert all(0 < len(each) <= 3 for each in found.values())


async def test_who_does_not_use_wechat_is_asked_for_nothing(citizen: Any) -> None:
    assert (await citizen.get(PATH)).json == {"occasions": []}


async def test_only_what_was_accepted_is_counted(wang: Any, app: Any) -> None:
    near, called, fee = (
        app.ctx.settings.messages.templates[name].id for name in ("near", "called", "fee")
    )
    answers = {near: "accept", called: "reject", fee: "ban", "of-last-year": "accept"}
    assert (await wang.post(PATH, {"answers": answers}, key="k")).json == {"accepted": 1}
    assert await _left(wang) == {near: 1}


async def test_an_answer_that_is_sent_again_counts_once(wang: Any, app: Any) -> None:
    answers = {app.ctx.settings.messages.templates["near"].id: "accept"}
    replies = await asyncio.gather(
        *(wang.post(PATH, {"answers": answers}, key="same") for _ in range(6))
    )
    assert {reply.status for reply in replies} == {200}
    assert list((await _left(wang)).values()) == [1]
    other = {app.ctx.settings.messages.templates["fee"].id: "accept"}
    assert (await wang.post(PATH, {"answers": other}, key="same")).code == "idempotency_conflict"


async def test_what_client_and_wechat_both_report_counts_once(
    wang: Any, accept: Any, app: Any
) -> None:
    near = app.ctx.settings.messages.templates["near"].id
    await accept("near")
    await app.ctx.subscriptions.changed(OPENID, POPUP, [Change(near, "accept")])
    assert await _left(wang) == {near: 1}
    await app.ctx.subscriptions.changed(OPENID, POPUP, [Change(near, "accept")])
    assert await _left(wang) == {near: 2}  # the client's report of the second was lost


async def test_switched_off_in_wechats_settings_nothing_is_left(
    wang: Any, accept: Any, app: Any
) -> None:
    near = app.ctx.settings.messages.templates["near"].id
    await accept("near")
    await accept("near")
    await app.ctx.subscriptions.changed(OPENID, CHANGE, [Change(near, "reject")])
    assert await _left(wang) == {near: 0}
    await accept("near")
    assert await _left(wang) == {near: 1}


async def test_events_of_strangers_and_of_other_templates_change_nothing(
    wang: Any, app: Any
) -> None:
    near = app.ctx.settings.messages.templates["near"].id
    changed = app.ctx.subscriptions.changed
    await changed("o-nobody", POPUP, [Change(near, "accept")])
    await changed(OPENID, POPUP, [Change("somebody-elses", "accept"), Change(near, "reject")])
    await changed(OPENID, "user_enter_tempsession", [Change(near, "accept")])
    assert await fetch("SELECT 1 AS one FROM subscription") == []


async def test_nonsense_is_refused(wang: Any) -> None:
    for answers in ({}, {"x": "maybe"}, {"了": "accept"}, {f"t{n}": "accept" for n in range(6)}):
        reply = await wang.post(PATH, {"answers": answers}, key="k")
        assert (reply.status, reply.code) == (422, "validation_failed")
