"""What tests of bundles do again and again, at home and at the counter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.miniapp_api.applications.conftest import picture

ANSWERS: dict[str, Any] = {
    "address": "沈河区青年大街1号",
    "household_address": "沈河区青年大街1号",
    "premises_address": "沈河区中街路8号",
    "floor_area": 80,
    "staff_count": 6,
    "food_manager": "王小明",
    "project_name": "门匾",
    "project_address": "沈河区中街路8号",
}
DEATH = "after-death"  # police, social insurance, medical insurance: nobody waits for anybody
SHOP = "restaurant"  # everybody waits for the registration
FUNDS = "housing-fund-withdraw-departure"
FIRE, SIGN, FOOD = "fire-safety-inspection", "outdoor-advertising-permit", "food-business-licence"
TRADER = "sole-trader-registration"
CANCEL, SURVIVOR = "household-cancel-death", "survivor-benefit"
MEDICAL = "medical-account-withdrawal"


def paper(form: dict[str, Any], name: str) -> dict[str, Any]:
    """A paper of the one form."""
    found: dict[str, Any] = next(each for each in form["materials"] if each["name"] == name)
    return found


def fields(form: dict[str, Any]) -> dict[str, Any]:
    """The fields of a form by their names."""
    return {f["name"]: f for section in form["sections"] for f in section["fields"]}


@dataclass
class BundleOffice:
    """A citizen's and a clerk's handiwork."""

    async def start(self, citizen: Any, bundle: str = DEATH, **more: Any) -> dict[str, Any]:
        reply = await citizen.post("/applications/bundles", {"bundle": bundle, **more})
        assert reply.status == 200, reply.text
        return reply.json

    async def save(self, citizen: Any, form: dict[str, Any], **typed: Any) -> Any:
        body = {"revision": form["revision"], **typed}
        return await citizen.call("PATCH", f"/applications/bundles/{form['id']}", json=body)

    async def upload(self, citizen: Any, form: dict[str, Any], key: str, data: bytes = b"") -> Any:
        path = f"/applications/bundles/{form['id']}/materials/{key}/files?name=照片.jpg"
        return await citizen.call("POST", path, data=data or picture())

    async def filled(self, citizen: Any, bundle: str = DEATH, **more: Any) -> dict[str, Any]:
        """A bundle with every answer and every paper."""
        form = await self.start(citizen, bundle, **more)
        deliveries = {
            m["item"]: m["deliveries"][0]
            for m in form["members"]
            if m["chosen"] and m["deliveries"]
        }
        saved = await self.save(citizen, form, answers=ANSWERS, deliveries=deliveries)
        assert saved.status == 200, saved.text
        form = saved.json
        for material in form["materials"]:
            if material["required"] and not material["files"]:
                reply = await self.upload(citizen, form, material["key"])
                assert reply.status == 200, reply.text
                form = reply.json
        return form

    async def submit(self, citizen: Any, form: dict[str, Any]) -> Any:
        body = {"revision": form["revision"], "declared_true": True}
        return await citizen.post(f"/applications/bundles/{form['id']}/submission", body)

    async def submitted(self, citizen: Any, bundle: str = DEATH, **more: Any) -> dict[str, Any]:
        """A bundle of cases."""
        reply = await self.submit(citizen, await self.filled(citizen, bundle, **more))
        assert reply.status == 200, reply.text
        return reply.json

    async def progress(self, citizen: Any, id: str) -> dict[str, Any]:
        reply = await citizen.get(f"/applications/bundles/{id}/progress")
        assert reply.status == 200, reply.text
        return reply.json

    async def states(self, citizen: Any, id: str) -> dict[str, str]:
        """Where every member stands, by its item."""
        progress = await self.progress(citizen, id)
        return {member["item"]: member["state"] for member in progress["members"]}

    async def claim(self, clerk: Any, id: str) -> dict[str, Any]:
        reply = await clerk.post(f"/applications/desk/bundles/{id}/claim")
        assert reply.status == 200, reply.text
        return reply.json

    async def act(self, clerk: Any, id: str, version: int, action: str, **more: Any) -> Any:
        body = {"action": action, "version": version, **more}
        return await clerk.post(f"/applications/desk/bundles/{id}/actions", body)

    async def accepted(self, clerk: Any, id: str, **more: Any) -> dict[str, Any]:
        """Claims and accepts for all."""
        claimed = await self.claim(clerk, id)
        reply = await self.act(clerk, id, claimed["version"], "accept", **more)
        assert reply.status == 200, reply.text
        return reply.json


async def told(citizen: Any, app: Any) -> list[dict[str, Any]]:
    while await app.ctx.messages.drain():
        pass
    messages: list[dict[str, Any]] = (await citizen.get("/messages/")).json["messages"]
    return messages
