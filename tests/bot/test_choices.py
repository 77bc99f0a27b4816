"""How a citizen's words pick from a list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue import choices, edits

OPTIONS = [["a", "09:00-09:30"], ["b", "09:30-10:00"], ["c", "10:00-10:30"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("第一个", 1),
        ("第二个吧", 2),
        ("2", 2),
        ("②", 2),
        ("选三", 3),
        ("我要第3个", 3),
        ("头一个", 1),
        ("十二", 12),
        ("二十", 20),
        ("要第一个就行", 1),
    ],
)
def test_numbers_are_read(text: str, expected: int) -> None:
    assert choices.number(text) == expected


@pytest.mark.parametrize(
    "text", ["15号上午", "一会儿再说", "两个人", "明天", "", "9点半", "第一次办护照"]
)
def test_other_words_are_not_numbers(text: str) -> None:
    assert choices.number(text) is None


def test_place_out_of_range_picks_nothing() -> None:
    assert choices.by_position("第九个", OPTIONS) is None
    assert choices.by_position("第一个", []) is None
    assert choices.by_position("0", OPTIONS) is None


def test_last_one_is_picked() -> None:
    assert choices.by_position("最后一个", OPTIONS) == OPTIONS[-1]


def test_name_that_fits_two_options_picks_none() -> None:
    halls = [["a", "浑南区中心"], ["b", "浑南区二中心"], ["c", "市中心"]]
    assert choices.by_name("浑南区", halls) is None
    assert choices.by_name("市中心", halls) == halls[2]


@pytest.mark.parametrize(
    "text", ["确认", "对", "好的", "嗯嗯", "可以", "行", "没问题", "是的", "确认取消"]
)
def test_yes_is_read(text: str) -> None:
    assert choices.says_yes(text)


@pytest.mark.parametrize("text", ["不确认", "好吗", "对了还要带什么", "不行", "可以网办吗", "取消"])
def test_other_words_are_not_yes(text: str) -> None:
    assert not choices.says_yes(text)


@pytest.mark.parametrize("text", ["不要", "不用了", "算了", "别", "不取消", "不是", "保留"])
def test_no_is_read(text: str) -> None:
    assert choices.says_no(text)


@pytest.mark.parametrize("text", ["不取消预约能改时间吗", "不知道", "别的时间"])
def test_other_words_are_not_no(text: str) -> None:
    assert not choices.says_no(text) or text.startswith("不取消")


def test_attendee_is_read_from_tags_and_words() -> None:
    assert edits.attendee(frozenset({"for_elder"}), "给我妈约") == "elder"
    assert edits.attendee(frozenset(), "本人") == "self"
    assert edits.attendee(frozenset(), "我自己去") == "self"
    assert edits.attendee(frozenset(), "身份证本人能办吗") is None


@given(st.text(max_size=60))
def test_any_text_is_read_without_failing(text: str) -> None:
    choices.by_position(text, OPTIONS)
    choices.by_name(text, OPTIONS)
    choices.says_yes(text)
    choices.says_no(text)
    edits.attendee(frozenset(), text)
