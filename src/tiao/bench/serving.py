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
from collections.abc import AsyncIterator
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
    """A serving process: where it listens, and the process whose children serve."""

    port: int
    pid: int

    def memory_mib(self) -> float:
        """Sum what it and its children hold."""
        parent = psutil.Process(self.pid)
        return sum(each.memory_info().rss for each in [parent, *parent.children(recursive=True)]) / 2**20


@asynccontextmanager
async def served(database_url: str) -> AsyncIterator[Served]:
    """Serve a database with one worker, as an operator would. Refuses: ServerDidNotServe."""
    with tempfile.TemporaryDirectory(prefix="tiao-serve-") as folder:
        port = _free_port()
        log_path = Path(folder) / "serve.log"
        with log_path.open("wb") as log:
            process = subprocess.Popen(  # noqa: ASYNC220, S603  our own interpreter; starting it takes a millisecond
                [sys.executable, "-m", "tiao", "serve", "--port", str(port)],
                env=_environment(database_url, folder),
                cwd=folder,
                stdout=log,
                stderr=log,
            )
            try:
                await _wait_until_ready(process, port, log_path)
                yield Served(port, process.pid)
            finally:
                process.terminate()
                try:
                    await asyncio.to_thread(process.wait, STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _environment(database_url: str, folder: str) -> dict[str, str]:
    """Give it this process's environment without what was said to tiao, and secrets that nobody needs to know."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TIAO_")}
    return kept | {
        "TIAO_DATABASE_URL": database_url,
        "TIAO_VAR": folder,
        "TIAO_BANK_KEY": secrets.token_hex(32),
        "TIAO_BUREAU_SECRET": secrets.token_hex(32),
        "PYTHONPATH": os.pathsep.join(each for each in sys.path if each),
    }


async def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            async with connections(port, 1) as (only,):
                if (await only.ask(get("/health/ready"))).status == 200:  # noqa: PLR2004  HTTP's own
                    return
        except OSError:
            pass
        await asyncio.sleep(0.1)
    raise ServerDidNotServe(log.read_text(errors="replace")[-_LOG_SHOWN:])  # noqa: ASYNC240  nothing else is under way


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
