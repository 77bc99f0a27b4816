"""A clerk takes an application in at his window, from the console."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.miniapp_api.applications.conftest import (
    ANSWERS,
    PERMIT,
    fresh_code,
    picture,
    real_name,
    real_name_server,
)
from tests.miniapp_api.identity.conftest import WANG, WANG_ID

__all__ = ["fresh_code", "real_name", "real_name_server"]

QUEUE, TICKET_FOR = "public-security", "id-card-lost-replacement"
ON_SITE = "/console/desk/on-site"
CARD = {"name": WANG, "id_number": WANG_ID, "item": PERMIT}
TYPED = {f"answer_{name}": value for name, value in ANSWERS.items()} | {
    "answer_phone": "13900000001",
    "option_kind": "first",
    "option_ground": "house",
}


@pytest.fixture
async def desk(desks: Any, staff: Any, app: Any, clock: Any, real_name: Any) -> Any:
    """A clerk at his window, with somebody in front of him."""
    clock.advance(timedelta(minutes=30))
    desk = desks(await staff("clerk", departments=(QUEUE,)))
    number = app.ctx.guides.queue("municipal", QUEUE).windows[0]
    page = await desk.submit(await desk.open("/console/windows"), "/windows", number=number)
    kiosk = await staff("kiosk")
    taken = await kiosk.post("/hall/municipal/tickets", {"item": TICKET_FOR}, key=uuid4().hex)
    assert taken.status == 201, taken.text
    await desk.submit(await desk.submit(page, "/next"), "/start")
    return desk


async def _opened(desk: Any) -> Any:
    page = await desk.submit(await desk.open(ON_SITE), "/on-site", **CARD)
    assert page.status == 200, page.words
    return await desk.submit(page, page.url, **TYPED, do="save")


def _required(page: Any) -> list[str]:
    return [part.partition('"')[0] for part in page.html.split('name="papers" value="')[1:]]


async def _scan(desk: Any, page: Any, name: str, data: bytes) -> Any:
    where = page.html.partition('data-upload="')[2].partition('"')[0]
    token = page.form(page.url).fields["csrf"]
    return await desk._page(
        "POST", where, params={"name": name}, data=data, headers={"X-CSRF-Token": token}
    )


async def test_the_ticket_in_hand_becomes_an_accepted_case(desk: Any) -> None:
    page = await _opened(desk)
    assert "保存了" in page.words
    fields = page.form(page.url).fields
    sent = [*fields.items(), ("do", "accept"), *(("papers", key) for key in _required(page))]
    done = await desk._page("POST", page.url, data=[p for p in sent if p[0] != "numbers"])
    assert done.status == 200, done.words
    assert done.url.startswith("/console/desk/cases/")
    assert "受理了，受理号" in done.words
    assert "窗口看过原件" in done.words
    assert "开始审查" in done.words  # it is his without a claim


async def test_what_is_missing_is_said_at_once_and_what_was_typed_stays(desk: Any) -> None:
    page = await _opened(desk)
    typed = {"answer_residence_address": "沈河区某某街1号"}
    refused = await desk.submit(page, page.url, **typed, do="accept")
    assert refused.status == 422
    assert "还有没填好的地方" in refused.words
    assert refused.html.count("<li>") >= 1
    assert "沈河区某某街1号" in refused.html
    again = await desk.submit(refused, page.url, do="save")
    assert again.status == 200, again.words


async def test_htmx_gets_the_faults_and_the_new_revision(desk: Any) -> None:
    page = await _opened(desk)
    fields = {**page.form(page.url).fields, "do": "accept"}
    refused = await desk.post(page.url, fields, headers={"HX-Request": "true"})
    assert refused.status == 422
    assert 'hx-swap-oob="true"' in refused.html
    assert "<html" not in refused.html


async def test_a_scan_is_taken_in_under_a_name_that_is_shown_and_never_run(desk: Any) -> None:
    page = await _opened(desk)
    taken = await _scan(desk, page, "<img src=x onerror=alert(1)>.jpg", picture())
    assert taken.status == 200, taken.words
    assert "<img" not in taken.html
    assert "&lt;img src=x" in taken.html
    refused = await _scan(desk, page, "a.jpg", b"MZ no picture at all")
    assert 400 <= refused.status < 500
    assert (await desk.open(page.url)).html.count("&lt;img src=x") == 1


async def test_a_scan_without_the_forms_token_is_refused(desk: Any) -> None:
    page = await _opened(desk)
    where = page.html.partition('data-upload="')[2].partition('"')[0]
    reply = await desk._page("POST", where, data=picture())
    assert reply.status == 403


async def test_two_tabs_on_one_draft_lose_nothing(desk: Any) -> None:
    page = await _opened(desk)
    other = await desk.open(page.url)
    await desk.submit(page, page.url, answer_residence_address="沈河区第一街1号", do="save")
    late = await desk.submit(other, page.url, answer_residence_address="沈河区第二街2号", do="save")
    assert late.status == 409
    assert "沈河区第一街1号" in (await desk.open(page.url)).html


async def test_without_a_ticket_in_hand_the_page_says_what_to_do(desks: Any, staff: Any) -> None:
    desk = desks(await staff("clerk", departments=(QUEUE,)))
    page = await desk.open(ON_SITE)
    assert "还没有上岗" in page.words
    token = (await desk.open("/console/account")).form("/logout").fields["csrf"]
    refused = await desk.post(ON_SITE, {**CARD, "csrf": token})
    assert refused.status in (404, 409)
