"""Killed at any point, under load: no acknowledged purchase is lost, none is doubled, and the books agree.

The checker is outside: it knows only what callers were told. TIAO_KILLS says how often to kill; `make kills` kills 200
times.
"""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from socket import socket
from statistics import median
from typing import NamedTuple

import httpx
import pytest

from support.spine import Spine
from tiao.checkout import actions as checkout
from tiao.lending.disclosure import CostSheetAck
from tiao.lending.model import BillingMode, FeePayer
from tiao.partners import actions as partners
from tiao.partners.model import Role
from tiao.runtime.checks import run_checks
from tiao.runtime.db import Database
from tiao.runtime.embedded import Embedded
from tiao.runtime.migrations import migrate
from tiao.values.ids import show_id

KILLS = int(os.environ.get("TIAO_KILLS", "20"))
PURCHASES_A_KILL = 60
PURCHASES = PURCHASES_A_KILL * KILLS
CALLERS = 12
STARTS_WITHIN_SECONDS = 30.0


class Ready(NamedTuple):
    """A purchase that a merchant may ask for: an accepted quote, and the key to ask with."""

    key: str
    quote: str
    amount_minor: int


class Installation:
    """PostgreSQL with durable settings and a server process, both of which may be killed."""

    def __init__(self, folder: Path) -> None:
        self.data_dir = folder / "postgres"
        self.environment = {
            **os.environ,
            "TIAO_VAR": str(folder),
            "TIAO_BANK_KEY": "0" * 64,
            "TIAO_BUREAU_SECRET": "1" * 64,
            "TIAO_PORT": str(free_port()),
        }
        self.postgres = Embedded.start(self.data_dir)
        self.postgres.ensure_database("tiao")
        self.server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.environment['TIAO_PORT']}"

    def start_server(self) -> None:
        environment = {**self.environment, "TIAO_DATABASE_URL": self.postgres.url("tiao")}
        self.server = subprocess.Popen(
            [sys.executable, "-m", "tiao", "serve"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def kill_server(self) -> None:
        assert self.server is not None
        with suppress(ProcessLookupError):
            os.killpg(self.server.pid, signal.SIGKILL)
        self.server.wait()

    def kill_postgres(self) -> None:
        self.postgres.kill()
        self.postgres = Embedded.start(self.data_dir)

    def stop(self) -> None:
        if self.server is not None:
            self.kill_server()
        self.postgres.stop()


def free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
async def installation() -> AsyncIterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="tiao-kills-") as folder:
        made = Installation(Path(folder))
        yield made
        made.stop()


async def prepare(installation: Installation) -> tuple[str, list[Ready]]:
    """Make a programme with a merchant and accepted quotes; give the merchant's token and what it may ask for."""
    db = await Database.open(installation.postgres.url("tiao"))
    try:
        await migrate(db)
        spine = Spine(db)
        await spine.open()
        async with db.begin() as tx:
            now = await spine.moments(tx)
            issued = await partners.issue_key(
                tx, now, role=Role.MERCHANT, subject_id=spine.merchant.id, label="kills", random_bytes=os.urandom
            )
        lines = [await spine.line(100_000_000, bucket=bucket) for bucket in range(40)]
        draw = Random(1)
        ready = []
        async with db.begin() as tx:
            now = await spine.moments(tx)
            for number in range(PURCHASES):
                line = draw.choice(lines)
                amount = draw.randrange(100, 50_000)
                quote = await checkout.quote(
                    tx, now, spine.book, merchant_id=spine.merchant.id, customer_id=line.customer_id, currency="CNY",
                    amount_minor=amount, mode=BillingMode.STATEMENT, fee_payer=FeePayer.CONSUMER,
                )  # fmt: skip
                ack = CostSheetAck(quote.offers[0].cost_sheet_digest, now.at - timedelta(seconds=30), now.at)
                await checkout.accept(
                    tx, now, spine.book, quote.id, customer_id=line.customer_id, plan="pay_later", ack=ack
                )
                ready.append(Ready(f"kill-{number}", show_id("quo", quote.id), amount))
        await spine.desk.close()
        return issued.token, ready
    finally:
        await db.close()


async def buy(client: httpx.AsyncClient, one: Ready) -> str | None:
    """Ask once; None when no answer came, which says nothing about what was done."""
    try:
        answer = await client.post(
            "/v1/purchases",
            json={"quote": one.quote, "plan": "pay_later", "reference": one.key, "capture": True},
            headers={"Idempotency-Key": one.key},
        )
    except httpx.HTTPError:
        return None
    if answer.status_code in {500, 502, 503}:
        return None
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def caller(url: str, token: str, waiting: list[Ready], acknowledged: dict[str, str]) -> None:
    """Ask for one purchase after another, each until it is answered, with one key."""
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=5) as client:
        for one in iter(lambda: waiting.pop() if waiting else None, None):
            while (purchase := await buy(client, one)) is None:  # noqa: ASYNC110  the server is another process
                await asyncio.sleep(0.1)
            acknowledged[one.key] = purchase
            await asyncio.sleep(0.02)


async def until_more(acknowledged: dict[str, str], count: int, began: float) -> None:
    """Wait until so many were acknowledged, or for longer than any start may take."""
    while len(acknowledged) < count and time.monotonic() < began + STARTS_WITHIN_SECONDS:  # noqa: ASYNC110  a dict has no event
        await asyncio.sleep(0.01)


async def reaper(installation: Installation, acknowledged: dict[str, str], draw: Random) -> list[float]:
    """Kill the server, the database, or both, each time some more purchases were acknowledged.

    Answers the seconds from each kill to the next purchase that was acknowledged.
    """
    silences: list[float] = []
    for kill in range(KILLS):
        seen, began = len(acknowledged), time.monotonic()
        target = seen + draw.randrange(5, PURCHASES_A_KILL * KILLS // (KILLS + 6))
        await until_more(acknowledged, seen + 1, began)
        assert len(acknowledged) > seen, f"nothing was served after kill {kill}"
        silences += [time.monotonic() - began] if kill else []
        await until_more(acknowledged, target, began)
        await asyncio.sleep(draw.random() / 20)
        if kill % 3 != 1:
            await asyncio.to_thread(installation.kill_server)
        if kill % 3 != 0:
            await asyncio.to_thread(installation.kill_postgres)
        if kill % 3 != 1:
            installation.start_server()
    return silences


async def test_kills_lose_and_double_nothing(installation: Installation) -> None:
    token, ready = await prepare(installation)
    installation.start_server()
    waiting, acknowledged = list(ready), dict[str, str]()
    killing = asyncio.create_task(reaper(installation, acknowledged, Random(7)))
    await asyncio.gather(*(caller(installation.url, token, waiting, acknowledged) for _ in range(CALLERS)))
    silences = await killing
    assert len(silences) == KILLS - 1

    async with httpx.AsyncClient(
        base_url=installation.url, headers={"Authorization": f"Bearer {token}"}, timeout=10
    ) as client:
        again = [await buy(client, one) for one in ready[:50]]
    assert again == [acknowledged[one.key] for one in ready[:50]], "a key gives the answer it gave"

    db = await Database.open(installation.postgres.url("tiao"))
    try:
        async with db.begin() as tx:
            _, rows = await tx.table("select reference, id, amount_minor from purchase where outcome = 'authorised'")
            assert await run_checks(tx) == []
    finally:
        await db.close()
    stored = {reference: (show_id("pur", identifier), amount) for reference, identifier, amount in rows}
    assert len(rows) == len(stored) == PURCHASES, "none doubled, none lost"
    assert {key: identifier for key, (identifier, _) in stored.items()} == acknowledged
    assert {one.key: one.amount_minor for one in ready} == {key: amount for key, (_, amount) in stored.items()}
    print(  # noqa: T201  what `make kills` is run for
        f"{KILLS} kills, {len(acknowledged)} purchases acknowledged: 0 lost, 0 doubled, no invariant violated; "
        f"served again after {median(silences):.1f} s (median), {max(silences):.1f} s at most"
    )
