"""Retried requests get the answer they got first: the key is claimed in the use case's transaction.

Draft of the IETF HTTPAPI working group: "The Idempotency-Key HTTP Header Field".
"""

from __future__ import annotations

import hashlib
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


class KeyReused(Refusal):
    """The same key came with another request."""

    status, code, title = 409, "idempotency_conflict", "这个请求已经提交过不同的内容，请刷新后重试"


@dataclass(frozen=True)
class Key:
    """Whose request it is, what it does, and the Idempotency-Key it came with."""

    owner: UUID
    action: str
    key: str


async def kept(name: Key) -> Any | None:
    """Return the answer kept under a key, for whom asking again would already go wrong."""
    rows = await fetch(READ, name.owner, name.action, name.key)
    return _parsed(rows[0]["answer"]) if rows else None


async def earlier(
    connection: BaseDBAsyncClient, name: Key, request: Any, answer: BaseModel
) -> Any | None:
    """Claim a key together with the answer it will have; return the answer of an earlier claim.

    request: what tells this request from another, as JSON. Raises KeyReused when the key was
    claimed for another request. Call it inside the use case's transaction.
    """
    fingerprint = hashlib.sha256(orjson.dumps(request)).digest()
    values = (name.owner, name.action, name.key)
    if await fetch(CLAIM, *values, fingerprint, answer.model_dump_json(), connection=connection):
        return None
    (row,) = await fetch(READ, *values, connection=connection)
    if bytes(row["fingerprint"]) != fingerprint:
        raise KeyReused()
    return _parsed(row["answer"])


def _parsed(answer: Any) -> Any:
    return orjson.loads(answer) if isinstance(answer, str | bytes) else answer
