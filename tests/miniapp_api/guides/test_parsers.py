"""Foreign values become ours, and every change is told."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniapp_api.guides.parsers import PARSERS, Hints, Parsed, UnreadableError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=2)
    ),
    max_leaves=6,
)


def parse(parser: str, value: Any, **hints: Any) -> Parsed:
    return PARSERS[parser](value, Hints(**hints))


@pytest.mark.parametrize(
    ("given_value", "days"),
    [
        ("30(工作日)", 30),
        ("30\uff08工作日\uff09", 30),
        ("7个工作日", 7),
        ("0", 0),
        (20, 20),
        ("当场", 0),
        ("无", None),
        ("", None),
        (None, None),
    ],
)
def test_working_days_are_read(given_value: Any, days: int | None) -> None:
    assert parse("working_days", given_value).value == days


@pytest.mark.parametrize("unclear", ["30(自然日)", "30天", "视情况而定", "-3", "1.5"])
def test_a_limit_that_is_not_in_working_days_stays_out_and_is_told(unclear: str) -> None:
    parsed = parse("working_days", unclear)
    assert parsed.value is None
    assert parsed.repairs


def test_words_for_nothing_become_nothing() -> None:
    assert parse("text", " 无 ") == Parsed(None, ("“无”改为空",))
    assert parse("names", "无") == Parsed((), ("“无”改为空",))
    assert parse("sentences", "无条件受理", nothing=frozenset(["无条件受理"])).value == ()


def test_a_list_of_materials_stays_a_list_without_repeats() -> None:
    parsed = parse("names", ["身份证", " 身份证", "户口簿"])
    assert parsed.value == ({"name": "身份证"}, {"name": "户口簿"})
    assert parsed.repairs == ("去掉空白或重复的材料",)


def test_aliases_are_split_at_commas_and_not_at_blanks() -> None:
    assert parse("words", "专职 律师 执业,律师证").value == ("专职律师执业", "律师证")


def test_numbered_conditions_become_sentences() -> None:
    parsed = parse("sentences", "应符合:1、年满十八;2、身体健康。")
    assert parsed.value == ("应符合:", "1、年满十八;", "2、身体健康。")


def test_a_value_missing_from_the_table_is_told_not_guessed() -> None:
    parsed = parse("term", "行政征收", table={"行政许可": "administrative_licence"})
    assert parsed == Parsed(None, ("对照表里没有,原值保留",))


def test_a_pattern_that_does_not_match_is_refused() -> None:
    with pytest.raises(UnreadableError):
        parse("text", "http://example", pattern=re.compile("itemCode=([A-Z]+)"))


@given(name=st.sampled_from(sorted(PARSERS)), value=JSON)
def test_no_value_breaks_a_parser(name: str, value: Any) -> None:
    with suppress(UnreadableError):
        assert isinstance(parse(name, value), Parsed)


@given(value=JSON)
def test_working_days_are_never_negative(value: Any) -> None:
    try:
        days = parse("working_days", value).value
    except UnreadableError:
        return
    assert days is None or days >= 0


@given(st.text(max_size=60))
def test_cleaned_text_has_no_control_characters_and_is_stable(
    raw: str,
) -> None:
    once = parse("text", raw).value
    assert once is None or all(
        char == "\n" or char.isprintable() or ord(char) > 127 for char in once
    )
    assert once is None or parse("text", once).value in (once, None)
