"""Pure rules of chat."""

from __future__ import annotations

import re

# Control characters but tab and line feed: PostgreSQL stores no NUL, and nobody means to say them.
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def cleaned(text: str) -> str:
    """Return what was said without control characters and outer white space."""
    return CONTROLS.sub("", text).strip()
