"""Sealed values: they open at their place only, under old keys too, and with no other master."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniapp_api.platform.database import fetch
from miniapp_api.platform.sealing import DataKey, SealBroken, Sealer, decrypt, encrypt, key_of

NUMBER = "11010519491231002X"
KEYS = [DataKey(1, "aes-256-gcm", b"k" * 32), DataKey(2, "sm4-gcm", b"k" * 16)]


@pytest.fixture
async def no_keys(api: Any) -> AsyncIterator[None]:
    """A database without keys; those of the running API are put back."""
    await fetch("CREATE TABLE data_key_kept AS TABLE data_key")
    await fetch("TRUNCATE data_key")
    yield
    await fetch("TRUNCATE data_key")
    await fetch("INSERT INTO data_key TABLE data_key_kept")
    await fetch("DROP TABLE data_key_kept")


@pytest.fixture
async def sealer(no_keys: None) -> Sealer:
    return Sealer("master", "pepper", "aes-256-gcm")


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.algorithm)
@given(text=st.binary(max_size=200), place=st.text(max_size=40), bit=st.integers(0))
def test_one_flipped_bit_never_opens(key: DataKey, text: bytes, place: str, bit: int) -> None:
    sealed = encrypt(key, text, place)
    assert decrypt(key, sealed, place) == text
    broken = bytearray(sealed)
    broken[bit % len(sealed)] ^= 1 << (bit % 8)
    with pytest.raises(SealBroken):
        decrypt(key, bytes(broken), place)


async def test_a_sealed_value_opens_at_its_place_only(sealer: Sealer) -> None:
    sealed = await sealer.seal(NUMBER, "profile.number:1")
    assert NUMBER.encode() not in sealed
    assert await sealer.open(sealed, "profile.number:1") == NUMBER
    with pytest.raises(SealBroken):
        await sealer.open(sealed, "profile.number:2")


async def test_the_same_text_never_looks_the_same(sealer: Sealer) -> None:
    assert await sealer.seal(NUMBER, "t.c:1") != await sealer.seal(NUMBER, "t.c:1")
    assert sealer.index("number", NUMBER) == sealer.index("number", NUMBER)
    assert sealer.index("number", NUMBER) != sealer.index("phone", NUMBER)


async def test_what_an_older_key_sealed_still_opens(sealer: Sealer) -> None:
    old = await sealer.seal(NUMBER, "t.c:1")
    other = Sealer("master", "pepper", "sm4-gcm")
    active = await other.replace_key()
    new = await other.seal(NUMBER, "t.c:1")
    assert (key_of(new), key_of(old) == active) == (active, False)
    # A process that has not heard of the new key opens what it sealed.
    assert await sealer.open(new, "t.c:1") == await other.open(old, "t.c:1") == NUMBER


async def test_another_master_key_opens_nothing(sealer: Sealer) -> None:
    sealed = await sealer.seal(NUMBER, "t.c:1")
    with pytest.raises(SealBroken):
        await Sealer("another", "pepper", "aes-256-gcm").open(sealed, "t.c:1")


async def test_rewrapped_keys_open_with_the_new_master_key_only(sealer: Sealer) -> None:
    sealed = await sealer.seal(NUMBER, "t.c:1")
    file_key = await sealer.file_key("a")
    assert await sealer.rewrap("the next") == 2
    renewed = Sealer("the next", "pepper", "aes-256-gcm")
    assert await renewed.open(sealed, "t.c:1") == NUMBER
    assert await renewed.file_key("a") == file_key != await renewed.file_key("b")
    with pytest.raises(SealBroken):
        await Sealer("master", "pepper", "aes-256-gcm").load()


async def test_two_first_starts_agree_on_the_keys(no_keys: None, gather: Any) -> None:
    sealers = [Sealer("master", "pepper", "aes-256-gcm") for _ in range(8)]
    sealed = await gather(*(each.seal(NUMBER, "t.c:1") for each in sealers))
    opened = await gather(*(s.open(v, "t.c:1") for s in sealers for v in sealed))
    assert set(opened) == {NUMBER}
    assert len({await each.file_key("a") for each in sealers}) == 1
