"""How citizens read an agent's name (工号)."""

from __future__ import annotations


def named(number: int | None) -> str | None:
    """Return how citizens read an agent's name: 工号03."""
    return None if number is None else f"工号{number:02d}"
