"""Every query of WeChat accounts (微信账号)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from miniapp_api.platform.database import fetch

FIND = "SELECT citizen FROM wechat_account WHERE openid_index = $1"
# Who shows another phone becomes that phone's citizen; the openid sealed first stays as it is.
LINK = """
INSERT INTO wechat_account (id, openid_index, openid_sealed, citizen, linked_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (openid_index) DO UPDATE SET citizen = excluded.citizen, linked_at = excluded.linked_at
RETURNING id
"""
OF = "SELECT id, openid_sealed FROM wechat_account WHERE citizen = $1 ORDER BY linked_at DESC, id"

OF_SESSION = """
SELECT a.id, a.openid_sealed FROM citizen_session s JOIN wechat_account a ON a.citizen = s.citizen
WHERE s.id = $1 AND s.channel = 'wechat' ORDER BY a.linked_at DESC, a.id LIMIT 1
"""


async def find(openid_index: str) -> UUID | None:
    """Return the citizen of a WeChat user, or None."""
    rows = await fetch(FIND, openid_index)
    return UUID(str(rows[0]["citizen"])) if rows else None


async def link(id: UUID, index: str, sealed: bytes, citizen: UUID, now: datetime) -> None:
    """Let a WeChat user be a citizen."""
    await fetch(LINK, id, index, sealed, citizen, now)


async def of(citizen: UUID) -> list[tuple[UUID, bytes]]:
    """Return a citizen's WeChat accounts, sealed, the last linked first."""
    return [(UUID(str(row["id"])), bytes(row["openid_sealed"])) for row in await fetch(OF, citizen)]


async def of_session(session: UUID) -> tuple[UUID, bytes] | None:
    """Return the account, sealed, of whoever opened a session with WeChat."""
    rows = await fetch(OF_SESSION, session)
    return (UUID(str(rows[0]["id"])), bytes(rows[0]["openid_sealed"])) if rows else None
