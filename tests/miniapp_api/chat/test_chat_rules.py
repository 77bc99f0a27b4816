"""What is kept of a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniapp_api.chat.rules import cleaned


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("我电话13812345678", "我电话138****5678"),
        ("身份证11010519491231002X丢了", "身份证110****002X丢了"),
        ("身份证１１０１０５１９４９１２３１００２Ｘ丢了", "身份证１１０****００２Ｘ丢了"),
        ("两个号13812345678、13987654321", "两个号138****5678、139****4321"),
        ("2026年11月24日上午9点", "2026年11月24日上午9点"),
        ("打12345", "打12345"),
        ("024-23456789", "024-23456789"),
    ],
)
def test_personal_numbers_are_masked(said: str, kept: str) -> None:
    assert cleaned(said) == kept


@given(st.text(max_size=40), st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text(max_size=40))
def test_no_phone_is_kept_whole(before: str, phone: str, after: str) -> None:
    assert phone not in cleaned(f"{before}，{phone}，{after}") or phone in before + after
