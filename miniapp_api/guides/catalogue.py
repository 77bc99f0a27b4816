"""Imported catalogues on disk (导入目录文件): one canonical item a line."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import ValidationError

from miniapp_api.guides.item import ImportedItem


class CatalogueError(Exception):
    """A catalogue file that `handbook import` did not write."""


def read_catalogue(path: Path) -> Iterator[ImportedItem]:
    """Yield the items of a catalogue; raise CatalogueError naming file and line."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                yield ImportedItem.model_validate_json(line)
            except ValidationError:
                raise CatalogueError(f"{path}:{number}: 不是导入的事项,请重新导入") from None


def write_lines(path: Path, lines: Iterable[bytes]) -> None:
    """Write the file whole or not at all: readers see the old one until the new one is on disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(line + b"\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
