"""What our graph components make of an Understanding."""

from __future__ import annotations

import json
from datetime import date, datetime, time

import pytest

from bot.components.aspects import is_unsure, leading
from bot.components.circumstances import tag_entity, time_entity
from bot.components.clauses import asked, clauses
from bot.components.linker import decision_of, item_entity
from bot.components.shared import moment
from bot.components.tokenizer import words_with_offsets
from bot.dialogue.turn import read_turn
from intents.types import Candidate, TimeSpan, Understanding

SPAN = TimeSpan(date(2026, 11, 25), date(2026, 11, 25), "morning", time(9, 30), "明天9点半", 0, 5)


def understood(
    text: str, aspect: str = "steps", sure: float = 0.9, **other: object
) -> Understanding:
    """An Understanding."""
    fields: dict[str, object] = {
        "text": text,
        "normalised": text,
        "aspect": aspect,
        "aspect_confidence": sure,
        "aspects": ((aspect, sure),),
        "items": (),
        "decision": "none",
        "times": (),
        "tags": frozenset(),
        **other,
    }
    return Understanding(**fields)  # type: ignore[arg-type]


def test_item_entity_carries_name_decision_and_candidates() -> None:
    items = (Candidate("a", "甲", 0.8), Candidate("b", "乙", 0.1))
    entity = item_entity(understood("甲", items=items, decision="answer"), "X")
    assert entity is not None
    assert (entity["value"], entity["name"], entity["decision"]) == ("a", "甲", "answer")
    assert [each["id"] for each in entity["candidates"]] == ["a", "b"]


def test_sentence_without_a_matter_gets_no_item_entity() -> None:
    items = (Candidate("a", "甲", 0.4),)
    assert item_entity(understood("多少钱", items=items, decision="none"), "X") is None


def test_equal_candidates_are_asked_back() -> None:
    items = (Candidate("a", "甲", 0.5), Candidate("b", "乙", 0.5))
    assert decision_of(understood("护照", items=items, decision="answer")) == "ask"


def test_time_entity_survives_json_and_comes_back_as_a_span() -> None:
    entity = json.loads(json.dumps(time_entity(SPAN, "X")))
    turn = read_turn({"text": "明天9点半", "intent": {"name": "inform"}, "entities": [entity]})
    span = turn.spans[0]
    assert (span.start, span.part, span.at) == (date(2026, 11, 25), "morning", "09:30")
    assert span.names_day


@pytest.mark.parametrize("text", ["9点半", "下午", "上午10点", "9:30", "十点半左右"])
def test_bare_clock_time_names_no_day(text: str) -> None:
    span = TimeSpan(date(2026, 11, 24), date(2026, 11, 24), None, None, text, 0, len(text))
    entity = time_entity(span, "X")
    turn = read_turn({"text": text, "intent": {"name": "inform"}, "entities": [entity]})
    assert not turn.spans[0].names_day


@pytest.mark.parametrize(
    "text", ["明天", "后天下午", "15号", "下周三上午", "11月27号", "大后天9点"]
)
def test_day_words_name_a_day(text: str) -> None:
    span = TimeSpan(date(2026, 11, 24), date(2026, 11, 24), None, None, text, 0, len(text))
    entity = time_entity(span, "X")
    turn = read_turn({"text": text, "intent": {"name": "inform"}, "entities": [entity]})
    assert turn.spans[0].names_day


def test_tag_entity_spans_the_sentence() -> None:
    entity = tag_entity("for_child", understood("给孩子办"), "X")
    assert (entity["value"], entity["end"]) == ("for_child", 4)


def test_sentence_is_cut_at_its_joints() -> None:
    assert clauses("多少钱,几天能下来") == ["多少钱", "几天能下来"]
    assert clauses("要带什么还有多少钱") == ["要带什么", "多少钱"]
    assert clauses("身份证丢了") == ["身份证丢了"]


def test_composite_question_yields_all_its_aspects_in_order() -> None:
    parts = {"多少钱": "fee", "几天能下来": "time_limit"}
    whole = understood("多少钱,几天能下来", "time_limit", 0.9)
    found = asked(whole, lambda part: understood(part, parts[part]), 0.5)
    assert [aspect for aspect, _ in found] == ["fee", "time_limit"]


def test_unsure_clause_does_not_make_a_composite() -> None:
    whole = understood("身份证丢了,咋整啊", "steps", 0.9)
    sure = {"身份证丢了": ("inform", 0.9), "咋整啊": ("steps", 0.9)}
    found = asked(whole, lambda part: understood(part, *sure[part]), 0.5)
    assert found == [("steps", 0.9)]


def test_greeting_gives_way_to_the_question_behind_it() -> None:
    whole = understood("你好,怎么办", "greet", 0.9)
    parts = {"你好": "greet", "怎么办": "steps"}
    found = asked(whole, lambda part: understood(part, parts[part]), 0.5)
    assert found == [("steps", 0.9)]


def test_errand_leads_a_composite_sentence() -> None:
    assert leading([("materials", 0.9), ("book", 0.8)])[0] == "book"
    assert leading([("fee", 0.9), ("time_limit", 0.8)])[0] == "fee"


def test_low_confidence_without_a_matter_is_not_understood() -> None:
    assert is_unsure(understood("咕噜"), [("greet", 0.1)], 0.3)
    named = understood("身份证", items=(Candidate("a", "甲", 0.9),), decision="answer")
    assert not is_unsure(named, [("greet", 0.1)], 0.3)


def test_words_are_placed_in_the_text() -> None:
    assert words_with_offsets("补办身份证", ["补办", "身份证"]) == [("补办", 0), ("身份证", 2)]
    assert words_with_offsets("補办", ["补办"]) == []


def test_clock_of_the_message_is_used_and_a_wrong_one_is_not() -> None:
    assert moment({"now": "2026-11-24T02:00:00+00:00"}).hour == 10
    assert (
        moment({"now": "soon"}).utcoffset()
        == datetime.now().astimezone(moment(None).tzinfo).utcoffset()
    )
