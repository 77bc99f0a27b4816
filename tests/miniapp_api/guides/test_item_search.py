"""Citizens find items by everyday words, by first characters and by pinyin initials."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniapp_api.guides.completion import Completer
from miniapp_api.guides.handbook import Handbook
from miniapp_api.guides.pinyin import spellings
from miniapp_api.guides.search import MOST_SUGGESTIONS, ItemSearch


@pytest.fixture(scope="session")
def search(real: Handbook) -> ItemSearch:
    return ItemSearch(real)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("身份证丢了", "id-card-lost-replacement"),
        ("我想办护照", "passport-first"),
        ("租房提公积金", "housing-fund-withdraw-rent"),
        ("结婚登记", "marriage-registration"),
    ],
)
def test_everyday_words_find_the_item(search: ItemSearch, query: str, code: str) -> None:
    assert search.find(query)[0].code == code


@pytest.mark.parametrize("query", ["", "   ", "😀😀😀", "𠮷𠮷", "!!!", "\x00"])
def test_words_about_nothing_find_nothing(search: ItemSearch, query: str) -> None:
    assert search.find(query) == []
    assert search.suggest(query) == []


@pytest.mark.parametrize("typed", ["sfz", "SFZ", "shenfenz", "身份证", "身 份 证"])
def test_typing_completes_in_characters_and_in_letters(search: ItemSearch, typed: str) -> None:
    found = search.suggest(typed)
    assert 1 <= len(found) <= MOST_SUGGESTIONS
    assert "身份证" in found[0].text


def test_an_item_is_suggested_once(search: ItemSearch) -> None:
    codes = [surface.item.code for surface in search.suggest("公积金")]
    assert len(codes) == len(set(codes)) == MOST_SUGGESTIONS


def test_a_character_of_two_readings_is_found_by_either() -> None:
    assert {"yx", "yh"} <= set(spellings("银行"))


def test_ours_come_before_imported_items(small: Handbook) -> None:
    labels = [item.label for item in ItemSearch(small).find("事项")]
    assert labels == sorted(labels, key=lambda label: label is not None)
    assert None in labels


def test_ours_are_suggested_before_imported_items_with_shorter_names(small: Handbook) -> None:
    labels = [surface.item.label for surface in ItemSearch(small).suggest("事项")]
    assert labels == [None, "广东省"]


@given(
    keys=st.lists(st.text(alphabet="ab", min_size=1, max_size=4), max_size=12),
    typed=st.text(alphabet="ab", min_size=1, max_size=3),
)
def test_completion_finds_exactly_what_starts_with_or_contains_the_typed(
    keys: list[str], typed: str
) -> None:
    completer = Completer(enumerate(keys))
    starting = [row for row, key in enumerate(keys) if key.startswith(typed)]
    containing = [row for row, key in enumerate(keys) if typed in key]
    assert list(completer.starting(typed)) == starting
    assert list(completer.containing(typed)) == containing


@given(st.text(max_size=100))
def test_no_text_breaks_the_search(search: ItemSearch, text: str) -> None:
    assert len(search.suggest(text)) <= MOST_SUGGESTIONS
    search.find(text)
