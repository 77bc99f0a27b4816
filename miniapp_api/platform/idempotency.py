"""Retried requests get the answer they got first: the key is claimed in the use case's transaction.

Draft of the IETF HTTPAPI working group: "The Idempotency-Key HTTP Header Field".
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel
from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.platform.database import fetch
from miniapp_api.platform.errors import Refusal

# The answer is stored with the claim: if the use case fails, both are rolled back together.
# ON CONFLICT waits for a concurrent holder of the same key to commit or roll back.
CLAIM = """
INSERT INTO idempotent_answer (owner, action, key, fingerprint, answer, created_at)
VALUES ($1, $2, $3, $4, $5, now()) ON CONFLICT (owner, action, key) DO NOTHING RETURNING id
"""
READ = "SELECT fingerprint, answer FROM idempotent_answer WHERE owner=$1 AND action=$2 AND key=$3"


READ_MANY = """
SELECT i.owner, i.action, i.key, i.fingerprint, i.answer
FROM unnest($1::uuid[], $2::text[], $3::text[]) AS n(owner, action, key)
JOIN idempotent_answer i ON i.owner = n.owner AND i.action = n.action AND i.key = n.key
"""


class KeyReused(Refusal):
    """The same key came with another request."""

    status, code, title = 409, "idempotency_conflict", "这个请求已经提交过不同的内容，请刷新后重试"


@dataclass(frozen=True)
class Key:
    """Whose request it is, what it does, and the Idempotency-Key it came with."""

    owner: UUID
    action: str
    key: str


@dataclass(frozen=True)
class Kept:
    """An answer that was given, and to which request."""

    fingerprint: bytes
    answer: Any

    def answer_to(self, request: Any) -> Any:
        """Return the answer; raise KeyReused when it was given to another request."""
        if self.fingerprint != _fingerprint(request):
            raise KeyReused()
        return self.answer


async def kept(name: Key) -> Any | None:
    """Return the answer kept under a key, for whom asking again would already go wrong."""
    found = (await kept_many([name])).get(name)
    return found.answer if found else None


async def kept_many(names: Sequence[Key]) -> dict[Key, Kept]:
    """Return what is kept under keys."""
    columns = [
        list(column) for column in zip(*((n.owner, n.action, n.key) for n in names), strict=True)
    ]
    return {
        Key(UUID(str(row["owner"])), row["action"], row["key"]): Kept(
            bytes(row["fingerprint"]), _parsed(row["answer"])
        )
        for row in await fetch(READ_MANY, *columns)
    }


def _fingerprint(request: Any) -> bytes:
    return hashlib.sha256(orjson.dumps(request)).digest()


async def earlier(
    connection: BaseDBAsyncClient, name: Key, request: Any, answer: BaseModel
) -> Any | None:
    """Claim a key together with the answer it will have; return the answer of an earlier claim.

    request: what tells this request from another, as JSON. Raises KeyReused when the key was
    claimed for another request. Call it inside the use case's transaction.
    """
    fingerprint = _fingerprint(request)
    values = (name.owner, name.action, name.key)
    if await fetch(CLAIM, *values, fingerprint, answer.model_dump_json(), connection=connection):
        return None
    (row,) = await fetch(READ, *values, connection=connection)
    if bytes(row["fingerprint"]) != fingerprint:
        raise KeyReused()
    return _parsed(row["answer"])


def _parsed(answer: Any) -> Any:
    return orjson.loads(answer) if isinstance(answer, str | bytes) else answer
