"""Signed tokens: ours, for one purpose, in time; and questions that are asked together."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any, cast

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniapp_api.platform.batching import Batched
from miniapp_api.platform.signing import TokenExpired, TokenForged, sign, verify
from tests.api import TUESDAY

LATER = TUESDAY + timedelta(minutes=2)


def test_a_token_says_what_it_was_given() -> None:
    token = sign("secret", "check-in", {"appointment": "1"}, LATER)
    assert verify("secret", "check-in", token, TUESDAY)["appointment"] == "1"


def test_a_token_ends_at_its_time() -> None:
    token = sign("secret", "check-in", {}, LATER)
    with pytest.raises(TokenExpired):
        verify("secret", "check-in", token, LATER)


@pytest.mark.parametrize(("secret", "purpose"), [("other", "check-in"), ("secret", "certificate")])
def test_a_token_is_for_one_secret_and_purpose(secret: str, purpose: str) -> None:
    token = sign("secret", "check-in", {}, LATER)
    with pytest.raises(TokenForged):
        verify(secret, purpose, token, TUESDAY)


@given(st.text(max_size=300))
def test_nonsense_is_forged(text: str) -> None:
    with pytest.raises(TokenForged):
        verify("secret", "check-in", text, TUESDAY)


def test_an_unsigned_token_is_forged() -> None:
    claims = {"aud": "check-in", "exp": int(LATER.timestamp())}
    with pytest.raises(TokenForged):
        verify("secret", "check-in", jwt.encode(claims, cast(Any, None), algorithm="none"), TUESDAY)


async def test_who_asks_at_once_shares_a_look_that_began_after_he_asked() -> None:
    looks: list[list[int]] = []
    now = 0

    async def load(keys: list[int]) -> dict[int, int]:
        looks.append(sorted(keys))
        seen = now
        await asyncio.sleep(0.01)
        return dict.fromkeys(keys, seen)

    asked = Batched(load)
    first = asyncio.create_task(asked.get(1))
    await asyncio.sleep(0.005)
    now = 1  # the world changes while the first look is under way
    others = await asyncio.gather(*(asked.get(n) for n in range(50)))
    assert await first == 0
    assert set(others) == {1}
    assert looks == [[1], list(range(50))]


async def test_a_look_that_fails_fails_for_its_askers_only() -> None:
    async def load(keys: list[str]) -> dict[str, str]:
        if "bad" in keys:
            raise ConnectionError
        return {key: key for key in keys}

    asked = Batched(load)
    with pytest.raises(ConnectionError):
        await asked.get("bad")
    assert await asked.get("good") == "good"


async def test_an_asker_who_is_cancelled_takes_nobody_along() -> None:
    async def load(keys: list[str]) -> dict[str, str]:
        await asyncio.sleep(0.01)
        return {key: key for key in keys}

    asked = Batched(load)
    impatient = asyncio.create_task(asked.get("a"))
    patient = asyncio.create_task(asked.get("a"))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient == "a"
