"""`tiao demo`: a living programme with everything around it: database, bank, bureau, server. Ctrl-C stops it all."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Annotated, NamedTuple, NoReturn

import httpx
import msgspec
import typer
from rich.console import Console

from tiao.cli.demo_credentials import LENDER, Credentials, issue_credentials
from tiao.runtime.config import Config, field_key, read_config
from tiao.runtime.db import Database
from tiao.runtime.migrations import migrate
from tiao.runtime.programme import ProgrammeMissing, read_programme
from tiao.runtime.secrets import FieldCipher
from tiao.runtime.server import Server, open_server
from tiao.values.ids import id_source
from tiao.values.refusal import Refusal

READY_WITHIN_SECONDS = 30
#: Everybody wants the processor at the start; the server goes first, for people wait for it.
_PATIENTLY = {True: (), False: ("nice", "-n", "10")}
STOPS_WITHIN_SECONDS = 20


class PortTaken(Refusal):
    """Another program listens on a port the demo needs."""


class DemoDidNotStart(Refusal):
    """A part of the demo ended before it was ready; its log is in var/demo."""


class _Ports(NamedTuple):
    api: int
    bank: int
    bureau: int
    sms: int
    registry: int


def demo(
    *, fresh: Annotated[bool, typer.Option("--fresh", help="Forget the demo's life so far and live it anew.")] = False
) -> None:
    """Run a demo programme that already has three months of life in it; credentials go to var/demo.json."""
    out = Console(stderr=True)
    config = read_config(os.environ)
    ports = _Ports(config.port, config.port + 100, config.port + 101, config.port + 102, config.port + 103)
    for port in ports:
        _check_free(config.host, port)
    # SIGINT too: a shell that starts us in the background leaves it ignored.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, _as_interrupt)
    with open_server(config) as server:
        journal = config.var / "demo" / "bank.sqlite"
        try:
            credentials = asyncio.run(_prepare(out, config, server, journal, is_fresh=fresh))
            _write_private(config.var / "demo.json", msgspec.json.format(msgspec.json.encode(credentials)))
            with _running(config, server, ports, journal):
                _tell(out, config, credentials)
                signal.pause()
        except KeyboardInterrupt:
            out.print("stopped")


async def _prepare(out: Console, config: Config, server: Server, journal: Path, *, is_fresh: bool) -> Credentials:
    """Find the demo programme, or live its three months, and give credentials for each role."""
    url = server.url()
    if is_fresh and server.embedded is not None:
        server.embedded.drop_database(config.programme)
    if server.embedded is None or config.programme not in server.embedded.databases() or not await _is_alive(url):
        from tiao.cli.demo_life import live  # noqa: PLC0415  the whole platform, needed the first time only

        await live(out, config, server, journal)
    db = await Database.open(url)
    try:
        await migrate(db)
        kept = _read_kept(config)
        async with db.begin() as tx:
            await read_programme(tx)
            base_url = f"http://{config.host}:{config.port}"
            if kept is not None and await kept.still_opens(tx, base_url):
                return kept
            vault = FieldCipher({1: field_key(config)})
            return await issue_credentials(tx, base_url, vault, ids=id_source(secrets.token_bytes))
    finally:
        await db.close()


async def _is_alive(url: str) -> bool:
    """Tell whether a programme lives in the database."""
    db = await Database.open(url)
    try:
        await migrate(db)
        async with db.begin() as tx:
            await read_programme(tx)
    except ProgrammeMissing:
        return False
    else:
        return True
    finally:
        await db.close()


@contextmanager
def _running(config: Config, server: Server, ports: _Ports, journal: Path) -> Iterator[None]:
    """Run server, bank and bureau beside each other; they stop in the opposite order."""
    environment = {
        **os.environ,
        "TIAO_DATABASE_URL": server.url(),
        "TIAO_VAR": str(config.var),
        "TIAO_HOST": config.host,
        "TIAO_PORT": str(ports.api),
        "TIAO_BANK_URL": f"http://127.0.0.1:{ports.bank}",
        "TIAO_BUREAU_URL": f"http://127.0.0.1:{ports.bureau}",
        "TIAO_SMS_URL": f"http://127.0.0.1:{ports.sms}",
        "TIAO_REGISTRY_URL": f"http://127.0.0.1:{ports.registry}",
        "TIAO_REGISTRY_SECRET": secrets.token_hex(32),
        "TIAO_BANK_KEY": secrets.token_hex(32),
        "TIAO_BUREAU_SECRET": secrets.token_hex(32),
        "TIAO_SMS_KEY": secrets.token_hex(32),
        # A shop beside the demo is told too.
        "TIAO_WEBHOOK_ALLOW": os.environ.get("TIAO_WEBHOOK_ALLOW", "127.0.0.1"),
    }
    notice_url = f"http://{config.host}:{ports.api}/v1/channels/bank/notices"
    receipt_url = f"http://{config.host}:{ports.api}/v1/messages/receipts"
    children: list[subprocess.Popen[bytes]] = []
    with ExitStack() as stack:
        for arguments in (
            ["serve"],
            ["bank", "--port", str(ports.bank), "--journal", str(journal), "--notice-url", notice_url,
             "--opening-balance-minor", "100000000"],
            ["bureau", "--port", str(ports.bureau)],
            ["sms", "--port", str(ports.sms), "--receipt-url", receipt_url],
            ["registry", "--port", str(ports.registry)],
        ):  # fmt: skip
            log = stack.enter_context((config.var / "demo" / f"{arguments[0]}.log").open("wb"))
            children.append(stack.enter_context(_child(arguments, environment, log)))
        _await_ready(f"http://{config.host}:{ports.api}/health/ready", children, config.var / "demo")
        yield


@contextmanager
def _child(arguments: list[str], environment: dict[str, str], log: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command of ours until the block ends. A session of its own: Ctrl-C reaches it through us, in order."""
    process = subprocess.Popen(  # noqa: S603  our own program
        [*_PATIENTLY[arguments[0] == "serve"], sys.executable, "-m", "tiao", *arguments],
        env=environment,
        start_new_session=True,
        stdout=log,
        stderr=log,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOPS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_ready(url: str, children: Sequence[subprocess.Popen[bytes]], logs: Path) -> None:
    """Wait until the server answers. Refuses: DemoDidNotStart."""
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < deadline and all(child.poll() is None for child in children):
        try:
            if httpx.get(url, timeout=1).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise DemoDidNotStart(f"{url} did not answer; see the logs in {logs}")


def _check_free(host: str, port: int) -> None:
    """Check that nobody listens. Refuses: PortTaken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(f"port {port} is taken; set TIAO_PORT to another one", port=port) from error


def _read_kept(config: Config) -> Credentials | None:
    try:
        return msgspec.json.decode((config.var / "demo.json").read_bytes(), type=Credentials)
    except (OSError, msgspec.DecodeError):
        return None


def _write_private(path: Path, body: bytes) -> None:
    """Write a file that only its owner may read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(body + b"\n")


def _tell(out: Console, config: Config, credentials: Credentials) -> None:
    out.print(f"\n[bold]{LENDER}[/bold] lives at [bold]{credentials.base_url}[/bold]", highlight=False)
    out.print(f"credentials for each role: {config.var / 'demo.json'}", highlight=False, soft_wrap=True)
    for face, whose in (("ops", "the operator's key"), ("merchant", "the merchant's key"), ("wallet", "customers")):
        out.print(f"pages for {whose}: [bold]http://{face}.localhost:{config.port}[/bold]", highlight=False)
    decided = f"/v1/lines/{credentials.operator.eventful_line}/adjustments"
    out.print(f"a line about which much was decided, for the operator: {decided}", highlight=False, soft_wrap=True)
    out.print("API document: /openapi.json   metrics: /metrics   Ctrl-C stops everything", highlight=False)


def _as_interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt
