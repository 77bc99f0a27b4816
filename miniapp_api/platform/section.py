"""What the sections of config.yaml are made of; `settings` reads and checks them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Port = Annotated[int, Field(ge=1, le=65535)]
Positive = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0)]


class Section(BaseModel):
    """A section of config.yaml: no unknown key passes."""

    model_config = ConfigDict(extra="forbid", frozen=True)
