"""The facade (总入口): one citizen's sentence in, everything understood of it out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from intents.aspects import AspectClassifier, bare_questions
from intents.catalogue import Entry, read_entries, signature
from intents.link import Link, Linker
from intents.normalise import Normaliser, fold
from intents.people import tags
from intents.segment import Segmenter, domain_terms
from intents.times import resolve
from intents.types import Candidate, Decision, TimeSpan, Understanding
from intents.words import ContentWords
from intents.working_calendar import Calendar, WorkingCalendar, calendar_from_yaml

__all__ = ["Candidate", "Decision", "TimeSpan", "Understander", "Understanding"]

_TERM = re.compile(r"^[\u4e00-\u9fff]{2,6}$")


class Understander:
    """Loaded once; understand() may be called from several threads."""

    def __init__(
        self,
        entries: Sequence[Entry],
        aspects: AspectClassifier,
        segmenter: Segmenter,
        calendar: Calendar,
    ) -> None:
        """Put the parts together; load() is the usual way."""
        local = [entry for entry in entries if entry.local]
        spoken = [name for entry in local for name in (entry.name, *entry.aliases)]
        segmenter.add(name for name in spoken if _TERM.match(name))
        self.segmenter = self._segmenter = segmenter  # the latter for who has not moved on
        self.normalise = Normaliser(_terms(spoken, segmenter), segmenter.cut)
        self._aspects = aspects
        questions = [self.normalise.term(q) for q in bare_questions()]
        self._content = ContentWords(segmenter, questions, map(self.normalise.term, spoken))
        self._linker = Linker(entries, self.normalise.term, questions)
        self._calendar = calendar
        self._sources: tuple[Path, tuple[Path, ...], Path | None] | None = None
        self._signature = ""

    @classmethod
    def load(
        cls,
        handbook: Path,
        catalogues: Sequence[Path] = (),
        cache: Path | None = None,
        published: Path | None = None,
    ) -> Understander:
        """Read the handbook and catalogues; trained models and word lists are kept in `cache`.

        published: a folder whose items lie over the handbook's (编辑发布的版本).
        """
        mark = signature(handbook, catalogues, published)
        aspects = AspectClassifier.load(Normaliser(), cache)
        entries = read_entries(handbook, catalogues, published)
        understander = cls(entries, aspects, Segmenter(cache=cache), _calendar(handbook))
        understander._sources = (handbook, tuple(catalogues), published)
        understander._signature = mark
        return understander

    def is_stale(self) -> bool:
        """Whether a file of the handbook or of a catalogue has changed since it was read."""
        return self._sources is not None and signature(*self._sources) != self._signature

    def link(self, text: str) -> Link:
        """Only the items of a sentence (事项链接): neither aspect nor times are looked for."""
        normalised = self.normalise(text)
        return self._linker.link(normalised, self._content(normalised))

    def understand(self, text: str, now: datetime, *, expect_item: bool = False) -> Understanding:
        """Aspect, items, times and tags of a sentence; never raises on any text.

        expect_item: the citizen was just asked which matter, so a bare word may name one.
        """
        times = tuple(resolve(fold(text), now, self._calendar)) if text.strip() else ()
        normalised = self.normalise(text)
        if not normalised:
            return Understanding(text, "", "out_of_scope", 0.0, (), (), "none", times, frozenset())
        aspects = self._aspects(normalised)
        content = self._content(normalised, [span.text for span in times])
        link = self._linker.link(normalised, content, expect_item=expect_item)
        return Understanding(
            text=text,
            normalised=normalised,
            aspect=aspects[0][0],
            aspect_confidence=aspects[0][1],
            aspects=aspects[:5],
            items=link.items,
            decision=link.decision,
            times=times,
            tags=tags(normalised),
        )


def _terms(spoken: Sequence[str], segmenter: Segmenter) -> list[str]:
    """Words worth repairing typos towards: the bundled ones and those of the local items."""
    words = dict.fromkeys(domain_terms())
    for name in spoken:
        if _TERM.match(name) and len(name) > 2:
            words.setdefault(name)
        words.update(dict.fromkeys(w for w in segmenter.cut(name) if len(w) > 2))
    return list(words)


def _calendar(handbook: Path) -> WorkingCalendar:
    path = handbook / "calendar.yaml"
    return calendar_from_yaml(path) if path.exists() else WorkingCalendar()
