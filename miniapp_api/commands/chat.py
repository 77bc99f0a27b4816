"""`shenban chat`: the assistant in a terminal, as a citizen on a phone would meet it."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
from rich.cells import chop_cells
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from miniapp_api.commands.common import checked_settings

TIMEOUT = aiohttp.ClientTimeout(total=30)
PROMPT = "[bold cyan]您>[/] "
console = Console(record=True)


class ChatError(Exception):
    """The API could not be reached or refused; the message is for the person at the terminal."""


def talk(url: str, phone: str | None, script: Path | None, picture: Path | None) -> int:
    """Converse until the person leaves with Ctrl-D, or the script ends; return the exit code."""
    lines = script.read_text().splitlines() if script else None
    settings = checked_settings()
    url = url or f"http://{settings.server.host}:{settings.server.port}"
    sms = settings.sms.url or f"http://127.0.0.1:{settings.sms.fake_port}"
    try:
        asyncio.run(_talk(url, sms, phone, _typed(lines)))
    except ChatError as error:
        console.print(str(error), style="red", markup=False)
        return 1
    except (KeyboardInterrupt, EOFError):
        console.print()
    if picture:
        svg = console.export_svg(title="沈办")
        # Without the fonts of another host: the picture must show on a closed network.
        picture.write_text(re.sub(r"@font-face {.*?}", "", svg, flags=re.DOTALL))
    return 0


def _typed(lines: list[str] | None) -> Iterator[str]:
    """Yield what the person types, or the lines of a script, shown as if typed."""
    while lines is None:
        yield console.input(PROMPT)
    for line in lines:
        console.print(f"{PROMPT}{line}")
        yield line


async def _talk(url: str, sms: str, phone: str | None, typed: Iterator[str]) -> None:
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        headers = {}
        if phone:
            headers["Authorization"] = f"Bearer {await _log_in(session, url, sms, phone)}"
        console.print("您好，我是沈办。想办什么事，直接问我。(Ctrl-D 退出)", style="dim")
        conversation: str | None = None
        choices: list[dict[str, str]] = []
        while (said := await asyncio.to_thread(next, typed, None)) is not None:
            if not said.strip():
                continue
            body = {"text": _picked(said, choices), "conversation": conversation}
            headers["Idempotency-Key"] = uuid.uuid4().hex
            reply = await _post(session, f"{url}/chat/messages", body, headers)
            conversation = reply["conversation"]
            choices = [_show(answer) for answer in reply["messages"]][-1]


async def _log_in(session: aiohttp.ClientSession, url: str, sms: str, phone: str) -> str:
    """Log in as the citizen would; the code is read from our own fake gateway."""
    await _post(session, f"{url}/identity/codes", {"phone": phone}, {})
    async with session.get(f"{sms}/messages/{phone}") as reply:
        if reply.status != 200:
            raise ChatError("没有收到验证码。接入真实短信网关时，请用 --anonymous。")
        code = (await reply.json())["parameters"]["code"]
    body = {"phone": phone, "code": code}
    token: str = (await _post(session, f"{url}/identity/sessions", body, {}))["token"]
    return token


async def _post(
    session: aiohttp.ClientSession, url: str, body: dict[str, Any], headers: dict[str, str]
) -> dict[str, Any]:
    try:
        async with session.post(url, json=body, headers=headers) as reply:
            answer: dict[str, Any] = await reply.json(content_type=None)
    except (TimeoutError, aiohttp.ClientError):
        raise ChatError(f"连不上 {url}，请先在另一个终端运行 make run。") from None
    if reply.status >= 400:
        raise ChatError(f"{answer['detail']}({answer['code']})")
    return answer


def _picked(said: str, choices: list[dict[str, str]]) -> str:
    """A number picks the quick reply beside it; anything else is sent as typed."""
    number = said.strip()
    if number.isdecimal() and 1 <= int(number) <= len(choices):
        return choices[int(number) - 1]["payload"]
    return said


def _show(answer: dict[str, Any]) -> list[dict[str, str]]:
    """Print one answer and return its quick replies."""
    _print(f"沈办> {answer['text']}", "green")
    card = answer.get("card")
    if card and not all(row["value"] in answer["text"] for row in card["rows"]):
        table = Table.grid(padding=(0, 2))
        for row in card["rows"]:
            table.add_row(row["label"], row["value"])
        console.print(Panel(table, title=Text(card["title"]), expand=False))
    for link in answer.get("links", ()):
        _print(f"  → {link['title']} {link['page']}", "blue")
    replies: list[dict[str, str]] = list(answer.get("quick_replies", ()))
    if replies:
        _print("  " + "  ".join(f"[{n}] {r['title']}" for n, r in enumerate(replies, 1)), "magenta")
    return replies


def _print(text: str, style: str) -> None:
    """Print, wrapped by the width of characters: rich takes a Chinese sentence for one word."""
    for line in text.splitlines():
        for piece in chop_cells(line, console.width):
            console.print(Text(piece, style))
