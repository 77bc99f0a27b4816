"""An edit is served without a restart, and a slip of an editor never closes the hall."""

from __future__ import annotations

from pathlib import Path

import pytest

from miniapp_api.guides.catalogue import CatalogueError
from miniapp_api.guides.handbook import HandbookError, load_handbook
from miniapp_api.guides.library import Library
from tests.miniapp_api.guides.factories import item_values, write_item


def test_an_edited_item_is_served_after_the_next_look(folder: Path, catalogues: Path) -> None:
    library = Library(folder, catalogues)
    assert not library.refresh()
    write_item(folder, item_values(name="改过的名称"))
    assert library.refresh()
    assert not library.refresh()
    assert library.shelf.handbook.items["test-item"].name == "改过的名称"
    assert library.shelf.search.find("改过的名称")[0].code == "test-item"


def test_an_imported_catalogue_is_served_after_the_next_look(
    folder: Path, catalogues: Path, tmp_path: Path
) -> None:
    library = Library(folder, tmp_path / "not-yet")
    assert set(library.shelf.handbook.items) == {"test-item"}
    catalogues.rename(tmp_path / "not-yet")
    assert library.refresh()
    assert set(library.shelf.handbook.items) == {"test-item", "11440000X"}


def test_a_broken_item_is_left_out_and_the_others_are_served(folder: Path) -> None:
    path = folder / "items" / "household-id" / "broken.yaml"
    path.write_text("code: [", encoding="utf-8")
    handbook = load_handbook(folder)
    assert set(handbook.items) == {"test-item"}
    assert [fault.file for fault in handbook.left_out] == [str(path)]


def test_an_unknown_field_is_no_reason_to_leave_an_item_out(folder: Path) -> None:
    write_item(folder, item_values(colour="red"))
    assert set(load_handbook(folder).items) == {"test-item"}


def test_a_broken_hall_keeps_the_old_handbook_until_it_is_mended(
    folder: Path, catalogues: Path
) -> None:
    library = Library(folder, catalogues)
    hall = folder / "halls" / "municipal.yaml"
    sound = hall.read_text(encoding="utf-8")
    hall.write_text("id: [", encoding="utf-8")
    assert not library.refresh()
    assert "test-item" in library.shelf.handbook.items
    hall.write_text(sound + "# mended\n", encoding="utf-8")
    assert library.refresh()


def test_a_broken_hall_stops_the_start_with_file_and_line(folder: Path) -> None:
    (folder / "windows" / "municipal.yaml").write_text("hall: municipal\n", encoding="utf-8")
    with pytest.raises(HandbookError, match=r"municipal\.yaml:1"):
        load_handbook(folder)


def test_a_catalogue_that_no_import_wrote_is_refused_with_file_and_line(
    folder: Path, catalogues: Path
) -> None:
    (catalogues / "other.jsonl").write_text('{"code": "x"}\n', encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"other\.jsonl:1"):
        load_handbook(folder, catalogues)


def test_an_imported_code_never_replaces_ours(folder: Path, catalogues: Path) -> None:
    path = catalogues / "guangdong.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("11440000X", "test-item"), "utf-8")
    assert load_handbook(folder, catalogues).items["test-item"].label is None
