"""A new key seals every column anew, while values change."""

from __future__ import annotations

from typing import Any

from miniapp_api.platform import key_rotation
from miniapp_api.platform.database import fetch
from miniapp_api.platform.sealing import key_of
from tests.api import PASSWORD


async def test_rotation_reseals_every_column_and_loses_nothing(api: Any, app: Any) -> None:
    sealer, secrets = app.ctx.sealer, {}
    for n in range(5):
        account = await app.ctx.staff.create(
            f"c{n}", "王芳", "municipal", frozenset({"clerk"}), PASSWORD
        )
        sealed = await sealer.seal(f"secret {n}", f"staff_account.totp_sealed:{account.id}")
        await fetch("UPDATE staff_account SET totp_sealed = $2 WHERE id = $1", account.id, sealed)
        secrets[account.id] = f"secret {n}"
    done = await key_rotation.rotate(sealer, settle_seconds=0)
    assert done >= 5
    active = await sealer.active_key()
    rows = await fetch("SELECT id, totp_sealed FROM staff_account WHERE totp_sealed IS NOT NULL")
    assert {key_of(bytes(row["totp_sealed"])) for row in rows} == {active}
    for row in rows:
        place = f"staff_account.totp_sealed:{row['id']}"
        assert await sealer.open(row["totp_sealed"], place) == secrets[row["id"]]


def test_every_sealed_column_is_known_to_the_rotation(app: Any) -> None:
    found = {(column.table, column.name) for column in key_rotation.columns()}
    assert ("staff_account", "totp_sealed") in found
