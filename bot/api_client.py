"""The one way to miniapp_api (接口客户端): a kept-alive session, a timeout, retries where safe."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

import aiohttp

from bot.settings import TURN_SECONDS

Json = dict[str, Any]

ATTEMPT_SHARE = 0.4  # of a turn: two attempts fit into what the chat room waits
ATTEMPTS = 2
PAUSE_SECONDS = 0.1
CONNECTIONS = 64
LATEST_CASES = 20
BUSY = frozenset({429, 502, 503, 504})


class ApiUnavailable(Exception):
    """The API did not answer in time, or could not (接口不可用)."""


@dataclass
class ApiRefusal(Exception):
    """The API said no, with a stable code and a sentence for the citizen (接口拒绝)."""

    status: int
    code: str
    detail: str

    def __str__(self) -> str:
        return f"{self.status} {self.code}"  # the detail may concern a person: not for logs


class CitizenApi(Protocol):
    """What the bot may ask for one conversation (以该对话的市民身份)."""

    async def answer(self, body: Json) -> Json:
        """Composes an answer (答复)."""

    async def halls(self, item: str) -> list[Json]:
        """Where the item can be booked (可约大厅)."""

    async def slots(self, item: str, hall: str, first: str, last: str) -> list[Json]:
        """Days with their slots (号源), both ends included."""

    async def hold(self, body: Json, key: str) -> Json:
        """Takes a place for a while (占号)."""

    async def confirm(self, appointment: str, ready: bool = False) -> Json:
        """Turns a hold into a booking (确认)."""

    async def cancel(self, appointment: str) -> Json:
        """Gives a hold or booking back (取消)."""

    async def reschedule(self, appointment: str, slot: Any, key: str) -> Json:
        """Moves a booking to another slot (改约)."""

    async def appointments(self) -> list[Json]:
        """The citizen's live bookings (我的预约)."""

    async def principals(self) -> list[Json]:
        """Those the citizen may book for (办理人)."""

    async def waiting(self) -> list[Json]:
        """The citizen's places on the waiting list (我的候补)."""

    async def join_waiting(self, body: Json, key: str) -> Json:
        """Joins the waiting list (候补)."""

    async def leave_waiting(self, place: str) -> Json:
        """Leaves the waiting list (取消候补)."""

    async def tickets(self) -> list[Json]:
        """The citizen's tickets of today (我的排队号)."""

    async def take_ticket(self, hall: str, item: str, key: str) -> Json:
        """Takes a ticket from the phone (手机取号)."""

    async def leave_ticket(self, ticket: str) -> Json:
        """Gives a ticket back (不等了)."""

    async def crowds(self, item: str, hall: str) -> list[Json]:
        """How busy the days are (哪天人少)."""

    async def hall_days(self, hall: str, first: str, last: str) -> list[Json]:
        """On which days a hall works (办公日)."""

    async def item(self, code: str) -> Json:
        """A service item in full (事项详情)."""

    async def enterprises(self) -> list[Json]:
        """The enterprises that the citizen may act for (我的企业)."""

    async def start_draft(self, body: Json) -> Json:
        """Begins an application, or opens the one begun before (草稿)."""

    async def drafts(self) -> list[Json]:
        """The citizen's drafts (我的草稿)."""

    async def check_draft(self, draft: str) -> Json:
        """What a draft still lacks (预检)."""

    async def cases(self) -> list[Json]:
        """The citizen's latest cases (我的办件)."""

    async def case(self, case: str) -> Json:
        """Where a case stands (办件进度)."""

    async def withdraw(self, case: str, version: int) -> Json:
        """Takes a case back (撤回)."""

    async def ask_human(self) -> Json:
        """Puts the citizen into the line for a person (转人工)."""


class ApiClient:
    """The process's HTTP session; made lazily, inside the running event loop."""

    def __init__(self, base_url: str, token: str, turn_seconds: float = TURN_SECONDS) -> None:
        self._base, self._token = base_url.rstrip("/"), token
        self._timeout = aiohttp.ClientTimeout(total=turn_seconds * ATTEMPT_SHARE)
        self._session: aiohttp.ClientSession | None = None

    def conversation(self, conversation: str) -> ConversationApi:
        """The API as seen by one conversation."""
        return ConversationApi(self, conversation)

    async def close(self) -> None:
        """Closes the session."""
        if self._session is not None:
            await self._session.close()

    async def call(
        self, method: str, path: str, headers: Mapping[str, str], repeatable: bool, **extra: Any
    ) -> Json:
        """One call; repeated once when that is safe and the API did not answer."""
        for attempt in range(ATTEMPTS):
            try:
                return await self._once(method, path, headers, **extra)
            except ApiUnavailable:
                if not repeatable or attempt == ATTEMPTS - 1:
                    raise
                await asyncio.sleep(PAUSE_SECONDS)
        raise ApiUnavailable(path)

    async def _once(self, method: str, path: str, headers: Mapping[str, str], **extra: Any) -> Json:
        url = f"{self._base}{path}"
        try:
            async with self._open().request(method, url, headers=headers, **extra) as response:
                return await _content(response)
        except (aiohttp.ClientError, asyncio.TimeoutError, ValueError) as error:
            raise ApiUnavailable(f"{method} {type(error).__name__}") from error

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                headers={"Authorization": f"Bearer {self._token}"},
                timeout=self._timeout,
                connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=60),
            )
        return self._session


async def _content(response: aiohttp.ClientResponse) -> Json:
    """The JSON of an answer; a refusal as ApiRefusal, trouble as ApiUnavailable."""
    if response.status in BUSY or response.status == 500:
        raise ApiUnavailable(f"status {response.status}")
    body = await response.json(content_type=None)
    if not isinstance(body, dict):
        raise ApiUnavailable(f"status {response.status} without an object")
    if response.status >= 400:
        said = str(body.get("detail") or body.get("title") or "")
        raise ApiRefusal(response.status, str(body.get("code")), said)
    return body


class ConversationApi:
    """CitizenApi over HTTP."""

    def __init__(self, client: ApiClient, conversation: str) -> None:
        self._client = client
        self._headers = {"X-Conversation": conversation}

    async def answer(self, body: Json) -> Json:
        """POST /guides/answers: composing changes nothing, so it may be repeated."""
        return await self._post("/guides/answers", json=body)

    async def halls(self, item: str) -> list[Json]:
        """GET /appointments/halls."""
        return _rows(await self._get("/appointments/halls", item=item), "halls")

    async def slots(self, item: str, hall: str, first: str, last: str) -> list[Json]:
        """GET /appointments/slots."""
        query = {"item": item, "hall": hall, "from": first, "to": last}
        return _rows(await self._get("/appointments/slots", **query), "days")

    async def hold(self, body: Json, key: str) -> Json:
        """POST /appointments/holds: the key makes a repeat harmless."""
        return await self._post("/appointments/holds", key=key, json=body)

    async def confirm(self, appointment: str, ready: bool = False) -> Json:
        """POST /appointments/{id}/confirm: confirming twice is confirming once."""
        body = {"materials_ready": ready}
        return await self._post(f"/appointments/{appointment}/confirm", json=body)

    async def cancel(self, appointment: str) -> Json:
        """POST /appointments/{id}/cancel."""
        return await self._post(f"/appointments/{appointment}/cancel")

    async def reschedule(self, appointment: str, slot: Any, key: str) -> Json:
        """POST /appointments/{id}/reschedule: the key makes a repeat harmless."""
        path = f"/appointments/{appointment}/reschedule"
        return await self._post(path, key=key, json={"slot": slot})

    async def appointments(self) -> list[Json]:
        """GET /appointments?active=true."""
        return _rows(await self._get("/appointments", active="true"), "appointments")

    async def principals(self) -> list[Json]:
        """GET /identity/principals."""
        return _rows(await self._get("/identity/principals"), "principals")

    async def waiting(self) -> list[Json]:
        """GET /appointments/waiting."""
        return _rows(await self._get("/appointments/waiting"), "waiting")

    async def join_waiting(self, body: Json, key: str) -> Json:
        """POST /appointments/waiting: the key makes a repeat harmless."""
        return await self._post("/appointments/waiting", key=key, json=body)

    async def leave_waiting(self, place: str) -> Json:
        """POST /appointments/waiting/{id}/leave."""
        return await self._post(f"/appointments/waiting/{place}/leave")

    async def tickets(self) -> list[Json]:
        """GET /hall/tickets/mine."""
        return _rows(await self._get("/hall/tickets/mine"), "tickets")

    async def take_ticket(self, hall: str, item: str, key: str) -> Json:
        """POST /hall/{hall}/remote-tickets: the key makes a repeat harmless."""
        return await self._post(f"/hall/{hall}/remote-tickets", key=key, json={"item": item})

    async def leave_ticket(self, ticket: str) -> Json:
        """POST /hall/tickets/{id}/leave."""
        return await self._post(f"/hall/tickets/{ticket}/leave")

    async def crowds(self, item: str, hall: str) -> list[Json]:
        """GET /appointments/crowds."""
        return _rows(await self._get("/appointments/crowds", item=item, hall=hall), "days")

    async def hall_days(self, hall: str, first: str, last: str) -> list[Json]:
        """GET /appointments/days."""
        query = {"hall": hall, "from": first, "to": last}
        return _rows(await self._get("/appointments/days", **query), "days")

    async def item(self, code: str) -> Json:
        """GET /guides/items/{code}: the item, with the name of the region that it is of."""
        view = await self._get(f"/guides/items/{quote(code, safe='')}")
        return {**view["item"], "label": view["label"]}

    async def enterprises(self) -> list[Json]:
        """GET /identity/enterprises."""
        return _rows(await self._get("/identity/enterprises"), "enterprises")

    async def start_draft(self, body: Json) -> Json:
        """POST /applications/drafts: beginning twice opens the same draft."""
        return await self._post("/applications/drafts", json=body)

    async def drafts(self) -> list[Json]:
        """GET /applications/drafts."""
        return _rows(await self._get("/applications/drafts"), "drafts")

    async def check_draft(self, draft: str) -> Json:
        """GET /applications/drafts/{id}/check."""
        return await self._get(f"/applications/drafts/{draft}/check")

    async def cases(self) -> list[Json]:
        """GET /applications/: the latest first."""
        return _rows(await self._get("/applications/", limit=str(LATEST_CASES)), "cases")

    async def case(self, case: str) -> Json:
        """GET /applications/{id}."""
        return await self._get(f"/applications/{case}")

    async def withdraw(self, case: str, version: int) -> Json:
        """POST /applications/{id}/withdrawal: the version makes a repeat harmless."""
        body = {"version": version, "reason": ""}
        return await self._post(f"/applications/{case}/withdrawal", json=body)

    async def ask_human(self) -> Json:
        """POST /chat/handovers: asking twice is standing in line once."""
        return await self._post("/chat/handovers", json={})

    async def _get(self, path: str, **query: str) -> Json:
        return await self._client.call("GET", path, self._headers, True, params=query)

    async def _post(self, path: str, key: str | None = None, **extra: Any) -> Json:
        headers = {**self._headers, **({"Idempotency-Key": key} if key else {})}
        return await self._client.call("POST", path, headers, True, **extra)


def _rows(body: Json, name: str) -> list[Json]:
    rows: Sequence[Json] = body.get(name) or []
    return list(rows)
