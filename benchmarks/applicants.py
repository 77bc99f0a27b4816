"""Citizens who apply online (申请人): their names are verified, and their drafts are filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.bench import Bench
from benchmarks.servers import Server
from benchmarks.wire import Wire
from miniapp_api.applications.seeding.people import Person, person

ITEM = "vehicle-registration"
OPTIONS = {"owner": "personal", "origin": "domestic", "residence": "local"}


@dataclass(frozen=True)
class Applicant:
    """Somebody who is logged in and whose name is verified."""

    person: Person
    headers: Mapping[str, str]


async def applicants(bench: Bench, api: Server, fakes: Server, count: int) -> list[Applicant]:
    """Log citizens in and verify their names, through the real routes."""
    sessions = await bench.citizens(api, fakes, count)
    people = [person(number) for number in range(count)]
    to_api, to_check = (
        await Wire.open(api.port),
        await Wire.open(bench.settings.real_name.fake_port),
    )
    known = [{"name": each.name, "id_number": each.id_number} for each in people]
    await to_check.ask("PUT", "/records", {"people": known, "enterprises": []}, expect=200)
    for each, headers in zip(known, sessions, strict=True):
        body = {**each, "consent": True}
        await to_api.ask("POST", "/identity/real-name", body, headers, expect=200)
    to_api.close()
    to_check.close()
    return [Applicant(*both) for both in zip(people, sessions, strict=True)]


async def begun(wire: Wire, applicant: Applicant) -> dict[str, Any]:
    """Begin a draft and fill in what is asked; return it, with the materials that are wanted."""
    asked = {"item": ITEM, "options": OPTIONS}
    headers = applicant.headers
    draft = (await wire.ask("POST", "/applications/drafts", asked, headers, expect=200)).json()
    path = f"/applications/drafts/{draft['id']}"
    answers, way = _typed(draft, applicant.person), draft["deliveries"][0]
    body = {"answers": answers, "delivery": way, "revision": draft["revision"]}
    return dict((await wire.ask("PATCH", path, body, headers, expect=200)).json())


async def handed_in(
    wire: Wire, applicant: Applicant, draft: Mapping[str, Any], key: str, file: bytes
) -> dict[str, Any]:
    """Upload a file for a material and return the draft."""
    path = f"/applications/drafts/{draft['id']}/materials/{key}/files?name=paper"
    return dict((await wire.upload(path, file, applicant.headers, expect=200)).json())


def wanted(draft: Mapping[str, Any]) -> Sequence[str]:
    """Return the keys of the materials that a draft must have."""
    return [each["key"] for each in draft["materials"] if each["required"]]


def _typed(draft: Mapping[str, Any], who: Person) -> dict[str, Any]:
    """Return answers to what is required and not filled in yet."""
    fields = [field for section in draft["sections"] for field in section["fields"]]
    return {
        field["name"]: _answer(field, who)
        for field in fields
        if field["required"] and field["value"] is None
    }


def _answer(field: Mapping[str, Any], who: Person) -> Any:
    if field["choices"]:
        return next(iter(field["choices"]))
    match field["accepts"]:
        case {"type": "integer" | "number"}:
            return 1
        case {"format": "phone"}:
            return who.phone
        case {"format": "past-date"}:
            return "2020-01-02"
    return who.address
