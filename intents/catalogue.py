"""Service items as the linker needs them (事项目录): id, name and aliases, whatever the source."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_log = logging.getLogger(__name__)
_WANTED = ("code", "name", "aliases")
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_EMPTY = frozenset({"", "无", "-", "/", "null"})  # what portals write into an empty alias field


@dataclass(frozen=True)
class Entry:
    """One service item; `local` tells our own handbook's items from imported ones."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    local: bool = True

    def as_dict(self) -> dict[str, Any]:
        """The {"id", "name", "aliases"} shape that the Retriever reads."""
        return {"id": self.id, "name": self.name, "aliases": list(self.aliases)}


def read_entries(
    handbook: Path, catalogues: Sequence[Path] = (), published: Path | None = None
) -> list[Entry]:
    """What was published over the handbook, its items, the catalogues'; an id read before wins."""
    entries: dict[str, Entry] = {}
    for entry in _all(handbook, catalogues, published):
        entries.setdefault(entry.id, entry)
    return list(entries.values())


def signature(
    handbook: Path, catalogues: Sequence[Path] = (), published: Path | None = None
) -> str:
    """Changes whenever a file does; only looks at names, sizes and times, so it is cheap."""
    digest = hashlib.sha256()
    for path in _files(handbook, catalogues, published):
        try:
            stat = path.stat()
        except OSError:  # deleted between listing and looking
            continue
        digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _all(handbook: Path, catalogues: Sequence[Path], published: Path | None) -> Iterator[Entry]:
    for path in _item_files(published, handbook):
        yield from _read_item(path)
    for path in _catalogue_files(catalogues):
        yield from _read_catalogue(path)


def _files(handbook: Path, catalogues: Sequence[Path], published: Path | None) -> list[Path]:
    return [*_item_files(published, handbook), *_catalogue_files(catalogues)]


def _item_files(*folders: Path | None) -> list[Path]:
    return [path for each in folders if each for path in sorted((each / "items").rglob("*.yaml"))]


def _catalogue_files(catalogues: Iterable[Path]) -> Iterator[Path]:
    """A catalogue may be named as a file or as the folder that holds several."""
    for path in catalogues:
        if path.is_dir():
            yield from sorted(path.glob("*.jsonl"))
        elif path.exists():
            yield path


def _read_item(path: Path) -> Iterator[Entry]:
    """Read one item file; a broken one is reported and left out, the others still serve."""
    try:
        data = yaml.load(_head(path.read_text(encoding="utf-8")), Loader=_Loader)  # noqa: S506
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        _log.warning("item file %s skipped: %s", path.name, type(error).__name__)
        return
    entry = _entry(data, local=True)
    if entry is None:
        _log.warning("item file %s skipped: no code or name", path.name)
    else:
        yield entry


def _head(text: str) -> str:
    """The blocks of the wanted top-level keys: parsing them alone is ten times quicker."""
    kept, wanted = [], False
    for line in text.splitlines():
        if line[:1].isalpha():
            wanted = line.split(":", 1)[0] in _WANTED
        if wanted:
            kept.append(line)
    return "\n".join(kept)


def _read_catalogue(path: Path) -> Iterator[Entry]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                entry = _entry(json.loads(line), local=False)
            except ValueError:
                entry = None
            if entry is None:
                _log.warning("catalogue %s line %d skipped", path.name, number)
            else:
                yield entry


def _entry(data: Any, *, local: bool) -> Entry | None:
    if not isinstance(data, dict):
        return None
    code, name = data.get("code") or data.get("id"), data.get("name")
    if not code or not name:
        return None
    aliases = data.get("aliases") or ()
    if isinstance(aliases, str):
        aliases = [aliases]
    kept = dict.fromkeys(str(a).strip() for a in aliases if str(a).strip() not in _EMPTY)
    return Entry(str(code), str(name).strip(), tuple(kept), local)
