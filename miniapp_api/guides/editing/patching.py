"""Changing fields of a YAML text (改字段): what is not changed keeps its lines and its comments."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from miniapp_api.guides.editing import limits

WIDTH = 1_000_000  # a sentence stays on its line


def dump(values: Mapping[str, Any]) -> str:
    """Write values as YAML, one field a line."""
    return yaml.safe_dump(
        dict(values), allow_unicode=True, sort_keys=False, default_flow_style=False, width=WIDTH
    )


def patch(text: str, changes: Mapping[str, Any]) -> str:
    """Return the text with these top-level fields changed; one that is no YAML stays as it is."""
    old = load(text)
    if old is None:
        return text
    new = {**old, **changes}
    if new == old:
        return text
    patched = _in_place(text, old, new)
    return patched if load(patched) == new else dump(new)


def load(text: str) -> dict[str, Any] | None:
    """Read a mapping of fields; None for what is none, or beyond the limits (a YAML bomb)."""
    if limits.beyond(Path(), text):
        return None
    try:
        value = yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _in_place(text: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Replace the lines of the changed fields; add new ones at the end."""
    lines = text.splitlines()
    node = yaml.compose(text, Loader=yaml.CSafeLoader)
    keys = [key for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []
    starts = [key.start_mark.line for key in keys]
    kept = lines[: starts[0]] if starts else lines
    for key, start, end in zip(keys, starts, [*starts[1:], len(lines)], strict=True):
        name = str(key.value)
        if name in new and name in old and new[name] == old[name]:
            kept += lines[start:end]
        elif name in new:
            kept += dump({name: new[name]}).splitlines()
    for name in new.keys() - old.keys():
        kept += dump({name: new[name]}).splitlines()
    return "\n".join(kept) + "\n"
