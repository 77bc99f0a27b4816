"""The audit trail proves itself: what somebody with the database's own password did shows."""

from __future__ import annotations

import asyncio
import contextlib
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any

import pytest

from miniapp_api.platform import audit_chain
from miniapp_api.platform.audit import SYSTEM, record
from miniapp_api.platform.database import fetch, transaction


async def _write(clock: Any, action: str = "test.done") -> int:
    async with transaction() as connection:
        detail = {"b": 1, "a": "沈阳"}
        await record(connection, SYSTEM, action, "test", at=clock.now(), detail=detail)
        (row,) = await fetch("SELECT max(id) AS id FROM audit_entry", connection=connection)
    return int(row["id"])


@pytest.fixture
async def trail(api: Any, clock: Any) -> AsyncIterator[Any]:
    """A trail of its own, written by many backends at once, whose guard can be switched off."""
    await _as_owner("TRUNCATE audit_entry, audit_chain")
    await asyncio.gather(*(_write(clock) for _ in range(60)))
    yield _as_owner
    await _as_owner("TRUNCATE audit_entry, audit_chain")


async def _as_owner(sql: str) -> None:
    async with transaction() as connection:
        await connection.execute_script(
            f"ALTER TABLE audit_entry DISABLE TRIGGER ALL; {sql}; "
            "ALTER TABLE audit_entry ENABLE TRIGGER ALL"
        )


async def test_a_trail_that_nobody_touched_verifies(trail: Any, clock: Any) -> None:
    assert await audit_chain.checkpoint(clock.now())
    verdict = await audit_chain.verify()
    assert verdict.faults == []
    assert (verdict.entries, verdict.checkpoints) == (61, 1)
    assert verdict.chains > 1


async def test_the_database_refuses_to_change_an_entry(trail: Any) -> None:
    for sql in ("UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry"):
        with pytest.raises(Exception, match="append-only"):
            await fetch(sql)


@pytest.mark.parametrize("page", [1_000, 3])
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_entry SET action = 'nothing' WHERE id = {id}",
        "UPDATE audit_entry SET at = at - interval '1 microsecond' WHERE id = {id}",
        "UPDATE audit_entry SET actor = gen_random_uuid() WHERE id = {id}",
        "UPDATE audit_entry SET detail = '{{}}' WHERE id = {id}",
        "UPDATE audit_entry SET hall = '' WHERE id = {id}; "
        "UPDATE audit_entry SET subject = subject || E'\\x1f' WHERE id = {id}",
        "DELETE FROM audit_entry WHERE id = {id}",
        "UPDATE audit_chain SET hash = sha256(hash)",
        "DELETE FROM audit_chain",
    ],
)
async def test_every_touch_shows(
    trail: Any, clock: Any, monkeypatch: Any, change: str, page: int
) -> None:
    monkeypatch.setattr(audit_chain, "PAGE", page)
    id = await _write(clock)
    assert (await audit_chain.verify()).faults == []
    await _write(clock)
    await trail(change.format(id=id))
    assert (await audit_chain.verify()).faults


async def test_a_cut_chain_shows_even_when_its_head_was_rewritten(trail: Any, clock: Any) -> None:
    await audit_chain.checkpoint(clock.now())
    (last,) = await fetch(  # not the checkpoint's own chain, which would be cut with it
        "SELECT chain, max(link) AS link FROM audit_entry "
        "GROUP BY chain HAVING max(link) > 1 AND bool_and(action = 'test.done') LIMIT 1"
    )
    chain, link = last["chain"], last["link"]
    await trail(
        f"DELETE FROM audit_entry WHERE chain = {chain} AND link >= {link}; "
        f"UPDATE audit_chain SET link = {link - 1}, hash = (SELECT hash FROM audit_entry "
        f"WHERE chain = {chain} AND link = {link - 1}) WHERE chain = {chain}"
    )
    verdict = await audit_chain.verify()
    assert any("checkpoint" in fault for fault in verdict.faults)
    assert verdict.faults_found == len(verdict.faults)


async def test_a_checkpoint_is_written_when_something_grew_only(trail: Any, clock: Any) -> None:
    first = await audit_chain.checkpoint(clock.now())
    assert await audit_chain.checkpoint(clock.now()) is None
    await _write(clock)
    second = await audit_chain.checkpoint(clock.now())
    assert second not in (None, first)
    assert (await audit_chain.verify()).witness == second


async def test_a_rolled_back_entry_leaves_no_gap(trail: Any, clock: Any) -> None:
    with contextlib.suppress(RuntimeError):
        async with transaction() as connection:
            await record(connection, SYSTEM, "test.undone", "test", at=clock.now())
            raise RuntimeError
    await _write(clock)
    assert (await audit_chain.verify()).faults == []


@pytest.mark.parametrize("page", [1, 2, 7, 1_000])
async def test_pages_of_any_length_find_the_same(
    trail: Any, clock: Any, monkeypatch: Any, page: int
) -> None:
    for _ in range(3):
        await audit_chain.checkpoint(clock.now())
        await asyncio.gather(*(_write(clock) for _ in range(10)))
    whole = await audit_chain.verify()
    monkeypatch.setattr(audit_chain, "PAGE", page)
    assert await audit_chain.verify() == whole
    assert (whole.entries, whole.checkpoints, whole.faults) == (60 + 30 + 3, 3, [])


async def test_what_is_written_while_it_is_checked_is_no_fault(
    trail: Any, clock: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(audit_chain, "PAGE", 2)
    checking = asyncio.create_task(audit_chain.verify())
    while not checking.done():
        await asyncio.gather(*(_write(clock) for _ in range(8)))
        await audit_chain.checkpoint(clock.now())
    verdict = await checking
    assert verdict.faults == []
    assert verdict.entries >= 60


async def test_a_chain_that_began_since_the_heads_were_read_is_no_fault(
    trail: Any, clock: Any, monkeypatch: Any
) -> None:
    chains = await fetch("SELECT chain FROM audit_chain ORDER BY chain")
    new = chains[0]["chain"]
    read = fetch

    async def without_new(sql: str, *values: Any, **options: Any) -> Any:
        rows = await read(sql, *values, **options)
        return [r for r in rows if r["chain"] != new] if sql == audit_chain.HEADS else rows

    monkeypatch.setattr(audit_chain, "fetch", without_new)
    assert (await audit_chain.verify()).faults == []


async def test_a_long_trail_takes_no_more_memory_than_a_short_one(
    trail: Any, clock: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(audit_chain, "PAGE", 200)

    async def peak(more: int) -> int:
        for _ in range(more // 1_000):
            await fetch(
                "INSERT INTO audit_entry (at, actor_kind, action, subject, detail) "
                "SELECT $1, 'system', 'test.done', 'test:' || n, '{}' "
                "FROM generate_series(1, 1000) AS n RETURNING id",
                clock.now(),
            )
        await audit_chain.verify()  # what is made once is made by now
        tracemalloc.start()
        try:
            assert (await audit_chain.verify()).faults == []
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    short = await peak(1_000)
    # Kept entries would take some twenty times as much; what else the process does, a part of one.
    assert await peak(20_000) < short * 3


async def test_of_many_faults_the_first_are_kept_and_all_are_counted(
    trail: Any, clock: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(audit_chain, "FAULTS_KEPT", 5)
    await trail("UPDATE audit_entry SET action = 'nothing'")
    verdict = await audit_chain.verify()
    assert (len(verdict.faults), verdict.faults_found) == (5, 60)
