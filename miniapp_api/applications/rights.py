"""What applications have for a citizen's rights over his data: a copy, what is kept, deletion.

Drafts and their files are erased. Cases are archives (档案): they are kept, and the citizen hears
why. Files go after the commit, through the outbox, so that none is forgotten.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.applications import case_store, draft_store, rights_store, rules
from miniapp_api.applications.draft_store import Attached
from miniapp_api.applications.ports import Cashier
from miniapp_api.applications.progress import Progress
from miniapp_api.guides.service import GuidesService
from miniapp_api.identity.hooks import Kept
from miniapp_api.platform import outbox
from miniapp_api.platform.clock import Clock
from miniapp_api.platform.files.blobs import BlobStore
from miniapp_api.platform.key_rotation import place
from miniapp_api.platform.sealing import Sealer

TOPIC = "file.erase"
ARCHIVE = "办件档案依法归档保存，只存不用（档案法、政务服务电子文件归档和电子档案管理办法）"
STILL_OPEN = "其中{open}件还在办，办结后归档；不想办的，可以先撤回"
DRAFTS = "申请草稿和上传的文件"
ACCOUNT_GONE = "账号已注销，缴的费退回"
SHOWN = (
    "number", "item_name", "submitted_at", "due_on", "options", "delivery", "fee_fen", "channel",
)  # fmt: skip


class CaseRights:
    """Answers for drafts and cases."""

    def __init__(
        self,
        guides: GuidesService,
        clock: Clock,
        sealer: Sealer,
        progress: Progress,
        cashier: Cashier,
        blobs: BlobStore,
    ) -> None:
        self._guides = guides
        self._clock = clock
        self._sealer = sealer
        self._progress = progress
        self._cashier = cashier
        self._blobs = blobs

    # -- a copy ----------------------------------------------------------------------------------

    async def export(self, citizen: UUID, *, masked: bool) -> dict[str, Any]:
        """Return a citizen's drafts and cases, with answers, files and steps.

        What he filed for somebody else is masked in any copy: it is the other one's data.
        """
        drafts = await rights_store.drafts(citizen)
        return {
            "drafts": [await self._draft(citizen, row, masked=masked) for row in drafts],
            "cases": [
                await self._case(citizen, id, masked=masked)
                for id in await rights_store.cases(citizen)
            ],
        }

    async def _draft(self, citizen: UUID, row: dict[str, Any], *, masked: bool) -> dict[str, Any]:
        hidden = masked or not _own(citizen, row["kind"], UUID(str(row["applicant"])))
        at = place("draft", "answers_sealed", row["id"])
        kept = orjson.loads(await self._sealer.open(row["answers_sealed"], at))
        return {
            "item_name": self._guides.name_of(row["item"]),
            "created_at": row["created_at"],
            "updated_at": row["updated_at"],
            "delivery": row["delivery"],
            "answers": mask(kept["answers"]) if hidden else kept["answers"],
            "files": await self._files(row["id"], hidden=hidden),
        }

    async def _case(self, citizen: UUID, id: UUID, *, masked: bool) -> dict[str, Any]:
        case = await self._progress.case(citizen, id)
        hidden = masked or not _own(citizen, case.kind, case.applicant)
        answers = await self._progress.answers(case)
        steps = await self._progress.steps_of(case, await case_store.events(id))
        return {
            **{name: getattr(case, name) for name in SHOWN},
            "state_name": rules.STATE_NAMES[case.state],
            "answers": mask(answers) if hidden else answers,
            "steps": [each.model_dump(mode="json") for each in steps],
            "files": await self._files(id, hidden=hidden),
        }

    async def _files(self, id: UUID, *, hidden: bool) -> list[dict[str, Any]]:
        return [
            {
                "name": mask(name) if hidden else name,
                "media_type": each.media_type,
                "size": each.size,
                "certificate": each.certificate,
            }
            for each in await draft_store.attached(id)
            for name in [await self._name(each)]
        ]

    async def _name(self, attached: Attached) -> str:
        at = place("attachment", "name_sealed", attached.id)
        return await self._sealer.open(attached.name_sealed, at) if attached.name_sealed else ""

    # -- what is kept, and deletion --------------------------------------------------------------

    async def retain(self, citizen: UUID) -> list[Kept]:
        """Say that cases are archives (档案)."""
        cases, still = await rights_store.count(citizen, sorted(UNFINISHED))
        if not cases:
            return []
        more = f"；{STILL_OPEN.format(open=still)}" if still else ""
        return [Kept(f"办件档案（{cases}件）", f"{ARCHIVE}{more}", needs_name=True)]

    async def erase(self, connection: BaseDBAsyncClient, citizen: UUID) -> list[str]:
        """Delete a citizen's drafts and their files; what was paid for them goes back."""
        erased = await rights_store.erase(connection, citizen)
        for draft in erased.drafts:
            await self._cashier.call_off(connection, draft, ACCOUNT_GONE)
        for blob in erased.blobs:
            await outbox.put(connection, TOPIC, {"key": blob}, due=self._clock.now())
        return [DRAFTS] if erased.any else []

    async def delete_files(self) -> int:
        """Delete the files of drafts that were erased, and return how many were looked at."""
        return await outbox.drain({TOPIC: self._delete_file}, self._clock.now())

    async def _delete_file(self, body: dict[str, Any], connection: BaseDBAsyncClient) -> None:
        await self._blobs.delete(body["key"])


UNFINISHED = rules.OPEN | {"correction"}


def _own(citizen: UUID, kind: str, applicant: UUID) -> bool:
    """Return whether answers are the citizen's own, or those of an enterprise he acts for."""
    return kind == "enterprise" or applicant == citizen


def mask(value: Any) -> Any:
    """Return answers with every text shortened to its first sign, whatever it says."""
    match value:
        case str():
            return f"{value[:1]}**" if value else ""
        case dict():
            return {key: mask(each) for key, each in value.items()}
        case list():
            return [mask(each) for each in value]
        case bool() | None:
            return value
        case _:
            return "**"
