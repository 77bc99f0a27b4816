from __future__ import annotations

import pytest

from intents.people import tags

KNOWN = {
    *("lost", "expired", "damaged", "expiring", "first_time", "renewal", "change", "for_child"),
    *("for_elder", "for_spouse", "for_other", "minor", "non_local", "local", "foreigner"),
    *("hk_mo_tw", "student", "veteran", "disabled", "retired", "unemployed", "pregnant"),
    *("deceased", "divorced", "remarried", "company", "sole_trader", "urgent", "by_proxy"),
    *("inherited", "gifted", "second_hand"),
}


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("身份证丢了怎么办", {"lost"}),
        ("户口本没了怎么补", {"lost"}),
        ("我爸没了户口怎么办", {"deceased"}),
        ("驾照过期了", {"expired"}),
        ("驾照快到期了", {"expiring"}),
        ("社保卡磁条坏了", {"damaged"}),
        ("第一次办护照", {"first_time"}),
        ("给孩子办护照", {"for_child"}),
        ("替老人办高龄津贴", {"for_elder"}),
        ("帮我媳妇办居住证", {"for_spouse"}),
        ("外地户口能办吗", {"non_local"}),
        ("我是沈阳户口", {"local"}),
        ("能让我儿子替我去不", {"by_proxy"}),
        ("别人可以代办吗", {"by_proxy"}),
        ("公司的营业执照", {"company"}),
        ("我是个体户", {"sole_trader"}),
        ("我着急用", {"urgent"}),
        ("我怀孕了", {"pregnant"}),
        ("二手房过户", {"second_hand"}),
        ("我失业了", {"unemployed"}),
        ("孩子3岁", {"minor"}),
    ],
)
def test_people_and_circumstances_are_found(sentence: str, expected: set[str]) -> None:
    assert expected <= tags(sentence)


@pytest.mark.parametrize(
    ("sentence", "absent"),
    [
        ("身份证没丢", "lost"),
        ("不是公司的是我个人的", "company"),
        ("还没过期能换吗", "expired"),
        ("不着急", "urgent"),
        ("离婚证在哪领", "divorced"),
        ("非沈阳户口能办吗", "local"),
        ("能让我儿子替我去不", "for_child"),
        ("80岁老人怎么办", "minor"),
        ("都要带什么", "lost"),
    ],
)
def test_denied_or_other_circumstances_are_not_found(sentence: str, absent: str) -> None:
    assert absent not in tags(sentence)


def test_every_rule_gives_a_tag_of_the_handbook() -> None:
    from intents.people import _rules

    assert {tag for tag, _ in _rules()[0]} == KNOWN


def test_an_empty_sentence_has_no_tags() -> None:
    assert tags("") == frozenset()
