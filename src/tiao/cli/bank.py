"""`tiao bank`: run the bank simulator, for demos and trials; it moves no real money."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Annotated, TypeAlias
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from tiao.cli.simulated import LOOPBACK, serve, server_of, shared_secret
from tiao.payments.providers.unionpay_wire import make_keys, read_keys
from tiao.payments.routing.capability import WireFormat
from tiao.simulator.bank.books import Books
from tiao.simulator.bank.iso8583 import Iso8583Server
from tiao.simulator.bank.iso20022 import Iso20022Server
from tiao.simulator.bank.journal import SqliteJournal
from tiao.simulator.bank.server import BankServer
from tiao.simulator.bank.teller import Teller
from tiao.simulator.bank.unionpay import UnionPayServer
from tiao.values.refusal import Kind, Refusal

#: Where simulated banks keep their days.
ZONE = ZoneInfo("Asia/Shanghai")
Application: TypeAlias = BankServer | UnionPayServer | Iso20022Server
KEY_VARIABLE = "TIAO_BANK_KEY"


class BankKeyMissing(Refusal):
    """The bank simulator needs the key it shares with tiao: set TIAO_BANK_KEY to at least 64 hexadecimal digits."""

    kind = Kind.INVALID


def bank(  # noqa: PLR0913, PLR0917  each is an option of the command line
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on loopback.")] = 8100,
    seed: Annotated[int, typer.Option(help="Where the bank's chance comes from.")] = 1,
    journal: Annotated[Path, typer.Option(help="File in which the bank remembers.")] = Path("var/bank.sqlite"),
    opening_balance_minor: Annotated[
        int | None, typer.Option(min=0, help="Open accounts nobody opened when first named, with so much.")
    ] = 1_000_000,
    currency: Annotated[str, typer.Option(help="Currency of opening balances.")] = "CNY",
    notice_url: Annotated[str | None, typer.Option(help="Where the bank posts its notices.")] = None,
    wire: Annotated[
        WireFormat,
        typer.Option("--format", help="What it speaks; iso8583 has its control on the next port."),
    ] = WireFormat.TIAO,
    keys: Annotated[Path, typer.Option(help="Keys of unionpay, made where there are none.")] = Path("var/unionpay"),
    fee_bps: Annotated[int, typer.Option(min=0, help="What it takes of a debit, in ten-thousandths.")] = 0,
) -> None:
    """Run the bank simulator on loopback. It shares the key in TIAO_BANK_KEY with tiao."""
    key = read_key(os.environ.get(KEY_VARIABLE, ""))
    kept = SqliteJournal(journal)
    books = Books(seed, opening_balance_minor=opening_balance_minor, journal=kept)
    teller = Teller(books, zone=ZONE, fee_bps=fee_bps)
    control = BankServer(books, key=key, currency=currency, notice_url=notice_url, teller=teller)
    app = _speaking(wire, teller, control, key=key, keys=keys)
    Console(stderr=True).print(f"bank simulator ({wire.value}) on {LOOPBACK}:{port}, remembering in {journal}")
    try:
        if wire is WireFormat.ISO8583:
            asyncio.run(_serve_host(Iso8583Server(teller, key=key), control, port))
        else:
            serve(app, port)
    finally:
        kept.close()


def _speaking(wire: WireFormat, teller: Teller, control: BankServer, *, key: bytes, keys: Path) -> Application:
    if wire is WireFormat.UNIONPAY:
        make_keys(keys)
        return UnionPayServer(teller, read_keys(keys, side="gateway", other="merchant"), control)
    return Iso20022Server(teller, key=key, control=control) if wire is WireFormat.ISO20022 else control


async def _serve_host(host: Iso8583Server, control: BankServer, port: int) -> None:
    async with await host.listen(LOOPBACK, port):
        await server_of(control, port + 1).serve()


def read_key(text: str) -> bytes:
    """Read the shared key. Refuses: BankKeyMissing."""
    return shared_secret(text, BankKeyMissing)
