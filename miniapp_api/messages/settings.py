"""The settings of messages: how they leave the inbox, and WeChat's templates."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from miniapp_api.messages.delivery.fields import LONGEST, kind_of
from miniapp_api.platform.section import Positive, Seconds, Section


class Template(Section):
    """A template of WeChat's subscribe messages (订阅消息模板): its id, and what its fields say."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    lasting: bool = False  # one acceptance is good for ever (长期订阅), not for one message
    fields: Annotated[
        dict[Annotated[str, Field(pattern=r"^[a-z_]+\d{1,2}$")], str], Field(min_length=1)
    ]

    @field_validator("fields")
    @classmethod
    def _of_known_kinds(cls, fields: dict[str, str]) -> dict[str, str]:
        if unknown := [name for name in fields if kind_of(name) not in LONGEST]:
            raise ValueError(f"WeChat has no fields like {', '.join(unknown)}")
        return fields

    @property
    def cost(self) -> int:
        """How many acceptances a message uses up."""
        return 0 if self.lasting else 1


class Outgoing(Section):
    """How a kind of message leaves the inbox (送达方式)."""

    template: str = ""
    sms: bool = True
    any_hour: bool = False
    valid_minutes: Positive


Occasions = dict[
    Literal["booking", "ticket", "application"], Annotated[tuple[str, ...], Field(max_length=3)]
]


class Messages(Section):
    """What citizens are told (消息)."""

    drain_seconds: Seconds
    keep_days: Positive
    quiet_from: time
    quiet_until: time
    at_once: Positive
    attempts: Positive
    pause_seconds: Seconds
    report_seconds: Positive
    lease_seconds: Positive
    mini_program: Literal["developer", "trial", "formal"]
    templates: dict[str, Template]
    outgoing: dict[str, Outgoing]
    occasions: Occasions

    @model_validator(mode="after")
    def _names_templates(self) -> Messages:
        named = {each.template for each in self.outgoing.values() if each.template}
        named.update(name for names in self.occasions.values() for name in names)
        if unknown := named - self.templates.keys():
            raise ValueError(f"names templates that are not there: {', '.join(sorted(unknown))}")
        return self

    def template_of(self, kind: str) -> Template | None:
        """Return the template of a kind of message; None when it has none."""
        rule = self.outgoing.get(kind)
        return self.templates[rule.template] if rule and rule.template else None
