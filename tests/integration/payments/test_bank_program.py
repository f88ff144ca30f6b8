"""The simulator as a program on a socket: it is told what to be, serves the wire, and survives being killed."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tiao.cli.bank import BankKeyMissing, read_key
from tiao.payments.model import Failed, Succeeded, Unknown
from tiao.payments.providers.channel import BindOrder, Bound, DebitOrder, PayoutOrder
from tiao.payments.providers.http_bank import HttpBank, SignedClient
from tiao.simulator.bank.books import BankAccount
from tiao.simulator.bank.control import BankControl, SimulatorUnreachable
from tiao.simulator.bank.faults import CERTAIN_PPM, FaultRates

KEY = bytes(range(32))
AT = datetime(2026, 3, 2, 4, tzinfo=UTC)
PROGRAM = "import typer; from tiao.cli.bank import bank; typer.run(bank)"


@contextmanager
def running(port: int, journal: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {"TIAO_BANK_KEY": KEY.hex(), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", PROGRAM, "--port", str(port), "--journal", str(journal), "--seed", "5"]
    with (journal.parent / "bank.log").open("ab") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


async def until_up(client: httpx.AsyncClient) -> None:
    for _ in range(200):
        try:
            if (await client.get("/health")).status_code == 200:
                return
        except httpx.TransportError:
            await asyncio.sleep(0.05)
    raise AssertionError("the bank did not come up")


async def test_a_killed_bank_comes_back_with_every_cent_and_every_answer(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    journal = tmp_path / "bank.sqlite"
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        control = BankControl(SignedClient(client, key=KEY))
        bank = HttpBank(client, key=KEY, timeout_seconds=0.5)
        with running(port, journal) as process:
            await until_up(client)
            await control.set_account(BankAccount("6222000000001234", holder_name="王芳"), at=AT)
            await control.deposit("6222000000001234", amount_minor=1_000, currency="CNY", at=AT)
            bound = await bank.bind(BindOrder("b1", "6222000000001234", "王芳", AT))
            assert isinstance(bound, Bound)
            assert bound.display.endswith(" 1234")
            first = await bank.debit(DebitOrder("d1", bound.agreement, 300, "CNY", AT))
            assert isinstance(first, Succeeded)
            await control.set_faults(FaultRates(time_out_after_ppm=CERTAIN_PPM, hang_ms=2_000), at=AT)
            hung = await bank.debit(DebitOrder("d2", bound.agreement, 200, "CNY", AT))
            assert hung == Unknown("timed_out")
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert await bank.query_debit("d2", at=AT) == Unknown("connection_lost")
            with pytest.raises(SimulatorUnreachable):
                await control.statement(at=AT)
        with running(port, journal):
            await until_up(client)
            assert await bank.debit(DebitOrder("d1", bound.agreement, 300, "CNY", AT)) == Unknown("timed_out")
            await control.set_faults(FaultRates(), at=AT)
            assert await bank.debit(DebitOrder("d1", bound.agreement, 300, "CNY", AT)) == first
            assert isinstance(await bank.query_debit("d2", at=AT), Succeeded)
            assert await bank.query_debit("d3", at=AT) == Failed("never_seen", is_retryable=True)
            paid = await bank.pay_out([PayoutOrder("p1", "shop", 400, "CNY")], at=AT)
            assert isinstance(paid[0], Succeeded)
            await control.end_agreement(bound.agreement, at=AT)
            ended = await bank.debit(DebitOrder("d4", bound.agreement, 1, "CNY", AT))
            assert ended == Failed("agreement_invalid", is_retryable=False)
            ours = [move.amount_minor for move in await control.statement("house", at=AT)]
            assert ours == [300, 200, -400]


@pytest.mark.parametrize("text", ["", "00", "zz" * 32])
def test_the_program_refuses_to_start_without_a_proper_key(text: str) -> None:
    with pytest.raises(BankKeyMissing):
        read_key(text)
