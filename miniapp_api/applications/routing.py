"""Whose inbox a case comes to (分件): by department, by skill, by window."""

from __future__ import annotations

from miniapp_api.guides.item import Item
from miniapp_api.guides.service import GuidesService
from miniapp_api.hall.errors import WindowUnknown
from miniapp_api.platform.auth import StaffMember


class Routing:
    """Knows which items' cases come to a clerk."""

    def __init__(self, guides: GuidesService) -> None:
        self._guides = guides

    def items_for(self, member: StaffMember, window: str | None) -> list[str] | None:
        """Return the items that a clerk's inbox is narrowed to; None: all of his departments'.

        window: the items that it serves; raises WindowUnknown for one that the hall does not have.
        Narrowing only sorts the work: a case that a colleague asks about still opens.
        """
        if not member.skills and window is None:
            return None
        served = self._guides.handbook.own if window is None else self._served(member.hall, window)
        return [
            item.code
            for item in served
            if item.department in member.departments and _can(member, item)
        ]

    def _served(self, hall: str, window: str) -> list[Item]:
        for each in self._guides.windows(hall):
            if each.number == window:
                return self._guides.items_of(hall, each.queue)
        raise WindowUnknown()


def _can(member: StaffMember, item: Item) -> bool:
    return not member.skills or not member.skills.isdisjoint(item.themes)
