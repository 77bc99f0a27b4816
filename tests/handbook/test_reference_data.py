"""The hall as data: 66 departments, 163 windows, and nothing that points nowhere."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

HANDBOOK = Path(__file__).parents[2] / "handbook"


def read(name: str) -> Any:
    return yaml.safe_load((HANDBOOK / name).read_text(encoding="utf-8"))


DEPARTMENTS = read("departments.yaml")
WINDOWS = read("windows/municipal.yaml")
HALL = read("halls/municipal.yaml")


def test_there_are_66_departments_with_distinct_ids_and_names() -> None:
    assert len(DEPARTMENTS) == HALL["departments_count"] == 66
    assert (
        len({row["id"] for row in DEPARTMENTS}) == len({row["name"] for row in DEPARTMENTS}) == 66
    )


def test_no_everyday_name_means_two_departments() -> None:
    names = Counter(name for row in DEPARTMENTS for name in row["short"])
    assert [name for name, uses in names.items() if uses > 1] == []


def test_unverified_phones_are_the_city_hotline() -> None:
    unverified = {row["phone"] for row in DEPARTMENTS if not row["phone_verified"]}
    assert unverified == {"024-12345"}


def test_windows_are_numbered_001_to_163_without_gaps() -> None:
    numbers = [window["number"] for window in WINDOWS["windows"]]
    assert numbers == [f"{number:03}" for number in range(1, 164)]
    assert HALL["windows_count"] == 163


def test_every_department_has_a_window_and_a_queue() -> None:
    ids = {row["id"] for row in DEPARTMENTS}
    assert {window["department"] for window in WINDOWS["windows"]} == ids
    assert {queue["department"] for queue in WINDOWS["queues"]} == ids


def test_queues_and_windows_name_each_other() -> None:
    claimed = {n: queue["id"] for queue in WINDOWS["queues"] for n in queue["windows"]}
    assert claimed == {window["number"]: window["queue"] for window in WINDOWS["windows"]}


def test_ticket_prefixes_are_distinct_letters() -> None:
    prefixes = [queue["prefix"] for queue in WINDOWS["queues"]]
    assert len(set(prefixes)) == len(prefixes)
    assert all(1 <= len(p) <= 2 and p.isascii() and p.isupper() for p in prefixes)


def test_windows_lie_in_zones_and_floors_of_the_hall() -> None:
    zones = {(zone["id"], zone["floor"]) for zone in HALL["zones"]}
    assert {(window["zone"], window["floor"]) for window in WINDOWS["windows"]} <= zones
    floors = {(zone, floor["number"]) for floor in HALL["floors"] for zone in floor["zones"]}
    assert floors == zones


def test_unconfirmed_facts_of_the_hall_are_marked() -> None:
    assert {"address", "transport", "coordinates", "phone", "hours", "booking"} <= set(
        HALL["placeholders"]
    )
    assert set(HALL["placeholders"]) <= set(HALL)


def test_facilities_have_the_same_fields_so_no_comma_split_a_note() -> None:
    assert {tuple(row) for row in HALL["facilities"]} == {("id", "name", "floor", "note")}


@pytest.mark.parametrize("name", ["themes.yaml", "life_events.yaml", "certificates.yaml"])
def test_lists_have_distinct_ids_and_names_with_aliases(name: str) -> None:
    rows = read(name)
    assert len({row["id"] for row in rows}) == len({row["name"] for row in rows}) == len(rows)
    assert all(row["aliases"] for row in rows)


def test_every_item_folder_is_a_theme() -> None:
    folders = {path.name for path in (HANDBOOK / "items").iterdir() if path.is_dir()}
    assert folders <= {row["id"] for row in read("themes.yaml")}
