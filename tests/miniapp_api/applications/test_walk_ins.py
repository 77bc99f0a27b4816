"""Acceptance on the spot: whoever stands at the window leaves it with an accepted case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from miniapp_api.platform.database import fetch
from tests.miniapp_api.applications.conftest import ANSWERS, PERMIT, Office, picture
from tests.miniapp_api.identity.conftest import LI, LI_ID, WANG, WANG_ID

HALL, QUEUE, WALK_INS = "/hall/municipal", "public-security", "/applications/desk/walk-ins"
LOST_CARD = "id-card-lost-replacement"  # what the ticket is for; at the window it turns out else
CARD = {
    "name": WANG, "id_number": WANG_ID, "item": PERMIT,
    "options": {"kind": "first", "ground": "house"},
}  # fmt: skip


@dataclass
class Window:
    """A window with its clerk, and the kiosk by the door."""

    clerk: Any
    kiosk: Any
    path: str

    async def ticket(self) -> None:
        """Somebody takes a ticket, is called and sits down."""
        body = {"item": LOST_CARD}
        taken = await self.kiosk.post(f"{HALL}/tickets", body, key=uuid4().hex)
        assert taken.status == 201, taken.text
        for action in ("next", "start"):
            reply = await self.clerk.post(f"{self.path}/{action}")
            assert reply.status == 200, reply.text

    async def opened(self, **card: Any) -> dict[str, Any]:
        """Somebody sits down and shows his card."""
        await self.ticket()
        reply = await self.clerk.post(WALK_INS, {**CARD, **card})
        assert reply.status == 200, reply.text
        return reply.json

    async def accept(self, draft: dict[str, Any], **more: Any) -> Any:
        body = {
            "revision": draft["revision"], "answers": ANSWERS | {"phone": "13900000001"},
            "delivery": "window", "papers": required(draft), **more,
        }  # fmt: skip
        return await self.clerk.post(f"{WALK_INS}/{draft['id']}/acceptance", body)


def required(draft: dict[str, Any]) -> list[str]:
    return [m["key"] for m in draft["materials"] if m["required"]]


@pytest.fixture
async def window(staff: Any, app: Any, clock: Any, real_name: Any) -> Window:
    clock.advance(timedelta(minutes=30))
    numbers = app.ctx.guides.queue("municipal", QUEUE).windows
    clerk = await staff("clerk", departments=(QUEUE,))
    path = f"{HALL}/windows/{numbers[0]}"
    assert (await clerk.post(f"{path}/open")).status == 200
    return Window(clerk, await staff("kiosk"), path)


async def test_a_ticket_becomes_an_accepted_case_in_one_step(window: Window) -> None:
    draft = await window.opened()
    fields = {f["name"]: f for s in draft["sections"] for f in s["fields"]}
    assert fields["name"]["value"] == WANG
    accepted = await window.accept(draft)
    assert accepted.status == 200, accepted.text
    case = accepted.json
    assert (case["state"], bool(case["due_on"])) == ("accepted", True)
    desk = (await window.clerk.get(f"/applications/desk/cases/{case['id']}?purpose=handling")).json
    assert all(m["paper"] for m in desk["materials"] if m["required"])
    assert [step["state"] for step in desk["steps"]] == ["submitted", "pre_review", "accepted"]
    (row,) = await fetch("SELECT channel, applicant_masked FROM application")
    assert (row["channel"], row["applicant_masked"]) == ("window", "王**")
    actions = {row["action"] for row in await fetch("SELECT action FROM audit_entry")}
    assert {"identity.seen_in_person", "draft.opened", "case.accepted_on_site"} <= actions


async def test_the_clerk_goes_on_with_the_case_without_claiming_it(
    window: Window, office: Office
) -> None:
    case = (await window.accept(await window.opened())).json
    moved = await office.act(window.clerk, case["id"], case["version"], "start_review")
    assert moved.status == 200, moved.text


async def test_whoever_came_with_a_phone_finds_his_case_on_it(
    window: Window, api: Any, fresh_code: Any
) -> None:
    phone = "13911112222"
    code = await fresh_code(phone)
    draft = await window.opened(phone=phone, code=code)
    case = (await window.accept(draft)).json
    code = await fresh_code(phone)
    reply = await api.post("/identity/sessions", {"phone": phone, "code": code})
    citizen = api.as_citizen(reply.json["token"])
    mine = (await citizen.get("/applications/")).json["cases"]
    assert [each["id"] for each in mine] == [case["id"]]
    me = (await citizen.get("/identity/me")).json
    assert me["assurance"] == 3


async def test_a_draft_begun_at_home_is_finished_at_the_window(
    window: Window, wang: Any, office: Office
) -> None:
    body = {"item": PERMIT, "options": CARD["options"]}
    home = (await wang.post("/applications/drafts", body)).json
    photo = next(m["key"] for m in home["materials"] if "照片" in m["name"])
    home = await office.upload(wang, home["id"], photo)
    draft = await window.opened()
    assert draft["id"] == home["id"]
    papers = [key for key in required(draft) if key != photo]
    accepted = await window.accept(draft, papers=papers)
    assert accepted.status == 200, accepted.text
    mine = (await wang.get(f"/applications/{home['id']}")).json
    assert mine["state"] == "accepted"


async def test_scans_and_certificates_stand_for_papers(window: Window) -> None:
    draft = await window.opened()
    path = f"{WALK_INS}/{draft['id']}"
    covered = (await window.clerk.post(f"{path}/certificates", {"authorised": True})).json
    draft = covered["draft"]
    for material in draft["materials"]:
        if material["required"] and not material["covered"]:
            url = f"{path}/materials/{material['key']}/files?name=scan.jpg"
            scanned = await window.clerk.call("POST", url, data=picture())
            assert scanned.status == 200, scanned.text
    draft = (await window.clerk.get(path)).json
    accepted = await window.accept(draft, papers=[])
    assert accepted.json["state"] == "accepted"


async def test_what_is_missing_is_named_and_what_was_typed_is_kept(window: Window) -> None:
    draft = await window.opened()
    refused = await window.accept(draft, papers=[])
    assert refused.code == "not_ready"
    named = {fault["name"] for fault in refused.json["faults"]}
    assert named == set(required(draft))
    again = (await window.clerk.get(f"{WALK_INS}/{draft['id']}")).json
    fields = {f["name"]: f["value"] for s in again["sections"] for f in s["fields"]}
    assert fields["residence_address"] == ANSWERS["residence_address"]
    assert (await window.accept(again)).status == 200


async def test_accepting_twice_at_once_is_one_case(window: Window, gather: Any) -> None:
    draft = await window.opened()
    replies = await gather(*(window.accept(draft) for _ in range(6)))
    codes = {reply.status for reply in replies}
    assert codes <= {200, 409}
    assert len({reply.json["id"] for reply in replies if reply.status == 200}) == 1
    (row,) = await fetch("SELECT count(*) n FROM application")
    assert row["n"] == 1
    (row,) = await fetch("SELECT count(*) n FROM case_event")
    assert row["n"] == 3
    assert (await window.accept(draft)).json["state"] == "accepted"


async def test_a_fee_may_be_paid_later_and_the_result_waits_for_it(
    window: Window, office: Office, wang: Any, pay: Any
) -> None:
    draft = await window.opened(options={"kind": "replacement", "ground": "house"})
    assert draft["fee_due"] == "submission"
    case = (await window.accept(draft)).json
    version = case["version"]
    for action in ("start_review", "propose", "grant"):
        moved = await office.act(window.clerk, case["id"], version, action, note="理由")
        version = moved.json["version"]
    waits = await office.act(window.clerk, case["id"], version, "issue")
    assert waits.code == "fee_unpaid"
    order = (await wang.post(f"/applications/{case['id']}/order")).json
    await pay(wang, order["id"])
    issued = await office.act(window.clerk, case["id"], version, "issue")
    assert issued.status == 200, issued.text


async def test_without_a_ticket_in_hand_no_draft_opens(window: Window) -> None:
    assert (await window.clerk.post(WALK_INS, CARD)).code == "no_ticket_in_hand"
    draft = await window.opened()
    await window.clerk.post(f"{window.path}/finish")
    closed = await window.clerk.get(f"{WALK_INS}/{draft['id']}")
    assert closed.code == "no_ticket_in_hand"
    await window.ticket()
    other = await window.clerk.get(f"{WALK_INS}/{draft['id']}")
    assert (other.status, other.code) == (404, "draft_not_found")
    assert (await window.accept(draft)).code == "draft_not_found"


async def test_a_clerk_of_no_window_opens_nothing(window: Window, staff: Any) -> None:
    stranger = await staff("clerk", departments=(QUEUE,))
    assert (await stranger.post(WALK_INS, CARD)).code == "not_logged_in_at_window"


async def test_an_item_of_another_department_is_not_accepted_here(window: Window) -> None:
    await window.ticket()
    card = {**CARD, "item": "food-business-licence", "options": {}}
    assert (await window.clerk.post(WALK_INS, card)).code == "other_department"


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ({"name": LI}, "real_name_mismatch"),
        ({"id_number": "110105194912310021"}, "id_number_invalid"),
        ({"name": "X"}, "name_invalid"),
    ],
)
async def test_a_card_that_does_not_hold_makes_nobody(
    window: Window, card: dict[str, str], code: str
) -> None:
    await window.ticket()
    assert (await window.clerk.post(WALK_INS, CARD | card)).code == code
    (row,) = await fetch("SELECT count(*) n FROM citizen")
    assert row["n"] == 0


async def test_without_the_identity_check_nobody_is_enrolled(
    window: Window, real_name: Any
) -> None:
    await window.ticket()
    real_name.mode = "garbage"
    assert (await window.clerk.post(WALK_INS, CARD)).status == 503
    (row,) = await fetch("SELECT count(*) n FROM citizen")
    assert row["n"] == 0


async def test_a_phone_of_somebody_else_is_not_linked(
    window: Window, verified: Any, fresh_code: Any
) -> None:
    phone = "13955556666"
    await verified(LI, LI_ID, phone)
    await window.ticket()
    code = await fresh_code(phone)
    refused = await window.clerk.post(WALK_INS, {**CARD, "phone": phone, "code": code})
    assert refused.code == "phone_taken"
    wrong = await window.clerk.post(WALK_INS, {**CARD, "phone": "13977778888", "code": "000000"})
    assert wrong.code == "code_wrong"


async def test_papers_of_another_form_are_not_taken(window: Window) -> None:
    draft = await window.opened()
    assert (await window.accept(draft, papers=["0" * 12])).code == "material_not_found"
