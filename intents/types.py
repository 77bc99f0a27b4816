"""Value types (值类型) that the modules of intents exchange with each other and their callers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from typing import Literal

Decision = Literal["answer", "ask", "unknown", "none"]
Part = Literal["morning", "afternoon"]


@dataclass(frozen=True)
class Candidate:
    """A service item (业务办理项) that a sentence may be about, with calibrated confidence."""

    id: str
    name: str
    confidence: float


@dataclass(frozen=True)
class TimeSpan:
    """A resolved date or time expression (时间表达); begin and stop are offsets in the text."""

    start: date
    end: date
    part: Part | None
    at: time | None
    text: str
    begin: int
    stop: int


@dataclass(frozen=True)
class Understanding:
    """Everything found in one sentence (一句话的理解结果).

    decision: "answer" = the first item is sure; "ask" = several are close, offer them;
    "unknown" = the sentence names a matter that we do not have; "none" = it names no matter.
    """

    text: str
    normalised: str
    aspect: str
    aspect_confidence: float
    aspects: tuple[tuple[str, float], ...]
    items: tuple[Candidate, ...]
    decision: Decision
    times: tuple[TimeSpan, ...]
    tags: frozenset[str]
