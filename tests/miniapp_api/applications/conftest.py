"""Citizens with verified names, clerks, and drafts that are ready to submit."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from PIL import Image

from tests.miniapp_api.certificates.conftest import department_server
from tests.miniapp_api.identity.conftest import fresh_code, real_name, real_name_server, verified

__all__ = ["department_server", "fresh_code", "real_name", "real_name_server", "verified"]

PERMIT = "residence-permit-application"
ANSWERS = {
    "address": "沈河区青年大街1号",
    "household_address": "吉林省长春市朝阳区人民大街1号",
    "residence_address": "沈河区青年大街1号2-3-1",
    "residence_since": "2025-03-01",
    "employer": "沈阳某某科技有限公司",
}


def picture(width: int = 60, height: int = 40, kind: str = "JPEG", **options: Any) -> bytes:
    """A real picture."""
    target = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 30)).save(target, kind, **options)
    return target.getvalue()


@dataclass
class Office:
    """What a test does again and again at the counter and at home."""

    api: Any

    async def filled(self, citizen: Any, item: str = PERMIT, **options: str) -> dict[str, Any]:
        """A draft with every answer and every file."""
        begun = await citizen.post("/applications/drafts", {"item": item, "options": options})
        assert begun.status == 200, begun.text
        draft = begun.json
        typed = {"answers": ANSWERS, "delivery": "window", "revision": draft["revision"]}
        saved = await citizen.call("PATCH", f"/applications/drafts/{draft['id']}", json=typed)
        assert saved.status == 200, saved.text
        draft = saved.json
        for material in draft["materials"]:
            if material["required"] and not material["files"]:
                draft = await self.upload(citizen, draft["id"], material["key"])
        return draft

    async def upload(self, citizen: Any, draft: str, key: str, data: bytes = b"") -> Any:
        reply = await citizen.call(
            "POST",
            f"/applications/drafts/{draft}/materials/{key}/files?name=照片.jpg",
            data=data or picture(),
        )
        assert reply.status == 200, reply.text
        return reply.json

    async def submitted(self, citizen: Any, **options: str) -> dict[str, Any]:
        """A case."""
        draft = await self.filled(citizen, **options)
        reply = await self.submit(citizen, draft)
        assert reply.status == 200, reply.text
        return reply.json

    async def submit(self, citizen: Any, draft: dict[str, Any]) -> Any:
        body = {"revision": draft["revision"], "declared_true": True}
        return await citizen.post(f"/applications/drafts/{draft['id']}/submission", body)

    async def claim(self, clerk: Any, case: str) -> dict[str, Any]:
        reply = await clerk.post(f"/applications/desk/cases/{case}/claim")
        assert reply.status == 200, reply.text
        return reply.json

    async def act(self, clerk: Any, case: str, version: int, action: str, **more: Any) -> Any:
        body = {"action": action, "version": version, **more}
        return await clerk.post(f"/applications/desk/cases/{case}/actions", body)

    async def go(self, clerk: Any, case: str, *actions: str) -> dict[str, Any]:
        """Claims a case and takes it through some steps."""
        moved = await self.claim(clerk, case)
        for action in actions:
            reply = await self.act(clerk, case, moved["version"], action, note="理由")
            assert reply.status == 200, reply.text
            moved = reply.json
        return moved


@pytest.fixture
def office(api: Any) -> Office:
    return Office(api)


@pytest.fixture
async def wang(verified: Any) -> Any:
    return await verified()


@pytest.fixture
async def clerk(staff: Any) -> Any:
    return await staff("clerk", departments=("public-security",))


@pytest.fixture
def overtaken(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Submits from two devices: the other one is done when the first opens what it submits."""

    async def overtaken(owner: Any, submit: Callable[[], Awaitable[Any]]) -> tuple[Any, Any]:
        opened, others = owner.open, list[Any]()

        async def opening(*values: Any) -> Any:
            if not others:
                others.append(None)  # the other one opens it as well
                others[0] = await submit()
            return await opened(*values)

        monkeypatch.setattr(owner, "open", opening)
        return await submit(), others[0]

    return overtaken
