"""What a page takes and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

# A password is what was typed, blanks at its ends too: as the API takes it.
Typed = Annotated[str, StringConstraints(strip_whitespace=False)]


class Form(BaseModel):
    """A submitted form or a query: text, so that numbers and dates are read from it.

    An empty field counts as left out. Fields are named to people by their titles.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class View:
    """A template with what it shows; one whose name begins with `_` is a fragment of a page."""

    def __init__(self, template: str, status: int = 200, **shown: Any) -> None:
        self.template = template
        self.status = status
        self.shown = shown

    @property
    def is_fragment(self) -> bool:
        """Whether it is shown without the layout."""
        return self.template.rpartition("/")[2].startswith("_")


@dataclass(frozen=True)
class Redirect:
    """Go on with another page of ours, which then says what was done."""

    path: str
    said: str = ""
