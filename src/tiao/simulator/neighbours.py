"""The outside world in the same process: a bank and a bureau behind HTTP clients that need no network."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple
from zoneinfo import ZoneInfo

import httpx

from tiao.simulator.bank.books import Books
from tiao.simulator.bank.journal import Journal
from tiao.simulator.bank.server import BankServer
from tiao.simulator.bank.teller import Teller
from tiao.simulator.bureau import Behaviour, BureauSimulator
from tiao.simulator.chance import number

#: Where notices are posted in process; nobody resolves the name.
NOTICE_URL = "http://tiao.invalid/bank/notices"
#: Where the bank's day ends: its files are of days as the simulated lenders count them.
_ZONE = ZoneInfo("Asia/Shanghai")
#: Nobody's account runs dry by itself: who does not pay is decided by how people repay, and by the bank's faults.
OPENING_BALANCE_MINOR = 10**14


class Neighbours(NamedTuple):
    """The simulated outside world, and the secrets shared with it."""

    bank_server: BankServer
    bank: httpx.AsyncClient
    bank_key: bytes
    bureau: httpx.AsyncClient
    bureau_secret: bytes


@asynccontextmanager
async def open_neighbours(
    seed: str,
    *,
    currency: str = "CNY",
    behaviour: Behaviour | None = None,
    with_notices: bool = False,
    journal: Journal | None = None,
) -> AsyncIterator[Neighbours]:
    """Bring up a bank and a bureau whose chance comes from *seed*; with a journal the bank can go on elsewhere."""
    bank_key, bureau_secret = (hashlib.sha256(f"{seed}/{what}".encode()).digest() for what in ("bank", "bureau"))
    books = Books(number(seed, "bank"), opening_balance_minor=OPENING_BALANCE_MINOR, journal=journal)
    server = BankServer(
        books,
        key=bank_key,
        currency=currency,
        notice_url=NOTICE_URL if with_notices else None,
        teller=Teller(books, zone=_ZONE),  # a bank that writes no files is late with every one
    )
    bureau = BureauSimulator(bureau_secret, seed=number(seed, "bureau"), behaviour=behaviour)
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(server), base_url="http://bank.invalid") as bank_client,
        httpx.AsyncClient(transport=httpx.ASGITransport(bureau), base_url="http://bureau.invalid") as bureau_client,
    ):
        yield Neighbours(server, bank_client, bank_key, bureau_client, bureau_secret)
