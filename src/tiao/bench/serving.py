"""A real `tiao serve` beside the measurement: a process of its own over the measurement's database."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

from tiao.bench.wire import connections, get
from tiao.values.refusal import Kind, Refusal

START_SECONDS = 60.0
STOP_SECONDS = 30.0
_LOG_SHOWN = 2_000


class ServerDidNotServe(Refusal):
    """The `tiao serve` that was to be measured did not come up."""

    kind = Kind.BUSY


class Served(NamedTuple):
    """A serving process: where it listens, the process whose children serve, and how long it took to begin."""

    port: int
    pid: int
    start_seconds: float

    def memory_mib(self) -> float:
        """Sum what it and its children hold."""
        parent = psutil.Process(self.pid)
        return sum(each.memory_info().rss for each in [parent, *parent.children(recursive=True)]) / 2**20

    def peaks_mib(self) -> list[float]:
        """Give the most that each of its processes ever held, the largest first."""
        parent = psutil.Process(self.pid)
        return sorted((peak_mib(each.pid) for each in [parent, *parent.children(recursive=True)]), reverse=True)


def peak_mib(pid: int) -> float:
    """Read the most memory that a process ever held; what it holds now where the system does not tell."""
    try:
        told = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return round(float(psutil.Process(pid).memory_info().rss) / 2**20, 1)
    [kib] = [int(line.split()[1]) for line in told.splitlines() if line.startswith("VmHWM:")]
    return round(kib / 2**10, 1)


@asynccontextmanager
async def served(database_url: str, more: Mapping[str, str] | None = None) -> AsyncIterator[Served]:
    """Serve a database with one worker, as an operator would; *more* is said to it too. Refuses: ServerDidNotServe."""
    told = {"TIAO_DATABASE_URL": database_url, **(more or {})}
    async with _started("serve", "/health/ready", told) as beside:
        yield beside


@asynccontextmanager
async def bureau(secret: str) -> AsyncIterator[Served]:
    """Run the bureau simulator as a program of its own. Refuses: ServerDidNotServe."""
    async with _started("bureau", "/", {"TIAO_BUREAU_SECRET": secret}) as beside:
        yield beside


@asynccontextmanager
async def _started(command: str, ready: str, told: Mapping[str, str]) -> AsyncIterator[Served]:
    """Start a command of ours that listens, and stop it at the end. Refuses: ServerDidNotServe."""
    with tempfile.TemporaryDirectory(prefix=f"tiao-{command}-") as folder:
        port = _free_port()
        log_path = Path(folder) / f"{command}.log"
        began = time.perf_counter()
        with log_path.open("wb") as log:
            process = subprocess.Popen(  # noqa: ASYNC220, S603  our own interpreter; starting it takes a millisecond
                [sys.executable, "-m", "tiao", command, "--port", str(port)],
                env=_environment(told, folder),
                cwd=folder,
                stdout=log,
                stderr=log,
            )
            try:
                await _wait_until_ready(process, port, log_path, ready)
                yield Served(port, process.pid, round(time.perf_counter() - began, 2))
            finally:
                process.terminate()
                try:
                    await asyncio.to_thread(process.wait, STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _environment(told: Mapping[str, str], folder: str) -> dict[str, str]:
    """Give it this process's environment without what was said to tiao, and secrets that nobody needs to know."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TIAO_")}
    ours = {
        "TIAO_VAR": folder,
        "TIAO_BANK_KEY": secrets.token_hex(32),
        "TIAO_BUREAU_SECRET": secrets.token_hex(32),
        "PYTHONPATH": os.pathsep.join(each for each in sys.path if each),
    }
    return kept | ours | dict(told)


async def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path, ready: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            async with connections(port, 1) as (only,):
                # The bureau knows one path, and answers every other.
                if (await only.ask(get(ready))).status in {200, 400}:
                    return
        except OSError:
            pass
        await asyncio.sleep(0.02)
    raise ServerDidNotServe(log.read_text(errors="replace")[-_LOG_SHOWN:])  # noqa: ASYNC240  nothing else is under way


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
