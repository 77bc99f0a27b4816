"""Where certificates come from (证照来源): handbook/certificate_sources.yaml, read at the start."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from miniapp_api.certificates.rules import Department, HolderKind

FILE = "certificate_sources.yaml"


class SourcesError(Exception):
    """The file cannot be used; the message names it and what is wrong."""


class TypeSource(BaseModel):
    """Where one type of certificate comes from, who can hold it, how long it is valid."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str = Field(pattern=r"^[a-z0-9-]{2,64}$")
    department: Department | None
    holders: tuple[HolderKind, ...] = Field(min_length=1)
    valid_months: int | None = Field(ge=1, le=1200)


class Sources(BaseModel):
    """The file: the area that our own certificates belong to (管辖属地), and every type."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    area_code: str = Field(pattern=r"^\d{6}$")
    types: tuple[TypeSource, ...]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({source.type for source in self.types}) != len(self.types):
            raise ValueError("a type stands there twice")
        return self


def load_sources(folder: Path) -> Sources:
    """Return where certificates come from; raise SourcesError for a file that is wrong."""
    path = folder / FILE
    try:
        return Sources.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise SourcesError(f"{path}: {error}") from None
