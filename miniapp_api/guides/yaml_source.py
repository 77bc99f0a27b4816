"""YAML files with the line of every value (带行号的 YAML), so that a fault can be pointed at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from miniapp_api.guides.faults import Fault, dotted

Loc = Sequence[str | int]


@dataclass(frozen=True)
class Document:
    """A YAML file that could be read: its value and the nodes it came from."""

    path: Path
    value: Any
    node: yaml.Node

    def line(self, loc: Loc) -> int:
        """Return the line (行号) of the value at loc, or of its nearest parent that exists."""
        node, line = self.node, self.node.start_mark.line
        for part in loc:
            entry = _child(node, part)
            if entry is None:
                break
            line, node = entry
        return int(line) + 1


def _child(node: yaml.Node, part: str | int) -> tuple[int, yaml.Node] | None:
    """Return (line of the key or entry, the value's node)."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return key.start_mark.line, value
    elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        value = node.value[part]
        return value.start_mark.line, value
    return None


def read_yaml(path: Path) -> tuple[Document | None, list[Fault]]:
    """Read one YAML file; the document is None when it cannot be understood at all."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return None, [Fault(str(path), 1, f"读不了:{error.strerror}", "unreadable")]
    return parse_yaml(path, data)


def parse_yaml(path: Path, data: bytes) -> tuple[Document | None, list[Fault]]:
    """Read YAML that is, or shall become, a file."""
    try:
        return _parse(path, data)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        return None, [Fault(str(path), line, f"YAML 语法错误:{error.problem}", "yaml_syntax")]
    except (yaml.YAMLError, RecursionError) as error:
        return None, [Fault(str(path), 1, f"YAML 语法错误:{error}"[:200], "yaml_syntax")]


def _parse(path: Path, data: bytes) -> tuple[Document | None, list[Fault]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return None, [Fault(str(path), line, "不是 UTF-8 编码", "not_utf8")]
    loader = yaml.CSafeLoader(text)
    try:
        node = loader.get_single_node()
        faults = list(_repeated_keys(path, node, (), set())) if node else []
        value = _construct(loader, node, path, faults) if node else None
        if node is None or value is None:
            return None, faults or [Fault(str(path), 1, "文件是空的", "empty_file")]
        return Document(path, value, node), faults
    finally:
        loader.dispose()


def _construct(loader: Any, node: yaml.Node, path: Path, faults: list[Fault]) -> Any:
    try:
        return loader.construct_document(node)
    except ValueError as error:
        # 2026-02-30 looks like a date to YAML, and only building it shows that it is none.
        line = next(_wrong_dates(loader, node), 1)
        faults.append(Fault(str(path), line, f"不存在的日期({error})", "wrong_value"))
        return None


def _wrong_dates(loader: Any, node: yaml.Node) -> Iterator[int]:
    if isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:timestamp":
        try:
            loader.construct_yaml_timestamp(node)
        except ValueError:
            yield node.start_mark.line + 1
    for child in _children(node):
        yield from _wrong_dates(loader, child)


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _repeated_keys(
    path: Path, node: yaml.Node, loc: tuple[str | int, ...], seen: set[int]
) -> Iterator[Fault]:
    """Report keys written twice, of which YAML silently keeps the last."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        keys: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in keys:
                line = key.start_mark.line + 1
                message = f"字段 {dotted((*loc, name))} 写了两遍"
                yield Fault(str(path), line, message, "repeated_field")
            keys.add(name)
            yield from _repeated_keys(path, value, (*loc, name), seen)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _repeated_keys(path, value, (*loc, index), seen)
