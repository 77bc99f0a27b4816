from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.normalise import MAX_LENGTH, Normaliser, fold
from intents.segment import Segmenter, domain_terms
from intents.tables import read_rows

NORMALISE = Normaliser(domain_terms(), Segmenter().cut)
_SPOKEN = [left for left, _ in read_rows("colloquial.tsv")]
_FILLERS = [word for _, word in read_rows("fillers.tsv")]
_MIXED = st.lists(
    st.one_of(
        st.sampled_from(_SPOKEN + _FILLERS + list(domain_terms())[:80]),
        st.text(max_size=6),
        st.text(alphabet="二十三千儿丢了证，。 囗", max_size=5),
    ),
    max_size=8,
).map("".join)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("ＡＢＣ　１２３", "abc 123"),
        ("身份証遺失怎麼辦", "身份证遗失怎么办"),
        ("请问一下，身份证丢了咋整啊", "身份证丢了怎么办"),
        ("搁哪嘎达办呗", "在哪里办"),
        ("啥前儿能下来", "什么时候能下来"),
        ("老闺女三岁上户口", "女儿3岁上户口"),
        ("二十天能下来不", "20天能下来不"),
        ("办事儿 证儿", "办事 证"),
        ("身份证!!!???", "身份证"),
    ],
)
def test_speech_is_brought_to_one_spelling(said: str, meant: str) -> None:
    assert NORMALISE(said) == meant


@pytest.mark.parametrize(
    ("slip", "right"),
    [
        ("身分证", "身份证"),
        ("户囗本", "户口本"),
        ("社饱卡", "社保卡"),
        ("公鸡金", "公积金"),
        ("营业职照", "营业执照"),
        ("驾使证", "驾驶证"),
        ("居住正", "居住证"),
    ],
)
def test_slips_of_sound_and_shape_are_repaired(slip: str, right: str) -> None:
    assert NORMALISE(f"{slip}怎么补办").startswith(right)


@pytest.mark.parametrize(
    "sentence",
    ["今天天气怎么样", "在那儿童医院开的出生证", "先办后交行不行", "给女儿办", "他没带原件能办不"],
)
def test_ordinary_words_are_not_repaired_into_matters(sentence: str) -> None:
    assert NORMALISE(sentence) == sentence


def test_a_greeting_alone_survives() -> None:
    assert NORMALISE("您好") == "您好"


def test_emoji_alone_leave_nothing() -> None:
    assert NORMALISE("😀👍🏻🎉") == ""


@given(st.one_of(st.text(max_size=300), _MIXED))
@settings(max_examples=300, deadline=None)
def test_normalising_twice_changes_nothing_and_never_raises(text: str) -> None:
    once = NORMALISE(text)
    assert NORMALISE(once) == once
    assert len(once) <= MAX_LENGTH


@given(st.text(max_size=600))
@settings(max_examples=300, deadline=None)
def test_folding_keeps_every_position(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text[:MAX_LENGTH])
    assert fold(folded) == folded


@pytest.mark.parametrize(
    "text", ["饱" * 10_000, "请问" * 5_000, "身分证丢了" * 2_000, "\0" * 10_000]
)
def test_ten_thousand_characters_are_cut_quickly(text: str) -> None:
    begin = time.process_time()
    assert len(NORMALISE(text)) <= MAX_LENGTH
    assert time.process_time() - begin < 0.5


def test_no_standard_word_contains_an_everyday_one() -> None:
    for left, right in read_rows("colloquial.tsv"):
        assert not any(other in right for other in _SPOKEN), (left, right)
