"""One Understander (理解器) for the process, and one Understanding for each message."""

from __future__ import annotations

import logging
import threading
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.settings import settings
from intents.types import Understanding
from intents.understand import Understander

logger = logging.getLogger(__name__)

SHANGHAI = timezone(timedelta(hours=8))  # Asia/Shanghai has had no summer time since 1991
UNDERSTANDING = "understanding_object"
CHECK_SECONDS = 3.0


class Library:
    """Holds the Understander and renews it when the handbook's files change."""

    def __init__(
        self, handbook: Path, catalogues: Path, cache: Path | None, published: Path | None = None
    ) -> None:
        self._handbook, self._catalogues, self._cache = handbook, catalogues, cache
        self._published = published
        self._lock = threading.Lock()
        self._found = self._list()
        self._next_check = time.monotonic() + CHECK_SECONDS
        self.understander = self._load()

    def current(self) -> Understander:
        """The Understander to use now; starts a check in the background when one is due."""
        if time.monotonic() >= self._next_check and self._lock.acquire(blocking=False):
            self._next_check = time.monotonic() + CHECK_SECONDS
            threading.Thread(target=self._check, name="handbook-check", daemon=True).start()
        return self.understander

    def _check(self) -> None:
        try:
            self._renew()
        except Exception:
            logger.exception("the handbook could not be read again; the old one stays in use")
        finally:
            self._next_check = time.monotonic() + CHECK_SECONDS
            self._lock.release()

    def _renew(self) -> None:
        """Reads again when a file changed, or a catalogue came or went."""
        found = self._list()
        if found != self._found or self.understander.is_stale():
            self._found = found
            self.understander = self._load()

    def _list(self) -> list[Path]:
        return sorted(self._catalogues.glob("*.jsonl"))

    def _load(self) -> Understander:
        return Understander.load(self._handbook, self._found, self._cache, self._published)


_library: Library | None = None
_library_lock = threading.Lock()


def library() -> Library:
    """The library of this process, loaded on first use."""
    global _library
    with _library_lock:
        if _library is None:
            found = settings()
            cache = found.models / "cache"
            cache.mkdir(parents=True, exist_ok=True)
            _library = Library(found.handbook, found.catalogues, cache, found.published)
        return _library


def moment(metadata: Any) -> datetime:
    """The citizen's clock: the message's `now`, else this machine's."""
    given = (metadata or {}).get("now") if isinstance(metadata, dict) else None
    try:
        now = datetime.fromisoformat(str(given)) if given else datetime.now(SHANGHAI)
    except ValueError:
        now = datetime.now(SHANGHAI)
    return now.astimezone(SHANGHAI) if now.tzinfo else now.replace(tzinfo=SHANGHAI)


def segment(text: str) -> list[str]:
    """The words of a text, cut as the library cuts (分词)."""
    return list(library().current()._segmenter.cut(text))


def is_command(message: Message) -> bool:
    """True for the quick replies (快捷回复) that Rasa itself reads."""
    return str(message.get(TEXT) or "").startswith("/")


def understanding(message: Message, expect_item: bool = False) -> Understanding:
    """The message's Understanding, made once and kept with the message."""
    found: Understanding | None = message.get(UNDERSTANDING)
    if found is None:
        now = moment(message.get("metadata"))
        text = str(message.get(TEXT) or "")
        found = library().current().understand(text, now, expect_item=expect_item)
        message.set(UNDERSTANDING, found)
    return found
