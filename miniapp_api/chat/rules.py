"""Pure rules of chat."""

from __future__ import annotations

import re

# Control characters but tab and line feed: PostgreSQL stores no NUL, and nobody means to say them.
FULL_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789Xx")
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


# Identity numbers, phones and cards that a citizen types are of no use to the assistant.
NUMBERS = re.compile(r"(?<!\d)(\d{3})\d{4,13}(\d{3}[0-9Xx])(?![0-9A-Za-z])")


def cleaned(text: str) -> str:
    """Return what was said without control characters, outer white space and personal numbers.

    13812345678 → 138****5678: it is kept nowhere, not even in the conversation.
    """
    plain = CONTROLS.sub("", text).strip()
    folded = plain.translate(FULL_WIDTH)  # one character for one: positions stay
    spans = [match.span() for match in NUMBERS.finditer(folded)]
    for start, end in reversed(spans):
        plain = f"{plain[: start + 3]}****{plain[end - 4 :]}"
    return plain
