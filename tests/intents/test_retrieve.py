"""Facts about the generic retriever."""

from __future__ import annotations

import json
import math
import random
import time
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.retrieve import Retriever, surfaces
from tests.intents.shared import ROOT, shared, table

ENTRIES: list[dict[str, Any]] = [
    {"id": "id-lost", "name": "居民身份证丢失补领", "aliases": ["身份证丢了", "补办身份证"]},
    {"id": "id-first", "name": "居民身份证首次申领", "aliases": "孩子办身份证,第一次办身份证"},
    {"id": "licence-lost", "name": "机动车驾驶证补证", "aliases": ["驾照丢了"]},
    {"id": "marriage", "name": "结婚登记", "aliases": None},
    {"id": "passport", "name": "普通护照补发"},
]


@pytest.fixture(scope="module")
def index() -> Retriever:
    return Retriever(ENTRIES)


@pytest.fixture(scope="module")
def catalogue() -> list[dict[str, Any]]:
    lines = shared("items/guangdong_items.jsonl").read_text("utf-8").splitlines()
    return [
        {"id": x["code"], "name": x["name"], "aliases": f"{x['alias_daily']},{x['short']}"}
        for x in map(json.loads, lines)
    ]


@pytest.fixture(scope="module")
def real(catalogue: list[dict[str, Any]]) -> Retriever:
    return Retriever(catalogue)


def _queries() -> list[list[str]]:
    return table(ROOT / "tests/intents/data/guangdong_queries.tsv")


def test_everyday_words_find_the_official_name(index: Retriever) -> None:
    assert index.search("护照没了怎么办", 1)[0][0] == "passport"
    assert index.search("我想领证结婚要带啥", 1)[0][0] == "marriage"


def test_words_that_sound_alike_still_find_the_entry(index: Retriever) -> None:
    assert index.search("深份正丢了", 1)[0][0] == "id-lost"


def test_an_alias_in_the_query_is_reported_with_its_place(index: Retriever) -> None:
    query = "请问 驾照丢了 怎么补"
    match = index.matches(query, 1)[0]
    assert (match.id, match.surface, match.exact) == ("licence-lost", "驾照丢了", True)
    assert "驾照丢了" in query[match.begin : match.stop]


def test_the_rest_of_the_question_is_outside_the_span(index: Retriever) -> None:
    query = "身份证丢了需要多少钱"
    match = index.matches(query, 1)[0]
    assert query[match.begin : match.stop].startswith("身份证丢了")
    assert match.stop <= 7


def test_each_entry_is_listed_once_however_many_aliases_match(index: Retriever) -> None:
    found = [entry for entry, _ in index.search("补办身份证 身份证丢了", 5)]
    assert len(found) == len(set(found))


def test_a_foreign_question_scores_lower_than_a_known_one(index: Retriever) -> None:
    known = index.search("身份证丢了怎么办", 1)[0][1]
    foreign = index.search("今天股票涨了没有", 1)
    assert not foreign or foreign[0][1] < known / 2


@pytest.mark.parametrize("text", ["", "   ", "!!!???", "😀😀😀", "xyz"])
def test_a_query_that_shares_nothing_finds_nothing(index: Retriever, text: str) -> None:
    assert index.search(text) == []
    assert index.matches(text) == []


def test_no_entries_and_no_places_find_nothing(index: Retriever) -> None:
    assert Retriever([]).search("身份证") == []
    assert index.search("身份证", 0) == []


def test_missing_null_and_string_aliases_are_accepted() -> None:
    assert surfaces({"id": 1, "name": "甲"}) == ["甲"]
    assert surfaces({"id": 1, "name": "甲", "aliases": None}) == ["甲"]
    assert surfaces({"id": 1, "name": "甲", "aliases": "乙,丙、丁"}) == ["甲", "乙", "丙", "丁"]
    assert surfaces({"id": 1, "name": "甲", "aliases": ["乙", None, "甲", " "]}) == ["甲", "乙"]


def test_an_alias_field_that_says_none_is_no_alias() -> None:
    assert surfaces({"id": 1, "name": "无线电台执照", "aliases": "无"}) == ["无线电台执照"]


@settings(max_examples=80, deadline=None)
@given(text=st.text(max_size=500))
def test_scores_lie_between_zero_and_one_and_fall(index: Retriever, text: str) -> None:
    scores = [score for _, score in index.search(text)]
    assert all(0 <= score <= 1 for score in scores)
    assert scores == sorted(scores, reverse=True)


@settings(max_examples=80, deadline=None)
@given(before=st.text(max_size=20), after=st.text(max_size=20))
def test_the_span_lies_inside_the_query(index: Retriever, before: str, after: str) -> None:
    query = f"{before}身份证丢了{after}"
    for match in index.matches(query):
        assert 0 <= match.begin < match.stop <= len(query)


def test_every_name_of_a_real_catalogue_finds_itself(
    real: Retriever, catalogue: list[dict[str, Any]]
) -> None:
    sample = random.Random(1).sample(catalogue, 300)
    names = {entry["id"]: entry["name"] for entry in catalogue}
    found = sum(names[real.search(e["name"], 1)[0][0]] == e["name"] for e in sample)
    assert found / 300 >= 0.98


def test_everyday_questions_find_the_real_items_better_than_plain_bm25(
    real: Retriever, catalogue: list[dict[str, Any]]
) -> None:
    queries = _queries()
    names = {entry["id"]: entry["name"] for entry in catalogue}
    ours = _hits(lambda text: [found for found, _ in real.search(text, 5)], queries, names)
    plain = _Bm25(catalogue)
    floor = _hits(plain.search, queries, names)
    assert ours["hit@1"] > floor["hit@1"] + 0.05
    assert ours["mrr"] > floor["mrr"] + 0.05
    assert ours["hit@1"] > 0.70
    assert ours["hit@5"] > 0.90


def test_two_characters_replaced_by_their_homophones_cost_little(
    real: Retriever, catalogue: list[dict[str, Any]]
) -> None:
    alike = _homophones()
    rng = random.Random(1)
    noisy = [[_slip(text, alike, rng), wanted] for text, wanted in _queries()]
    names = {entry["id"]: entry["name"] for entry in catalogue}
    hits = _hits(lambda text: [found for found, _ in real.search(text, 5)], noisy, names)
    assert hits["hit@1"] > 0.62
    assert hits["hit@5"] > 0.85


def test_the_index_is_built_and_asked_quickly(catalogue: list[dict[str, Any]]) -> None:
    begin = time.process_time()
    index = Retriever(catalogue)
    assert time.process_time() - begin < 6
    queries = [text for text, _ in _queries()]
    begin = time.process_time()
    for text in queries:
        index.search(text, 5)
    assert (time.process_time() - begin) / len(queries) < 0.003


def _hits(search: Any, queries: list[list[str]], names: dict[str, str]) -> dict[str, float]:
    """Hit rates; entries of the same name in two offices count as one."""
    ranks = []
    for text, wanted in queries:
        found = [names[entry] for entry in search(text)]
        ranks.append(found.index(names[wanted]) + 1 if names[wanted] in found else math.inf)
    return {
        **{f"hit@{k}": sum(r <= k for r in ranks) / len(ranks) for k in (1, 3, 5)},
        "mrr": sum(1 / r for r in ranks) / len(ranks),
    }


def _homophones() -> dict[str, str]:
    path = shared("noise/same_pinyin.txt")
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
    return {row[0]: row[1] for row in rows if len(row) > 1 and row[1] and len(row[0]) == 1}


def _slip(text: str, alike: dict[str, str], rng: random.Random) -> str:
    chars = list(text)
    places = [i for i, char in enumerate(chars) if char in alike]
    for i in rng.sample(places, min(2, len(places))):
        chars[i] = rng.choice(alike[chars[i]][:8])
    return "".join(chars)


class _Bm25:
    """The plain floor: BM25 over character bigrams, best of an entry's name and aliases."""

    def __init__(self, entries: list[dict[str, Any]]) -> None:
        self._documents = [(e["id"], Counter(_bigrams(s))) for e in entries for s in surfaces(e)]
        frequency: Counter[str] = Counter(g for _, d in self._documents for g in d)
        size = len(self._documents)
        self._idf = {g: math.log(1 + (size - n + 0.5) / (n + 0.5)) for g, n in frequency.items()}
        self._mean = sum(sum(d.values()) for _, d in self._documents) / size

    def search(self, text: str) -> list[str]:
        grams = set(_bigrams(text))
        best: dict[str, float] = {}
        for entry, document in self._documents:
            score = self._score(grams, document)
            if score > best.get(entry, 0.0):
                best[entry] = score
        return sorted(best, key=lambda entry: -best[entry])[:5]

    def _score(self, grams: set[str], document: Counter[str]) -> float:
        length = 0.25 + 0.75 * sum(document.values()) / self._mean
        shared_grams = [g for g in grams if g in document]
        return sum(
            self._idf[g] * document[g] * 2.2 / (document[g] + 1.2 * length) for g in shared_grams
        )


def _bigrams(text: str) -> list[str]:
    return [text[i : i + 2] for i in range(len(text) - 1)]
