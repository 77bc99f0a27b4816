"""A browser without scripts at the console: it keeps cookies, reads forms, and submits them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import aiohttp
import pytest

from tests.api import Client, Reply


@dataclass
class Form:
    """A form of a page: where it goes and what it carries as it stands."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._select = ""  # the one whose options are read
        self._textarea = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "form":
            self.forms.append(Form(given.get("hx-post") or given.get("action") or ""))
        elif not self.forms:
            return
        elif tag == "option" and self._select:
            chosen = self.forms[-1].fields
            if "selected" in given or self._select not in chosen:
                chosen[self._select] = value
        elif tag == "select":
            self._select = name
        elif tag == "textarea" and name:
            self._textarea = name
            self.forms[-1].fields[name] = ""
        elif tag == "input" and name:
            unticked = given.get("type") in {"checkbox", "radio"} and "checked" not in given
            if not unticked:
                self.forms[-1].fields[name] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.forms[-1].fields[self._textarea] += data


@dataclass
class Page:
    """A page as it came."""

    reply: Reply
    url: str

    @property
    def status(self) -> int:
        return self.reply.status

    @property
    def html(self) -> str:
        return self.reply.text

    @property
    def words(self) -> str:
        """What a reader sees: without tags, and white space as one blank."""
        text = re.sub(r"<(script|style)\b.*?</\1>", " ", self.html, flags=re.DOTALL)
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)).strip()

    def form(self, action: str) -> Form:
        """The first form whose address ends like this."""
        reader = _Forms()
        reader.feed(self.html)
        found = [each for each in reader.forms if each.action.endswith(action)]
        assert found, (action, [each.action for each in reader.forms])
        return found[0]


@dataclass
class Desk:
    """A browser at a desk."""

    base: str
    session: aiohttp.ClientSession

    async def open(self, path: str, **options: Any) -> Page:
        return await self._page("GET", path, **options)

    async def submit(self, page: Page, where: str, **typed: str) -> Page:
        """Submit a form of a page, with what is typed into it."""
        form = page.form(where)
        return await self.post(form.action, {**form.fields, **typed})

    async def post(self, path: str, fields: dict[str, str], **options: Any) -> Page:
        return await self._page("POST", path, data=fields, **options)

    async def _page(self, method: str, path: str, **options: Any) -> Page:
        async with self.session.request(method, self.base + path, **options) as reply:
            body = await reply.read()
            return Page(Reply(reply.status, reply.headers, body), str(reply.url.relative()))


@pytest.fixture
async def desks(api: Client) -> AsyncIterator[Callable[..., Desk]]:
    """Opens browsers; with the client of a member of staff, one in which he is logged in."""
    sessions = []

    def desk(member: Client | None = None) -> Desk:
        jar = aiohttp.CookieJar(unsafe=True)  # also for addresses that are numbers
        session = aiohttp.ClientSession(cookie_jar=jar)
        sessions.append(session)
        desk = Desk(api.base, session)
        if member is not None:
            token = member.headers["Authorization"].removeprefix("Bearer ")
            session.cookie_jar.update_cookies({"shenban_staff": token}, _url(api.base))
        return desk

    yield desk
    for session in sessions:
        await session.close()


def _url(base: str) -> Any:
    from yarl import URL

    return URL(base)


@pytest.fixture
def close_window(staff: Any, clock: Any) -> Callable[..., Awaitable[None]]:
    """A manager closes a window until noon."""

    async def close(window: str, reason: str) -> None:
        now = clock.now()
        closure = {
            "windows": [window],
            "starts_at": now.isoformat(),
            "ends_at": now.replace(hour=12, minute=0).isoformat(),
            "reason": reason,
        }
        manager = await staff("hall_manager")
        made = await manager.post("/appointments/manage/municipal/closures", closure)
        assert made.status == 200, made.text

    return close
