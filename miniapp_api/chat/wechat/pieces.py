"""An answer, as WeChat carries it: pure. Texts of 2048 bytes, cards, and numbers to choose by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from miniapp_api.chat.wechat import texts
from miniapp_api.guides.schemas import Answer, Link, QuickReply

TEXT_BYTES = 2048  # of a customer message
MOST_TEXTS = 3
MOST_CARDS = 2  # with the texts five: as many as a user's message allows
MOST_CHOICES = 9
CARD_TITLE_CHARS = 20
ELSEWHERE = ("pages/human/",)  # pages for what is done in the chat itself here: 转人工 is said
ENDS = re.compile(r"(?<=[\n。！？；])")
NUMBER = re.compile(r"\s*(?:选|第)?([1-9])[.、号个)）。]?\s*")
FULL_WIDTH = str.maketrans("１２３４５６７８９", "123456789")

# {"kind": "text", "text"}, {"kind": "card", "title", "page"}, or {"kind": "doubt", "text"}
Piece = dict[str, Any]
DOUBT: Piece = {"kind": "doubt", "text": texts.DOUBT}  # one at a time


def pieces_of(answers: Sequence[Answer]) -> tuple[list[Piece], list[str]]:
    """Return what is sent for answers, and what a number stands for: the payload of each."""
    words = "\n\n".join(answer.text for answer in answers if answer.text)
    replies = list(answers[-1].quick_replies[:MOST_CHOICES]) if answers else []
    found: list[Piece] = [{"kind": "text", "text": each} for each in texts_of(words, replies)]
    links = _distinct(link for answer in answers for link in answer.links)
    found += [_card(link) for link in links[:MOST_CARDS]]
    return found, [reply.payload for reply in replies]


def text(words: str) -> Piece:
    """Return a piece of plain text."""
    return {"kind": "text", "text": words}


def texts_of(words: str, replies: Sequence[QuickReply] = ()) -> list[str]:
    """Split words at the ends of sentences into texts that fit; the choices stay together."""
    listed = "\n".join(f"{n} {reply.title}" for n, reply in enumerate(replies, 1))
    tail = texts.CHOICES.format(listed=listed) if replies else ""
    parts = _split(words, TEXT_BYTES)
    if len(parts) > MOST_TEXTS - 1:
        parts = parts[: MOST_TEXTS - 1]
        parts[-1] = _within(parts[-1], TEXT_BYTES - _size(texts.CUT)) + texts.CUT
    if parts and _size(parts[-1] + tail) <= TEXT_BYTES:
        parts[-1] += tail
    elif tail:
        parts.append(_within(tail.lstrip("\n"), TEXT_BYTES))
    return parts


def chosen(said: str, choices: Sequence[str]) -> str:
    """Return what a number stands for among what was offered last; other words as they are."""
    match = NUMBER.fullmatch(said.translate(FULL_WIDTH))
    at = int(match[1]) - 1 if match else len(choices)
    return choices[at] if at < len(choices) else said


def asks_again(said: str) -> bool:
    """Tell whether a user wants to have once more what may not have arrived."""
    return said.strip(' 。.！!“”"') == texts.AGAIN


def event_text(event: str, entries: Sequence[Mapping[str, str]]) -> str:
    """Write what an event says, as its push keeps it until it is heard."""
    return orjson.dumps({"event": event, "entries": list(entries)}).decode()


def read_event(kept: str) -> tuple[str, list[dict[str, str]]]:
    """Read back what an event says."""
    found = orjson.loads(kept)
    return found["event"], found["entries"]


def read_choices(kept: Any) -> list[str]:
    """Read the choices that were kept with a conversation."""
    return [str(each) for each in kept] if isinstance(kept, list) else []


def _card(link: Link) -> Piece:
    return {"kind": "card", "title": link.title[:CARD_TITLE_CHARS], "page": link.page}


def _distinct(links: Iterable[Link]) -> list[Link]:
    pages: Mapping[str, Link] = {
        link.page: link for link in links if not link.page.startswith(ELSEWHERE)
    }
    return list(pages.values())


def _split(words: str, most: int) -> list[str]:
    parts: list[str] = []
    for sentence in _fitting(words, most):
        if parts and _size(parts[-1] + sentence) <= most:
            parts[-1] += sentence
        else:
            parts.append(sentence)
    return [part for part in (each.strip() for each in parts) if part]


def _fitting(words: str, most: int) -> Iterable[str]:
    """Yield sentences; one that is too long by itself in as many parts as it needs."""
    for sentence in ENDS.split(words):
        rest = sentence
        while _size(rest) > most:
            part = _within(rest, most)
            yield part
            rest = rest[len(part) :]
        yield rest


def _within(words: str, most: int) -> str:
    """Return the beginning of a text that has so many bytes at most."""
    return words.encode()[:most].decode(errors="ignore")


def _size(words: str) -> int:
    return len(words.encode())
