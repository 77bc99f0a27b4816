"""What a browser would send of a page."""

from __future__ import annotations

from collections import defaultdict
from html.parser import HTMLParser
from typing import Any


class Fields(HTMLParser):
    """What a browser would send of a page, every value of every name."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sent: dict[str, list[str]] = defaultdict(list)
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []
        self._textarea: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "select":
            self._select, self._options = name, []
        elif tag == "option" and self._select:
            self._options.append((value, "selected" in given))
        elif tag == "textarea":
            self._textarea, self._text = name, ""
        elif tag == "input" and (given.get("type") != "checkbox" or "checked" in given):
            self.sent[name].append(value)

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._select:
            chosen = [value for value, selected in self._options if selected]
            self.sent[self._select].append((chosen or [self._options[0][0]])[0])
            self._select = None
        elif tag == "textarea" and self._textarea is not None:
            # The first line break of a textarea is not part of it; the others are sent as CRLF.
            text = self._text.removeprefix("\n").replace("\n", "\r\n")
            self.sent[self._textarea].append(text)
            self._textarea = None
