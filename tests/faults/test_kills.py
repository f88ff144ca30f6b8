"""Killed at any point, under load: no acknowledged purchase is lost, none is doubled, and the books agree.

The checker is outside: it knows only what callers were told. TIAO_KILLS says how often to kill; `make kills` kills 200
times.
"""

import asyncio
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest

from support.buying import Ready, buy, buy_until_answered, free_port, prepare, started
from support.spine import ZONE
from tiao.risk import actions as risk
from tiao.risk import replaying
from tiao.risk.labels import actions as labels
from tiao.risk.labels.model import NewLabel, Source
from tiao.runtime.checks import run_checks
from tiao.runtime.clock import ProgrammeClock
from tiao.runtime.db import Database, Tx
from tiao.runtime.embedded import Embedded
from tiao.runtime.programme import MomentSource
from tiao.values.ids import id_source, read_id, show_id
from tiao.values.moment import Moment

KILLS = int(os.environ.get("TIAO_KILLS", "20"))
PURCHASES_A_KILL = 60
PURCHASES = PURCHASES_A_KILL * KILLS
CALLERS = 12
#: What is told of a purchase is known since so long; so many of them are said to be fraud.
LATE, FRAUD_SHARE = timedelta(days=2), 0.3
STARTS_WITHIN_SECONDS = 30.0


class Told(NamedTuple):
    """A purchase of which something is said, and the latest instant there is."""

    purchase_id: UUID
    customer_id: UUID
    at: datetime


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
        self.server = started(environment, self.data_dir.parent / "serve.log", "serve")

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


@pytest.fixture
async def installation() -> AsyncIterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="tiao-kills-") as folder:
        made = Installation(Path(folder))
        yield made
        made.stop()


async def caller(url: str, token: str, waiting: list[Ready], acknowledged: dict[str, str]) -> None:
    """Ask for one purchase after another, each until it is answered, with one key."""
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=5) as client:
        for one in iter(lambda: waiting.pop() if waiting else None, None):
            acknowledged[one.key] = await buy_until_answered(client, one, pause_seconds=0.1)
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


async def teller(installation: Installation, acknowledged: dict[str, str], draw: Random) -> None:
    """Say of purchases, days late, what they were, while servers come and go: the features learn it out of order."""
    while True:
        await asyncio.sleep(0.4)
        said = draw.choice(list(acknowledged.values())) if acknowledged else None
        with suppress(Exception):  # whatever is being killed: it is said again
            db = await Database.open(installation.postgres.url("tiao"))
            try:
                async with db.begin() as tx:
                    purchase = await tx.maybe(
                        "select id as purchase_id, customer_id, recorded.at as at from purchase, "
                        "(select max(authorised_at) as at from purchase) as recorded where id = %(id)s::uuid",
                        Told,
                        id=None if said is None else read_id("pur", said),
                    )
                    if purchase is not None:
                        await tell(tx, purchase, is_fraud=draw.random() < FRAUD_SHARE)
            finally:
                await db.close()


async def tell(tx: Tx, purchase: Told, *, is_fraud: bool) -> None:
    now = Moment(purchase.at, purchase.at.date(), id_source(os.urandom))
    label = NewLabel(purchase.purchase_id, purchase.customer_id, Source.CORRECTION, is_fraud, "kills", now.at - LATE)
    await labels.tell(tx, now, [label])


async def test_kills_lose_and_double_nothing(installation: Installation) -> None:
    token, ready = await prepare(installation.postgres.url("tiao"), PURCHASES)
    installation.start_server()
    waiting, acknowledged = list(ready), dict[str, str]()
    killing = asyncio.create_task(reaper(installation, acknowledged, Random(7)))
    telling = asyncio.create_task(teller(installation, acknowledged, Random(8)))
    await asyncio.gather(*(caller(installation.url, token, waiting, acknowledged) for _ in range(CALLERS)))
    silences = await killing
    telling.cancel()
    assert len(silences) == KILLS - 1

    async with httpx.AsyncClient(
        base_url=installation.url, headers={"Authorization": f"Bearer {token}"}, timeout=10
    ) as client:
        again = [await buy(client, one) for one in ready[:50]]
    assert again == [acknowledged[one.key] for one in ready[:50]], "a key gives the answer it gave"

    db = await Database.open(installation.postgres.url("tiao"))
    try:
        async with db.begin() as tx:
            # Whatever was decided, risk control's word included: what callers were told is what stands.
            _, rows = await tx.table("select reference, id, amount_minor from purchase")
            assert await tx.value("select count(*) from purchase where outcome = 'authorised'") > CALLERS
            assert await run_checks(tx) == []
        await labels.learn_due(db, MomentSource(ProgrammeClock(), ZoneInfo(ZONE), id_source(os.urandom)), risk.learn)
        installation.kill_server()  # what it still learns must not move while it is compared
        async with db.begin() as tx:
            assert await tx.value("select count(*) from risk_outcome") > 0, "something was learned in between"
            assert await replaying.differing(tx) == [], "what is remembered is what folding everything anew gives"
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
