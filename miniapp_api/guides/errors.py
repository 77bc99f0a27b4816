"""Refusals of guides."""

from __future__ import annotations

from miniapp_api.platform.errors import Refusal, ValidationFailed


class ItemNotFound(Refusal):
    """No such item; `suggestions` names the nearest ones."""

    status, code, title = 404, "item_not_found", "没有找到这个事项"


class OptionUnknown(ValidationFailed):
    """A circumstance or option that the item does not have; the detail names those it has."""


class AspectUnknown(ValidationFailed):
    """An aspect that the composer does not know; the detail names those it knows."""


class FilterUnknown(ValidationFailed):
    """A filter value that no item can have; the detail names the possible ones."""


class BundleNotFound(Refusal):
    """No such bundle."""

    status, code, title = 404, "bundle_not_found", "没有找到这个“一件事”"


class AnnouncementNotFound(Refusal):
    """No such notice today: it is over, to come, withdrawn, or never was."""

    status, code, title = 404, "notice_not_found", "这条公告不在了"
