"""Request and response shapes of subscriptions and preferences."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from miniapp_api.platform.http import Shape

OccasionName = Literal["booking", "ticket", "application"]
TemplateId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
# What uni.requestSubscribeMessage says of a template.
Answer = Literal[
    "accept",
    "reject",
    "ban",
    "filter",
    "acceptWithAudio",
    "acceptWithAlert",
    "acceptWithForcePush",
]
MOST_ANSWERS = 5  # WeChat asks for three at once, in some versions five


class Occasion(Shape):
    """What to ask for when something is done: at most three templates."""

    occasion: OccasionName
    templates: list[str]


class Offers(Shape):
    """What to ask a WeChat user for; empty for everybody else."""

    occasions: list[Occasion]


class Accepted(Shape):
    """What a citizen answered in WeChat's dialog, by template."""

    answers: Annotated[dict[TemplateId, Answer], Field(min_length=1, max_length=MOST_ANSWERS)]


class Counted(Shape):
    """How many of the answers accepted a message of ours."""

    accepted: int


class Preferences(Shape):
    """How a citizen wants to be told (提醒设置); the inbox always is."""

    sms: bool
