"""A process full of impatient citizens: hold, confirm or drop, retry; prints what each one got."""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from typing import Any
from uuid import uuid4

import aiohttp

TROUBLE = (aiohttp.ClientError, asyncio.TimeoutError, OSError)
AGAIN = {429, 502, 503, 504}


class Citizen:
    """Wants a seat in one slot, changes its mind sometimes, and never gives up before the end."""

    def __init__(self, session: aiohttp.ClientSession, work: dict[str, Any], token: str) -> None:
        self._session = session
        self._work = work
        self._headers = {"Authorization": f"Bearer {token}"}
        self._random = random.Random(token)
        self.statuses: list[int] = []
        self.differing = 0

    async def run(self, until: float) -> dict[str, Any]:
        """Return whether a seat was booked, and every status that was answered."""
        booked = None
        while time.monotonic() < until and booked is None:
            held = await self._hold(until)
            if held is None:
                await asyncio.sleep(self._random.uniform(0.02, 0.2))
            elif self._random.random() < 0.3:
                await self._ask("POST", f"/appointments/{held}/cancel", None, "", until)
            else:
                status, _ = await self._ask(
                    "POST", f"/appointments/{held}/confirm", None, "", until
                )
                booked = held if status == 200 else None
        return {"booked": booked, "statuses": self.statuses, "differing": self.differing}

    async def _hold(self, until: float) -> str | None:
        key = uuid4().hex
        body = {"slot": self._work["slot"], "item": self._work["item"]}
        status, answer = await self._ask("POST", "/appointments/holds", body, key, until)
        if status == 201 and self._random.random() < 0.3:
            # The line was lost, so the citizen thinks: the same key gets the same answer.
            again, repeated = await self._ask("POST", "/appointments/holds", body, key, until)
            if again == 201:
                self.differing += repeated != answer
        return str(answer["id"]) if status == 201 else None

    async def _ask(
        self, method: str, path: str, body: Any, key: str, until: float
    ) -> tuple[int, Any]:
        """Ask one of the processes; try again, with the same key, while there is trouble."""
        headers = self._headers | ({"Idempotency-Key": key} if key else {})
        while True:
            port = self._random.choice(self._work["ports"])
            url = f"http://127.0.0.1:{port}{path}"
            try:
                async with self._session.request(method, url, json=body, headers=headers) as reply:
                    answer = await reply.json(content_type=None)
                    self.statuses.append(reply.status)
                    if reply.status not in AGAIN:
                        return reply.status, answer
            except TROUBLE:
                self.statuses.append(0)
            if time.monotonic() > until + 10:
                return 0, None
            await asyncio.sleep(0.1)


async def main(work: dict[str, Any]) -> None:
    """Run every citizen of this process."""
    until = time.monotonic() + work["seconds"]
    timeout = aiohttp.ClientTimeout(total=15)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
        citizens = [Citizen(session, work, token) for token in work["tokens"]]
        for result in await asyncio.gather(*(citizen.run(until) for citizen in citizens)):
            print(json.dumps(result))


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
