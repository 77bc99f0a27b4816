"""What a typed YAML may be at most (YAML 限制): counted by events, before anything is built."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from miniapp_api.guides.faults import Fault

MOST_BYTES = 65_536  # the largest guide of ours has 6 KB
DEEPEST = 12  # ours go to 6
MOST_NODES = 6_000
LONGEST_SCALAR = 4_000  # a field takes 2,000 characters

TOO_LARGE = f"内容太大,最多 {MOST_BYTES // 1024} KB"
TOO_DEEP = f"嵌套太深,最多 {DEEPEST} 层"
TOO_MANY = f"内容太多,最多 {MOST_NODES} 个值"
TOO_LONG = f"一个值太长,最多 {LONGEST_SCALAR} 个字"
NO_ALIASES = "不能用锚点和引用(& 和 *),请把内容写全"
NO_TAGS = "不能用类型标签(!)"


def beyond(path: Path, text: str) -> Fault | None:
    """Return the first limit that a text breaks; its syntax is for the parser to judge."""
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        return Fault(str(path), 1, TOO_LARGE, "yaml_limit")
    try:
        return _scan(path, text)
    except yaml.YAMLError:
        return None


def _scan(path: Path, text: str) -> Fault | None:
    depth = nodes = 0
    loader: Any = yaml.CSafeLoader(text)
    try:
        while loader.check_event():
            event = loader.get_event()
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            nodes += isinstance(event, yaml.NodeEvent)
            message = _broken(event, depth, nodes)
            if message:
                return Fault(str(path), event.start_mark.line + 1, message, "yaml_limit")
    finally:
        loader.dispose()
    return None


def _broken(event: yaml.Event, depth: int, nodes: int) -> str | None:
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        return NO_ALIASES
    if getattr(event, "tag", None):
        return NO_TAGS
    if depth > DEEPEST:
        return TOO_DEEP
    if nodes > MOST_NODES:
        return TOO_MANY
    if isinstance(event, yaml.ScalarEvent) and len(event.value) > LONGEST_SCALAR:
        return TOO_LONG
    return None
