"""Rules of bundles: no field twice, nothing typed is lost, nobody is accepted before his turn."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from miniapp_api.applications import rules
from miniapp_api.applications.bundles import merging
from miniapp_api.applications.bundles import rules as bundle_rules
from miniapp_api.applications.bundles.merging import Filled
from miniapp_api.applications.forms import Ask, Fault, Form, Section, build, faults_of
from miniapp_api.guides.bundles import options_for, papers, questions
from miniapp_api.guides.forms import FormField
from miniapp_api.guides.handbook import load_handbook
from miniapp_api.settings import ROOT
from tests.miniapp_api.guides.factories import make_item

NAMES = ["name", "phone", "address", "matter", "bank", "hospital"]
ITEM = make_item()
HANDBOOK = load_handbook(ROOT / "handbook")
OUTCOMES = get_args(bundle_rules.Outcome)


def field(name: str) -> FormField:
    asked = {"title": name, "widget": "text", "accepts": {"type": "string"}}
    return FormField.model_validate(asked)


@st.composite
def form(draw: st.DrawFn) -> Form:
    asked = draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    asks = [Ask(name, field(name), draw(st.booleans())) for name in asked]
    cut = draw(st.integers(0, len(asks)))
    blocks = [("first", asks[:cut]), ("last", asks[cut:])]
    sections = tuple(Section(id, id, tuple(found)) for id, found in blocks if found)
    return Form(ITEM, "person", "1", {}, sections, (), ())


forms = st.lists(form(), min_size=1, max_size=5)
answers = st.dictionaries(st.sampled_from(NAMES), st.text(min_size=1, max_size=5))


@given(forms)
def test_the_merged_form_asks_everything_and_nothing_twice(many: list[Form]) -> None:
    merged = [ask for section in merging.merged(many) for ask in section.asks]
    names = [ask.name for ask in merged]
    assert len(names) == len(set(names))
    assert set(names) == {ask.name for each in many for ask in each.asks}
    due = {ask.name for each in many for ask in each.asks if ask.required}
    assert {ask.name for ask in merged if ask.required} == due
    assert all(section.asks for section in merging.merged(many))


@given(forms, st.data())
def test_what_was_typed_stands_in_every_member_that_asks_it(
    many: list[Form], data: st.DataObject
) -> None:
    filled = [Filled(data.draw(answers), {}) for _ in many]
    typed: dict[str, Any] = data.draw(answers)
    written = merging.spread(typed, filled, many)
    for each, asking in zip(written, many, strict=True):
        asked = {ask.name for ask in asking.asks}
        assert {n: each.answers[n] for n in typed.keys() & asked} == {
            n: typed[n] for n in typed.keys() & asked
        }
    known = merging.known(written).answers
    assert {n: known[n] for n in typed} == typed  # nothing is lost, asked or not
    for each in written:  # whoever holds an answer says the same
        assert all(known[name] == value for name, value in each.answers.items())


@given(forms, answers, st.sampled_from(NAMES))
def test_what_is_taken_out_is_gone_everywhere(
    many: list[Form], before: dict[str, Any], name: str
) -> None:
    filled = [Filled(before, dict.fromkeys(before, "typed")) for _ in many]
    for each in merging.spread({name: None}, filled, many):
        assert name not in each.answers
        assert name not in each.sources
        assert {n: v for n, v in before.items() if n != name}.items() <= each.answers.items()


@given(forms, answers)
def test_a_form_that_is_whole_has_no_fault_in_any_member(
    many: list[Form], before: dict[str, Any]
) -> None:
    whole = {ask.name: "x" for section in merging.merged(many) for ask in section.asks}
    written = merging.spread(whole, [Filled(before, {}) for _ in many], many)
    for each, asking in zip(written, many, strict=True):
        assert list(faults_of(asking, each.answers, date(2026, 11, 24))) == []


@given(
    st.dictionaries(st.sampled_from(["a", "b", "c"]), st.sampled_from(OUTCOMES)),
    st.sets(st.sampled_from(["a", "b", "c", "left-out"])),
)
def test_nobody_is_accepted_before_everything_he_builds_on_is_granted(
    outcomes: dict[str, Any], waits: set[str]
) -> None:
    before = {outcomes[item] for item in waits if item in outcomes}
    verdict = bundle_rules.verdict(waits, outcomes)
    assert (verdict == "accept") == (before <= {"granted"})
    assert (verdict == "blocked") == ("failed" in before)


def test_a_delivered_denial_is_no_grant() -> None:
    assert bundle_rules.outcome("delivered", granted=False) == "failed"
    assert bundle_rules.outcome("delivered", granted=True) == "granted"
    for state in get_args(rules.State):
        over = state in bundle_rules.OVER
        assert (bundle_rules.outcome(state, granted=False) == "failed") == over


def test_a_fault_of_many_is_named_once_with_all_of_them() -> None:
    bundle = HANDBOOK.bundles["after-death"]
    missing = Fault("field", "address", "missing", "请填写联系地址")
    found = [("a", missing), ("b", missing), ("b", Fault("fee", "fee", "unpaid", "请先缴费"))]
    merged = merging.merged_faults(bundle, found)
    assert [(f.place, f.name, items) for f, items in merged] == [
        ("field", "address", ["a", "b"]),
        ("fee", "b", ["b"]),  # each member has its own fee
    ]


@given(st.sampled_from(sorted(HANDBOOK.bundles)), st.data())
def test_the_papers_of_a_real_bundle_are_those_of_its_members_each_once(
    id: str, data: st.DataObject
) -> None:
    bundle, items = HANDBOOK.bundles[id], HANDBOOK.items
    asked = questions(bundle, items)
    taken = {
        q.id: data.draw(st.sampled_from([o.id for o in q.circumstance.options])) for q in asked
    }
    options = options_for(bundle, items, taken)
    needs, forms = {}, []
    for member in bundle.ordered:
        form = build(items[member.item], HANDBOOK.forms, "person", options[member.item])
        assert form.options.items() >= member.options.items()
        needs[member.item] = tuple(each.material for each in form.materials)
        forms.append(form)
    found = papers(bundle, needs)
    places = [place for paper in found for place in merging.places(paper)]
    assert len(places) == len(set(places))
    assert set(places) == {
        (code, each.key) for code, form in zip(needs, forms, strict=True) for each in form.materials
    }
    assert len({paper.name for paper in found}) == len(found)


def test_no_clerk_moves_a_case_that_waits() -> None:
    assert rules.actions("waiting", "clerk") == []
    assert rules.actions("waiting", "citizen") == ["withdraw"]
    assert "waiting" not in rules.OPEN  # nobody is late with it
