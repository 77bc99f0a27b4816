"""The reception: who booked is checked in, who did not gets a number, a number is found."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from miniapp_api.hall import rules
from tests.browser.citizens import book
from tests.miniapp_api.console.conftest import Desk

HOME = "/console/reception"
QUEUE = "public-security"


@pytest.fixture
async def reception(desks: Any, staff: Any, clock: Any) -> Desk:
    clock.advance(timedelta(minutes=30))
    desk: Desk = desks(await staff("queue_manager"))
    return desk


def _number(words: str) -> str:
    return re.findall(r"\b([A-Z]{1,3}\d{3})\b", words)[0]


async def test_a_number_is_given_found_and_printed(reception: Desk) -> None:
    page = await reception.open(HOME)
    given = await reception.submit(page, "/reception/tickets", queue=QUEUE, priority="elderly")
    assert "优先 老人" in given.words
    number = _number(given.words)
    found = await reception.open(HOME, params={"number": number.lower()})
    assert f"{number} 办什么" in found.words
    (path,) = set(re.findall(r'href="(/console/reception/tickets/[^"]+/print)"', found.html))
    paper = await reception.open(path)
    assert number in paper.words
    assert "script-src" not in paper.reply.headers["Content-Security-Policy"]


async def test_a_form_sent_twice_gives_one_number_and_the_next_another(reception: Desk) -> None:
    page = await reception.open(HOME)
    first, again = [
        _number((await reception.submit(page, "/reception/tickets", queue=QUEUE)).words)
        for _ in range(2)
    ]
    assert first == again
    fresh = await reception.open(HOME)
    assert _number((await reception.submit(fresh, "/reception/tickets", queue=QUEUE)).words) != (
        first
    )


async def test_htmx_gets_the_number_and_a_form_for_the_next(reception: Desk) -> None:
    fields = (await reception.open(HOME)).form("/reception/tickets").fields
    sent = {**fields, "queue": QUEUE}
    headers = {"HX-Request": "true", "X-CSRF-Token": fields["csrf"]}
    given = await reception.post(f"{HOME}/tickets", sent, headers=headers)
    assert "<html" not in given.html
    (key,) = re.findall(r'id="k-walk-in" name="key" value="([0-9a-f]{32})"', given.html)
    assert key != fields["key"]


@pytest.mark.parametrize("by", ["phone", "code"])
async def test_who_booked_is_checked_in(reception: Desk, citizen: Any, clock: Any, by: str) -> None:
    await book(citizen)
    clock.set(clock.now().replace(day=25, hour=9, minute=25))
    booking = (await citizen.get("/appointments?active=true")).json["appointments"][0]["id"]
    token = (await citizen.get(f"/appointments/{booking}/qr")).json["token"]
    who = token if by == "code" else "13800138000"
    given = await reception.submit(await reception.open(HOME), "/check-ins", who=who)
    assert "来法 预约" in given.words, given.words


async def test_who_did_not_book_is_told_so(reception: Desk) -> None:
    page = await reception.submit(await reception.open(HOME), "/check-ins", who="13900000000")
    assert page.status >= 400
    assert "13900000000" not in page.html


async def test_a_number_that_nobody_has_is_not_found(reception: Desk) -> None:
    for number in ("A999", "Ω1", "12", "A"):
        page = await reception.open(HOME, params={"number": number})
        assert (page.status, "没有找到这个号" in page.words) == (404, True)


@pytest.mark.parametrize(
    ("prefix", "number", "sequence"),
    [
        ("A", "A012", 12), ("A", "a012", 12), ("A", "B012", None), ("A", "012", None),
        ("A", "A", None), ("A", "AB01", None), ("A", "A١٢", None), ("A", "A0000001", None),
    ],
)  # fmt: skip
def test_a_number_is_read_as_it_is_written(prefix: str, number: str, sequence: int | None) -> None:
    assert rules.sequence(prefix, number) == sequence
