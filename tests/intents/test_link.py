from __future__ import annotations

import pytest

from intents.catalogue import Entry
from intents.link import Linker, decide, features, probabilities

ENTRIES = (
    Entry("id-lost", "居民身份证丢失补领", ("身份证丢了", "补办身份证")),
    Entry("id-renew", "居民身份证到期换领", ("身份证到期", "换身份证")),
    Entry("pass-first", "普通护照首次申领", ("办护照",)),
    Entry("pass-renew", "普通护照换发", ("换护照",)),
    Entry("fund-rent", "租房提取住房公积金", ("租房提公积金",)),
)


def _linker(*more: Entry) -> Linker:
    return Linker((*ENTRIES, *more), str, ["要带什么", "多少钱", "在哪里办", "怎么办"])


def test_a_name_said_in_full_is_answered() -> None:
    link = _linker().link("补办身份证要带什么", ["身份证"])
    assert (link.items[0].id, link.decision) == ("id-lost", "answer")


def test_close_items_are_offered_rather_than_guessed() -> None:
    link = _linker().link("护照", ["护照"])
    assert link.decision == "ask"
    assert {item.id for item in link.items[:2]} == {"pass-first", "pass-renew"}


def test_a_matter_that_is_not_ours_is_unknown() -> None:
    assert _linker().link("火箭发射怎么办", ["火箭", "发射"]).decision == "unknown"


def test_a_bare_question_names_no_matter() -> None:
    assert _linker().link("多少钱", []).decision == "none"


def test_our_own_item_comes_before_an_equal_imported_one() -> None:
    linker = Linker(
        (Entry("away", "犬只登记", (), local=False), Entry("ours", "犬只登记")), str, ["怎么办"]
    )
    assert [found.id for found in linker.ranked("犬只登记")] == ["ours", "away"]


def test_probabilities_leave_room_for_none_of_them() -> None:
    linker = _linker()
    ranked = linker.ranked("身份证")
    chances = probabilities("身份证", ranked, ["身份证"])
    assert len(features("身份证", ranked, ["身份证"])) == len(ranked)
    assert 0 < sum(chances) < 1


def test_confidences_come_best_first() -> None:
    items = _linker().link("身份证丢了", ["身份证"]).items
    assert [i.confidence for i in items] == sorted((i.confidence for i in items), reverse=True)


def test_nothing_is_found_in_an_empty_catalogue() -> None:
    assert Linker((), str).link("身份证", ["身份证"]).items == ()


@pytest.mark.parametrize(
    ("chances", "named", "expect_item", "decision"),
    [
        ([0.9], True, False, "answer"),
        ([0.9], False, False, "answer"),
        ([0.5, 0.45], True, False, "ask"),
        ([0.4, 0.3], True, False, "ask"),
        ([0.4, 0.3], False, False, "none"),
        ([0.4], False, True, "answer"),
        ([0.05], True, False, "unknown"),
        ([], False, True, "none"),
    ],
)
def test_decision_follows_probabilities(
    chances: list[float], named: bool, expect_item: bool, decision: str
) -> None:
    assert decide(chances, named=named, expect_item=expect_item) == decision
