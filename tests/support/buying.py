"""Buying over HTTP from processes that may be killed: what a merchant may ask for, and how it asks."""

import asyncio
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from random import Random
from socket import socket
from typing import NamedTuple

import httpx

from support.spine import Spine
from tiao.checkout import actions as checkout
from tiao.lending.disclosure import CostSheetAck
from tiao.lending.model import BillingMode, FeePayer
from tiao.partners import actions as partners
from tiao.partners.model import Role
from tiao.runtime.db import Database
from tiao.runtime.migrations import migrate
from tiao.values.ids import show_id


class Ready(NamedTuple):
    """A purchase that a merchant may ask for: an accepted quote, and the key to ask with."""

    key: str
    quote: str
    amount_minor: int


def free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def prepare(database_url: str, count: int) -> tuple[str, list[Ready]]:
    """Make a programme with a merchant and accepted quotes; give the merchant's token and what it may ask for."""
    db = await Database.open(database_url)
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
            for number in range(count):
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
            json={
                "quote": one.quote,
                "plan": "pay_later",
                "reference": one.key,
                "capture": True,
                "context": {"device": f"phone {one.amount_minor % 60}", "ip": f"10.0.0.{one.amount_minor % 200}"},
            },
            headers={"Idempotency-Key": one.key},
        )
    except httpx.HTTPError:
        return None
    if answer.status_code in {500, 502, 503}:
        return None
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def buy_until_answered(client: httpx.AsyncClient, one: Ready, *, pause_seconds: float = 0.05) -> str:
    """Ask with one key until an answer comes."""
    while (purchase := await buy(client, one)) is None:  # noqa: ASYNC110  the server is another process
        await asyncio.sleep(pause_seconds)
    return purchase


def started(environment: dict[str, str], log: Path, *command: str) -> subprocess.Popen[bytes]:
    """Start a tiao command as a process, and of a group of its own, so that all of it can be killed."""
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "tiao", *command],
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
