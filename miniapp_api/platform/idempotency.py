"""Retried requests get the answer they got first: the key is claimed in the use case's transaction.

Draft of the IETF HTTPAPI working group: "The Idempotency-Key HTTP Header Field".
"""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient

from miniapp_api.platform.database import fetch
from miniapp_api.platform.errors import Refusal

# ON CONFLICT waits for a concurrent holder of the same key to commit or roll back.
CLAIM = """
INSERT INTO idempotent_answer (owner, action, key, fingerprint, created_at)
VALUES ($1, $2, $3, $4, now()) ON CONFLICT (owner, action, key) DO NOTHING RETURNING id
"""
READ = "SELECT fingerprint, answer FROM idempotent_answer WHERE owner=$1 AND action=$2 AND key=$3"
STORE = "UPDATE idempotent_answer SET answer=$4 WHERE owner=$1 AND action=$2 AND key=$3"


class KeyReused(Refusal):
    """The same key came with another request."""

    status, code, title = 409, "idempotency_conflict", "这个请求已经提交过不同的内容，请刷新后重试"


class Once:
    """A claim on (owner, action, key) inside a transaction."""

    def __init__(
        self, connection: BaseDBAsyncClient, owner: UUID, action: str, key: str, request: Any
    ) -> None:
        self._connection = connection
        self._name = (owner, action, key)
        self._fingerprint = hashlib.sha256(orjson.dumps(request)).digest()

    async def earlier(self) -> Any | None:
        """Return the first answer if there was one; raise KeyReused for another request's key."""
        if await fetch(CLAIM, *self._name, self._fingerprint, connection=self._connection):
            return None
        (row,) = await fetch(READ, *self._name, connection=self._connection)
        if bytes(row["fingerprint"]) != self._fingerprint:
            raise KeyReused()
        answer = row["answer"]
        return orjson.loads(answer) if isinstance(answer, str | bytes) else answer

    async def keep(self, answer: Any) -> None:
        """Remember the answer; it is durable when the transaction commits."""
        text = orjson.dumps(answer).decode()
        await fetch(STORE, *self._name, text, connection=self._connection)
