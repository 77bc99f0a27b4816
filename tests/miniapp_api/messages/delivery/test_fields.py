"""Values that fit WeChat's fields: the fake's rules are WeChat's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniapp_api.messages.delivery.fields import LONGEST, FieldEmpty, fill, fit
from miniapp_api.platform.wechat.fake_templates import wrong_field


@pytest.mark.parametrize(
    ("name", "value", "fitted"),
    [
        ("thing1", "居民身份证丢失补领", "居民身份证丢失补领"),
        ("thing1", "一" * 20, "一" * 20),
        ("thing1", "一" * 21, "一" * 19 + "…"),
        ("thing12", "两行\n并成一行", "两行 并成一行"),
        ("time2", "2026-11-25 09:00", "2026年11月25日 09:00"),
        ("date3", "2026-02-04", "2026年2月4日"),
        ("character_string1", "A012号", "A012"),
        ("character_string1", "9" * 40, "9" * 32),
        ("number2", "3位", "3"),
        ("amount3", "120.00元", "120.00元"),
        ("phrase1", "准予办理（免费）", "准予办理免"),
    ],
)
def test_a_value_is_made_to_fit_its_field(name: str, value: str, fitted: str) -> None:
    assert fit(name, value) == fitted
    assert wrong_field({name: {"value": fitted}}) is None


@given(
    st.sampled_from(sorted(LONGEST.keys() - {"time", "date", "amount"})),
    st.text(max_size=80),
)
def test_whatever_fits_is_what_wechat_takes(kind: str, value: str) -> None:
    try:
        fitted = fit(f"{kind}1", value)
    except FieldEmpty:
        return
    assert wrong_field({f"{kind}1": {"value": fitted}}) is None


@pytest.mark.parametrize("value", ["", "  \n", "号"])
def test_nothing_is_no_value(value: str) -> None:
    with pytest.raises(FieldEmpty):
        fit("character_string1", value)


def test_a_missing_fact_and_an_unknown_field_are_our_bugs() -> None:
    with pytest.raises(KeyError):
        fill({"thing1": "{item_name}"}, {})
    with pytest.raises(KeyError):
        fill({"thought1": "x"}, {})
