"""The configuration in words (设置一览): each value, its unit, where it comes from; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from miniapp_api.console.administrator.setting_names import (
    COMMON,
    NAMES,
    PARTS,
    SECRETS,
    SECTIONS,
    UNITS,
)
from miniapp_api.settings import Settings

FILE, ENVIRONMENT, MADE = "config.yaml", "环境变量", "首次启动时自动生成"
NOTHING = "空"
SECRET_SECTION = "secrets"  # noqa: S105 - a section's name


@dataclass(frozen=True)
class Described:
    """A setting (设置项)."""

    key: str
    name: str
    value: str
    source: str


@dataclass(frozen=True)
class Section:
    """The settings of a room."""

    name: str
    settings: list[Described]


@dataclass(frozen=True)
class Part:
    """A part outside our walls: the real one, or our stand-in (仿真)."""

    name: str
    real: bool


def sections(settings: Settings) -> list[Section]:
    """Return every setting that is no secret, by section."""
    return [
        Section(
            SECTIONS.get(section, section),
            [_described(settings, section, name, value) for name, value in values],
        )
        for section, values in settings
        if section != SECRET_SECTION
    ]


def secrets(settings: Settings) -> list[Described]:
    """Return whether each secret is set and who set it: never what it is."""
    found = []
    for name, value in settings.secrets:
        key = f"{SECRET_SECTION}.{name}"
        state = "已设置" if value.get_secret_value() else "没有设置"
        source = ENVIRONMENT if key in settings.overridden else MADE
        found.append(Described(key, SECRETS.get(name, name), state, source))
    return found


def parts(settings: Settings) -> list[Part]:
    """Return which parts outside our walls are real."""
    found = []
    for key, name in PARTS.items():
        section, _, setting = key.partition(".")
        found.append(Part(name, bool(getattr(getattr(settings, section), setting))))
    return found


def _described(settings: Settings, section: str, name: str, value: Any) -> Described:
    key = f"{section}.{name}"
    source = ENVIRONMENT if key in settings.overridden else FILE
    return Described(key, NAMES.get(key) or COMMON.get(name, key), _shown(name, value), source)


def _shown(name: str, value: Any) -> str:
    if value in ("", (), []):
        return NOTHING
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dict):
        return "、".join(str(each) for each in value)
    if isinstance(value, list | tuple):
        return "、".join(str(each) for each in value)
    if isinstance(value, int | float):
        unit = next((unit for ending, unit in UNITS.items() if name.endswith(ending)), "")
        return f"{value:,} {unit}".strip() if unit else str(value)
    return _without_password(str(value))


def _without_password(text: str) -> str:
    """Return an address without who logs in there, and without its query."""
    if "://" not in text:
        return text
    parts = urlsplit(text)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"
