"""The mapping file (对照文件): how a catalogue of another shape becomes items of ours."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from miniapp_api.guides.item import Id, ImportedItem, Name, Text
from miniapp_api.guides.parsers import PARSERS, Hints
from miniapp_api.guides.rows import Format


class MappingError(Exception):
    """The mapping file is wrong or none fits; the message says where, in Chinese."""


class FieldRule(BaseModel):
    """Where one of our fields comes from (字段规则)."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    sources: tuple[str, ...] = Field(alias="from", min_length=1, description="来源字段,可以多个")
    parse: str = Field("text", description="解析器名")
    table: dict[str, Any] = Field(default_factory=dict, description="值对照表")
    nothing: tuple[str, ...] = Field((), description="还有哪些词表示“无”")
    pattern: re.Pattern[str] | None = Field(None, description="取第一个括号里的内容")

    @field_validator("sources", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("parse")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in PARSERS:
            raise ValueError(f"没有解析器 {value},可用:{'、'.join(PARSERS)}")
        return value

    @cached_property
    def hints(self) -> Hints:
        """Return what the parser needs of this rule."""
        return Hints(self.table, frozenset(self.nothing), self.pattern)


class CatalogueMapping(BaseModel):
    """A whole mapping (对照文件) of one source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Id = Field(description="目录名,也是存放的文件名")
    label: Name = Field(description="来源地区,会显示给市民")
    note: Text = Field(description="来源说明")
    format: Format = Field(description="jsonl、tsv 或 csv")
    fields: dict[str, FieldRule] = Field(description="我方字段路径 → 规则")
    defaults: dict[str, Any] = Field(default_factory=dict, description="来源没有时的值")

    @field_validator("fields")
    @classmethod
    def _ours(cls, value: dict[str, FieldRule]) -> dict[str, FieldRule]:
        unknown = [path for path in value if path.split(".")[0] not in ImportedItem.model_fields]
        if unknown:
            raise ValueError(f"没有这些字段:{'、'.join(unknown)}")
        if not {"code", "name"} <= value.keys():
            raise ValueError("必须有 code 和 name")
        return value

    @cached_property
    def columns(self) -> frozenset[str]:
        """Return the source fields that the mapping reads."""
        return frozenset(source for rule in self.fields.values() for source in rule.sources)


def load_mapping(path: Path) -> CatalogueMapping:
    """Read a mapping file; raise MappingError naming each wrong field."""
    try:
        values = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        return CatalogueMapping.model_validate(values)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise MappingError(f"{path}:\n  " + "\n  ".join(faults)) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise MappingError(f"{path}: 读不了:{error}") from None


def find_mapping(folder: Path, form: str, columns: frozenset[str]) -> CatalogueMapping:
    """Choose the mapping whose source fields the file has (按列名选对照文件)."""
    known = [load_mapping(path) for path in sorted(folder.glob("*.yaml"))]
    fitting = [m for m in known if m.format == form and m.columns <= columns]
    if not fitting:
        names = "、".join(m.name for m in known) or "(一个也没有)"
        raise MappingError(f"没有合适的对照文件,请用 --mapping 指定。现有:{names}")
    return max(fitting, key=lambda m: len(m.columns))
