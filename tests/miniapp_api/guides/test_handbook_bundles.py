"""handbook/bundles: what fits together is loaded, a slip of an editor is found with its line."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import yaml

from miniapp_api.guides import bundle_views, bundles
from miniapp_api.guides.checks import check_folder
from miniapp_api.guides.errors import OptionUnknown
from miniapp_api.guides.faults import Fault
from miniapp_api.guides.handbook import Handbook, load_handbook
from tests.miniapp_api.guides.factories import HANDBOOK, write_yaml


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The editors' handbook, to be spoilt."""
    folder = tmp_path / "handbook"
    copytree(HANDBOOK, folder)
    return folder


def change(folder: Path, at: tuple[Any, ...], value: Any, name: str = "restaurant") -> Path:
    path = folder / "bundles" / f"{name}.yaml"
    bundle = yaml.safe_load(path.read_text(encoding="utf-8"))
    place = bundle
    for part in at[:-1]:
        place = place[part]
    place[at[-1]] = value
    write_yaml(path, bundle)
    return path


def faults(folder: Path) -> list[Fault]:
    return [fault for fault in check_folder(folder).faults if fault.level == "error"]


def test_the_editors_bundles_are_loaded(real: Handbook) -> None:
    assert len(real.bundles) >= 5
    for bundle in real.bundles.values():
        departments = {real.items[member.item].department for member in bundle.members}
        assert len(departments) >= 2, bundle.id
        assert bundles.objects(bundle, real.items)
        seen: set[str] = set()
        for member in bundle.ordered:
            assert set(member.after) <= seen, member.item
            seen.add(member.item)


@pytest.mark.parametrize(
    ("at", "value", "code", "line"),
    [
        (("members", 1, "item"), "space-licence", "dangling_reference", "item: space-licence"),
        (("members", 1, "item"), "household-adopted", "dangling_reference", "household-adopted"),
        (("members", 2, "item"), "cremation-service", "not_online", "item: cremation-service"),
        (("members", 1, "options", "kind"), "fishing", "dangling_reference", "kind: fishing"),
        (("members", 1, "options", "weather"), "rain", "dangling_reference", "weather: rain"),
        (("members", 1, "after"), ["nobody"], "dangling_reference", "- nobody"),
        (("members", 0, "after"), ["invoice-application"], "circular", "after:"),
        (("members", 0, "default"), True, "bundle_member", "default: true"),
        (("lead",), "ministry-of-magic", "dangling_reference", "lead: ministry-of-magic"),
        (("life_event",), "party", "dangling_reference", "life_event: party"),
        (("same", 0, "names", 0), "学生证", "dangling_reference", "- 学生证"),
        (("results", 0, "names", 0), "学生证", "dangling_reference", "- 学生证"),
        (("results", 0, "item"), "passport-first", "dangling_reference", "item: passport-first"),
        (("id",), "another", "file_name", "id: another"),
        (("nmae",), "x", "unknown_field", "nmae: x"),
        (("members",), [], "wrong_value", "members:"),
    ],
)
def test_a_fault_is_reported_at_its_line(
    copied: Path, at: tuple[Any, ...], value: Any, code: str, line: str
) -> None:
    path = change(copied, at, value)
    lines = path.read_text(encoding="utf-8").splitlines()
    number = next(n for n, text in enumerate(lines, 1) if line in text)
    found = [(f.code, f.line) for f in faults(copied) if f.file == str(path)]
    assert (code, number) in found, found


def test_items_for_persons_and_for_enterprises_do_not_mix(copied: Path) -> None:
    path = change(copied, ("members", 5, "item"), "company-change", name="newborn")
    change(copied, ("members", 5, "options"), {}, name="newborn")
    lines = path.read_text(encoding="utf-8").splitlines()
    at = next(n for n, text in enumerate(lines, 1) if text == "members:")
    assert ("mixed_objects", at) in [(fault.code, fault.line) for fault in faults(copied)]


def test_an_item_named_twice_is_a_fault(copied: Path) -> None:
    path = copied / "bundles" / "restaurant.yaml"
    bundle = yaml.safe_load(path.read_text(encoding="utf-8"))
    bundle["members"].append({"item": "food-business-licence"})
    write_yaml(path, bundle)
    assert [fault.code for fault in faults(copied)] == ["repeated_id"]


@pytest.mark.parametrize(
    ("at", "value"), [(("members", 1, "item"), "space-licence"), (("members",), "none at all")]
)
def test_one_spoilt_bundle_closes_neither_the_hall_nor_the_others(
    copied: Path, at: tuple[Any, ...], value: Any
) -> None:
    path = change(copied, at, value)
    handbook = load_handbook(copied)
    assert "restaurant" not in handbook.bundles
    assert "newborn" in handbook.bundles
    assert {fault.file for fault in handbook.left_out} == {str(path)}


def test_a_spoilt_item_takes_its_bundle_out(copied: Path) -> None:
    item = copied / "items" / "business" / "food-business-licence.yaml"
    item.write_text("code: [", encoding="utf-8")
    assert "restaurant" not in load_handbook(copied).bundles


def test_each_question_and_paper_of_the_checklist_stands_once(real: Handbook) -> None:
    shown = bundle_views.checklist(real.bundles["after-death"], {}, real)
    assert [part.chosen for part in shown.parts] == [True, True, True, False, False]
    names = [material.name for material in shown.materials]
    assert len(names) == len(set(names))
    assert shown.papers_saved == sum(len(m.items) - 1 for m in shown.materials) > 0
    assert shown.bundle.notice  # nobody in Shenyang has confirmed it


def test_the_checklist_follows_items_and_answers(real: Handbook) -> None:
    asked = {"with": "survivor-benefit", "survivor-benefit.claimant": "child"}
    shown = bundle_views.checklist(real.bundles["after-death"], asked, real)
    names = {material.name for material in shown.materials}
    assert "和去世人员的亲属关系材料" in names
    assert "结婚证" not in names
    assert "收款人银行卡" not in names


def test_what_the_bundle_brings_is_not_on_the_checklist(real: Handbook) -> None:
    shown = bundle_views.checklist(real.bundles["newborn"], {}, real)
    assert not {"出生医学证明", "孩子的居民户口簿"} & {m.name for m in shown.materials}
    assert "出生医学证明" in shown.parts[0].brings


@pytest.mark.parametrize(
    "asked", [{"with": "passport-first"}, {"no.question": "x"}, {"survivor-benefit.claimant": "x"}]
)
def test_what_the_bundle_does_not_have_is_refused(real: Handbook, asked: dict[str, str]) -> None:
    with pytest.raises(OptionUnknown):
        bundle_views.checklist(real.bundles["after-death"], asked, real)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("新生儿", "newborn"),
        ("我要生孩子了", "newborn"),
        ("开饭店一件事", "restaurant"),
        ("老人走了", "after-death"),
        ("办退休", "retirement"),
    ],
)
def test_a_bundle_is_found_by_what_citizens_say(real: Handbook, words: str, expected: str) -> None:
    found = [b.id for b in real.bundles.values() if bundle_views.matches(b, words, real)]
    assert expected in found
    assert len(found) < len(real.bundles)


async def test_bundles_are_public_before_log_in(api: Any) -> None:
    listed = (await api.get("/guides/bundles?life_event=birth")).json["bundles"]
    assert [bundle["id"] for bundle in listed] == ["newborn"]
    assert len((await api.get("/guides/bundles?q=结婚")).json["bundles"]) == 1
    assert (await api.get("/guides/bundles?q=办护照去火星")).json["bundles"] == []
    shown = await api.get("/guides/bundles/newborn?birth-registration.parents=unmarried_mother")
    assert shown.status == 200
    assert "母亲居民身份证" in {m["name"] for m in shown.json["materials"]}
    assert (await api.get("/guides/bundles/nothing")).code == "bundle_not_found"
    assert (await api.get("/guides/bundles/newborn?x=y")).code == "validation_failed"
