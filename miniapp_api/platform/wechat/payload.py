"""What is inside a push: XML or JSON, read without entities, doctypes or depth.

A message is flat: its fields are texts and numbers. Of what lies deeper only the entries of a
subscription event are read (`List`, one or several): the rest is left out.
"""

from __future__ import annotations

import json
from typing import Any
from xml.parsers import expat

MOST_DEPTH = 16

Fields = dict[str, str]


class Garbled(Exception):
    """Neither XML nor JSON that a message could be."""


def read(content: bytes) -> Fields:
    """Return the fields of a message; raise Garbled."""
    head = content.lstrip()[:1]
    if head == b"<":
        return _read_xml(content)
    if head == b"{":
        return _read_json(content)
    raise Garbled()


def read_list(content: bytes) -> list[Fields]:
    """Return the entries of an event that has some; raise Garbled."""
    if content.lstrip()[:1] == b"<":
        return _parsed(content, _ListReader()).entries
    found = _loaded(content).get("List")
    listed = found if isinstance(found, list) else [found]
    return [_flat(each) for each in listed if isinstance(each, dict)]


def _read_json(content: bytes) -> Fields:
    return _flat(_loaded(content))


def _loaded(content: bytes) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(content)
    except (ValueError, RecursionError):
        raise Garbled() from None
    return found


def _flat(found: dict[str, Any]) -> Fields:
    return {
        name: str(value).encode(errors="replace").decode()  # half a surrogate is no character
        for name, value in found.items()
        if isinstance(value, str | int) and not isinstance(value, bool)
    }


class _Reader:
    """Collects the texts of the root's children."""

    def __init__(self) -> None:
        self.fields: Fields = {}
        self._path: list[str] = []
        self._text: list[str] = []
        self._deep = False

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self._path.append(name)
        if len(self._path) > MOST_DEPTH:
            raise Garbled()
        if len(self._path) == 2:
            self._text, self._deep = [], False
        elif len(self._path) > 2:
            self._deep = True

    def text(self, data: str) -> None:
        if len(self._path) == 2:
            self._text.append(data)

    def end(self, name: str) -> None:
        if len(self._path) == 2 and not self._deep:
            self.fields[name] = "".join(self._text)
        self._path.pop()


class _ListReader(_Reader):
    """Collects the texts below every List, wherever it is."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Fields] = []

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        super().start(name, _attributes)
        self._text = []
        if name == "List":
            self.entries.append({})

    def text(self, data: str) -> None:
        self._text.append(data)

    def end(self, name: str) -> None:
        if self._path[-2:-1] == ["List"]:
            self.entries[-1][name] = "".join(self._text)
        self._path.pop()


def _refuse(*_: Any) -> int:
    raise Garbled()


def _read_xml(content: bytes) -> Fields:
    return _parsed(content, _Reader()).fields


def _parsed[R: _Reader](content: bytes, reader: R) -> R:
    """Read with expat alone: who declares a doctype, so that entities can grow, is refused."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError):
        raise Garbled() from None
    return reader
