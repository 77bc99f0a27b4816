"""A citizen with orders, and who was told that they are paid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from miniapp_api.platform.database import fetch, transaction

FEE = 12_000


@pytest.fixture
async def payer(citizen: Any) -> UUID:
    (row,) = await fetch("SELECT id FROM citizen")
    return UUID(str(row["id"]))


@pytest.fixture
def order(app: Any, payer: UUID) -> Any:
    """Opens an order."""

    async def order(subject: str = "test:1", amount: int = FEE) -> str:
        async with transaction() as connection:
            opened = await app.ctx.payments.open_order(
                connection, citizen=payer, subject=subject, amount_fen=amount, description="护照"
            )
        return str(opened.id)

    return order


@pytest.fixture
def told(app: Any) -> Iterator[list[str]]:
    """What the handler of "test" orders was told; taken away afterwards."""
    heard: list[str] = []

    async def handler(paid: Any, connection: Any) -> None:
        heard.append(str(paid.id))

    app.ctx.payments.when_paid("test", handler)
    yield heard
    app.ctx.payments._settler.handlers.pop("test")


@pytest.fixture
async def cashier(staff: Any) -> Any:
    return await staff("cashier")
