"""`tiao bank`: run the bank simulator, for demos and trials; it moves no real money."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer
from granian.constants import Interfaces
from granian.server.embed import Server
from rich.console import Console

from tiao.simulator.bank.books import Books
from tiao.simulator.bank.journal import SqliteJournal
from tiao.simulator.bank.server import BankServer
from tiao.values.refusal import Kind, Refusal

#: Nobody but this machine has business with a simulator.
LOOPBACK = "127.0.0.1"
KEY_VARIABLE = "TIAO_BANK_KEY"
KEY_BYTES_MIN = 32


class BankKeyMissing(Refusal):
    """The bank simulator needs the key it shares with tiao: set TIAO_BANK_KEY to at least 64 hexadecimal digits."""

    kind = Kind.INVALID


def bank(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on loopback.")] = 8100,
    seed: Annotated[int, typer.Option(help="Where the bank's chance comes from.")] = 1,
    journal: Annotated[Path, typer.Option(help="File in which the bank remembers.")] = Path("var/bank.sqlite"),
    opening_balance_minor: Annotated[
        int | None, typer.Option(min=0, help="Open accounts nobody opened when first named, with so much.")
    ] = 1_000_000,
    currency: Annotated[str, typer.Option(help="Currency of opening balances.")] = "CNY",
    notice_url: Annotated[str | None, typer.Option(help="Where the bank posts its notices.")] = None,
) -> None:
    """Run the bank simulator on loopback. It shares the key in TIAO_BANK_KEY with tiao."""
    key = read_key(os.environ.get(KEY_VARIABLE, ""))
    kept = SqliteJournal(journal)
    books = Books(seed, opening_balance_minor=opening_balance_minor, journal=kept)
    app = BankServer(books, key=key, currency=currency, notice_url=notice_url)
    Console(stderr=True).print(f"bank simulator on http://{LOOPBACK}:{port}, remembering in {journal}")
    server = Server(app, address=LOOPBACK, port=port, interface=Interfaces.ASGI, websockets=False)
    try:
        asyncio.run(server.serve())
    finally:
        kept.close()


def read_key(text: str) -> bytes:
    """Read the shared key. Refuses: BankKeyMissing."""
    try:
        key = bytes.fromhex(text)
    except ValueError as error:
        raise BankKeyMissing from error
    if len(key) < KEY_BYTES_MIN:
        raise BankKeyMissing
    return key
