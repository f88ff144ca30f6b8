"""Two `tiao serve` processes on one database: what both are asked is decided once, and neither trusts its memory."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import psycopg
import pytest

from support.buying import Ready, buy, buy_until_answered, free_port, prepare, started
from tiao.runtime.checks import run_checks
from tiao.runtime.db import Database

PURCHASES = 150
CALLERS = 16
START_SECONDS = 60
REVOKED_WITHIN_SECONDS = 2.0


@pytest.fixture
async def two(database_url: str, tmp_path: Path) -> AsyncIterator[tuple[list[httpx.AsyncClient], str, list[Ready]]]:
    """Two servers on a prepared programme, a client of each, the merchant's token, and what it may ask for."""
    token, ready = await prepare(database_url, PURCHASES)
    async with AsyncExitStack() as stack:
        clients = []
        for number in (0, 1):
            port = free_port()
            environment = {
                **os.environ,
                "TIAO_DATABASE_URL": database_url,
                "TIAO_VAR": str(tmp_path),
                "TIAO_PORT": str(port),
                "TIAO_BANK_KEY": "0" * 64,
                "TIAO_BUREAU_SECRET": "1" * 64,
            }
            process = started(environment, tmp_path / f"serve-{number}.log", "serve")
            stack.callback(process.wait, START_SECONDS)
            stack.callback(process.terminate)
            client = httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"}, timeout=30
            )
            clients.append(await stack.enter_async_context(client))
        for client in clients:
            await up(client)
        yield clients, token, ready


async def up(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(START_SECONDS):
        while True:
            try:
                if (await client.get("/health/ready")).is_success:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.1)


async def test_the_same_keys_sent_to_both_are_decided_once(
    two: tuple[list[httpx.AsyncClient], str, list[Ready]], database_url: str
) -> None:
    clients, _, ready = two
    waiting, answers = list(ready), dict[str, set[str]]()

    async def caller() -> None:
        while waiting:
            one = waiting.pop()
            answers[one.key] = set(await asyncio.gather(*(buy_until_answered(client, one) for client in clients)))

    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    assert {key for key, given in answers.items() if len(given) != 1} == set(), "both processes give one answer"
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("select reference, amount_minor, captured_minor from purchase").fetchall()
        lent = connection.execute("select count(*) from loan").fetchone()
    assert Counter(reference for reference, _, _ in rows) == Counter(one.key for one in ready)
    assert {(key, amount) for key, amount, _ in rows} == {(one.key, one.amount_minor) for one in ready}
    assert lent == (PURCHASES,)
    db = await Database.open(database_url, pool_max=1)
    async with db.begin() as tx:
        assert await run_checks(tx) == []
    await db.close()


async def test_what_one_process_changes_the_other_knows(
    two: tuple[list[httpx.AsyncClient], str, list[Ready]], database_url: str
) -> None:
    clients, _, ready = two
    assert await buy(clients[1], ready[0]) is not None
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("update merchant set status = 'suspended'")
        answer = await clients[1].post(
            "/v1/purchases",
            json={"quote": ready[1].quote, "plan": "pay_later", "reference": "x", "capture": True},
            headers={"Idempotency-Key": "suspended"},
        )
        assert answer.json()["outcome"] == "declined", "a suspension counts from the next purchase, in every process"
        connection.execute("update merchant set status = 'active'")
        assert [(await client.get("/v1/balance")).status_code for client in clients] == [200, 200]
        connection.execute("update api_key set revoked_at = now() - interval '1 second'")
    await asyncio.sleep(REVOKED_WITHIN_SECONDS)
    codes = [(await client.get("/v1/balance")).json()["code"] for client in clients]
    assert codes == ["token_revoked", "token_revoked"], "whoever revoked it"
