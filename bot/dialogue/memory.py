"""The conversation's memory (对话记忆): Rasa's slots, and which of them this turn changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_sdk.events import SlotSet

REQUESTED = "requested_slot"
FORM_SLOTS = ("hall", "day", "seat", "attendee", "target", "agreed", "draft")


class Memory:
    """Reads slots; writes become SlotSet events, only where something changed."""

    def __init__(self, slots: Mapping[str, Any]) -> None:
        self._before = dict(slots)
        self._now = dict(slots)

    def get(self, name: str) -> Any:
        """A slot's value now."""
        return self._now.get(name)

    def set(self, **values: Any) -> None:
        """Changes slots."""
        self._now.update(values)

    @property
    def draft(self) -> dict[str, Any]:
        """What the form knows beside its slots; change it with note()."""
        return dict(self.get("draft") or {})

    def note(self, **values: Any) -> None:
        """Changes the draft; None removes."""
        merged = {**self.draft, **values}
        self.set(draft={key: value for key, value in merged.items() if value is not None} or None)

    def forget_form(self) -> None:
        """Clears what belongs to one run of a form."""
        self.set(**dict.fromkeys(FORM_SLOTS), offered=None)

    def undo(self) -> None:
        """As before this turn."""
        self._now = dict(self._before)

    def focus(self, code: str | None, name: str | None = None) -> None:
        """Puts an item (事项) in focus; circumstances of another item do not carry over."""
        if code != self.get("item"):
            self.set(item=code, item_name=name, tags=None, options=None)
        elif name:
            self.set(item_name=name)

    def add_tags(self, tags: frozenset[str]) -> None:
        """Adds circumstances (情形) to those of the item in focus."""
        if tags:
            self.set(tags=sorted(tags.union(self.get("tags") or [])))

    def add_options(self, options: Mapping[str, str]) -> None:
        """Adds chosen options (情形选项) to those of the item in focus."""
        if options:
            self.set(options={**(self.get("options") or {}), **options})

    def events(self) -> list[dict[str, Any]]:
        """SlotSet for every slot that changed."""
        return [
            SlotSet(name, value)
            for name, value in self._now.items()
            if value != self._before.get(name)
        ]
